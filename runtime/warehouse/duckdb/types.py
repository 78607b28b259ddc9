"""How DuckDB's column types go with the catalog's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from ....compiler.dialects.common.terms import any_true, number
from ....compiler.dialects.duckdb import DuckDB
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
from ..types import Doubt, no_word_of, outside_of_calendar, unread

_SMALL = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
_WHOLE = _SMALL | {"UBIGINT", "HUGEINT", "UHUGEINT"}
_NUMBER = _WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"}
_TEXT = frozenset({"VARCHAR", "ENUM"})
_UNZONED = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"})
_ZONED = frozenset({"TIMESTAMP WITH TIME ZONE"})
_SPELLABLE = _NUMBER | _TEXT | _ZONED | _UNZONED | {"UUID", "BOOLEAN", "TIME"}

_CLOCK_AND_INSTANT = (exp.DataType.build("timestamp"), exp.DataType.build("timestamptz"))


@dataclass(frozen=True, slots=True)
class DuckDBTypes:
    """See `ColumnTypes`."""

    def doubt(self, type_: ValueType, found: str, column: exp.Expr) -> Doubt:
        """The condition for values that cannot be read as the catalog's type."""
        return _doubt(type_, found, column)

    def says_zone(self, found: str) -> bool:
        """Whether instants in such a column have their own zone."""
        return found in _ZONED

    def is_day(self, found: str) -> bool:
        """Whether such a column has days, without a time of day."""
        return found == "DATE"


def _doubt(type_: ValueType, found: str, column: exp.Expr) -> Doubt:
    family = found.partition("(")[0].strip()
    match type_:
        case IntegerType():
            return _whole(family, column)
        case DecimalType() | MoneyType():
            return _cast(type_, column) if family in _NUMBER | _TEXT else "never"
        case BooleanType():
            return _boolean(family, column)
        case TextType():
            if family == "VARCHAR":
                return exp.func("CONTAINS", column.copy(), exp.func("CHR", number(0)))
            return "none" if family in _SPELLABLE else "never"
        case EnumType(values):
            if family not in _TEXT | _WHOLE:
                return "never"
            return no_word_of(column, values)
        case DateType() | TimestampType() | TimeType():
            return _in_time(type_, family, column)
        case DurationType():
            return "never"
        case _:
            assert_never(type_)


def _whole(family: str, column: exp.Expr) -> Doubt:
    if family in _SMALL:
        return "none"
    if family not in _NUMBER | _TEXT:
        return "never"
    # DuckDB would round 3.7 to 4 without a word.
    exact = exp.TryCast(this=column.copy(), to=exp.DataType.build("decimal(38, 10)"))
    broken = exp.NEQ(this=exact, expression=exp.func("TRUNC", exact.copy()))
    return exp.Or(this=exp.Paren(this=_cast(IntegerType(), column)), expression=broken)


def _boolean(family: str, column: exp.Expr) -> Doubt:
    if family == "BOOLEAN":
        return "none"
    if family in _WHOLE:
        return exp.Not(this=column.copy().isin(0, 1))
    return _cast(BooleanType(), column) if family in _TEXT else "never"


def _in_time(type_: DateType | TimestampType | TimeType, family: str, column: exp.Expr) -> Doubt:
    if family in _TEXT:
        unreadable = _cast(type_, column)
        if isinstance(type_, TimeType):
            return unreadable
        tried = exp.TryCast(this=column.copy(), to=DuckDB().type_of(type_))
        unreadable = any_true(unreadable, outside_of_calendar(tried))
        if isinstance(type_, DateType):
            return unreadable
        # A cast would drop an offset without a word: 10:00+08 is not 10:00.
        clock, instant = (exp.TryCast(this=column.copy(), to=to) for to in _CLOCK_AND_INSTANT)
        moved = exp.NEQ(this=clock, expression=exp.cast(instant, _CLOCK_AND_INSTANT[0]))
        return exp.Or(this=exp.Paren(this=unreadable), expression=moved)
    match type_:
        case TimeType():
            return "none" if family == "TIME" else "never"
        case TimestampType():
            return outside_of_calendar(column) if family in _UNZONED | _ZONED else "never"
        case DateType():
            if family not in _UNZONED:
                return "never"
            late = exp.NEQ(this=column.copy(), expression=exp.cast(column.copy(), "date"))
            return any_true(late, outside_of_calendar(column))
        case _:
            assert_never(type_)


def _cast(type_: ValueType, column: exp.Expr) -> exp.Expr:
    """Values that are there and that no cast can read."""
    tried = exp.TryCast(this=column.copy(), to=DuckDB().type_of(type_))
    return unread(column, tried)
