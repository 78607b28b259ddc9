"""A pattern, `on order reaching 5 times within 30 days`: its SQL against a window count by hand.

Twenty million orders of 200,000 customers in DuckDB. Both sides give the same rows in the same
order, which is checked before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
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
    EventTable,
    EventTrigger,
    Pattern,
    Plan,
    Reward,
    Span,
    Step,
    WhenExhausted,
)
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Origin
from campaigner.compiler.plan.types import INTEGER, TIMESTAMP
from campaigner.compiler.sql.campaign import decisions

from .journey import seconds

HERE = Path(__file__).resolve().parent
EVENTS = 20_000_000
RUNS = 3
AIM = 2
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
# Instants are drawn to the microsecond: the window by hand knows no order among equal ones.
TABLES = """
CREATE MACRO draw(row, salt, n) AS CAST(hash(row, salt) % n AS BIGINT);
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, CAST(1 + draw(i, 'level', 16) AS INTEGER) AS level
FROM range(200000) AS t(i);
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id, printf('c%06d', draw(i, 'who', 220000)) AS customer_id,
       TIMESTAMP '2025-12-01' + to_microseconds(draw(i, 'at', 400 * 86400000000)) AS ordered_at
FROM range({events}) AS t(i);
"""
HERE_ = Origin("often.campaign", 1, 1, "")


def plan() -> Plan:
    """The campaign as a plan."""

    def column(name: str, kept: str) -> Column:
        return Column(name, kept, TIMESTAMP, False, None, None, "C1", HERE_)

    fifth = Pattern("times", Decimal(5), None, False, Span(30, "day"), None)
    reward = Reward((Branch(None, (BenefitLine("coffee", HERE_),)),), None, None, None, HERE_)
    step = Step(
        "main", EventTrigger("order", None, None, HERE_, pattern=fifth), reward, (), (), HERE_
    )
    often = Campaign(
        name="often", label="often", owner=None, goal=None, active_from=None, active_to=None,
        eligibility=(), checks=(), steps=(step,), shares=(),
        when_exhausted=WhenExhausted("stop", ()), quiet_hours=(), message_caps=(),
        holdout=Decimal(0), priority=0, policies=(), appeal=None, settled_days=None,
        settled_working=False, origin=HERE_,
    )  # fmt: skip
    level = Column("level", "level", INTEGER, False, None, None, "C1", HERE_)
    return Plan(
        project="pattern",
        language=1,
        time_zone="Asia/Shanghai",
        currency="CNY",
        customers=CustomerTable("customers", "customer_id", (level,), HERE_),
        events=(
            EventTable(
                *("order", "orders", "order_id", "customer_id"),
                *(column("at", "ordered_at"), (), HERE_),
            ),
        ),
        features=(),
        lifecycles=(),
        audiences=(),
        benefits=(Benefit("coffee", "coffee", "coupon", Decimal(30), Decimal(12), None, HERE_),),
        pools=(),
        accounts=(),
        holidays=(),
        campaigns=(often,),
    )


def main(say: Callable[[str], None] = print, events: int = EVENTS) -> None:
    """Print the times of both."""
    with duckdb.connect() as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        warehouse.execute("SET threads = 2")
        warehouse.execute(TABLES.format(events=events))
        ours = decisions(plan(), "often", Due(START, END), step="main")
        theirs = (HERE / "by_hand" / "pattern.sql").read_text()
        for sql, name in ((ours, "ours"), (theirs, "theirs")):
            warehouse.execute(f"CREATE TABLE {name} AS {sql}")
        found, differing = (
            warehouse.execute(query).fetchall()[0][0]
            for query in (
                "SELECT count(*) FROM ours",
                "SELECT count(*) FROM ours POSITIONAL JOIN theirs"
                " WHERE ours IS DISTINCT FROM theirs",
            )
        )
        if differing:
            raise RuntimeError(f"{differing:,} rows differ")
        times = [(seconds(warehouse, ours), seconds(warehouse, theirs)) for _ in range(RUNS)]
    mine, yours = (min(side) for side in zip(*times, strict=True))
    say(
        f"{events:,} orders, {found:,} rows: rendered {mine:,.1f} s, by hand {yours:,.1f} s, "
        f"ratio {mine / yours:.2f} (aim: at most {AIM})"
    )


if __name__ == "__main__":
    main()
