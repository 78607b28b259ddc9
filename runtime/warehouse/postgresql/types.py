"""The mapping of PostgreSQL's column types to the catalog's.

Text may hold numbers and booleans. PostgreSQL cannot test whether a text is a date, so dates and
times must be in columns of their own types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from ....compiler.dialects.common.ranges import fits
from ....compiler.dialects.common.terms import any_true, number, text
from ....compiler.dialects.postgresql import PostgreSQL
from ....compiler.plan.types import (
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
from ..types import Doubt, no_word_of, outside_of_calendar

ENUM = "enum"
"""The name used here for any enumerated type of the warehouse."""

_WHOLE = frozenset({"smallint", "integer", "bigint"})
_NUMBER = _WHOLE | {"numeric", "real", "double precision"}
_TEXT = frozenset({"text", "character varying", "character", "citext"})
_UNZONED = frozenset({"timestamp without time zone", "date"})
_ZONED = frozenset({"timestamp with time zone"})
_TIME = frozenset({"time without time zone"})
_SPELLABLE = _NUMBER | _TEXT | _UNZONED | _ZONED | _TIME | {"uuid", "boolean", ENUM}

_WHOLE_WRITTEN = r"^\s*[-+]?[0-9]{1,18}\s*$"
_NUMBER_WRITTEN = r"^\s*[-+]?([0-9]{1,17}([.][0-9]{0,100})?|[.][0-9]{1,100})\s*$"
_YES_OR_NO = ("t", "true", "y", "yes", "on", "1", "f", "false", "n", "no", "off", "0")
_NUMERIC = exp.DataType(this=exp.DataType.Type.DECIMAL)


@dataclass(frozen=True, slots=True)
class PostgreSQLTypes:
    """See `ColumnTypes`."""

    def doubt(self, type_: ValueType, found: str, column: exp.Expr) -> Doubt:
        """The condition for values that cannot be read as the catalog's type."""
        match type_:
            case IntegerType():
                return _whole(found, column)
            case DecimalType() | MoneyType():
                return _number(type_, found, column)
            case BooleanType():
                return _boolean(found, column)
            case TextType():
                return "none" if found in _SPELLABLE else "never"
            case EnumType(values):
                if found not in _TEXT | _WHOLE | {ENUM}:
                    return "never"
                return no_word_of(column, values)
            case DateType() | TimestampType() | TimeType():
                return _in_time(type_, found, column)
            case DurationType():
                return "never"
            case _:
                assert_never(type_)

    def says_zone(self, found: str) -> bool:
        """Whether instants in such a column have their own zone."""
        return found in _ZONED

    def is_day(self, found: str) -> bool:
        """Whether such a column has days, without a time of day."""
        return found == "date"


def _whole(found: str, column: exp.Expr) -> Doubt:
    if found in _WHOLE:
        return "none"
    if found in _TEXT:
        return _not_like(column, _WHOLE_WRITTEN)
    if found not in _NUMBER:
        return "never"
    # PostgreSQL would round 3.7 to 4 without a word.
    exact = exp.cast(column.copy(), _NUMERIC)
    broken = exp.NEQ(this=exact, expression=exp.func("TRUNC", exact.copy()))
    return any_true(exp.Not(this=fits(exact, exp.DataType.build("bigint"))), broken)


def _number(type_: ValueType, found: str, column: exp.Expr) -> Doubt:
    if found in _TEXT:
        return _not_like(column, _NUMBER_WRITTEN)
    if found not in _NUMBER:
        return "never"
    exact = PostgreSQL().type_of(type_)
    value = exp.Round(
        this=exp.cast(column.copy(), _NUMERIC), decimals=number(exact.expressions[1].name)
    )
    # NaN compares greater than any number.
    return exp.Not(this=exp.Paren(this=fits(value, exact)))


def _boolean(found: str, column: exp.Expr) -> Doubt:
    if found == "boolean":
        return "none"
    if found == "integer":  # and no other number can be cast
        return exp.Not(this=column.copy().isin(0, 1))
    if found not in _TEXT:
        return "never"
    said = exp.Lower(this=exp.Trim(this=exp.cast(column.copy(), "text")))
    return exp.Not(this=said.isin(*(text(word) for word in _YES_OR_NO)))


def _in_time(type_: DateType | TimestampType | TimeType, found: str, column: exp.Expr) -> Doubt:
    """Return the condition for `infinity`, years past 9999 and 24:00, which only PostgreSQL has."""
    match type_:
        case TimeType():
            if found not in _TIME:
                return "never"
            return exp.GTE(this=column.copy(), expression=exp.cast(text("24:00"), "time"))
        case TimestampType():
            return outside_of_calendar(column) if found in _UNZONED | _ZONED else "never"
        case DateType():
            if found not in _UNZONED:
                return "never"
            late = exp.NEQ(this=column.copy(), expression=exp.cast(column.copy(), "date"))
            return any_true(late, outside_of_calendar(column))
        case _:
            assert_never(type_)


def _not_like(column: exp.Expr, pattern: str) -> exp.Expr:
    written = exp.RegexpLike(this=exp.cast(column.copy(), "text"), expression=text(pattern))
    return exp.Not(this=exp.Paren(this=written))
