"""The base of all nodes, and the leaves of the tree: names and literals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from ..diagnostics.source import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in a file: `span` covers all of its text."""

    span: Span = field(kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier as written, without backticks, after NFKC."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`42` (no point: an integer), `3.5`. Never negative: the sign is a `Negative`."""

    value: Decimal
    whole: bool


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """`5%`; `value` is 5, not 0.05."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Money(Node):
    """`60 CNY`."""

    amount: Decimal
    currency: str


DurationUnit = Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`30 days`; day and longer are calendar units, hour and minute are exact."""

    count: int
    unit: DurationUnit


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    value: date


@dataclass(frozen=True, slots=True)
class TimestampLiteral(Node):
    """`2026-01-31 10:00`, on the clock of the project's zone (no zone in the value)."""

    value: datetime


@dataclass(frozen=True, slots=True)
class TimeLiteral(Node):
    """`10:00`."""

    value: time


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str
