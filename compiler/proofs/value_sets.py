"""Sets of the values that a field may have: intervals of integers, and the unknown.

Every ordered type maps to integers. An integer is itself; money counts its smallest units, and a
decimal the units of its last digit. A date is its day number, and an enum's member its index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from ..plan import Column
from ..plan.arithmetic import INTEGER_MAX, INTEGER_MIN, NUMBER_LIMIT
from ..plan.types import (
    DECIMAL_SCALE,
    DateType,
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    ValueType,
    minor_unit,
)
from ..plan.values import Value
from .ranges import ends

Span = tuple[int, int]
"""The whole numbers from the first to the second, both in."""


@dataclass(frozen=True, slots=True)
class Values:
    """Spans in order, none touching the next, and whether the value may be unknown."""

    spans: tuple[Span, ...]
    unknown: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in the set, not even the unknown."""
        return not self.spans and not self.unknown

    def meet(self, other: Values) -> Values:
        """The intersection."""
        found: list[Span] = []
        mine, theirs = list(reversed(self.spans)), list(reversed(other.spans))
        while mine and theirs:
            (a, b), (c, d) = mine[-1], theirs[-1]
            if max(a, c) <= min(b, d):
                found.append((max(a, c), min(b, d)))
            (mine if b < d else theirs).pop()
        return Values(tuple(found), self.unknown and other.unknown)

    def without(self, other: Values) -> Values:
        """The difference; the unknown is kept."""
        if not self.spans or not other.spans:
            return self
        before = self.spans[0][0]
        gaps: list[Span] = []
        for low, high in other.spans:
            gaps.append((before, low - 1))
            before = high + 1
        gaps.append((before, self.spans[-1][1]))
        rest = Values(tuple(gap for gap in gaps if gap[0] <= gap[1]), unknown=True)
        return self.meet(rest)


def union(sets: Iterable[Values]) -> Values:
    """The union of the sets."""
    all_ = list(sets)
    merged: list[Span] = []
    for low, high in sorted(span for one in all_ for span in one.spans):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return Values(tuple(merged), any(one.unknown for one in all_))


def possible(field: Column, *, optional: bool) -> Values | None:
    """The values that the catalog admits; `None` for a type that does not map to integers."""
    widest = _widest(field.type)
    if widest is None:
        return None
    low, high = ends(field)
    first = widest[0] if low is None else ceil(_place(field.type, low))
    last = widest[1] if high is None else floor(_place(field.type, high))
    return Values(((first, last),) if first <= last else (), optional)


def satisfying(type_: ValueType, operator: str, value: Value) -> Values:
    """The values of a grid for which `x OPERATOR value` holds."""
    first, last = _widest(type_) or (0, 0)
    at = _place(type_, value)
    match operator:
        case "less":
            last = ceil(at) - 1
        case "at_most":
            last = floor(at)
        case "greater":
            first = floor(at) + 1
        case "at_least":
            first = ceil(at)
        case "equal":
            first, last = ceil(at), floor(at)
        case _:
            raise ValueError(f"{operator} compares no order")
    return Values(((first, last),) if first <= last else (), unknown=False)


def _widest(type_: ValueType) -> Span | None:
    match type_:
        case IntegerType():
            return INTEGER_MIN, INTEGER_MAX
        case DecimalType() | MoneyType():
            limit = int(NUMBER_LIMIT) * _units(type_)
            return 1 - limit, limit - 1
        case DateType():
            return date.min.toordinal(), date.max.toordinal()
        case EnumType(values):
            return 0, len(values) - 1
        case _:
            return None


def _units(type_: DecimalType | MoneyType) -> int:
    scale = minor_unit(type_.currency) if isinstance(type_, MoneyType) else DECIMAL_SCALE
    return int(10**scale)


def _place(type_: ValueType, value: Value) -> Fraction:
    match type_, value:
        case EnumType(values), str():
            return Fraction(values.index(value))
        case DateType(), date():
            return Fraction(value.toordinal())
        case ((DecimalType() | MoneyType()), (int() | Decimal())):
            return Fraction(value) * _units(type_)
        case IntegerType(), (int() | Decimal()):
            return Fraction(value)
        case _:
            raise ValueError(f"{value!r} has no place among values of {type_.kind}")
