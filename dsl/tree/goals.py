"""Nodes of goals and phases."""

from __future__ import annotations

from dataclasses import dataclass

from .base import DateLiteral, Money, Name, Node, Number, TimestampLiteral
from .expressions import Member


@dataclass(frozen=True, slots=True)
class GoalCount(Node):
    """`3_000 customers`, or so many of an event."""

    number: Number
    counted: Name


@dataclass(frozen=True, slots=True)
class GoalSum(Node):
    """`500_000 CNY of invest.amount`."""

    money: Money
    of: Member


@dataclass(frozen=True, slots=True)
class Goal(Node):
    """`goal activation`, with or without a target."""

    name: Name
    target: GoalCount | GoalSum | None = None


@dataclass(frozen=True, slots=True)
class Peak(Node):
    """`peak 2026-01-06 to 2026-01-20`: both in; the warm-up is before it, the close after."""

    start: DateLiteral | TimestampLiteral
    end: DateLiteral | TimestampLiteral
