"""SQLite (3.30 and later), with the functions of `sqlite_functions.py` registered.

An instant is text such as `2026-01-31 02:00:00.000000`, a date `2026-01-31`, a time of day
`10:00:00.000000`. A decimal is text too, since 28 digits exceed SQLite's integers. Aggregates
compare decimals by the collation `exact`. Other comparisons call a function, since SQLite passes
a collation on to outer comparisons: `CASE WHEN amount > '9' COLLATE exact THEN 'a' END = 'a'`.
Zones are a table of their changes.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from .common.nesting import stack
from .common.terms import INTEGER_WHOLE, Term, column, number, operand, text
from .details import sqlite_time
from .standard import Standard, let_in_subquery

_KIND = exp.DataType.Type
_NO_CLOCK = "0000-00-00 00:00:00.000000"
_NO_TIME = "00:00:00.000000"

_STACK = 70
"""SQLite's parser keeps a hundred things in mind at once, up to thirty around the expression."""


@dataclass(frozen=True, slots=True)
class SQLite(Standard):
    """See `Dialect`."""

    name: str = "sqlite"
    sqlglot: str = "sqlite"
    reads_what_it_hides: bool = False
    least_is_strict: bool = True

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return stack(expression) > _STACK

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        whole = isinstance(type_, IntegerType | BooleanType)
        return exp.DataType(this=_KIND.BIGINT if whole else _KIND.TEXT)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        match type_:
            case IntegerType() | BooleanType():
                return exp.cast(column, _KIND.BIGINT)
            case DecimalType():
                return exp.func("EXACT_READ", column, number(DECIMAL_SCALE))
            case MoneyType(currency):
                return exp.func("EXACT_READ", column, number(minor_unit(currency)))
            case DateType():
                return _cut(column, 1, 10)
            case TimestampType():
                spaced = exp.func("REPLACE", column, text("T"), text(" "))
                return exp.DPipe(this=spaced, expression=_rest(column, _NO_CLOCK))
            case TimeType():
                return exp.DPipe(this=column, expression=_rest(column, _NO_TIME))
            case TextType() | EnumType() | DurationType():
                return exp.cast(column, _KIND.TEXT)
            case _:
                assert_never(type_)

    def timestamp(self, instant: datetime) -> exp.Expr:
        return text(sqlite_time.timestamp_text(instant.astimezone(UTC).replace(tzinfo=None)))

    def date(self, day: date) -> exp.Expr:
        return text(day.isoformat())

    def time(self, clock: time) -> exp.Expr:
        return text(clock.isoformat("microseconds"))

    def decimal(self, value: Decimal) -> exp.Expr:
        return text(format(value, "f"))

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        joined = exp.func("REPLACE", instant, text(" "), text("T"))
        return exp.DPipe(this=joined, expression=text("Z"))

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, TimeType):
            return exp.func("REPLACE", value, text(".000000"), text(""))
        return exp.cast(value, _KIND.TEXT)

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        return let_in_subquery(values, body)

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        tuples = [exp.Tuple(expressions=list(row)) for row in rows]
        named = [
            exp.alias_(column(f"column{place}"), title) for place, title in enumerate(titles, 1)
        ]
        alias = exp.TableAlias(this=exp.to_identifier(name))
        return exp.select(*named).from_(exp.Values(expressions=tuples, alias=alias))

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # Of all rows the first as text: an instant of fixed width, the key's bytes, then the value.
        moment, key = order
        row = self.joined(moment, exp.func("HEX", key), text("/"), value.expression.copy())
        bare = self.joined(moment.copy(), exp.func("HEX", key.copy()))
        row = exp.Coalesce(this=row, expressions=[bare])
        chosen: exp.Expr = exp.Min(this=row) if which == "first" else exp.Max(this=row)
        if looked is not None:
            chosen = self.filtered(chosen, looked)
        slash = exp.func("INSTR", chosen.copy(), text("/"))
        place = exp.func("NULLIF", slash, number(0))
        found = exp.func("SUBSTR", chosen, exp.Add(this=place, expression=number(1)))
        whole = isinstance(value.type, IntegerType | BooleanType)
        return exp.cast(found, _KIND.BIGINT) if whole else found

    def ordered(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        if not isinstance(type_, DecimalType | MoneyType):
            return value
        return exp.Collate(this=operand(value), expression=exp.to_identifier("exact"))

    def alike(self, terms: Sequence[Term]) -> list[exp.Expr]:
        if not any(isinstance(term.type, DecimalType | MoneyType) for term in terms):
            return [term.expression for term in terms]
        return [_as_decimal(term) for term in terms]

    def compared(self, kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
        if not isinstance(left, exp.Collate):
            return kind(this=operand(left), expression=operand(right))
        return kind(this=exp.func("EXACT_COMPARE", _bare(left), right), expression=number(0))

    def among(self, value: exp.Expr, choices: Sequence[exp.Expr]) -> exp.Expr:
        if not isinstance(value, exp.Collate):
            return exp.In(this=operand(value), expressions=list(choices))
        return exp.func("EXACT_AMONG", _bare(value), *choices)

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return _extreme("MIN", "EXACT_LEAST", values)

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return _extreme("MAX", "EXACT_GREATEST", values)

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        if len(instants) == 1:
            return instants[0]
        never = text(sqlite_time.timestamp_text(datetime.max))
        known = [exp.Coalesce(this=one, expressions=[never.copy()]) for one in instants]
        return self.least(known)

    def prelude(self, trees: Iterable[exp.Expr]) -> list[tuple[str, exp.Select]]:
        tables = (table for tree in trees for table in tree.find_all(exp.Table))
        zones = {table.name: table.meta["zone"] for table in tables if "zone" in table.meta}
        return [
            (name, self.table_of("changes", sqlite_time.TITLES, sqlite_time.rows(zones[name])))
            for name in sorted(zones)
        ]

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        if not operation.endswith("divide") and all(
            isinstance(one.type, IntegerType) for one in terms
        ):
            sizes = [term.whole for term in terms]
            whole = sum(sizes) if operation.endswith("multiply") else max(sizes) + 1
            if whole < INTEGER_WHOLE:
                return None
        return exp.func(f"EXACT_{operation.upper()}", *(term.expression for term in terms))

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        return exp.func("EXACT_SUM", value)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        sizes = [number(size.name) for size in type_.expressions]
        return exp.func("EXACT_FIT", value, *sizes)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return exp.func("EXACT_FIT", operation)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.cast_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.func("EXACT_ROUND", value, number(scale))

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, _KIND.TEXT)

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return self.let({"instant": instant}, lambda bound: sqlite_time.clock(zone, bound[0]))

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        return self.let({"clock": clock}, lambda bound: sqlite_time.instant(zone, bound[0]))

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return self.let(
            {"clock": timestamp}, lambda bound: sqlite_time.moved(bound[0], length, sign)
        )

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return self.let({"day": day}, lambda bound: sqlite_time.moved_date(bound[0], length, sign))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        first, last = exp.func("JULIANDAY", start), exp.func("JULIANDAY", end)
        return exp.cast(exp.Sub(this=last, expression=first), _KIND.BIGINT)

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        return self.let({"clock": timestamp}, lambda bound: sqlite_time.truncated(unit, bound[0]))

    def date_of(self, timestamp: exp.Expr) -> exp.Expr:
        return _cut(timestamp, 1, 10)

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.DPipe(this=day, expression=text(f" {_NO_TIME}"))

    def month(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(_cut(day, 6, 2), _KIND.BIGINT)

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(_cut(day, 9, 2), _KIND.BIGINT)

    def last_of_month(self, day: exp.Expr) -> exp.Expr:
        parts = ("start of month", "+1 months", "-1 days")
        return exp.Anonymous(this="DATE", expressions=[day, *map(text, parts)])

    def anniversary(self, day: exp.Expr, first: exp.Expr, last: exp.Expr) -> exp.Expr | None:
        # The parser's stack has no room for the arithmetic.
        return exp.func("ANNIVERSARY", day, first, last)

    # --- text -----------------------------------------------------------------------------------

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.GT(this=exp.func("INSTR", text, part), expression=number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        first = exp.func("SUBSTR", text, number(1), exp.func("LENGTH", part.copy()))
        return exp.EQ(this=first, expression=operand(part))


def _bare(value: exp.Expr) -> exp.Expr:
    """The number itself, without the collation that `ordered` gave it."""
    return value.this.unnest() if isinstance(value, exp.Collate) else value


def _extreme(plain: str, exact: str, values: Sequence[exp.Expr]) -> exp.Expr:
    first, *others = values
    if not others:
        return _bare(first)
    name = exact if isinstance(first, exp.Collate) else plain
    return exp.Anonymous(this=name, expressions=[_bare(first), *others])


def _cut(value: exp.Expr, first: int, length: int) -> exp.Expr:
    return exp.func("SUBSTR", value, number(first), number(length))


def _rest(column: exp.Expr, whole: str) -> exp.Expr:
    """The end of `whole` that the column lacks."""
    length = exp.func("LENGTH", column.copy())
    return exp.func("SUBSTR", text(whole), exp.Add(this=length, expression=number(1)))


def _as_decimal(term: Term) -> exp.Expr:
    if not isinstance(term.type, IntegerType):
        return term.expression
    if term.value is not None:
        return text(str(term.value))
    return exp.cast(term.expression, _KIND.TEXT)
