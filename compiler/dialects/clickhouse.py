"""ClickHouse (26 and later, with dates from the year 0 to 9999).

A statement ends with its settings. With them, the missing side of an outer join is NULL, and a
name is a column before it is an alias. Every column is read as Nullable. Decimals have at
least 38 digits, and 76 for large products. ClickHouse parses a number with a point as a float,
so decimals are written as text. Decimals in one CASE or COALESCE must have the same scale.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import assert_never

from sqlglot import exp

from ..plan.types import (
    DECIMAL_SCALE,
    BooleanType,
    DateType,
    DecimalType,
    DurationType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    TimeType,
    ValueType,
    minor_unit,
)
from ..plan.values import Length
from .common.dialect import Operation
from .common.nesting import levels
from .common.parameters import name_of
from .common.ranges import fits, with_left
from .common.terms import Term, is_simple, number, operand, text
from .details import clickhouse_numbers as own
from .details.clickhouse_names import with_names
from .standard import Standard, interval

_KIND = exp.DataType.Type

_DEPTH = 900
"""A tree may be 1000 levels deep, some of them around the expression."""

_SETTINGS = {"join_use_nulls": 1, "prefer_column_name_to_alias": 1}
"""The settings that every statement needs."""


def _moment(*, nullable: bool) -> exp.DataType:
    sizes = [exp.DataTypeParam(this=one) for one in (exp.Literal.number(6), text("UTC"))]
    return exp.DataType(this=_KIND.DATETIME64, expressions=sizes, nullable=nullable)


@dataclass(frozen=True, slots=True)
class ClickHouse(Standard):
    """See `Dialect`."""

    name: str = "clickhouse"
    sqlglot: str = "clickhouse"
    joins_using: bool = False
    reads_what_it_hides: bool = False
    widest_integer: int = 76

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return levels(expression) > _DEPTH

    def finished(self, query: exp.Select) -> exp.Select:
        query = Standard.finished(self, with_names(query))
        settings = [
            exp.EQ(this=exp.column(name), expression=number(value))
            for name, value in _SETTINGS.items()
        ]
        query.set("settings", settings)
        return query

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        match type_:
            case DecimalType():
                return own.decimal(DECIMAL_SCALE)
            case MoneyType(currency):
                return own.decimal(minor_unit(currency))
            case DateType():
                return exp.DataType(this=_KIND.DATE32)
            case TimestampType():
                return _moment(nullable=True)
            case TimeType():
                return self.text_type()
            case IntegerType() | BooleanType() | TextType() | EnumType() | DurationType():
                return Standard.type_of(self, type_)
            case _:
                assert_never(type_)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        match type_:
            case DecimalType() | MoneyType():
                return own.read(column, type_)
            case TimeType():
                return exp.Anonymous(this="toTime64", expressions=[column, number(6)])
            case _:
                return Standard.read(self, column, type_)

    def timestamp(self, instant: datetime) -> exp.Expr:
        shown = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        return exp.cast(text(shown), _moment(nullable=False))

    def date(self, day: date) -> exp.Expr:
        return exp.cast(text(day.isoformat()), exp.DataType(this=_KIND.DATE32, nullable=False))

    def time(self, clock: time) -> exp.Expr:
        return exp.Anonymous(this="toTime64", expressions=[text(clock.isoformat()), number(6)])

    def decimal(self, value: Decimal) -> exp.Expr:
        return own.literal(value)

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        pattern = text("%Y-%m-%dT%H:%i:%S.%fZ")
        return exp.Anonymous(this="formatDateTime", expressions=[instant, pattern])

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, DecimalType | MoneyType):
            return own.decimal_text(value, type_)
        shown = exp.cast(value, self.text_type())
        if isinstance(type_, TimeType):
            return exp.Anonymous(this="replaceAll", expressions=[shown, text(".000000"), text("")])
        return shown

    def seed(self, number: int) -> exp.Expr:
        return exp.Placeholder(this=name_of(number), kind=exp.Var(this="String"))

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        bound = {name: value for name, value in values.items() if not is_simple(value)}
        if not bound:
            return body(tuple(values.values()))
        # The underscore keeps the names apart from the columns that the body may look at.
        seen = {name: exp.column(f"_{name}") for name in bound}
        written = body([seen.get(name, value) for name, value in values.items()])
        names = [exp.to_identifier(f"_{name}") for name in bound]
        each = exp.Lambda(this=written, expressions=names)
        arrays = [exp.Array(expressions=[value]) for value in bound.values()]
        listed = exp.Anonymous(this="arrayMap", expressions=[each, *arrays])
        return exp.Bracket(this=listed, expressions=[number(0)])

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        tuples = [exp.Anonymous(this="tuple", expressions=list(row)) for row in rows]
        listed = exp.Anonymous(this="arrayJoin", expressions=[exp.Array(expressions=tuples)])
        each = exp.select(exp.alias_(listed, "each"))
        columns = [
            exp.alias_(_element(exp.column("each"), place), title)
            for place, title in enumerate(titles, 1)
        ]
        return exp.select(*columns).from_(each.subquery(name))

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # The aggregate passes over NULLs, but not over a tuple with a NULL in it.
        kept = exp.Anonymous(this="tuple", expressions=[value.expression])
        turn = exp.Anonymous(this="tuple", expressions=list(order))
        name = "argMin" if which == "first" else "argMax"
        chosen: exp.Expr = exp.Anonymous(this=name, expressions=[kept, turn])
        return _element(chosen if looked is None else self.filtered(chosen, looked), 1)

    def alike(self, terms: Sequence[Term]) -> list[exp.Expr]:
        return own.alike(terms)

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        if operation != "multiply":
            return None
        product = own.wide_product(*terms)
        if product is None:
            return None
        rounded, type_ = product
        return self.decimal_or_unknown(rounded, type_)

    def units(self, value: Term, digits: int) -> exp.Expr | None:
        return own.units(value, digits)

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, IntegerType):
            value = exp.Anonymous(this="toInt128", expressions=[value])
        return exp.Sum(this=value)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.let(
            {"value": value},
            lambda bound: exp.Case().when(
                fits(bound[0].copy(), type_), own.converted(bound[0].copy(), type_)
            ),
        )

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        wide = with_left(operation, exp.DataType(this=_KIND.INT128))
        return self.cast_or_unknown(wide, exp.DataType(this=_KIND.BIGINT))

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.cast_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return own.cast(own.half_even(value, scale), own.decimal(scale))

    def wide_decimal(self, value: exp.Expr, scale: int) -> exp.Expr:
        return own.cast(value, own.decimal(scale))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="toInt256", expressions=[value])

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        wide = exp.Anonymous(this="toDecimal256", expressions=[units, number(0)])
        return exp.Mul(this=wide, expression=own.literal(Decimal(1).scaleb(-scale)))

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="intDivOrZero", expressions=[left, right])

    def remainder(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="moduloOrZero", expressions=[left, right])

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        if zone == "UTC":
            return instant
        return self.let(
            {"instant": instant}, lambda bound: _later(bound[0], _offset(zone, bound[0]))
        )

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        if zone == "UTC":
            return operand(clock)
        return self.let({"clock": clock}, lambda bound: self._first_shown(zone, bound[0]))

    def _first_shown(self, zone: str, clock: exp.Expr) -> exp.Expr:
        """With the offset of a day before, unless only that of a day after is right."""
        day = interval(1, "day")
        before = _offset(zone, exp.Sub(this=clock.copy(), expression=day))
        after = _offset(zone, exp.Add(this=clock.copy(), expression=day.copy()))

        def choice(bound: Sequence[exp.Expr]) -> exp.Expr:
            first, last = (_sooner(clock, one) for one in bound)
            changed = exp.NEQ(this=_offset(zone, first.copy()), expression=bound[0].copy())
            right = exp.EQ(this=_offset(zone, last.copy()), expression=bound[1].copy())
            return exp.Case().when(exp.And(this=changed, expression=right), last).else_(first)

        return self.let({"before": before, "after": after}, choice)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        kind = exp.Add if sign > 0 else exp.Sub
        return kind(this=operand(timestamp), expression=interval(length.count, length.unit))

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return self.moved(self.date_of(day), length, sign)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        first = exp.Anonymous(this="dateTrunc", expressions=[text(unit.upper()), timestamp])
        return self.midnight(first)

    def date_of(self, timestamp: exp.Expr) -> exp.Expr:
        return exp.cast(timestamp, _KIND.DATE32)

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(day, _moment(nullable=True))

    def month(self, day: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="toMonth", expressions=[day])

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="toDayOfMonth", expressions=[day])

    def last_of_month(self, day: exp.Expr) -> exp.Expr:
        first = exp.Anonymous(this="dateTrunc", expressions=[text("MONTH"), day])
        next_ = exp.Add(this=self.date_of(first), expression=interval(1, "month"))
        return exp.Sub(this=exp.Paren(this=next_), expression=interval(1, "day"))

    # --- text -----------------------------------------------------------------------------------

    def translated(self, text: exp.Expr, old: str, new: str) -> exp.Expr:
        letters = [exp.Literal.string(old), exp.Literal.string(new)]
        return exp.Anonymous(this="translateUTF8", expressions=[text, *letters])

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.GT(this=exp.StrPosition(this=text, substr=part), expression=number(0))


def _element(of: exp.Expr, place: int) -> exp.Expr:
    return exp.Anonymous(this="tupleElement", expressions=[of, number(place)])


def _offset(zone: str, instant: exp.Expr) -> exp.Expr:
    """By how many seconds clocks of a zone are before UTC."""
    there = exp.Anonymous(this="toTimeZone", expressions=[instant.copy(), text(zone)])
    return exp.Anonymous(this="timezoneOffset", expressions=[there])


def _later(moment: exp.Expr, seconds: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="addSeconds", expressions=[moment.copy(), seconds.copy()])


def _sooner(moment: exp.Expr, seconds: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="subtractSeconds", expressions=[moment.copy(), seconds.copy()])
