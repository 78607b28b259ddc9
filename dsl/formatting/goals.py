"""Clauses of goals and phases."""

from __future__ import annotations

from typing import assert_never

from ..tree import Goal, GoalCount, GoalSum, Peak
from .expressions import member
from .layout import NOTHING, Doc, phrase
from .literals import after_number, literal, name
from .rewards import CLAUSE_COLUMN, padded


def goal(node: Goal) -> Doc:
    """`goal activation 3_000 customers`."""
    return padded("goal", phrase(name(node.name), _target(node.target)), CLAUSE_COLUMN)


def _target(node: GoalCount | GoalSum | None) -> Doc:
    match node:
        case None:
            return NOTHING
        case GoalCount(number, counted):
            return phrase(literal(number), after_number(counted))
        case GoalSum(money, of):
            return phrase(literal(money), "of", member(of))
    assert_never(node)


def peak(node: Peak) -> Doc:
    """`peak 2026-01-06 to 2026-01-20`."""
    days = phrase(literal(node.start), "to", literal(node.end))
    return padded("peak", days, CLAUSE_COLUMN)
