"""Every code by its number, for those who know no more of a mistake than that."""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import Code
from . import commands, compliance, files, ledger, logic, money, names, running, text, types

AREAS = (text, files, names, types, logic, money, compliance, running, ledger, commands)


def all_codes() -> Mapping[str, Code]:
    """The codes of every area, errors before warnings, by number."""
    found = (value for area in AREAS for value in vars(area).values() if isinstance(value, Code))
    return {code.id: code for code in sorted(found, key=lambda code: code.id)}
