"""Counts of different values in many windows at once: as each campaign counts them by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all.campaigns import decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.due.schedule import due

from ...laws.cases import compile_files
from ...warehouses import warehouse
from .test_together import CATALOG, SETTINGS

FIELDS = """\
      amount: {type: money, currency: USD}
      shop: {type: text, optional: true}
"""

ASKED = (
    "count(distinct order.shop) >= 2",
    "count(distinct order.shop in last 3 days) = 0",
    "count(distinct order.shop in last 3 days) >= 1",
    "count(distinct order.shop in last 20 days) >= 3",
    "count(distinct order.shop this month) = 2",
    "count(distinct order.shop last month) >= 1",
    "count(distinct order.shop last month) > count(distinct order.shop this month)",
    "count(distinct order.shop where amount > 20 USD in last 40 days) = 1",
    "count(distinct order.shop where amount > 20 USD) >= 2",
    "count(distinct order.amount in last 40 days) >= 3",
    "count(distinct order.amount) = 1",
)


def test_all_windows_at_once_are_each_by_itself(engine):
    catalog = CATALOG.replace("      amount: {type: money, currency: USD}\n", FIELDS)
    written = [
        f"campaign c{number}{clock[:2]} {{ audience {asked}  trigger every day at {clock}\n"
        "reward 1 points  budget { total 100 USD }  "
        'compliance { forbid phrase "sure" } }\n'
        for number, asked in enumerate(ASKED)
        for clock in ("09:00", "18:00")
    ]
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": catalog, "all.campaign": "".join(written)}
    compiled = compile_files(files)
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    plan, house = compiled.plan, warehouse(engine)
    house.clear()
    house.table("customers", {"customer_id": "text"}, [[f"c{number}"] for number in range(30)])
    kinds = {
        "order_id": "text",
        "customer_id": "text",
        "ordered_at": "timestamp",
        "amount": "money",
        "shop": "text",
    }
    orders = [
        [
            f"o{number}",
            f"c{number * number % 29}",
            datetime(2026, 2 if number % 3 else 3, 1 + number * 7 % 6, number % 24),
            10 + number % 5 * 5,
            (None, "a", "b", "B", "")[number * 3 % 5],
        ]
        for number in range(200)
    ]
    house.table("orders", kinds, orders)
    start, end = datetime(2026, 3, 5, 5, tzinfo=UTC), datetime(2026, 3, 6, 4, 59, tzinfo=UTC)
    dues = {key: due(plan, key.campaign, start, end) for key, _, _ in steps_of(plan)}
    each = {
        name: house.decisions(decisions(plan, name, asked, engine))[1]
        for (name, _), asked in dues.items()
    }
    assert sum(map(bool, each.values())) > len(each) / 2
    found = house.decisions(decisions_of_all(plan, dues, engine))[1]
    assert {name: [row for row in found if row[0] == name] for name in each} == each
