"""The rules of column types that all engines share; each engine names its types and its casts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, assert_never

from sqlglot import exp

from ...compiler.dialects.common.terms import any_true
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
from .types import Doubt, no_word_of, outside_of_calendar, unread


@dataclass(frozen=True, slots=True)
class Families:
    """The names of an engine's column types, by what their values are.

    `number` has whole numbers too, `unzoned` has days. `other` are types that are read as text.
    """

    whole: frozenset[str]
    number: frozenset[str]
    text: frozenset[str]
    unzoned: frozenset[str]
    zoned: frozenset[str]
    time: str
    boolean: str
    day: str
    other: frozenset[str] = frozenset()

    def read_as_text(self, family: str) -> bool:
        """Whether every value of such a column can be read as text."""
        named = self.number | self.text | self.unzoned | self.zoned | self.other
        return family in named | {self.time, self.boolean}


class EngineTypes(ABC):
    """See `ColumnTypes`. An engine says where it differs."""

    families: ClassVar[Families]

    def doubt(self, type_: ValueType, found: str, column: exp.Expr) -> Doubt:
        """The condition for values that cannot be read as the catalog's type."""
        family, known = self.family(found), self.families
        match type_:
            case IntegerType():
                return self.whole(family, column)
            case DecimalType() | MoneyType():
                return self.amount(type_, family, column)
            case BooleanType():
                return self.boolean(family, column)
            case TextType():
                return self.text(family, column)
            case EnumType(values):
                return no_word_of(column, values) if self.has_words(family) else "never"
            case DateType() | TimestampType() | TimeType():
                if family in known.text:
                    return self.time_in_text(type_, column)
                return self._in_time(type_, family, column)
            case DurationType():
                return "never"
            case _:
                assert_never(type_)

    def says_zone(self, found: str) -> bool:
        """Whether instants in such a column have their own zone."""
        return found in self.families.zoned

    def is_day(self, found: str) -> bool:
        """Whether such a column has days, without a time of day."""
        return found == self.families.day

    def family(self, found: str) -> str:
        """The name of a type without its parameters."""
        return found.partition("(")[0].strip()

    def has_words(self, family: str) -> bool:
        """Whether the words of an enum may be in such a column."""
        return family in self.families.text | self.families.whole

    def text(self, family: str, column: exp.Expr) -> Doubt:  # noqa: ARG002
        """The condition for values that are no text."""
        return "none" if self.families.read_as_text(family) else "never"

    def time_of_day(self, column: exp.Expr) -> Doubt:  # noqa: ARG002
        """The condition for times of a column of times that are none."""
        return "none"

    @abstractmethod
    def whole(self, family: str, column: exp.Expr) -> Doubt:
        """The condition for values that are no whole number."""

    @abstractmethod
    def amount(self, type_: DecimalType | MoneyType, family: str, column: exp.Expr) -> Doubt:
        """The condition for values that are no number of the type."""

    @abstractmethod
    def boolean(self, family: str, column: exp.Expr) -> Doubt:
        """The condition for values that are neither yes nor no."""

    @abstractmethod
    def time_in_text(self, type_: DateType | TimestampType | TimeType, column: exp.Expr) -> Doubt:
        """The condition for texts that cannot be read as a time of the type."""

    def _in_time(
        self, type_: DateType | TimestampType | TimeType, family: str, column: exp.Expr
    ) -> Doubt:
        known = self.families
        match type_:
            case TimeType():
                return self.time_of_day(column) if family == known.time else "never"
            case TimestampType():
                is_one = family in known.unzoned | known.zoned
                return outside_of_calendar(column) if is_one else "never"
            case DateType():
                if family not in known.unzoned:
                    return "never"
                late = exp.NEQ(this=column.copy(), expression=exp.cast(column.copy(), "date"))
                return any_true(late, outside_of_calendar(column))
            case _:
                assert_never(type_)


class CastingTypes(EngineTypes):
    """Column types of an engine whose casts give NULL for a value that they cannot read."""

    @abstractmethod
    def tried(self, column: exp.Expr, type_: exp.DataType | ValueType) -> exp.Expr:
        """The value as a type, or NULL."""

    def cast(self, type_: ValueType, column: exp.Expr) -> exp.Expr:
        """The condition for values that are there and that no cast can read."""
        return unread(column, self.tried(column, type_))

    def amount(self, type_: DecimalType | MoneyType, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes`."""
        is_read = family in self.families.number | self.families.text
        return self.cast(type_, column) if is_read else "never"

    def boolean(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes`."""
        if family == self.families.boolean:
            return "none"
        if family in self.families.whole:
            return exp.Not(this=column.copy().isin(0, 1))
        return self.cast(BooleanType(), column) if family in self.families.text else "never"
