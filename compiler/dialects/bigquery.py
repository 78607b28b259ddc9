"""BigQuery (GoogleSQL, whose default time zone is UTC).

An instant is a DATETIME. A decimal is a BIGNUMERIC with 38 digits before the point and 38 after
it. Sums and products are therefore exact, and only results are checked against limits.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from ..plan.types import DECIMAL_SCALE, DecimalType, IntegerType, MoneyType, ValueType, minor_unit
from ..plan.values import Length
from .common import plain
from .common.terms import Term, decimal_type, number, operand, text
from .standard import Standard

_KIND = exp.DataType.Type
_EXACT = exp.DataType(this=_KIND.BIGDECIMAL)
_LARGEST = 2**63 - 1
_ROWS = "_rows"
_QUOTIENT = 30

_SAFE: dict[type[exp.Expr], type[exp.Func]] = {
    exp.Add: exp.SafeAdd,
    exp.Sub: exp.SafeSubtract,
    exp.Mul: exp.SafeMultiply,
    exp.Neg: exp.SafeNegate,
}


@dataclass(frozen=True, slots=True)
class BigQuery(Standard):
    """See `Dialect`."""

    name: str = "bigquery"
    sqlglot: str = "bigquery"
    longest_name: int | None = 300
    least_is_strict: bool = True
    takes_tables_for_rows: bool = True

    def finished(self, query: exp.Select) -> exp.Select:
        # Of a table and its column of one name, the name is that of the table's row.
        for table in query.find_all(exp.Table):
            if table.this.quoted and not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(_ROWS)))
        return Standard.finished(self, query)

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        if isinstance(type_, DecimalType | MoneyType):
            return _EXACT.copy()
        return Standard.type_of(self, type_)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        cast = Standard.read(self, column, type_)
        match type_:
            case DecimalType():
                return exp.Round(this=cast, decimals=number(DECIMAL_SCALE))
            case MoneyType(currency):
                return exp.Round(this=cast, decimals=number(minor_unit(currency)))
            case _:
                return cast

    def decimal(self, value: Decimal) -> exp.Expr:
        # A number with a point would be a FLOAT64.
        return exp.cast(text(format(value, "f")), _EXACT)

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        shown = exp.TsOrDsToDatetime(this=instant)
        return exp.TimeToStr(this=shown, format=text("%E4Y-%m-%dT%H:%M:%E6SZ"))

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        # A cast leaves out the zeros at the end.
        match type_:
            case DecimalType():
                return _with_digits(value, DECIMAL_SCALE)
            case MoneyType(currency):
                return _with_digits(value, minor_unit(currency))
            case _:
                return Standard.value_text(self, value, type_)

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        if any(one.find(exp.AggFunc) for one in values.values()):
            return plain.let_written_out(values, body)
        variable = "_" + "_".join(values)
        fields = [
            exp.PropertyEQ(this=exp.to_identifier(name), expression=value)
            for name, value in values.items()
        ]
        written = body([exp.column(name, table=variable) for name in values])
        once = exp.Array(expressions=[exp.Struct(expressions=fields)])
        alias = exp.TableAlias(columns=[exp.to_identifier(variable)])
        source = exp.Unnest(expressions=[once], alias=alias)
        return exp.Subquery(this=exp.select(written).from_(source))

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        return plain.filtered_inside(aggregate, looked)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # A STRUCT distinguishes a NULL value from a row that is filtered out.
        field = exp.PropertyEQ(this=exp.to_identifier("picked"), expression=value.expression)
        one: exp.Expr = exp.Struct(expressions=[field])
        if looked is not None:
            one = exp.Case().when(looked, one)
        down = which == "last"
        turns = [exp.Ordered(this=turn, desc=down, nulls_first=not down) for turn in order]
        first = exp.Limit(this=exp.Order(this=one, expressions=turns), expression=number(1))
        listed = exp.IgnoreNulls(this=exp.ArrayAgg(this=first))
        chosen = exp.Bracket(this=listed, expressions=[number(0)], offset=0, safe=True)
        return exp.Dot(this=chosen, expression=exp.to_identifier("picked"))

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        if len(instants) == 1:
            return instants[0]
        never = exp.cast(text(datetime.max.isoformat(sep=" ")), _KIND.TIMESTAMPNTZ)
        return self.least(plain.known_or(instants, never))

    # --- numbers --------------------------------------------------------------------------------

    def _whole(self, value: int) -> exp.Expr:
        return self.decimal(Decimal(value)) if abs(value) > _LARGEST else number(value)

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        exact = exp.cast(value, _EXACT) if isinstance(type_, IntegerType) else value
        return exp.Sum(this=exact)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        if not type_.expressions:
            return exp.TryCast(this=value, to=type_)
        return plain.within_limits(value, type_, self._whole)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return _SAFE[type(operation)](**operation.args)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.cast_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.Round(this=value, decimals=number(scale), truncate=text("ROUND_HALF_EVEN"))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, _EXACT)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        # What has more digits than any result of ours is unknown in the end.
        quotient = exp.IntDiv(this=operand(left), expression=operand(right))
        return plain.within_limits(quotient, decimal_type(_QUOTIENT, 0), self._whole)

    def wide_decimal(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.cast(value, _EXACT)

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return exp.Mul(this=operand(units), expression=self.decimal(Decimal(1).scaleb(-scale)))

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return _datetime(_timestamp(instant, "UTC"), zone)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        # Of a clock time that is shown twice it takes the first, and a skipped one as we do.
        return _datetime(_timestamp(clock, zone), "UTC")

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        end = datetime.max if sign > 0 else datetime.min

        def written(bound: Sequence[exp.Expr]) -> exp.Expr:
            (start,) = bound
            step = _step(exp.DatetimeAdd, start.copy(), length, sign)
            return _unless_over(start, step, self._datetime(end))

        return self.let({"start": timestamp}, written)

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        end = date.max if sign > 0 else date.min

        def written(bound: Sequence[exp.Expr]) -> exp.Expr:
            (start,) = bound
            step = _step(exp.DateAdd, start.copy(), length, sign)
            return _unless_over(start, step, self.date(end))

        return self.let({"start": exp.cast(day, _KIND.DATE)}, written)

    def _datetime(self, moment: datetime) -> exp.Expr:
        return exp.cast(text(moment.isoformat(sep=" ")), _KIND.TIMESTAMPNTZ)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        # WEEK begins on Sunday.
        named = "ISOWEEK" if unit == "week" else unit.upper()
        return exp.DatetimeTrunc(this=timestamp, unit=exp.Var(this=named))

    def month(self, day: exp.Expr) -> exp.Expr:
        return exp.Extract(this=exp.Var(this="MONTH"), expression=day)

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.Extract(this=exp.Var(this="DAY"), expression=day)

    def last_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.LastDay(this=day, unit=exp.Var(this="MONTH"))


def _with_digits(value: exp.Expr, scale: int) -> exp.Expr:
    # A decimal may be written as a whole number.
    return exp.Format(this=text(f"%.{scale}f"), expressions=[exp.cast(value, _EXACT)])


def _timestamp(clock: exp.Expr, zone: str) -> exp.Expr:
    return exp.Timestamp(this=clock, zone=text(zone), with_tz=True)


def _datetime(timestamp: exp.Expr, zone: str) -> exp.Expr:
    return exp.Datetime(this=timestamp, expression=text(zone))


def _step(kind: type[exp.Func], start: exp.Expr, length: Length, sign: int) -> exp.Expr:
    count = text(str(sign * length.count))
    step = kind(this=start, expression=count, unit=exp.Var(this=length.unit.upper()))
    return exp.SafeFunc(this=step)


def _unless_over(start: exp.Expr, step: exp.Expr, end: exp.Expr) -> exp.Expr:
    """The step, or the end of the calendar where it leads beyond; NULL where the start is."""
    there = exp.Not(this=exp.Is(this=start, expression=exp.Null()))
    return exp.Coalesce(this=step, expressions=[exp.Case().when(there, end)])
