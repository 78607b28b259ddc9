"""A project with one benefit, and a campaign that gives it; statements of it, timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal

import duckdb
from campaigner.compiler.plan import (
    Benefit,
    BenefitLine,
    Branch,
    Campaign,
    Column,
    CustomerTable,
    EventTable,
    Journey,
    Plan,
    Reward,
    Step,
    WhenExhausted,
)
from campaigner.compiler.plan.expressions import Origin
from campaigner.compiler.plan.types import INTEGER, TIMESTAMP, ValueType

HERE = Origin("coffee.campaign", 1, 1, "")
REWARD = Reward((Branch(None, (BenefitLine("coffee", HERE),)),), None, None, None, HERE)
CUSTOMERS = """
CREATE MACRO draw(row, salt, n) AS CAST(hash(row, salt) % n AS BIGINT);
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, CAST(1 + draw(i, 'level', 16) AS INTEGER) AS level
FROM range(200000) AS t(i);
"""


def column(name: str, type_: ValueType, kept: str = "") -> Column:
    """A field, and the column that it is in if that has another name."""
    return Column(name, kept or name, type_, False, None, None, "C1", HERE)


def event(name: str, table: str, key: str, at: str, fields: Sequence[Column] = ()) -> EventTable:
    """An event of a customer in a table with the columns `key` and `at`."""
    moment = column("at", TIMESTAMP, at)
    return EventTable(name, table, key, "customer_id", moment, tuple(fields), HERE)


def plan(
    name: str,
    events: Sequence[EventTable],
    steps: Sequence[Step],
    journey: Journey | None = None,
) -> Plan:
    """A project of the one campaign `name`."""
    campaign = Campaign(
        name=name, label=name, owner=None, goal=None, active_from=None, active_to=None,
        eligibility=(), checks=(), steps=tuple(steps), shares=(),
        when_exhausted=WhenExhausted("stop", ()), quiet_hours=(), message_caps=(),
        holdout=Decimal(0), priority=0, policies=(), appeal=None, settled_days=None,
        settled_working=False, origin=HERE, journey=journey,
    )  # fmt: skip
    return Plan(
        project=name,
        language=1,
        time_zone="Asia/Shanghai",
        currency="CNY",
        customers=CustomerTable("customers", "customer_id", (column("level", INTEGER),), HERE),
        events=tuple(events),
        features=(),
        lifecycles=(),
        audiences=(),
        benefits=(Benefit("coffee", "coffee", "coupon", Decimal(30), Decimal(12), None, HERE),),
        pools=(),
        accounts=(),
        holidays=(),
        campaigns=(campaign,),
    )


def warehouse(tables: str) -> duckdb.DuckDBPyConnection:
    """A database in memory of two threads, with the customers and these tables."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 2")
    connection.execute(CUSTOMERS + tables)
    return connection


def fastest(
    connection: duckdb.DuckDBPyConnection, ours: str, theirs: str, runs: int
) -> tuple[float, float]:
    """The least time of each of two statements, in turns, in seconds of the processor."""
    times = [(seconds(connection, ours), seconds(connection, theirs)) for _ in range(runs)]
    mine, yours = (min(side) for side in zip(*times, strict=True))
    return mine, yours


def seconds(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    """The processor's time of a statement, of all threads."""
    start = time.process_time()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")
    return time.process_time() - start
