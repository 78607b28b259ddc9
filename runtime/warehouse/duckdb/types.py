"""How DuckDB's column types go with the catalog's."""

from __future__ import annotations

from sqlglot import exp

from ....compiler.dialects.common.terms import any_true, number
from ....compiler.dialects.duckdb import DuckDB
from ....compiler.plan.types import DateType, IntegerType, TimestampType, TimeType, ValueType
from ..column_types import CastingTypes, Families
from ..types import Doubt, outside_of_calendar

_SMALL = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
_WHOLE = _SMALL | {"UBIGINT", "HUGEINT", "UHUGEINT"}

_CLOCK_AND_INSTANT = (exp.DataType.build("timestamp"), exp.DataType.build("timestamptz"))


class DuckDBTypes(CastingTypes):
    """See `ColumnTypes`."""

    families = Families(
        whole=_WHOLE,
        number=_WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"},
        text=frozenset({"VARCHAR", "ENUM"}),
        unzoned=frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}),
        zoned=frozenset({"TIMESTAMP WITH TIME ZONE"}),
        time="TIME",
        boolean="BOOLEAN",
        day="DATE",
        other=frozenset({"UUID"}),
    )

    def tried(self, column: exp.Expr, type_: exp.DataType | ValueType) -> exp.Expr:
        """See `CastingTypes.tried`."""
        to = type_ if isinstance(type_, exp.DataType) else DuckDB().type_of(type_)
        return exp.TryCast(this=column.copy(), to=to)

    def whole(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.whole`."""
        if family in _SMALL:
            return "none"
        if family not in self.families.number | self.families.text:
            return "never"
        # DuckDB would round 3.7 to 4 without a word.
        exact = self.tried(column, exp.DataType.build("decimal(38, 10)"))
        broken = exp.NEQ(this=exact, expression=exp.func("TRUNC", exact.copy()))
        return exp.Or(this=exp.Paren(this=self.cast(IntegerType(), column)), expression=broken)

    def text(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.text`: a text may have NUL in it."""
        if family == "VARCHAR":
            return exp.func("CONTAINS", column.copy(), exp.func("CHR", number(0)))
        return super().text(family, column)

    def time_in_text(self, type_: DateType | TimestampType | TimeType, column: exp.Expr) -> Doubt:
        """See `EngineTypes.time_in_text`."""
        unreadable = self.cast(type_, column)
        if isinstance(type_, TimeType):
            return unreadable
        unreadable = any_true(unreadable, outside_of_calendar(self.tried(column, type_)))
        if isinstance(type_, DateType):
            return unreadable
        # A cast would drop an offset without a word: 10:00+08 is not 10:00.
        clock, instant = (self.tried(column, to) for to in _CLOCK_AND_INSTANT)
        moved = exp.NEQ(this=clock, expression=exp.cast(instant, _CLOCK_AND_INSTANT[0]))
        return exp.Or(this=exp.Paren(this=unreadable), expression=moved)
