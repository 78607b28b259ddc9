"""How Spark's column types go with the catalog's."""

from __future__ import annotations

from sqlglot import exp

from ....compiler.dialects.common.terms import any_true, number, text
from ....compiler.dialects.spark import Spark
from ....compiler.plan.types import DateType, IntegerType, TimestampType, TimeType, ValueType
from ..column_types import CastingTypes, Families
from ..types import Doubt, outside_of_calendar

_WHOLE = frozenset({"tinyint", "smallint", "int", "bigint"})

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WRITTEN = {"date": _DAY, "timestamp": f"{_DAY}([ T]{_CLOCK})?", "time": _CLOCK}


class SparkTypes(CastingTypes):
    """See `ColumnTypes`."""

    families = Families(
        whole=_WHOLE,
        number=_WHOLE | {"float", "double", "decimal"},
        text=frozenset({"string", "varchar", "char"}),
        unzoned=frozenset({"timestamp_ntz", "date"}),
        zoned=frozenset({"timestamp"}),
        time="time",
        boolean="boolean",
        day="date",
    )

    def tried(self, column: exp.Expr, type_: exp.DataType | ValueType) -> exp.Expr:
        """See `CastingTypes.tried`."""
        to = type_ if isinstance(type_, exp.DataType) else Spark().type_of(type_)
        return exp.TryCast(this=column.copy(), to=to, safe=True)

    def whole(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.whole`."""
        if family in self.families.whole:
            return "none"
        if family not in self.families.number | self.families.text:
            return "never"
        # Spark would cut 3.7 off to 3 without a word.
        exact = self.tried(column, exp.DataType.build("decimal(38, 10)"))
        rest = exp.Mod(this=exact, expression=number(1))
        broken = exp.NEQ(this=exp.Paren(this=rest), expression=number(0))
        return any_true(self.cast(IntegerType(), column), broken)

    def text(self, family: str, column: exp.Expr) -> Doubt:
        """See `EngineTypes.text`: a text may have NUL in it."""
        if family in self.families.text:
            nul = exp.Anonymous(this="CHR", expressions=[number(0)])
            place = exp.Anonymous(this="INSTR", expressions=[column.copy(), nul])
            return exp.GT(this=place, expression=number(0))
        return super().text(family, column)

    def time_in_text(self, type_: DateType | TimestampType | TimeType, column: exp.Expr) -> Doubt:
        """See `EngineTypes.time_in_text`."""
        # Spark would read `2026` as a date too, and drop an offset without a word.
        written = text(f"^{_WRITTEN[type_.kind]}$")
        other = exp.Not(this=exp.RegexpLike(this=column.copy(), expression=written))
        unreadable = any_true(other, self.cast(type_, column))
        if isinstance(type_, TimeType):
            return unreadable
        return any_true(unreadable, outside_of_calendar(self.tried(column, type_)))
