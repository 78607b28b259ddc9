"""The SQL that most engines share; a dialect inherits it and overrides the rest."""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Self, assert_never

from sqlglot import exp

from ..plan.types import (
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
from .common.dialect import Operation
from .common.parameters import name_of
from .common.quoting import quoted
from .common.terms import WHOLE, WIDEST, Term, decimal_type, is_simple, number, operand, text

_KIND = exp.DataType.Type


@dataclass(frozen=True, slots=True)
class Standard:
    """See `Dialect`; what differs from engine to engine is not here."""

    longest_name: int | None = None
    joins_using: bool = True
    reads_what_it_hides: bool = True
    least_is_strict: bool = False
    widest_integer: int = WIDEST
    folds_up: bool = False
    takes_tables_for_rows: bool = False
    sizes_decimals: bool = False
    materializes: bool = False
    sorts_apart: bool = False
    keys_are_alike: bool = False
    narrows_joins: bool = False
    counts_truths: bool = False
    lists: bool = False

    def is_too_deep(self, expression: exp.Expr) -> bool:
        return False

    def finished(self, query: exp.Select) -> exp.Select:
        return quoted(query, folds_up=self.folds_up)

    def type_of(self, type_: ValueType) -> exp.DataType:
        match type_:
            case IntegerType():
                return exp.DataType(this=_KIND.BIGINT)
            case DecimalType():
                return decimal_type(DECIMAL_DIGITS, DECIMAL_SCALE)
            case MoneyType(currency):
                scale = minor_unit(currency)
                return decimal_type(WHOLE + scale, scale)
            case BooleanType():
                return exp.DataType(this=_KIND.BOOLEAN)
            case DateType():
                return exp.DataType(this=_KIND.DATE)
            case TimestampType():
                return exp.DataType(this=_KIND.TIMESTAMPNTZ)
            case TimeType():
                return exp.DataType(this=_KIND.TIME)
            case TextType() | EnumType() | DurationType():
                return self.text_type()
            case _:
                assert_never(type_)

    def text_type(self) -> exp.DataType:
        return exp.DataType(this=_KIND.TEXT)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        if isinstance(type_, DecimalType | MoneyType):
            # The text of a binary float is the shortest decimal that names it.
            column = exp.cast(column, self.text_type())
        return exp.cast(column, self.type_of(type_))

    def timestamp(self, instant: datetime) -> exp.Expr:
        shown = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        return exp.cast(text(shown), _KIND.TIMESTAMPNTZ)

    def date(self, day: date) -> exp.Expr:
        return exp.cast(text(day.isoformat()), _KIND.DATE)

    def time(self, clock: time) -> exp.Expr:
        return exp.cast(text(clock.isoformat()), _KIND.TIME)

    def decimal(self, value: Decimal) -> exp.Expr:
        return number(format(value, "f"))

    def seed(self, number: int) -> exp.Expr:
        return exp.Placeholder(this=name_of(number))

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        return exp.cast(value, self.text_type())

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        columns = [exp.to_identifier(title) for title in titles]
        alias = exp.TableAlias(this=exp.to_identifier(name), columns=columns)
        tuples = [
            exp.Tuple(expressions=[one.copy() if one.parent else one for one in row])
            for row in rows
        ]
        values = exp.Values(expressions=tuples, alias=alias)
        select = exp.select(*(exp.column(title) for title in titles), copy=False)
        return select.from_(values, copy=False)

    def of_many(self) -> Self:
        return self

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        return exp.Filter(this=aggregate, expression=exp.Where(this=looked))

    def each_known(self, groups: Sequence[tuple[exp.Expr | None, Sequence[exp.Expr]]]) -> exp.Expr:
        raise LookupError("only an engine that `lists` has rows of a list")

    def ordered(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        return value

    def compared(self, kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return kind(this=operand(left), expression=operand(right))

    def among(self, value: exp.Expr, choices: Sequence[exp.Expr]) -> exp.Expr:
        return exp.In(this=operand(value), expressions=list(choices))

    def alike(self, terms: Sequence[Term]) -> list[exp.Expr]:
        return [term.expression for term in terms]

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        first, *others = values
        return exp.Least(this=first, expressions=others, ignore_nulls=True)

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        first, *others = values
        return exp.Greatest(this=first, expressions=others, ignore_nulls=True)

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        return self.least(instants) if len(instants) > 1 else instants[0]

    def prelude(self, trees: Iterable[exp.Expr]) -> list[tuple[str, exp.Select]]:
        return []

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        return None

    def units(self, value: Term, digits: int) -> exp.Expr | None:
        return None

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        return exp.Sum(this=value)

    def wide_decimal(self, value: exp.Expr, scale: int) -> exp.Expr:
        return exp.cast(value, decimal_type(WIDEST, scale))

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return exp.Mul(
            this=operand(units), expression=number(format(Decimal(1).scaleb(-scale), "f"))
        )

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return exp.IntDiv(this=operand(left), expression=operand(right))

    def remainder(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return exp.Mod(this=operand(left), expression=operand(right))

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        return exp.TimestampTrunc(this=timestamp, unit=exp.Var(this=unit.upper()))

    def date_of(self, timestamp: exp.Expr) -> exp.Expr:
        return exp.cast(timestamp, _KIND.DATE)

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(day, _KIND.TIMESTAMPNTZ)

    def month(self, day: exp.Expr) -> exp.Expr:
        return exp.Month(this=day)

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.Day(this=day)

    def last_of_month(self, day: exp.Expr) -> exp.Expr:
        return exp.LastDay(this=day)

    def anniversary(
        self,
        day: exp.Expr,
        first: exp.Expr,
        last: exp.Expr,
    ) -> exp.Expr | None:
        return None

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.GT(this=exp.StrPosition(this=text, substr=part), expression=number(0))

    def translated(self, text: exp.Expr, old: str, new: str) -> exp.Expr:
        letters = [exp.Literal.string(old), exp.Literal.string(new)]
        return exp.Anonymous(this="TRANSLATE", expressions=[text, *letters])

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.StartsWith(this=text, expression=part)

    def joined(self, *parts: exp.Expr) -> exp.Expr:
        first, *others = parts
        for part in others:
            first = exp.DPipe(this=first, expression=part)
        return first

    def md5(self, text: exp.Expr) -> exp.Expr:
        return exp.MD5(this=text)


def let_in_subquery(
    values: Mapping[str, exp.Expr],
    body: Callable[[Sequence[exp.Expr]], exp.Expr],
    offset: int | None = None,
) -> exp.Expr:
    """`Dialect.let` as `(SELECT body FROM (SELECT value AS name))`."""
    bound = {name: value for name, value in values.items() if not is_simple(value)}
    if not bound:
        return body(tuple(values.values()))
    variable = "_" + "_".join(bound)
    seen = {name: exp.column(name, table=variable) for name in bound}
    written = body([seen.get(name, value) for name, value in values.items()])
    once = exp.select(*(exp.alias_(value, name) for name, value in bound.items()))
    if offset is not None:
        once = once.offset(offset)
    return exp.Subquery(this=exp.select(written).from_(once.subquery(variable)))


def zoned_clock(zone: str, instant: exp.Expr) -> exp.Expr:
    """`AT TIME ZONE` twice: from UTC to the zone's clock."""
    aware = exp.AtTimeZone(this=operand(instant), zone=text("UTC"))
    return exp.AtTimeZone(this=aware, zone=text(zone))


def first_shown(zone: str, shown: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
    """The instant by `AT TIME ZONE` twice, the first of two at which the clock shows the same.

    DuckDB and PostgreSQL take the second of them: the first is the one that shows it too, so much
    earlier. `shown` must be simple where there are overlaps.
    """
    aware = exp.AtTimeZone(this=operand(shown.copy()), zone=text(zone))
    last = exp.AtTimeZone(this=aware, zone=text("UTC"))
    choice = exp.Case()
    for seconds in overlaps:
        sooner = exp.Sub(this=last.copy(), expression=interval(seconds, "SECOND"))
        again = exp.EQ(this=zoned_clock(zone, sooner.copy()), expression=shown.copy())
        choice = choice.when(again, sooner)
    return choice.else_(last) if overlaps else last


def interval(count: int, unit: str) -> exp.Interval:
    """`INTERVAL '30 DAY'`."""
    return exp.Interval(this=text(str(count)), unit=exp.Var(this=unit.upper()))
