"""A journey of three steps: its SQL against SQL by hand, over 200,000 customers in DuckDB.

A voucher is claimed. An upgrade by the end of the next month gives a bonus on day 5 of the month
after that. Without one there is a reminder after 7 days. Both sides give the same rows in the same
order, which is checked before anything is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as clock
from decimal import Decimal
from pathlib import Path

import duckdb
from campaigner.compiler.plan import (
    Benefit,
    BenefitLine,
    Branch,
    Campaign,
    Column,
    CustomerTable,
    DayAfterStep,
    Deadline,
    EventTable,
    EventTrigger,
    Following,
    Journey,
    Plan,
    Reward,
    Span,
    SpanAfterStep,
    Step,
    Trigger,
    WhenExhausted,
)
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import EventValue, Operation, Origin
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TIMESTAMP, ValueType
from campaigner.compiler.sql.campaign import decisions

HERE = Path(__file__).resolve().parent
RUNS = 9
AIM = 1.3
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)
TABLES = """
CREATE MACRO draw(row, salt, n) AS CAST(hash(row, salt) % n AS BIGINT);
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, CAST(1 + draw(i, 'level', 16) AS INTEGER) AS level
FROM range(200000) AS t(i);
CREATE TABLE claims AS
SELECT printf('v%08d', i) AS claim_id, printf('c%06d', draw(i, 'who', 220000)) AS customer_id,
       CAST(1 + draw(i, 'tier', 12) AS INTEGER) AS level,
       TIMESTAMP '2026-01-01' + to_seconds(draw(i, 'claimed', 15000000)) AS claimed_at
FROM range(300000) AS t(i);
CREATE TABLE tiers AS
SELECT printf('t%08d', i) AS change_id, printf('c%06d', draw(i, 'whose', 220000)) AS customer_id,
       CAST(1 + draw(i, 'new', 16) AS INTEGER) AS new_tier,
       TIMESTAMP '2026-01-01' + to_seconds(draw(i, 'changed', 15000000)) AS changed_at
FROM range(1000000) AS t(i);
"""
HERE_ = Origin("lift.campaign", 1, 1, "")


def plan() -> Plan:
    """The journey as a plan."""

    def column(name: str, type_: ValueType, kept: str = "") -> Column:
        return Column(name, kept or name, type_, False, None, None, "C1", HERE_)

    def step(name: str, trigger: Trigger, follows: Following | None, *, gives: bool) -> Step:
        line = BenefitLine("coffee", HERE_)
        reward = Reward((Branch(None, (line,)),), None, None, None, HERE_) if gives else None
        return Step(name, trigger, reward, (), (), HERE_, follows)

    claims = (column("level", INTEGER),)
    tiers = (column("new_tier", INTEGER),)
    higher = Operation(
        "greater",
        (EventValue("new_tier", INTEGER, False), EventValue("ticket.level", INTEGER, False)),
        BOOLEAN,
        False,
    )
    in_time = Deadline("ticket", None, 1, None, HERE_)
    steps = (
        step("ticket", EventTrigger("claim", None, None, HERE_), None, gives=True),
        step(
            "upgrade",
            EventTrigger("tier", higher, None, HERE_),
            Following(("ticket",), in_time, (), None, HERE_),
            gives=False,
        ),
        step(
            "nudge",
            SpanAfterStep("ticket", Span(7, "day"), clock(10), HERE_),
            Following(("ticket",), None, ("upgrade",), None, HERE_),
            gives=False,
        ),
        step(
            "bonus",
            DayAfterStep("ticket", 5, 2, clock(10), HERE_),
            Following(("upgrade",), None, (), None, HERE_),
            gives=True,
        ),
    )
    lift = Campaign(
        name="lift", label="lift", owner=None, goal=None, active_from=None, active_to=None,
        eligibility=(), checks=(), steps=steps, shares=(), when_exhausted=WhenExhausted("stop", ()),
        quiet_hours=(), message_caps=(), holdout=Decimal(0), priority=0, policies=(), appeal=None,
        settled_days=None, settled_working=False, origin=HERE_, journey=Journey(False, (), HERE_),
    )  # fmt: skip
    return Plan(
        project="journey",
        language=1,
        time_zone="Asia/Shanghai",
        currency="CNY",
        customers=CustomerTable("customers", "customer_id", (column("level", INTEGER),), HERE_),
        events=(
            EventTable(
                *("claim", "claims", "claim_id", "customer_id"),
                *(column("at", TIMESTAMP, "claimed_at"), claims, HERE_),
            ),
            EventTable(
                *("tier", "tiers", "change_id", "customer_id"),
                *(column("at", TIMESTAMP, "changed_at"), tiers, HERE_),
            ),
        ),
        features=(),
        lifecycles=(),
        audiences=(),
        benefits=(Benefit("coffee", "coffee", "coupon", Decimal(30), Decimal(12), None, HERE_),),
        pools=(),
        accounts=(),
        holidays=(),
        campaigns=(lift,),
    )


def seconds(warehouse: duckdb.DuckDBPyConnection, sql: str) -> float:
    """The processor's time of a statement, of all threads."""
    start = time.process_time()
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")
    return time.process_time() - start


def main(say: Callable[[str], None] = print) -> None:
    """Print the times of both, step by step."""
    entries = Due(START, END)
    with duckdb.connect() as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        warehouse.execute("SET threads = 2")
        warehouse.execute(TABLES)
        for name in ("nudge", "bonus"):
            ours = decisions(plan(), "lift", Due(START, END, entries=entries), step=name)
            theirs = (HERE / "by_hand" / f"journey_{name}.sql").read_text()
            found, expected = (warehouse.execute(sql).fetchall() for sql in (ours, theirs))
            if found != expected:
                raise RuntimeError(f"{name}: the rows differ")
            times = [(seconds(warehouse, ours), seconds(warehouse, theirs)) for _ in range(RUNS)]
            mine, yours = (min(side) for side in zip(*times, strict=True))
            say(
                f"{name}, {len(found):,} rows: rendered {mine * 1000:,.0f} ms, "
                f"by hand {yours * 1000:,.0f} ms, ratio {mine / yours:.2f} (aim: at most {AIM})"
            )


if __name__ == "__main__":
    main()
