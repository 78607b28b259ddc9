"""Patterns over crowded histories, with late events, fire on every engine as in the reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from . import at_most
from .cases import Case, Table, to_json
from .test_agreement import hold

SETTINGS = """[project]
name = "patterns"
language = 1
time_zone = "{zone}"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields: {{}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
{cancelled}    fields:
      points: {{type: integer, optional: true}}
      price: {{type: money, currency: CNY, optional: true}}
      shop: {{type: text, optional: true}}
      paid: {{type: boolean}}
"""
CANCELLED = "    cancelled_by: {event: refund, field: order_id}\n"
REFUND = """  refund:
    table: refunds
    key: refund_id
    customer: customer_id
    at: refunded_at
    fields: {order_id: {type: text}}
"""
CAMPAIGN = """campaign card {{
  {active}
  audience yes
  trigger  on order{where}{pattern}{opening}
  reward   {reward}
  budget {{ total 0 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
KINDS = {
    "order_id": "text",
    "customer_id": "text",
    "ordered_at": "timestamp",
    "points": "integer",
    "price": "money",
    "shop": "text",
    "paid": "boolean",
}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
FIRST = datetime(2024, 10, 20, tzinfo=UTC)
"""A fortnight over the end of summer time, of a month and of a week."""

_STEPS = st.sampled_from((0, 0, 1, 6, 12, 23, 24, 25, 48, 72))
_COUNT = st.sampled_from((1, 2, 2, 3, 4))
_WITHIN = st.sampled_from(("1 hour", "1 day", "3 days", "1 week", "1 month"))
_REWARDS = (
    "5 points",
    "times points",
    "times * 2 points and 3 tokens",
    "by { when times > 1: times * 2 points  otherwise: 1 points }",
)
_EACH = st.sampled_from(("week", "month", "quarter", "year"))


@st.composite
def _patterns(draw: st.DrawFn) -> str:
    count = draw(_COUNT)
    rising = [f"{count} times", f"{count} days", f"{count} different shop"]
    if draw(st.booleans()):
        rising = [
            f"{draw(st.integers(1, 6))} of points",
            f"{draw(st.sampled_from((count, 10)))}.50 CNY of price",
        ]
    measure = draw(st.sampled_from(rising))
    forms = [
        f"reaching {measure}",
        f"reaching {measure} within {draw(_WITHIN)}",
        f"reaching {measure} each {draw(_EACH)}",
    ]
    forms += [f"every {measure}", f"every {measure} each {draw(_EACH)}"]
    if " of " not in measure:
        forms += [f"{verb} {count} days in a row" for verb in ("reaching", "every")]
    return draw(st.sampled_from(forms))


@st.composite
def _histories(draw: st.DrawFn) -> tuple[tuple[object, ...], ...]:
    rows: list[tuple[object, ...]] = []
    for customer in ("ann", "bob", "nobody"):
        at = FIRST.replace(tzinfo=None)
        for _ in range(draw(st.integers(0, 8))):
            at += timedelta(hours=draw(_STEPS))
            rows.append(
                (
                    f"o{len(rows) * 7 % 30:02}{len(rows)}",
                    customer,
                    at,
                    draw(st.sampled_from((1, 2, 3, -4, None))),
                    draw(
                        st.sampled_from(
                            (Decimal("0.50"), Decimal("2.25"), Decimal("9.50"), Decimal(-1), None)
                        )
                    ),
                    draw(st.sampled_from(("a", "b", "A", None))),
                    draw(st.integers(0, 3)) > 0,
                )
            )
    return tuple(draw(st.permutations(rows)))


@st.composite
def _refunds(draw: st.DrawFn, orders: tuple[tuple[Any, ...], ...]) -> Table:
    """Refunds of some orders: before them, at their instant, with another order, twice."""
    rows = []
    for number in range(draw(st.integers(0, 5)) if orders else 0):
        order = draw(st.sampled_from(orders))
        at = order[2] + timedelta(hours=draw(st.sampled_from((0, 1, 24, 30, -1))))
        at = draw(st.sampled_from((at, draw(st.sampled_from(orders))[2])))
        rows.append((f"r{number}", order[1], at, order[0]))
    kinds = {"refund_id": "text", "customer_id": "text", "refunded_at": "timestamp"}
    return Table({**kinds, "order_id": "text"}, tuple(rows))


@st.composite
def _cases(draw: st.DrawFn, cancelled: bool) -> Case:
    rows = draw(_histories())
    days = draw(st.integers(0, 10))
    start = FIRST + timedelta(days=days, hours=draw(st.sampled_from((0, 1, 13))))
    keys = sorted(str(row[0]) for row in rows)
    late = frozenset(draw(st.lists(st.sampled_from(keys), max_size=3))) if keys else frozenset()
    pattern = f" {draw(_patterns())}"
    text = CAMPAIGN.format(
        active=draw(st.sampled_from(("", "active 2024-10-22 to 2024-11-02"))),
        where=draw(st.sampled_from(("", "", " where paid", " where paid or points > 1"))),
        pattern=pattern,
        reward=draw(st.sampled_from(_REWARDS)) if " every " in pattern else "5 points",
        opening=draw(st.sampled_from(("", "", " open every month from day 21 to day 27"))),
    )
    tables = {
        "customers": Table({"customer_id": "text"}, (("ann",), ("bob",))),
        "orders": Table(KINDS, rows),
    }
    catalog = CATALOG.format(cancelled="")
    if cancelled:
        catalog = CATALOG.format(cancelled=CANCELLED) + REFUND
        tables["refunds"] = draw(_refunds(rows))
    settings = SETTINGS.format(zone=draw(st.sampled_from(ZONES)))
    end = start + timedelta(days=draw(st.sampled_from((0, 1, 5, 30))))
    return Case(settings, catalog, text, tables, start, end, late=late)


@at_most(60)
@given(_cases(cancelled=False))
def test_patterns_fire_on_every_engine_as_in_the_reference(case):
    note(to_json(case))
    hold(case)


@at_most(80)
@given(_cases(cancelled=True))
def test_cancelled_events_fire_and_count_nothing_from_then_on(case):
    note(to_json(case))
    hold(case)
