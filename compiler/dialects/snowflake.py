"""Snowflake (the session's zone is UTC).

Numbers have 38 digits, overflow is an error, and arithmetic has no TRY. A possible overflow is
therefore checked first in floating point. Expressions have no local names, so a value that is
needed twice is written twice. Unquoted names are folded to capitals.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from ..plan.types import DECIMAL_SCALE, DateType, IntegerType, TimestampType, TimeType, ValueType
from ..plan.values import Length
from .common import plain
from .common.clocks import first_shown_by_offsets
from .common.dialect import Operation
from .common.parameters import name_of
from .common.terms import WIDEST, Term, decimal_type, number, operand, text
from .standard import Standard

_KIND = exp.DataType.Type
_DOUBLE = exp.DataType(this=_KIND.DOUBLE)

_FINE = 12
"""A product of decimals keeps no more digits after the point, unless a factor has as many."""

_PRODUCT = 999_999_999_900_000_000
"""From here on a product is unknown: nearer to 10^18 a floating-point number does not decide."""

_QUOTIENT = Decimal(10) ** 30
"""More units than any result has; a quotient of twice as many would not fit."""


@dataclass(frozen=True, slots=True)
class Snowflake(Standard):
    """See `Dialect`."""

    name: str = "snowflake"
    sqlglot: str = "snowflake"
    longest_name: int | None = 255
    joins_using: bool = False
    least_is_strict: bool = True
    folds_up: bool = True

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return plain.is_too_large(expression)

    # --- types and literals ---------------------------------------------------------------------

    def text_type(self) -> exp.DataType:
        return exp.DataType(this=_KIND.VARCHAR)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        if not isinstance(type_, TimestampType):
            return Standard.read(self, column, type_)
        # What has an offset of its own would be cast to what clocks show there.
        aware = exp.ConvertTimezone(target_tz=text("UTC"), timestamp=column)
        return exp.cast(aware, self.type_of(type_))

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        return _as_text(instant, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"')

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        match type_:
            case DateType():
                # Letters as sqlglot writes them; to Snowflake their case is the same.
                return _as_text(value, "yyyy-mm-DD")
            case TimeType():
                shown = _as_text(value, "HH24:MI:SS.FF6")
                return exp.func("REPLACE", shown, text(".000000"), text(""))
            case _:
                return exp.cast(value, self.text_type())

    def seed(self, number: int) -> exp.Expr:
        # A variable of the session: `SET seed_1 = '…'`.
        return exp.Parameter(this=exp.Var(this=name_of(number)))

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        return plain.let_written_out(values, body)

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        return plain.filtered_inside(aggregate, looked)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # One text by which rows are in order: an instant of fixed width, then the key.
        moment, key = order
        turn: exp.Expr = exp.DPipe(
            this=_as_text(moment, "YYYY-MM-DD HH24:MI:SS.FF6"), expression=operand(key)
        )
        if looked is not None:
            turn = exp.Case().when(looked, turn)
        kind = exp.ArgMin if which == "first" else exp.ArgMax
        return kind(this=value.expression, expression=turn)

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return exp.Least(this=values[0], expressions=list(values[1:]))

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return exp.Greatest(this=values[0], expressions=list(values[1:]))

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        return Standard.least(self, instants) if len(instants) > 1 else instants[0]

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        if operation != "multiply" or all(isinstance(one.type, IntegerType) for one in terms):
            return None
        left, right = terms
        whole, scale = left.whole + right.whole, left.scale + right.scale
        if scale <= _FINE and whole + scale <= WIDEST:
            return None
        first = exp.cast(left.expression.copy(), decimal_type(WIDEST, scale))
        product: exp.Expr = exp.Mul(this=first, expression=operand(right.expression.copy()))
        if scale > DECIMAL_SCALE:
            product = self.round_even(product, DECIMAL_SCALE)
        if whole + scale <= WIDEST:
            return product
        size = exp.Mul(this=_roughly(left.expression), expression=_roughly(right.expression))
        fits = exp.LT(this=exp.Abs(this=size), expression=number(_PRODUCT))
        return exp.Case().when(fits, product)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return plain.within_limits(value, type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        # Numbers of 38 digits hold the product of any two of 64 bits.
        return plain.within_limits(operation, exp.DataType(this=_KIND.BIGINT))

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return plain.within_limits(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.Round(this=value, decimals=number(scale), truncate=text("HALF_TO_EVEN"))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, decimal_type(WIDEST, 0))

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        most = exp.Mul(this=_roughly(right), expression=number(format(_QUOTIENT, "f")))
        fits = exp.LT(
            this=exp.Abs(this=_roughly(left)), expression=exp.Abs(this=exp.Paren(this=most))
        )
        exact = self.wide_integer(plain.exact_quotient(left, right))
        return exp.Case().when(fits, exact)

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return exp.ConvertTimezone(source_tz=text("UTC"), target_tz=text(zone), timestamp=instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        return first_shown_by_offsets(self, zone, clock)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        unit = exp.Var(this=length.unit.upper())
        return exp.DateAdd(this=timestamp, expression=number(sign * length.count), unit=unit)

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return self.moved(exp.cast(day, _KIND.DATE), length, sign)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        if unit != "week":
            return Standard.truncated(self, unit, timestamp)
        # On which day a week begins is a setting of the session.
        day = Standard.truncated(self, "day", timestamp)
        before = exp.Sub(this=number(1), expression=exp.DayOfWeekIso(this=timestamp.copy()))
        return exp.DateAdd(this=day, expression=before, unit=exp.Var(this="DAY"))

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.Contains(this=text, expression=part)


def _as_text(value: exp.Expr, form: str) -> exp.Expr:
    return exp.ToChar(this=value, format=text(form))


def _roughly(value: exp.Expr) -> exp.Expr:
    return exp.cast(value.copy(), _DOUBLE.copy())
