"""SQL for engines that no test executes, run in part on engines that are here.

PostgreSQL computes with the numbers of Redshift and Snowflake, and DuckDB tries the offsets of a
zone. The surrounding SQL is that of the executing engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from campaigner.compiler.dialects.common import plain
from campaigner.compiler.dialects.common.clocks import first_shown_by_offsets
from campaigner.compiler.dialects.common.dialect import Dialect, Operation
from campaigner.compiler.dialects.common.terms import Term
from campaigner.compiler.dialects.details import redshift_numbers
from campaigner.compiler.dialects.duckdb import DuckDB
from campaigner.compiler.dialects.postgresql import PostgreSQL
from campaigner.compiler.dialects.redshift import Redshift
from campaigner.compiler.dialects.snowflake import Snowflake
from campaigner.compiler.operators.table import ARITHMETIC, Operator, find
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.types import DURATION, TIMESTAMP, ValueType
from campaigner.compiler.plan.values import Value, encode
from sqlglot import exp

from . import test_meaning
from .plans import op
from .test_meaning import (
    GRID,
    LENGTHS,
    NOWS,
    ZONES,
    ask,
    check,
    clock_at,
    column,
    grid,
    name_of,
    of_row,
    python,
)

REDSHIFT, SNOWFLAKE = Redshift(), Snowflake()


@dataclass(frozen=True, slots=True)
class RedshiftNumbers(PostgreSQL):
    """Redshift's arithmetic. PostgreSQL fails where a cast leaves out a digit before the point."""

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        return plain.let_written_out(values, body)

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        return REDSHIFT.arithmetic(operation, *terms)

    def units(self, value: Term, digits: int) -> exp.Expr | None:
        return redshift_numbers.units(self, value, digits)

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        return REDSHIFT.of_units(units, scale)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return REDSHIFT.integer_or_unknown(operation)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return REDSHIFT.decimal_or_unknown(value, type_)

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return REDSHIFT.round_even(value, scale)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return REDSHIFT.wide_integer(value)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return REDSHIFT.whole_quotient(left, right)


@dataclass(frozen=True, slots=True)
class SnowflakeNumbers(PostgreSQL):
    """Snowflake's arithmetic; only to round half-even is PostgreSQL's own affair."""

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        found = SNOWFLAKE.arithmetic(operation, *terms)
        for one in list(found.find_all(exp.Round)) if found is not None else ():
            scale = int(one.args["decimals"].name)
            if one is found:
                return self.round_even(one.this, scale)
            one.replace(self.round_even(one.this, scale))
        return found

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return SNOWFLAKE.integer_or_unknown(with_numeric(operation))

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return SNOWFLAKE.decimal_or_unknown(value, type_)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return SNOWFLAKE.wide_integer(value)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return SNOWFLAKE.whole_quotient(left, right)


def with_numeric(operation: exp.Expr) -> exp.Expr:
    """Every whole number of Snowflake has 38 digits."""
    for one in list(operation.find_all(exp.DataType)):
        if one.this == exp.DataType.Type.BIGINT:
            one.set("this", exp.DataType.Type.DECIMAL)
    return operation


@dataclass(frozen=True, slots=True)
class TriedOffsets(DuckDB):
    """An instant found as Snowflake, Trino and Redshift find it."""

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        return first_shown_by_offsets(self, zone, clock)


NUMBERS = (RedshiftNumbers(), SnowflakeNumbers())


def answers(
    row: Operator, types: Sequence[ValueType], rows: Sequence[Sequence[Value | None]]
) -> list[tuple[Any, Any]]:
    """The results of the engine and of Python for a row of the table."""
    clock = clock_at(NOWS[0], "UTC")
    columns = [column(place, type_) for place, type_ in enumerate(types)]
    found = ask([op(row.key, *columns)], types, rows, clock, "postgresql")
    return [
        (answer[0], python(row, clock, values)) for answer, values in zip(found, rows, strict=True)
    ]


@pytest.mark.parametrize(
    "row",
    [row for row in ARITHMETIC if row.key in ("add", "subtract", "multiply", "divide", "negate")],
    ids=name_of,
)
@pytest.mark.parametrize("numbers", NUMBERS, ids=["redshift", "snowflake"])
def test_numbers(row: Operator, numbers: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "dialect_of", lambda _: numbers)
    for types in of_row(row):
        for found, expected in answers(row, types, grid(types)):
            if found is None and expected is not None:
                # Where docs/dialects.md says that these engines know less.
                assert row.key in ("multiply", "divide")
                assert abs(expected) > Decimal("9.9999e15")
            else:
                assert found == expected, (name_of(row), types)


@pytest.mark.parametrize("zone", [*ZONES, "America/Sao_Paulo", "Europe/Moscow", "Asia/Kathmandu"])
def test_clocks(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "dialect_of", lambda _: TriedOffsets())
    for now in NOWS:
        clock = clock_at(now, zone)
        lots = [(Constant(DURATION, encode(one)),) for one in LENGTHS[:6]]
        for key in ("add", "subtract"):
            row = find(key, (TIMESTAMP, DURATION))
            assert row is not None
            moments = [(one,) for one in GRID["timestamp"]]
            check(row, (TIMESTAMP,), moments, clock, "duckdb", lots)
