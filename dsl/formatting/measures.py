"""Measures of a campaign."""

from __future__ import annotations

from typing import assert_never

from ..tree import Conversion, Guard, MeasureStatement, Revenue, Success
from .expressions import VALUE, operand, stage_ref, where
from .layout import Doc, Indent, block, join, phrase
from .literals import literal, name


def measures(statements: tuple[MeasureStatement, ...]) -> Doc:
    """`measure { … }`, a measure a line."""
    return phrase("measure", block([Indent(_measure(one)) for one in statements]))


def _measure(node: MeasureStatement) -> Doc:
    within = phrase("within", literal(node.within))
    match node:
        case Conversion(event, holds):
            return phrase(join(phrase("conversion on", name(event)), where(holds)), within)
        case Revenue(value):
            return phrase("revenue", operand(value, VALUE), within)
        case Success(stage):
            return phrase("success when stage becomes", stage_ref(stage), within)
        case Guard(most, event, holds):
            named = phrase("guard at most", literal(most), name(event))
            return phrase(join(named, where(holds)), within)
        case _:
            assert_never(node)
