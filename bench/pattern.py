"""A pattern, `on order reaching 5 times within 30 days`: its SQL against a window count by hand.

Twenty million orders of 200,000 customers in DuckDB. Both sides give the same rows in the same
order, which is checked before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from campaigner.compiler.plan import EventTrigger, Pattern, Plan, Span, Step
from campaigner.compiler.plan.due import Due
from campaigner.compiler.sql.campaign import decisions

from . import coffee
from .coffee import HERE, REWARD

BY_HAND = Path(__file__).resolve().parent / "by_hand" / "pattern.sql"
EVENTS = 20_000_000
RUNS = 3
AIM = 2
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
# Instants are drawn to the microsecond: the window by hand knows no order among equal ones.
TABLES = """
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id, printf('c%06d', draw(i, 'who', 220000)) AS customer_id,
       TIMESTAMP '2025-12-01' + to_microseconds(draw(i, 'at', 400 * 86400000000)) AS ordered_at
FROM range({events}) AS t(i);
"""


def plan() -> Plan:
    """The campaign as a plan."""
    fifth = Pattern("times", Decimal(5), None, False, Span(30, "day"), None)
    trigger = EventTrigger("order", None, None, HERE, pattern=fifth)
    orders = coffee.event("order", "orders", "order_id", "ordered_at")
    return coffee.plan("often", [orders], [Step("main", trigger, REWARD, (), (), HERE)])


def main(say: Callable[[str], None] = print, events: int = EVENTS) -> None:
    """Print the times of both."""
    ours = decisions(plan(), "often", Due(START, END), step="main")
    theirs = BY_HAND.read_text()
    with coffee.warehouse(TABLES.format(events=events)) as warehouse:
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
        mine, yours = coffee.fastest(warehouse, ours, theirs, RUNS)
    say(
        f"{events:,} orders, {found:,} rows: rendered {mine:,.1f} s, by hand {yours:,.1f} s, "
        f"ratio {mine / yours:.2f} (aim: at most {AIM})"
    )


if __name__ == "__main__":
    main()
