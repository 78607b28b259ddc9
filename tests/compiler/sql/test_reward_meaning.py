"""Every row of the table of rewards: engines say what Python says, over a grid of values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from campaigner.compiler.dialects.common.context import SqlContext
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.plan import Plan, RewardLine
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.types import DECIMAL, INTEGER, MoneyType, ValueType
from campaigner.compiler.plan.values import Value, encode
from campaigner.compiler.rewards.kind import Kind
from campaigner.compiler.rewards.payouts import goods_of
from campaigner.compiler.rewards.sql_column import MEANINGS, sql_of
from campaigner.compiler.rewards.table import KINDS
from campaigner.compiler.sql.columns import sized
from campaigner.compiler.sql.rewards import amount
from campaigner.compiler.sql.translate import Scope
from sqlglot import exp

from ...warehouses import warehouse
from ..test_rewards import lines, name_of, plan
from .test_meaning import GRID, NOWS, clock_at, column, naive

__all__ = ["plan"]


def ask(plan: Plan, line: RewardLine, type_: ValueType, engine: str) -> list[Any]:
    """The amounts of an engine, for an expression that has each value of the grid."""
    dialect, house = dialect_of(engine), warehouse(engine)
    house.clear()
    rows = [[number, naive(one)] for number, one in enumerate(GRID[type_.kind])]
    house.table("grid", {"n": "integer", "c0": type_.kind}, rows)
    now = dialect.timestamp(clock_at(NOWS[0], "UTC").now)
    term = sized(dialect.read(exp.column("c0"), type_), type_, optional=True)
    scope = Scope(SqlContext(dialect, "UTC", now, now.copy()), {("row", "c0"): term})
    made = amount(line, column(0, type_), scope, goods_of(plan))
    select = exp.select("n", made.expression).from_("grid").order_by("n")
    for name, table in dialect.prelude([select]):
        select = select.with_(name, as_=table)
    found = house.ask(select.sql(dialect.sqlglot))[1]
    kind = type_ if isinstance(type_, MoneyType) else DECIMAL
    return [house.value(cell, kind) for _, cell in found]


def test_no_cell_of_the_column_is_empty() -> None:
    assert list(MEANINGS) == [row.line for row in KINDS]


@pytest.mark.parametrize("row", KINDS, ids=name_of)
def test_engines_say_what_python_says(plan: Plan, row: Kind[Any], engine: str) -> None:
    goods = goods_of(plan)
    dialect = dialect_of(engine)
    for line in (line for of, line in lines(plan) if of is row):
        type_ = row.amount_type(line, goods)
        if type_ is None:
            known = sql_of(dialect, line, None, goods).value
            assert known == row.python(line, None, goods)
            continue
        values: list[Value | None] = list(GRID[type_.kind])
        for value, answer in zip(values, ask(plan, line, type_, engine), strict=True):
            expected = row.python(line, value, goods)
            # A query leaves out amounts that are not above zero itself.
            found = None if answer is None or answer <= 0 else answer
            assert found == expected, (line, value)


def test_a_constant_is_written_as_it_is(plan: Plan) -> None:
    dialect = dialect_of("duckdb")
    now = dialect.timestamp(clock_at(NOWS[0], "UTC").now)
    scope = Scope(SqlContext(dialect, "UTC", now, now.copy()), {})
    constant = Constant(INTEGER, encode(10))
    for row, line in lines(plan):
        if row.amount_type(line, goods_of(plan)) == INTEGER:
            written = amount(replace(line, amount=constant), constant, scope, goods_of(plan))
            assert written.expression.sql("duckdb") == "10"
