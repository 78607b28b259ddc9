"""DuckDB (2.0 and later; the session's zone is UTC)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from sqlglot import exp

from ..types import (
    DECIMAL_DIGITS,
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
from ..values import Length
from .terms import WHOLE, decimal_type, is_simple, number, operand, text

_WIDE = 19
"""DuckDB keeps decimals of more than 18 digits in 128 bits; it does not widen a narrower one."""


@dataclass(frozen=True, slots=True)
class DuckDB:
    """See `Dialect`."""

    name: str = "duckdb"

    def type_of(self, type_: ValueType) -> exp.DataType:  # noqa: D102
        kinds = exp.DataType.Type
        match type_:
            case IntegerType():
                return exp.DataType(this=kinds.BIGINT)
            case DecimalType():
                return decimal_type(DECIMAL_DIGITS, DECIMAL_SCALE)
            case MoneyType(currency):
                scale = minor_unit(currency)
                return decimal_type(max(WHOLE + scale, _WIDE), scale)
            case BooleanType():
                return exp.DataType(this=kinds.BOOLEAN)
            case DateType():
                return exp.DataType(this=kinds.DATE)
            case TimestampType():
                return exp.DataType(this=kinds.TIMESTAMPNTZ)
            case TimeType():
                return exp.DataType(this=kinds.TIME)
            case TextType() | EnumType() | DurationType():
                return exp.DataType(this=kinds.TEXT)
            case _:
                assert_never(type_)

    def text_type(self) -> exp.DataType:  # noqa: D102
        return exp.DataType(this=exp.DataType.Type.TEXT)

    def timestamp(self, instant: datetime) -> exp.Expr:  # noqa: D102
        shown = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        return exp.cast(text(shown), exp.DataType.Type.TIMESTAMPNTZ)

    def instant_text(self, instant: exp.Expr) -> exp.Expr:  # noqa: D102
        return exp.func("STRFTIME", instant, text("%Y-%m-%dT%H:%M:%S.%fZ"))

    def cast_or_unknown(  # noqa: D102
        self, value: exp.Expr, type_: exp.DataType
    ) -> exp.Expr:
        return exp.TryCast(this=value, to=type_)

    def let(  # noqa: D102
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        # All in one lambda: what nests in the body of another costs DuckDB twice as long a level.
        # The underscore keeps the names apart from the columns that the body may look at.
        bound = {name: value for name, value in values.items() if not is_simple(value)}
        if not bound:
            return body(tuple(values.values()))
        variable = "_" + "_".join(bound)
        if len(bound) == 1:
            whole = next(iter(bound.values()))
            seen = {name: exp.column(variable) for name in bound}
        else:
            fields = [
                exp.PropertyEQ(this=exp.to_identifier(name), expression=value)
                for name, value in bound.items()
            ]
            whole = exp.Struct(expressions=fields)
            seen = {name: exp.column(name, table=variable) for name in bound}
        written = body([seen.get(name, value) for name, value in values.items()])
        each = exp.Lambda(this=written, expressions=[exp.to_identifier(variable)])
        listed = exp.Transform(this=exp.Array(expressions=[whole]), expression=each)
        return exp.Bracket(this=listed, expressions=[exp.Literal.number(0)])

    def or_unknown(self, expression: exp.Expr) -> exp.Expr:  # noqa: D102
        return exp.Try(this=expression)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:  # noqa: D102
        return exp.func("ROUND_EVEN", value, number(scale))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:  # noqa: D102
        return exp.cast(value, exp.DataType.Type.INT128)

    def whole_quotient(  # noqa: D102
        self, left: exp.Expr, right: exp.Expr
    ) -> exp.Expr:
        return exp.IntDiv(this=operand(left), expression=operand(right))

    def remainder(  # noqa: D102
        self, left: exp.Expr, right: exp.Expr
    ) -> exp.Expr:
        return exp.Mod(this=operand(left), expression=operand(right))

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:  # noqa: D102
        aware = exp.AtTimeZone(this=operand(instant), zone=text("UTC"))
        return exp.AtTimeZone(this=aware, zone=text(zone))

    def instant(  # noqa: D102
        self, zone: str, clock: exp.Expr, overlaps: Sequence[int]
    ) -> exp.Expr:
        # Of the two instants at which a clock that is put back shows the same, ICU takes the
        # second: the first is the one that shows it too, so much earlier.
        def first(shown: exp.Expr) -> exp.Expr:
            aware = exp.AtTimeZone(this=operand(shown.copy()), zone=text(zone))
            last = exp.AtTimeZone(this=aware, zone=text("UTC"))
            choice = exp.Case()
            for seconds in overlaps:
                sooner = exp.Sub(this=last.copy(), expression=_interval(seconds, "SECOND"))
                again = exp.EQ(this=self.clock(zone, sooner.copy()), expression=shown.copy())
                choice = choice.when(again, sooner)
            return choice.else_(last) if overlaps else last

        return self.let({"clock": clock}, lambda bound: first(*bound)) if overlaps else first(clock)

    def moved(  # noqa: D102
        self, timestamp: exp.Expr, length: Length, sign: int
    ) -> exp.Expr:
        # DuckDB holds 1 month for equal to 30 days, and computes `x - 1 month` but once where it
        # stands beside `x - 30 days`. So months are added and subtracted the other way round.
        months = length.unit in ("month", "year")
        kind = exp.Add if (sign > 0) != months else exp.Sub
        step = _interval(-length.count if months else length.count, length.unit.upper())
        return kind(this=operand(timestamp), expression=step)

    def moved_date(  # noqa: D102
        self, day: exp.Expr, length: Length, sign: int
    ) -> exp.Expr:
        return exp.cast(self.moved(day, length, sign), exp.DataType.Type.DATE)

    def days_between(  # noqa: D102
        self, start: exp.Expr, end: exp.Expr
    ) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:  # noqa: D102
        return exp.TimestampTrunc(this=timestamp, unit=exp.Var(this=unit.upper()))

    def contains(  # noqa: D102
        self, text: exp.Expr, part: exp.Expr
    ) -> exp.Expr:
        return exp.Contains(this=text, expression=part)

    def starts_with(  # noqa: D102
        self, text: exp.Expr, part: exp.Expr
    ) -> exp.Expr:
        return exp.StartsWith(this=text, expression=part)

    def joined(self, *parts: exp.Expr) -> exp.Expr:  # noqa: D102
        first, *others = parts
        for part in others:
            first = exp.DPipe(this=first, expression=part)
        return first

    def md5(self, text: exp.Expr) -> exp.Expr:  # noqa: D102
        return exp.MD5(this=text)

    def picked(  # noqa: D102
        self, which: str, value: exp.Expr, order: Sequence[exp.Expr]
    ) -> exp.Expr:
        name = "ARG_MIN_NULL" if which == "first" else "ARG_MAX_NULL"
        return exp.func(name, value, exp.func("ROW", *order))


def _interval(count: int, unit: str) -> exp.Interval:
    return exp.Interval(this=text(str(count)), unit=exp.Var(this=unit))
