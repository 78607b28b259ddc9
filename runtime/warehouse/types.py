"""The mapping of a warehouse's column types to the catalog's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, assert_never

from sqlglot import exp

from ...compiler.plan.calendar_ends import FIRST_DAY, LAST_DAY
from ...compiler.plan.types import (
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
)
from ...dsl.diagnostics.diagnostic import Phrase, listed

Doubt = exp.Expr | Literal["none", "never"]
"""Rows whose value cannot be read (a condition), or no row can be such, or every one is."""


class ColumnTypes(Protocol):
    """The rules of an engine's column types. `found` is the engine's name of a type."""

    def doubt(self, type_: ValueType, found: str, column: exp.Expr) -> Doubt:
        """The condition for values that cannot be read as the catalog's type."""

    def says_zone(self, found: str) -> bool:
        """Whether instants in such a column have their own zone."""

    def is_day(self, found: str) -> bool:
        """Whether such a column has days, without a time of day."""


def outside_of_calendar(column: exp.Expr) -> exp.Expr:
    """Years before 1 and past 9999, and `infinity`: to some engines a time, to nobody else."""
    days = (day.isoformat() for day in (FIRST_DAY, LAST_DAY))
    first, last = (exp.cast(exp.Literal.string(day), "date") for day in days)
    within = exp.Between(this=column.copy(), low=first, high=last)
    return exp.Not(this=exp.Paren(this=within))


def unread(column: exp.Expr, tried: exp.Expr) -> exp.Expr:
    """Return the condition that a value is present, but a cast to NULL-or-value gives NULL."""
    there = exp.Not(this=exp.Is(this=column.copy(), expression=exp.null()))
    return exp.And(this=there, expression=exp.Is(this=tried, expression=exp.null()))


def no_word_of(column: exp.Expr, values: Iterable[str]) -> exp.Expr:
    """Return the condition that a value is not a word of the enum."""
    words = [exp.Literal.string(value) for value in values]
    return exp.Not(this=exp.cast(column.copy(), "text").isin(*words))


def column_type_words(type_: ValueType) -> Phrase:
    """Return a catalog type in words."""
    match type_:
        case IntegerType():
            return Phrase("types.a_whole_number")
        case DecimalType():
            return Phrase("types.a_number")
        case MoneyType(currency):
            return Phrase("types.amount_in", currency=currency)
        case BooleanType():
            return Phrase("types.yes_or_no")
        case TextType():
            return Phrase("types.text")
        case EnumType(values):
            return Phrase("types.one_of", listed=listed(values))
        case DateType():
            return Phrase("types.a_date")
        case TimestampType():
            return Phrase("types.a_point_in_time")
        case TimeType():
            return Phrase("types.a_time_of_day")
        case DurationType():
            return Phrase("types.a_length_of_time")
        case _:
            assert_never(type_)
