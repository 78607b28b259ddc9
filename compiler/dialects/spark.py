"""Spark (3.5 and later; the session's zone is UTC) and Databricks, whose SQL is Spark's.

What is written means the same with ANSI mode and without: where a result may not fit, a `TRY_…`
says so. A time of day is text such as `10:00:00.000000`, as Spark's tables have no such type.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from sqlglot import exp

from ..plan.types import IntegerType, TimeType, ValueType
from ..plan.values import Length
from .common.dialect import Operation
from .common.nesting import nested, stack
from .common.quoting import quoted
from .common.terms import WIDEST, Term, decimal_type, is_simple, number, operand, text
from .details import spark_numbers
from .standard import Standard, interval

_KIND = exp.DataType.Type
_NO_TIME = "00:00:00.000000"

_STACK = 600
"""Spark reads, checks and improves an expression by calls within calls, on a stack of 1 MB."""

_BOUND = 16
"""It goes a hundred times through a query to tell what its names mean, several times for each
lambda within lambdas."""


@dataclass(frozen=True, slots=True)
class Spark(Standard):
    """See `Dialect`."""

    name: str = "spark"
    sqlglot: str = "spark"
    sizes_decimals: bool = True

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return stack(expression) > _STACK or nested(expression, exp.Transform) > _BOUND

    def finished(self, query: exp.Select) -> exp.Select:
        # `${name}` in a statement is a setting's value to Spark, in the middle of a text too.
        for piece in list(query.find_all(exp.Literal)):
            if piece.is_string and "${" in piece.name:
                piece.replace(_apart(piece.name))
        return quoted(query, folds_up=self.folds_up)

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        return self.text_type() if isinstance(type_, TimeType) else Standard.type_of(self, type_)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        cast = Standard.read(self, column, type_)
        if not isinstance(type_, TimeType):
            return cast
        length = exp.func("LENGTH", cast.copy())
        start = exp.Add(this=length, expression=number(1))
        return self.joined(cast, exp.Substring(this=text(_NO_TIME), start=start))

    def decimal(self, value: Decimal) -> exp.Expr:
        # Without a point it would be an integer, and so would what is made of it.
        written = format(value, "f")
        return number(written if "." in written else f"{written}.0")

    def time(self, clock: time) -> exp.Expr:
        return text(clock.isoformat("microseconds"))

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        shown = text("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
        return exp.Anonymous(this="DATE_FORMAT", expressions=[instant, shown])

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, TimeType):
            return exp.func("REPLACE", value, text(".000000"), text(""))
        return exp.cast(value, self.text_type())

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        # The underscore keeps the names apart from the columns that the body may look at.
        bound = {name: value for name, value in values.items() if not is_simple(value)}
        if not bound:
            return body(tuple(values.values()))
        variable = "_" + "_".join(bound)
        if len(bound) == 1:
            whole = next(iter(bound.values()))
            seen = {name: exp.column(variable) for name in bound}
        else:
            whole = exp.Struct(expressions=[exp.alias_(one, name) for name, one in bound.items()])
            seen = {name: exp.column(name, table=variable) for name in bound}
        written = body([seen.get(name, value) for name, value in values.items()])
        each = exp.Lambda(this=written, expressions=[exp.to_identifier(variable)])
        listed = exp.Transform(this=exp.Array(expressions=[whole]), expression=each)
        return exp.Bracket(this=listed, expressions=[number(0)])

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        name = "MIN_BY" if which == "first" else "MAX_BY"
        named = zip(order, ("moment", "turn"), strict=True)
        turn = exp.Struct(expressions=[exp.alias_(one, title) for one, title in named])
        chosen = exp.Anonymous(this=name, expressions=[value.expression, turn])
        return chosen if looked is None else self.filtered(chosen, looked)

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return Standard.least(self, values) if len(values) > 1 else values[0]

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return Standard.greatest(self, values) if len(values) > 1 else values[0]

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        return spark_numbers.product(self.let, *terms) if operation == "multiply" else None

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, IntegerType):
            value = exp.cast(value, decimal_type(WIDEST, 0))
        return exp.Sum(this=value)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return spark_numbers.try_cast(value, type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return spark_numbers.tried(operation)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return spark_numbers.try_cast(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.func("BROUND", value, number(scale))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, decimal_type(WIDEST, 0))

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return spark_numbers.of_units(units, scale)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return spark_numbers.whole_quotient(left, right)

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return _in_zone("UTC", zone, instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        # Of two instants at which a clock shows the same, Spark takes the first; what it never
        # shows is as much later as the gap is long.
        return _in_zone(zone, "UTC", clock)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        kind = exp.Add if sign > 0 else exp.Sub
        return kind(this=operand(timestamp), expression=interval(length.count, length.unit))

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        match length.unit:
            case "month" | "year":
                months = length.count * (12 if length.unit == "year" else 1)
                return exp.Anonymous(this="ADD_MONTHS", expressions=[day, number(sign * months)])
            case _:
                days = length.count * (7 if length.unit == "week" else 1)
                return exp.Anonymous(this="DATE_ADD", expressions=[day, number(sign * days)])

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        days = exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))
        return exp.cast(days, _KIND.BIGINT)

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        day: exp.Expr = self.date_of(timestamp)
        if unit != "day":
            day = exp.Anonymous(this="TRUNC", expressions=[day, text(unit.upper())])
        return self.midnight(day)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.Contains(this=text, expression=part)


@dataclass(frozen=True, slots=True)
class Databricks(Spark):
    """Spark's SQL as Databricks has it."""

    name: str = "databricks"
    sqlglot: str = "databricks"


def _in_zone(one: str, other: str, clock: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[text(one), text(other), clock])


def _apart(written: str) -> exp.Expr:
    """The text as pieces that are put together, none of which has a `$` before a brace."""
    first, *others = written.split("${")
    whole: exp.Expr = text(f"{first}$")
    for place, piece in enumerate(others, 1):
        more = "" if place == len(others) else "$"
        whole = exp.DPipe(this=whole, expression=text("{" + piece + more))
    return exp.Paren(this=whole)
