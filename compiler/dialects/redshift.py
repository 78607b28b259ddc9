"""Amazon Redshift (the session's zone is UTC): an old PostgreSQL with numbers of 38 digits.

The type of a sum or product follows from those of its operands. Beyond 38 digits it loses
fractional digits, so operands are cast to the sizes they need.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ..plan.types import BooleanType, DecimalType, MoneyType, TimestampType, ValueType
from ..plan.values import Length
from .common import plain
from .common.clocks import first_shown_by_offsets
from .common.dialect import Operation
from .common.terms import WIDEST, Term, decimal_type, number, operand, text
from .details import redshift_numbers
from .standard import Standard

_KIND = exp.DataType.Type
_LONGEST = exp.DataTypeParam(this=exp.Var(this="MAX"))
_MOST = {
    "minute": 2_147_483_647,
    "hour": 41_000_000,
    "day": 1_716_000,
    "week": 245_000,
    "month": 56_400,
    "year": 4_700,
}
"""DATEADD takes 32-bit numbers, and before the year 4713 BC there is no timestamp."""


@dataclass(frozen=True, slots=True)
class Redshift(Standard):
    """See `Dialect`."""

    name: str = "redshift"
    sqlglot: str = "redshift"
    longest_name: int | None = 127

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return plain.is_too_large(expression)

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        if isinstance(type_, TimestampType):
            return exp.DataType(this=_KIND.TIMESTAMP)
        return Standard.type_of(self, type_)

    def text_type(self) -> exp.DataType:
        # TEXT would be 256 bytes.
        return exp.DataType(this=_KIND.VARCHAR, expressions=[_LONGEST.copy()])

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        return _as_text(instant, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')

    def seed(self, number: int) -> exp.Expr:
        return exp.Parameter(this=exp.Literal.number(number))

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        return plain.let_written_out(values, body)

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        # Redshift has no VALUES, and an untyped text literal needs a cast.
        selects = [
            exp.select(
                *(
                    exp.alias_(self._typed(one), title)
                    for one, title in zip(row, titles, strict=True)
                )
            )
            for row in rows
        ]
        whole: exp.Query = selects[0]
        for select in selects[1:]:
            whole = exp.Union(this=whole, expression=select, distinct=False)
        alias = exp.TableAlias(this=exp.to_identifier(name))
        return exp.select(*(exp.column(title) for title in titles)).from_(
            exp.Subquery(this=whole, alias=alias)
        )

    def _typed(self, value: exp.Expr) -> exp.Expr:
        if isinstance(value, exp.Literal) and value.is_string:
            return exp.cast(value, self.text_type())
        return value

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        return plain.filtered_inside(aggregate, looked)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # Of all rows the first as text: an instant of fixed width, the key's bytes, then the value.
        moment, key = order
        bytes_ = exp.LowerHex(this=exp.cast(key, _KIND.VARBINARY))
        bare = self.joined(_as_text(moment, "YYYY-MM-DD HH24:MI:SS.US"), bytes_)
        row = self.joined(bare.copy(), text("/"), self._as_text(value))
        row = exp.Coalesce(this=row, expressions=[bare])
        chosen: exp.Expr = exp.Min(this=row) if which == "first" else exp.Max(this=row)
        if looked is not None:
            chosen = self.filtered(chosen, looked)
        slash = exp.StrPosition(this=chosen.copy(), substr=text("/"))
        place = exp.Nullif(this=slash, expression=number(0))
        start = exp.Add(this=place, expression=number(1))
        return self._from_text(exp.Substring(this=chosen, start=start), value.type)

    def _as_text(self, value: Term) -> exp.Expr:
        match value.type:
            case TimestampType():
                return _as_text(value.expression.copy(), "YYYY-MM-DD HH24:MI:SS.US")
            case BooleanType():
                yes = exp.Case().when(value.expression.copy(), text("true"))
                return yes.when(exp.Not(this=operand(value.expression.copy())), text("false"))
            case _:
                return exp.cast(value.expression.copy(), self.text_type())

    def _from_text(self, found: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, BooleanType):
            return exp.EQ(this=found, expression=text("true"))
        cast = self.type_of(type_)
        return found if cast == self.text_type() else exp.cast(found, cast)

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        if operation not in ("add", "subtract", "multiply", "negate"):
            return None
        return redshift_numbers.arithmetic(self, operation, *terms)

    def units(self, value: Term, digits: int) -> exp.Expr | None:
        return redshift_numbers.units(self, value, digits)

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return redshift_numbers.of_units(self, units, scale)

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, DecimalType | MoneyType):
            return exp.Sum(this=exp.cast(value, self.type_of(type_)))
        return exp.Sum(this=value)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.cast(plain.within_limits(value, type_), type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        # `arithmetic` writes these operations.
        return operation

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.cast_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return plain.rounded_by_rest(self, value, scale)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, decimal_type(WIDEST, 0))

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return redshift_numbers.whole_quotient(left, right)

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return exp.ConvertTimezone(source_tz=text("UTC"), target_tz=text(zone), timestamp=instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        return first_shown_by_offsets(self, zone, clock)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        count = number(sign * min(length.count, _MOST[length.unit]))
        return exp.DateAdd(this=timestamp, expression=count, unit=exp.Var(this=length.unit.upper()))

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return exp.cast(self.moved(day, length, sign), _KIND.DATE)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(day, _KIND.TIMESTAMP)

    def month(self, day: exp.Expr) -> exp.Expr:
        return exp.Extract(this=exp.Var(this="MONTH"), expression=day)

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.Extract(this=exp.Var(this="DAY"), expression=day)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        found = Standard.contains(self, text, part)
        if isinstance(part, exp.Literal) and part.name:
            return found
        empty = exp.EQ(this=operand(part.copy()), expression=exp.Literal.string(""))
        return exp.Paren(this=exp.Or(this=found, expression=empty))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        length = exp.Length(this=part.copy())
        first = exp.Substring(this=text, start=number(1), length=length)
        return exp.EQ(this=first, expression=operand(part))


def _as_text(instant: exp.Expr, form: str) -> exp.Expr:
    return exp.Anonymous(this="TO_CHAR", expressions=[instant, text(form)])
