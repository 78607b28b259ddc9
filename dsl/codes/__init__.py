"""Every kind of mistake there is, by its number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..diagnostics import Code
from . import (
    certain,
    command_line,
    commands,
    compliance,
    delivery,
    events,
    files,
    ledger,
    literals,
    logic,
    money,
    names,
    plans,
    rewinding,
    running,
    silence,
    spark,
    text,
    types,
    usage,
    warehouses,
)

AREAS = (
    text,
    literals,
    files,
    plans,
    names,
    types,
    logic,
    money,
    compliance,
    running,
    warehouses,
    events,
    spark,
    ledger,
    rewinding,
    delivery,
    commands,
    silence,
    certain,
    command_line,
    usage,
)


def every_code() -> Mapping[str, Code]:
    """Each code of every area by its id (`E203`), in the order of the ids."""
    codes = [code for area in AREAS for code in vars(area).values() if isinstance(code, Code)]
    return MappingProxyType({code.id: code for code in sorted(codes, key=lambda code: code.id)})
