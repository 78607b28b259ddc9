"""Every kind of mistake there is, those of the command line among them."""

from __future__ import annotations

from types import ModuleType

from ...runtime import codes as runtime
from . import command_line, commands, measuring, pages, usage

AREAS: tuple[ModuleType, ...] = (
    *runtime.AREAS,
    command_line,
    commands,
    measuring,
    pages,
    usage,
)
