"""A journey of three steps: its SQL against SQL by hand, over 200,000 customers in DuckDB.

A voucher is claimed. An upgrade by the end of the next month gives a bonus on day 5 of the month
after that. Without one there is a reminder after 7 days. Both sides give the same rows in the same
order, which is checked before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path

from campaigner.compiler.plan import (
    DayAfterStep,
    Deadline,
    EventTrigger,
    Following,
    Journey,
    Plan,
    Span,
    SpanAfterStep,
    Step,
    Trigger,
)
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import EventValue, Operation
from campaigner.compiler.plan.types import BOOLEAN, INTEGER
from campaigner.compiler.sql.campaign import decisions

from . import coffee
from .coffee import HERE, REWARD

BY_HAND = Path(__file__).resolve().parent / "by_hand"
RUNS = 9
AIM = 1.3
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)
TABLES = """
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


def plan() -> Plan:
    """The journey as a plan."""

    def step(name: str, trigger: Trigger, follows: Following | None, *, gives: bool) -> Step:
        return Step(name, trigger, REWARD if gives else None, (), (), HERE, follows)

    higher = Operation(
        "greater",
        (EventValue("new_tier", INTEGER, False), EventValue("ticket.level", INTEGER, False)),
        BOOLEAN,
        False,
    )
    in_time = Deadline("ticket", None, 1, None, HERE)
    steps = (
        step("ticket", EventTrigger("claim", None, None, HERE), None, gives=True),
        step(
            "upgrade",
            EventTrigger("tier", higher, None, HERE),
            Following(("ticket",), in_time, (), None, HERE),
            gives=False,
        ),
        step(
            "nudge",
            SpanAfterStep("ticket", Span(7, "day"), clock(10), HERE),
            Following(("ticket",), None, ("upgrade",), None, HERE),
            gives=False,
        ),
        step(
            "bonus",
            DayAfterStep("ticket", 5, 2, clock(10), HERE),
            Following(("upgrade",), None, (), None, HERE),
            gives=True,
        ),
    )
    level, new_tier = (coffee.column(name, INTEGER) for name in ("level", "new_tier"))
    claims = coffee.event("claim", "claims", "claim_id", "claimed_at", [level])
    tiers = coffee.event("tier", "tiers", "change_id", "changed_at", [new_tier])
    return coffee.plan("lift", [claims, tiers], steps, Journey(False, (), HERE))


def main(say: Callable[[str], None] = print) -> None:
    """Print the times of both, step by step."""
    entries = Due(START, END)
    with coffee.warehouse(TABLES) as warehouse:
        for name in ("nudge", "bonus"):
            ours = decisions(plan(), "lift", Due(START, END, entries=entries), step=name)
            theirs = (BY_HAND / f"journey_{name}.sql").read_text()
            found, expected = (warehouse.execute(sql).fetchall() for sql in (ours, theirs))
            if found != expected:
                raise RuntimeError(f"{name}: the rows differ")
            mine, yours = coffee.fastest(warehouse, ours, theirs, RUNS)
            say(
                f"{name}, {len(found):,} rows: rendered {mine * 1000:,.0f} ms, "
                f"by hand {yours * 1000:,.0f} ms, ratio {mine / yours:.2f} (aim: at most {AIM})"
            )


if __name__ == "__main__":
    main()
