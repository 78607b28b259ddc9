"""PostgreSQL (14 and later; the session's zone is UTC, the encoding UTF8)."""

# The methods are documented in `Dialect`.
# ruff: noqa: D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ..plan.types import TEXT, EnumType, TextType, ValueType
from ..plan.values import Length
from .common.ranges import fits, is_even_tie, with_left
from .common.terms import Term, number, operand, text
from .standard import Standard, first_shown, interval, let_in_subquery, zoned_clock

_NUMERIC = exp.DataType(this=exp.DataType.Type.DECIMAL)
"""Without sizes it holds any number, and arithmetic with it is exact."""

_MOST = {
    "minute": 2_470_000_000,
    "hour": 41_000_000,
    "day": 1_716_000,
    "week": 245_000,
    "month": 56_400,
    "year": 4_700,
}
"""Before the year 4713 BC there is no timestamp."""


@dataclass(frozen=True, slots=True)
class PostgreSQL(Standard):
    """See `Dialect`."""

    name: str = "postgresql"
    materializes: bool = True
    sqlglot: str = "postgres"
    longest_name: int | None = 63

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        return exp.Anonymous(
            this="TO_CHAR", expressions=[instant, text('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]
        )

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        # Without OFFSET 0 the planner would inline the expression at each use.
        return let_in_subquery(values, body, offset=0)

    def ordered(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if not isinstance(type_, TextType | EnumType):
            return value
        return exp.Collate(this=operand(value), expression=exp.to_identifier("C", quoted=True))

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        moment, key = order
        down = which == "last"
        turns = [exp.Ordered(this=one, desc=down) for one in (moment, self.ordered(key, TEXT))]
        listed: exp.Expr = exp.ArrayAgg(this=exp.Order(this=value.expression, expressions=turns))
        if looked is not None:
            listed = self.filtered(listed, looked)
        return exp.Bracket(this=exp.Paren(this=listed), expressions=[number(0)])

    def seed(self, number: int) -> exp.Expr:
        return exp.Parameter(this=exp.Literal.number(number))

    # --- numbers --------------------------------------------------------------------------------

    def _if_it_fits(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.let(
            {"value": value},
            lambda bound: exp.Case().when(
                fits(bound[0].copy(), type_), exp.cast(bound[0].copy(), type_)
            ),
        )

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self._if_it_fits(value, type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        wide = with_left(operation, _NUMERIC)
        return self._if_it_fits(wide, exp.DataType(this=exp.DataType.Type.BIGINT))

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self._if_it_fits(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        def rounded(bound: Sequence[exp.Expr]) -> exp.Expr:
            (one,) = bound
            cut = exp.func("TRUNC", one.copy(), number(scale))
            nearest = exp.Round(this=one.copy(), decimals=number(scale))
            return exp.Case().when(is_even_tie(one.copy(), scale), cut).else_(nearest)

        return self.let({"value": value}, rounded)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, _NUMERIC)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="DIV", expressions=[left, right])

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return zoned_clock(zone, instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        if not overlaps:
            return first_shown(zone, clock, overlaps)
        return self.let({"clock": clock}, lambda bound: first_shown(zone, bound[0], overlaps))

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        kind = exp.Add if sign > 0 else exp.Sub
        count = min(length.count, _MOST[length.unit])
        return kind(this=operand(timestamp), expression=interval(count, length.unit))

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return exp.cast(self.moved(day, length, sign), exp.DataType.Type.DATE)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        days = exp.Sub(this=operand(end), expression=operand(start))
        return exp.cast(days, exp.DataType.Type.BIGINT)
