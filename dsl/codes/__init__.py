"""Every kind of mistake of a text, by its number; each later part of the program adds its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

from ..diagnostics.diagnostic import Code
from . import literals, text

AREAS: tuple[ModuleType, ...] = (text, literals)


def by_id(areas: Iterable[ModuleType]) -> Mapping[str, Code]:
    """Each code of the areas by its id (`E203`), in the order of the ids."""
    codes = [code for area in areas for code in vars(area).values() if isinstance(code, Code)]
    return MappingProxyType({code.id: code for code in sorted(codes, key=lambda code: code.id)})
