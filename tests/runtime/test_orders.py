"""Orders of customers: every warehouse counts as plain Python does."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from campaigner.compiler.lifecycle.orders import Orders
from campaigner.runtime.lifecycle.orders import order_history, scores
from campaigner.runtime.warehouse.engines import open_warehouse

from ..laws.cases import Case, Table, compile_case
from ..laws.runs import house
from ..on_postgresql import new_schema

SETTINGS = """[project]
name = "orders"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  since: {column: since, zone: UTC}
  fields: {}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: {column: ordered_at, zone: UTC}
    cancelled_by: {event: refund, field: order_id}
    fields:
      amount: {type: money, currency: CNY, optional: true}
  refund:
    table: refunds
    key: refund_id
    customer: customer_id
    at: {column: refunded_at, zone: UTC}
    fields:
      order_id: {type: text}
"""
CAMPAIGN = "lifecycle life {\n  stage asleep when no order\n  stage awake when has order\n}\n"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 15, 12, tzinfo=UTC)
AHEAD = timedelta(hours=8)


def case() -> Case:
    draw = Random(14)
    customers, orders, refunds = [], [], []
    for number in range(60):
        who = f"c{number:02d}"
        since = datetime(2025, 12, 20) + timedelta(hours=draw.randrange(24 * 120))
        customers.append((who, since))
        for _ in range(draw.choice((0, 1, 1, 2, 3, 5, 7))):
            at = since + timedelta(hours=draw.choice((0, 0, 5, 24, 24 * 20, 24 * 40, 24 * 70)))
            key = f"o{len(orders):03d}"
            amount = draw.choice((None, Decimal("9.90"), Decimal("20.00"), Decimal("120.55")))
            orders.append((key, who, at, amount))
            if draw.random() < 0.1:
                refunds.append((f"r{len(refunds)}", who, at + timedelta(days=3), key))
    orders.append(("ghost", "nobody", datetime(2026, 2, 1), Decimal("1.00")))
    tables = {
        "customers": Table({"customer_id": "text", "since": "timestamp"}, tuple(customers)),
        "orders": Table(
            {
                "order_id": "text",
                "customer_id": "text",
                "ordered_at": "timestamp",
                "amount": "money",
            },
            tuple(orders),
        ),
        "refunds": Table(
            {
                "refund_id": "text",
                "customer_id": "text",
                "refunded_at": "timestamp",
                "order_id": "text",
            },
            tuple(refunds),
        ),
    }
    return Case(SETTINGS, CATALOG, CAMPAIGN, tables, START, END)


def counted(made: Case) -> dict[str, list[tuple[datetime, str, Decimal]]]:
    """The orders that count, on the clock of Shanghai, by customer."""
    end = END.replace(tzinfo=None)
    gone = {row[3] for row in made.tables["refunds"].rows if row[2] <= end}
    found = {row[0]: [] for row in made.tables["customers"].rows}
    for key, who, at, amount in made.tables["orders"].rows:
        if who in found and at <= end and key not in gone:
            found[who].append((at + AHEAD, key, amount or Decimal(0)))
    return {who: sorted(each) for who, each in found.items()}


@pytest.mark.parametrize("server", [False, True], ids=["duckdb", "postgresql"])
@pytest.mark.parametrize("began", ["since", "first"])
def test_orders_are_those_of_plain_python(server: bool, began: str) -> None:
    made = case()
    plan = compile_case(made)
    event = next(one for one in plan.events if one.name == "order")
    with (
        house(made, plan, new_schema() if server else None) as lived,
        open_warehouse(lived.url, lived.folder) as warehouse,
    ):
        asked = Orders(plan, event, "amount", END)
        found = order_history(asked, began, START, "CNY", warehouse)
        without = order_history(Orders(plan, event, None, END), began, START, None, warehouse)
    own = counted(made)
    since = {row[0]: row[1] + AHEAD for row in made.tables["customers"].rows}
    begins = {
        who: since[who] if began == "since" else (each[0][0] if each else None)
        for who, each in own.items()
    }
    for cohort in found.cohorts:
        members = [who for who, at in begins.items() if at and month(at) == cohort.month]
        assert cohort.customers == len(members)
        then = cohort.month
        for active in cohort.active:
            if then == date(2026, 4, 1):
                assert active is None
            else:
                hits = sum(any(month(at) == then for at, *_ in own[who]) for who in members)
                assert active == hits
            then = month(then + timedelta(days=31))
    early = [at for at in begins.values() if at and at < datetime(2026, 1, 1)]
    assert found.earlier == len(early)
    for one in found.repeats:
        known = [each for each in own.values() if len(each) >= one.after]
        gaps = [
            (each[one.after][0].date() - each[one.after - 1][0].date()).days
            for each in known
            if len(each) > one.after
        ]
        assert (one.customers, one.again) == (len(known), len(gaps))
        assert one.median_days == (statistics.median(gaps) if len(gaps) >= 10 else None)
    today = (END + AHEAD).date()
    values = Counter(
        ((today - each[-1][0].date()).days, len(each), sum(a for *_, a in each))
        for each in own.values()
        if each
    )
    assert found.scores == scores([(*one, n) for one, n in values.items()], has_money=True)
    assert without.scores is not None
    assert found.scores is not None
    assert without.scores.monetary is None
    assert without.scores.recency == found.scores.recency


def month(at: date) -> date:
    return date(at.year, at.month, 1)
