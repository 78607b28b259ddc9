"""MySQL (8.0.17 and later; `SET NAMES utf8mb4 COLLATE utf8mb4_0900_bin`, `time_zone` +00:00).

An instant is a DATETIME(6). Decimals have up to 65 digits and are exact. An integer out of range
is an error, so sums and products use decimals. Zones are tables of their changes, since a server
has none until somebody loads them. Expressions have no local names, so a value that is needed
twice is written twice.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: D102

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from ..plan.types import (
    BooleanType,
    DecimalType,
    EnumType,
    MoneyType,
    TextType,
    TimestampType,
    TimeType,
    ValueType,
)
from ..plan.values import Length
from .common import plain
from .common.parameters import name_of
from .common.ranges import with_left
from .common.terms import Term, decimal_type, is_null, number, operand, text
from .details import mysql_time
from .standard import Standard, interval

_KIND = exp.DataType.Type
_COLLATION = "utf8mb4_0900_bin"
_WIDEST = 65
_MOST_LETTERS = 100
"""Letters that nested calls of REPLACE change at most; there is no TRANSLATE."""

_WIDE = decimal_type(_WIDEST, 0)


@dataclass(frozen=True, slots=True)
class MySQL(Standard):
    """See `Dialect`."""

    name: str = "mysql"
    sqlglot: str = "mysql"
    longest_name: int | None = 64
    reads_what_it_hides: bool = False
    least_is_strict: bool = True
    widest_integer: int = 60

    def is_too_deep(self, expression: exp.Expr) -> bool:
        unwritten = any(one.name == "TRANSLATE" for one in expression.find_all(exp.Anonymous))
        return unwritten or plain.is_too_large(expression)

    def translated(self, text: exp.Expr, old: str, new: str) -> exp.Expr:
        if len(old) > _MOST_LETTERS:
            return Standard.translated(self, text, old, new)
        for before, after in zip(old, new, strict=True):
            letters = [exp.Literal.string(before), exp.Literal.string(after)]
            text = exp.Anonymous(this="REPLACE", expressions=[text, *letters])
        return text

    def finished(self, query: exp.Select) -> exp.Select:
        for order in query.find_all(exp.Order):
            order.set(
                "expressions", [one for each in order.expressions for one in _sort_keys(each)]
            )
        return Standard.finished(self, query)

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        match type_:
            case BooleanType():
                return exp.DataType(this=_KIND.BIGINT)
            case TimestampType():
                return mysql_time.MOMENT.copy()
            case TimeType():
                return exp.DataType(
                    this=_KIND.TIME, expressions=[exp.DataTypeParam(this=exp.Literal.number(6))]
                )
            case _:
                return Standard.type_of(self, type_)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, DecimalType | MoneyType):
            # The text of a binary float is the shortest decimal that names it.
            column = exp.Cast(this=column, to=self.text_type())
        cast = exp.Cast(this=column, to=self.type_of(type_))
        if isinstance(type_, TextType | EnumType):
            return exp.Collate(this=cast, expression=exp.Var(this=_COLLATION))
        return cast

    def timestamp(self, instant: datetime) -> exp.Expr:
        return mysql_time.literal(instant.astimezone(UTC).replace(tzinfo=None))

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        return mysql_time.timestamp_text(instant, "%Y-%m-%dT%T.%fZ")

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        shown = exp.cast(value, self.text_type())
        if isinstance(type_, TimeType):
            return exp.func("REPLACE", shown, text(".000000"), text(""))
        return shown

    def seed(self, number: int) -> exp.Expr:
        # A variable of the session: `SET @seed_1 = '…'`.
        return exp.Parameter(this=exp.Var(this=name_of(number)))

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        return plain.let_written_out(values, body)

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        selects = [
            exp.Select(
                expressions=[
                    exp.alias_(value, title, copy=False)
                    for value, title in zip(row, titles, strict=True)
                ]
            )
            for row in rows
        ]
        whole = exp.union(*selects, distinct=False, copy=False) if selects[1:] else selects[0]
        return exp.select(*(exp.column(title) for title in titles)).from_(whole.subquery(name))

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        return plain.filtered_inside(aggregate, looked)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        # Of all rows the first as text: an instant of fixed width, the key's bytes, then the value.
        moment, key = order
        turn = [mysql_time.timestamp_text(moment, "%Y%m%d%H%i%s%f"), exp.func("HEX", key)]
        bare = self.joined(*(one.copy() for one in turn))
        shown = exp.cast(value.expression, self.text_type())
        row: exp.Expr = exp.Coalesce(this=self.joined(*turn, text("/"), shown), expressions=[bare])
        row = exp.Collate(this=row, expression=exp.Var(this=_COLLATION))
        chosen: exp.Expr = exp.Min(this=row) if which == "first" else exp.Max(this=row)
        if looked is not None:
            chosen = self.filtered(chosen, looked)
        slash = exp.StrPosition(this=chosen.copy(), substr=text("/"))
        place = exp.Nullif(this=slash, expression=number(0))
        first = exp.Add(this=place, expression=number(1))
        found = exp.Substring(this=chosen, start=first)
        if isinstance(value.type, TextType | EnumType):
            return found
        return exp.Cast(this=found, to=self.type_of(value.type))

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        if len(instants) == 1:
            return instants[0]
        return self.least(plain.known_or(instants, mysql_time.literal(datetime.max)))

    def prelude(self, trees: Iterable[exp.Expr]) -> list[tuple[str, exp.Select]]:
        tables = (table for tree in trees for table in tree.find_all(exp.Table))
        zones = {table.name: table.meta["zone"] for table in tables if "zone" in table.meta}
        return [
            (name, self.table_of("changes", mysql_time.TITLES, mysql_time.rows(zones[name])))
            for name in sorted(zones)
        ]

    # --- numbers --------------------------------------------------------------------------------

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.Cast(this=plain.within_limits(value, type_), to=type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        wide = with_left(operation, _WIDE.copy())
        return self.cast_or_unknown(wide, exp.DataType(this=_KIND.BIGINT))

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return self.cast_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return plain.rounded_by_rest(self, value, scale)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.Cast(this=value, to=_WIDE.copy())

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return self.wide_integer(plain.exact_quotient(left, right))

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return mysql_time.clock(zone, instant)

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:  # noqa: ARG002
        return mysql_time.instant(zone, clock)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        end = mysql_time.literal(datetime.max if sign > 0 else mysql_time.FIRST)
        return self._moved(timestamp, length, sign, end)

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        end = self.date((datetime.max if sign > 0 else mysql_time.FIRST).date())
        return self._moved(self.date_of(day), length, sign, end)

    def _moved(self, moment: exp.Expr, length: Length, sign: int, end: exp.Expr) -> exp.Expr:
        """Beyond the calendar there is NULL, where its end is meant."""
        kind = exp.Add if sign > 0 else exp.Sub
        found = kind(this=operand(moment), expression=interval(length.count, length.unit))
        last = self.greatest if sign > 0 else self.least
        return exp.Coalesce(this=found, expressions=[last([moment.copy(), end])])

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="DATEDIFF", expressions=[end, start])

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        return self.midnight(mysql_time.first_day(unit, self.date_of(timestamp)))

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.Cast(this=day, to=mysql_time.MOMENT.copy())

    # --- text -----------------------------------------------------------------------------------

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        first = exp.func("LEFT", text, exp.func("CHAR_LENGTH", part.copy(), dialect="mysql"))
        return exp.EQ(this=first, expression=operand(part))

    def joined(self, *parts: exp.Expr) -> exp.Expr:
        return exp.func("CONCAT", *parts, dialect="mysql")


def _sort_keys(turn: exp.Expr) -> Iterator[exp.Expr]:
    """A turn of an order; where NULLs come last, whether it is NULL goes before it."""
    if turn.args.get("nulls_first") is False and not turn.args.get("desc"):
        yield exp.Ordered(this=is_null(turn.this.copy()), nulls_first=True)
        turn.set("nulls_first", True)
    yield turn
