"""How Spark's column types go with the catalog's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from ....compiler.dialects.common.terms import any_true, number, text
from ....compiler.dialects.spark import Spark
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

_WHOLE = frozenset({"tinyint", "smallint", "int", "bigint"})
_NUMBER = _WHOLE | {"float", "double", "decimal"}
_TEXT = frozenset({"string", "varchar", "char"})
_UNZONED = frozenset({"timestamp_ntz", "date"})
_ZONED = frozenset({"timestamp"})
_SPELLABLE = _NUMBER | _TEXT | _UNZONED | _ZONED | {"boolean", "time"}

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WRITTEN = {"date": _DAY, "timestamp": f"{_DAY}([ T]{_CLOCK})?", "time": _CLOCK}


@dataclass(frozen=True, slots=True)
class SparkTypes:
    """See `ColumnTypes`."""

    def doubt(self, type_: ValueType, found: str, column: exp.Expr) -> Doubt:
        """The condition for values that cannot be read as the catalog's type."""
        family = found.partition("(")[0]
        match type_:
            case IntegerType():
                return _whole(family, column)
            case DecimalType() | MoneyType():
                return _cast(type_, column) if family in _NUMBER | _TEXT else "never"
            case BooleanType():
                return _boolean(family, column)
            case TextType():
                if family in _TEXT:
                    nul = exp.Anonymous(this="CHR", expressions=[number(0)])
                    place = exp.Anonymous(this="INSTR", expressions=[column.copy(), nul])
                    return exp.GT(this=place, expression=number(0))
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

    def says_zone(self, found: str) -> bool:
        """Whether instants in such a column have their own zone."""
        return found in _ZONED

    def is_day(self, found: str) -> bool:
        """Whether such a column has days, without a time of day."""
        return found == "date"


def _whole(family: str, column: exp.Expr) -> Doubt:
    if family in _WHOLE:
        return "none"
    if family not in _NUMBER | _TEXT:
        return "never"
    # Spark would cut 3.7 off to 3 without a word.
    exact = _tried(column, exp.DataType.build("decimal(38, 10)"))
    rest = exp.Mod(this=exact, expression=number(1))
    broken = exp.NEQ(this=exp.Paren(this=rest), expression=number(0))
    return any_true(_cast(IntegerType(), column), broken)


def _boolean(family: str, column: exp.Expr) -> Doubt:
    if family == "boolean":
        return "none"
    if family in _WHOLE:
        return exp.Not(this=column.copy().isin(0, 1))
    return _cast(BooleanType(), column) if family in _TEXT else "never"


def _in_time(type_: DateType | TimestampType | TimeType, family: str, column: exp.Expr) -> Doubt:
    if family in _TEXT:
        # Spark would read `2026` as a date too, and drop an offset without a word.
        written = text(f"^{_WRITTEN[type_.kind]}$")
        other = exp.Not(this=exp.RegexpLike(this=column.copy(), expression=written))
        unreadable = any_true(other, _cast(type_, column))
        if isinstance(type_, TimeType):
            return unreadable
        tried = _tried(column, Spark().type_of(type_))
        return any_true(unreadable, outside_of_calendar(tried))
    match type_:
        case TimeType():
            return "none" if family == "time" else "never"
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
    tried = _tried(column, Spark().type_of(type_))
    return unread(column, tried)


def _tried(column: exp.Expr, type_: exp.DataType) -> exp.Expr:
    return exp.TryCast(this=column.copy(), to=type_, safe=True)
