"""Between which values an expression lies, as the ranges of the catalog have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from ..operators.table import BOUNDED, find
from ..plan import Column, EventAggregate
from ..plan.all_expressions import Columns, Written
from ..plan.arithmetic import INTEGER_MAX, INTEGER_MIN, NUMBER_LIMIT
from ..plan.calendar import WallClock
from ..plan.expressions import Constant, Expression, FeatureValue, Operation, may_be_unknown
from ..plan.types import DateType, DecimalType, IntegerType, MoneyType, ValueType
from ..plan.values import decode
from .ranges import ends, has_range

# Arithmetic does not look at the clock.
_NO_CLOCK = WallClock(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))

_PLAIN = {bounded: plain for plain, bounded in BOUNDED.items()}


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends in; `None` where nothing is known. `fields`: the columns that it rests upon."""

    low: Any
    high: Any
    unknown: bool
    fields: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals of one plan's expressions."""

    columns: Columns

    def of(self, node: Expression, seen: Written) -> Interval | None:
        """The node's interval; `None` for a type without an order that is known here."""
        if isinstance(node, Constant):
            value = decode(node.type, node.value)
            return Interval(value, value, unknown=False) if _is_ordered(node.type) else None
        if not _is_ordered(node.type):
            return None
        column = self.columns.of(node, seen)
        if column is not None:
            return _of_column(column[1], optional=may_be_unknown(node))
        if isinstance(node, FeatureValue):
            return self._of_feature(node)
        if isinstance(node, Operation):
            parts = [self.of(argument, seen) for argument in node.arguments]
            known = [part for part in parts if part is not None]
            if len(known) == len(parts):
                return _of_operation(node, known)
        return _whole(node.type, unknown=may_be_unknown(node))

    def _of_feature(self, node: FeatureValue) -> Interval:
        feature = self.columns.features[node.feature]
        widest = _whole(node.type, unknown=node.optional)
        if not isinstance(feature, EventAggregate):
            return widest
        match feature.function:
            case "count" | "count_distinct":
                return Interval(0, widest.high, unknown=False)
            case "min" | "max" | "average" if feature.value is not None:
                inner = self.of(feature.value, Written(feature.value, "value", past=feature.event))
                return widest if inner is None else _spread(inner, unknown=node.optional)
            case _:
                return widest


def _of_column(field: Column, *, optional: bool) -> Interval:
    widest = _whole(field.type, unknown=optional)
    low, high = ends(field)
    return Interval(
        widest.low if low is None else low,
        widest.high if high is None else high,
        optional,
        (field,) if has_range(field) else (),
    )


def _of_operation(node: Operation, parts: Sequence[Interval]) -> Interval:
    fields = tuple(dict.fromkeys(field for part in parts for field in part.fields))
    unknown = any(part.unknown for part in parts)
    match node.operator:
        case "else":
            hidden = all(part.unknown for part in parts)
            return Interval(min(p.low for p in parts), max(p.high for p in parts), hidden, fields)
        case "least":
            low, high = (min(end) for end in zip(*((p.low, p.high) for p in parts), strict=True))
            return Interval(low, high, unknown, fields)
        case "greatest":
            low, high = (max(end) for end in zip(*((p.low, p.high) for p in parts), strict=True))
            return Interval(low, high, unknown, fields)
        case "divide" | "bounded_divide" if parts[1].low <= 0 <= parts[1].high:
            return _whole(node.type, unknown=True)
        case operator if operator in _PLAIN or operator in BOUNDED:
            return _arithmetic(node, parts, fields, unknown=unknown)
        case _:
            return _whole(node.type, unknown=may_be_unknown(node))


def _arithmetic(
    node: Operation, parts: Sequence[Interval], fields: tuple[Column, ...], *, unknown: bool
) -> Interval:
    """Sums, products and quotients are smallest and largest at the ends of their operands."""
    key = _PLAIN.get(node.operator, node.operator)
    row = find(key, tuple(argument.type for argument in node.arguments))
    if row is None:
        return _whole(node.type, unknown=True)
    corners = product(*((part.low, part.high) for part in parts))
    found = [row.python(_NO_CLOCK, *corner) for corner in corners]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        # It may overflow: in a condition it is then the limit, elsewhere unknown.
        return _whole(node.type, unknown=unknown or node.operator in BOUNDED)
    return Interval(min(known), max(known), unknown, fields)


def _spread(inner: Interval, *, unknown: bool) -> Interval:
    return Interval(inner.low, inner.high, unknown, inner.fields)


def _is_ordered(type_: ValueType) -> bool:
    return isinstance(type_, IntegerType | DecimalType | MoneyType | DateType)


def _whole(type_: ValueType, *, unknown: bool) -> Interval:
    """Every value of the type."""
    match type_:
        case IntegerType():
            return Interval(INTEGER_MIN, INTEGER_MAX, unknown)
        case DateType():
            return Interval(date.min, date.max, unknown)
        case _:
            limit = Decimal(NUMBER_LIMIT)
            return Interval(-limit, limit, unknown)
