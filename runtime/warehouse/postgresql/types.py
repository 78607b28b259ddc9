"""The mapping of PostgreSQL's column types to the catalog's.

Text may hold numbers and booleans. PostgreSQL cannot test whether a text is a date, so dates and
times must be in columns of their own types.
"""

from __future__ import annotations

from sqlglot import exp

from ....compiler.dialects.common.ranges import fits
from ....compiler.dialects.common.terms import any_true, number, text
from ....compiler.dialects.postgresql import PostgreSQL
from ....compiler.plan.types import DateType, DecimalType, MoneyType, TimestampType, TimeType
from ..column_types import EngineTypes, Families
from ..types import Doubt

ENUM = "enum"
"""The name used here for any enumerated type of the warehouse."""

_WHOLE = frozenset({"smallint", "integer", "bigint"})
_WHOLE_WRITTEN = r"^\s*[-+]?[0-9]{1,18}\s*$"
_NUMBER_WRITTEN = r"^\s*[-+]?([0-9]{1,17}([.][0-9]{0,100})?|[.][0-9]{1,100})\s*$"
_YES_OR_NO = ("t", "true", "y", "yes", "on", "1", "f", "false", "n", "no", "off", "0")
_NUMERIC = exp.DataType(this=exp.DataType.Type.DECIMAL)


class PostgreSQLTypes(EngineTypes):
    """See `ColumnTypes`."""

    families = Families(
        whole=_WHOLE,
        number=_WHOLE | {"numeric", "real", "double precision"},
        text=frozenset({"text", "character varying", "character", "citext"}),
        unzoned=frozenset({"timestamp without time zone", "date"}),
        zoned=frozenset({"timestamp with time zone"}),
        time="time without time zone",
        boolean="boolean",
        day="date",
        other=frozenset({"uuid", ENUM}),
    )

    def family(self, found: str) -> str:
        """See `EngineTypes.family`: the names that PostgreSQL gives have no parameters."""
        return found

    def has_words(self, family: str) -> bool:
        """See `EngineTypes.has_words`."""
        return family == ENUM or super().has_words(family)

    def whole(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.whole`."""
        if family in self.families.whole:
            return "none"
        if family in self.families.text:
            return _not_like(column, _WHOLE_WRITTEN)
        if family not in self.families.number:
            return "never"
        # PostgreSQL would round 3.7 to 4 without a word.
        exact = exp.cast(column.copy(), _NUMERIC)
        broken = exp.NEQ(this=exact, expression=exp.func("TRUNC", exact.copy()))
        return any_true(exp.Not(this=fits(exact, exp.DataType.build("bigint"))), broken)

    def amount(self, type_: DecimalType | MoneyType, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.amount`."""
        if family in self.families.text:
            return _not_like(column, _NUMBER_WRITTEN)
        if family not in self.families.number:
            return "never"
        exact = PostgreSQL().type_of(type_)
        value = exp.Round(
            this=exp.cast(column.copy(), _NUMERIC), decimals=number(exact.expressions[1].name)
        )
        # NaN compares greater than any number.
        return exp.Not(this=exp.Paren(this=fits(value, exact)))

    def boolean(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.boolean`."""
        if family == self.families.boolean:
            return "none"
        if family == "integer":  # and no other number can be cast
            return exp.Not(this=column.copy().isin(0, 1))
        if family not in self.families.text:
            return "never"
        said = exp.Lower(this=exp.Trim(this=exp.cast(column.copy(), "text")))
        return exp.Not(this=said.isin(*(text(word) for word in _YES_OR_NO)))

    def time_in_text(self, _: DateType | TimestampType | TimeType, __: exp.Expr) -> Doubt:
        """See `EngineTypes.time_in_text`."""
        return "never"

    def time_of_day(self, column: exp.Expr) -> Doubt:
        """See `EngineTypes.time_of_day`: only PostgreSQL has 24:00."""
        return exp.GTE(this=column.copy(), expression=exp.cast(text("24:00"), "time"))


def _not_like(column: exp.Expr, pattern: str) -> exp.Expr:
    written = exp.RegexpLike(this=exp.cast(column.copy(), "text"), expression=text(pattern))
    return exp.Not(this=exp.Paren(this=written))
