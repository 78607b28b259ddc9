"""DuckDB (2.0 and later; the session's zone is UTC)."""

# The methods are documented in `Dialect`.
# ruff: noqa: D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sqlglot import exp

from ..plan.types import DecimalType, MoneyType, ValueType, minor_unit
from ..plan.values import Length
from .common import plain
from .common.terms import WHOLE, Term, decimal_type, is_simple, number, operand, text
from .standard import Standard, first_shown, interval, zoned_clock

_WIDE = 19
"""DuckDB keeps decimals of more than 18 digits in 128 bits; it does not widen a narrower one."""

_BINARY = ("DOUBLE", "FLOAT")
"""The types of binary floats, as TYPEOF names them."""


@dataclass(frozen=True, slots=True)
class DuckDB(Standard):
    """See `Dialect`."""

    name: str = "duckdb"
    materializes: bool = True
    sorts_apart: bool = True
    keys_are_alike: bool = True
    narrows_joins: bool = True
    counts_truths: bool = True
    lists: bool = True
    sqlglot: str = "duckdb"
    has_many: bool = False

    def of_many(self) -> Self:
        return replace(self, has_many=True)

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        # Every FILTER costs DuckDB a look at all that is grouped, so that a hundred of them cost
        # thrice as much as a hundred CASEs.
        if self.has_many:
            return plain.filtered_inside(aggregate, looked)
        return Standard.filtered(self, aggregate, looked)

    def finished(self, query: exp.Select) -> exp.Select:
        return query  # whose words sqlglot knows

    def type_of(self, type_: ValueType) -> exp.DataType:
        if isinstance(type_, MoneyType):
            scale = minor_unit(type_.currency)
            return decimal_type(max(WHOLE + scale, _WIDE), scale)
        return Standard.type_of(self, type_)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        if not isinstance(type_, DecimalType | MoneyType):
            return Standard.read(self, column, type_)
        # DuckDB knows the type when it plans, so that exact columns do not pay for the text.
        kind = exp.Anonymous(this="TYPEOF", expressions=[column.copy()])
        is_binary = kind.isin(*(text(name) for name in _BINARY))
        shortest = Standard.read(self, column, type_)
        return exp.Case().when(is_binary, shortest).else_(exp.cast(column, self.type_of(type_)))

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        return exp.func("STRFTIME", instant, text("%Y-%m-%dT%H:%M:%S.%fZ"))

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.TryCast(this=value, to=type_)

    def let(
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

    def each_known(self, groups: Sequence[tuple[exp.Expr | None, Sequence[exp.Expr]]]) -> exp.Expr:
        lists = [_not_null(values) for _, values in groups]
        if len(groups) == 1 and groups[0][0] is None:
            return exp.Explode(this=lists[0])
        some = [
            listed if holds is None else exp.Case().when(holds, listed, copy=False)
            for (holds, _), listed in zip(groups, lists, strict=True)
        ]
        return exp.Explode(this=exp.Flatten(this=exp.Array(expressions=some)))

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return exp.Try(this=operation)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.Try(this=exp.cast(value, type_))

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.func("ROUND_EVEN", value, number(scale))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, exp.DataType.Type.INT128)

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return Standard.of_units(self, exp.cast(units, decimal_type(38, 0)), scale)

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return zoned_clock(zone, instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        if not overlaps:
            return first_shown(zone, clock, overlaps)
        return self.let({"clock": clock}, lambda bound: first_shown(zone, bound[0], overlaps))

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        # DuckDB holds 1 month equal to 30 days, so it merges `x - 1 month` with `x - 30 days` as a
        # common subexpression. Months are therefore added with the opposite sign.
        months = length.unit in ("month", "year")
        kind = exp.Add if (sign > 0) != months else exp.Sub
        step = interval(-length.count if months else length.count, length.unit)
        return kind(this=operand(timestamp), expression=step)

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return exp.cast(self.moved(day, length, sign), exp.DataType.Type.DATE)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.Contains(this=text, expression=part)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        name = "ARG_MIN_NULL" if which == "first" else "ARG_MAX_NULL"
        chosen = exp.func(name, value.expression, exp.func("ROW", *order))
        # Also a value that is NULL can be the first or the last, so that no CASE will do.
        return chosen if looked is None else Standard.filtered(self, chosen, looked)


def _not_null(values: Sequence[exp.Expr]) -> exp.Expr:
    """The list of those that are not NULL, made short as UNNEST is slow over one that is mostly
    NULL."""
    known = exp.Not(this=exp.Is(this=exp.column("one"), expression=exp.Null()))
    short = exp.Lambda(this=known, expressions=[exp.to_identifier("one")])
    return exp.ArrayFilter(this=exp.Array(expressions=list(values)), expression=short)
