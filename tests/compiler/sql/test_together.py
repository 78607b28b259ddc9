"""All campaigns in one statement: what it reads, and what it says where nothing is due."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random

import duckdb
import pytest
from campaigner.compiler.dialects.registry import DIALECTS
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.due.schedule import due

from ...laws.cases import compile_files
from ...warehouses import EXECUTED, warehouse

SETTINGS = """\
[project]
name = "many"
language = 1
time_zone = "America/New_York"
currency = "USD"
catalog = "catalog.yaml"
"""

CATALOG = """\
customer:
  table: customers
  key: customer_id
  fields:
    age: {type: integer, optional: true}
    consent: {type: boolean}
    registered_at: {type: timestamp, zone: UTC}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: {column: ordered_at, zone: UTC}
    fields:
      amount: {type: money, currency: USD}
  login:
    table: logins
    key: login_id
    customer: customer_id
    at: {column: logged_in_at, zone: UTC}
    fields: {}
"""

LIFECYCLE = """\
lifecycle retail "Customers" {
  stage new   "New"   when no order
  stage loyal "Loyal" when has order and count(order) >= 5
  stage other "Other" when has order and count(order) < 5
}
"""

TRIGGERS = (
    "every day at 09:00",
    "every day at 18:00",
    "every friday at 09:00",
    "on order where event.amount >= 20 USD",
    "on login",
)

TABLES = {
    "customers": {
        "customer_id": "text",
        "age": "integer",
        "consent": "boolean",
        "registered_at": "timestamp",
    },
    "orders": {
        "order_id": "text",
        "customer_id": "text",
        "ordered_at": "timestamp",
        "amount": "money",
    },
    "logins": {"login_id": "text", "customer_id": "text", "logged_in_at": "timestamp"},
}

ROW = {
    "text": "a",
    "integer": "30",
    "boolean": "true",
    "timestamp": "2026-03-06 12:00",
    "money": "50",
}

START = datetime(2026, 3, 5, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)


def _type(kind: str) -> str:
    return {"text": "VARCHAR", "money": "DECIMAL(18, 2)"}.get(kind, kind)


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Those of the catalog, empty."""
    for name, kinds in TABLES.items():
        columns = ", ".join(f"{one} {_type(kind)}" for one, kind in kinds.items())
        connection.execute(f"CREATE TABLE {name} ({columns})")


def many(count: int) -> Plan:
    """So many campaigns of all kinds."""
    random = Random(7)
    written = [LIFECYCLE]
    for number in range(count):
        window = random.choice((7, 14, 30, 90))
        asked = random.choice(
            (
                f"count(order in last {window} days) >= {random.randint(1, 4)}",
                f"sum(order.amount in last {window} days) >= {window} USD",
                f"no login in last {window} days",
                f"registered_at within last {window} days",
                "count(login this month) > count(login last month)",
                "last(order).amount > 30 USD",
                f"count(order where amount > 10 USD) >= {random.randint(1, 4)}",
            )
        )
        stage = random.choice(("", "  stage retail.new, retail.other\n", "  stage retail.loyal\n"))
        written.append(
            f"campaign c{number:03} {{\n{stage}"
            f"  audience consent and {asked}\n"
            f"  trigger {TRIGGERS[number % len(TRIGGERS)]}\n"
            f"  reward {random.randint(1, 9)} points\n"
            f"  priority {random.randint(0, 3)}\n"
            "  budget { total 100 USD }\n"
            '  compliance { forbid phrase "sure" }\n'
            "}\n"
        )
    return written_plan(written)


def written_plan(written: Iterable[str]) -> Plan:
    """The plan of these texts, in the shop of these tests."""
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": "".join(written)}
    compiled = compile_files(files)
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    return compiled.plan


def dues(plan: Plan, start: datetime = START, end: datetime = END):
    return {key: due(plan, key.campaign, start, end) for key, _, _ in steps_of(plan)}


def scans(sql: str) -> Counter[str]:
    """How often DuckDB reads each table."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        make_tables(connection)
        for name, kinds in TABLES.items():
            # A table that the statistics show to be of no use would be left out of the plan.
            rows = ", ".join(f"CAST('{ROW[kind]}' AS {_type(kind)})" for kind in kinds.values())
            connection.execute(f"INSERT INTO {name} SELECT {rows} FROM range(2)")
        (found,) = connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()
    seen: Counter[str] = Counter()

    def visit(node) -> None:
        if "SCAN" in node["name"] and "Table" in node["extra_info"]:
            seen[node["extra_info"]["Table"].split(".")[-1]] += 1
        for child in node["children"]:
            visit(child)

    for root in json.loads(found[1]):
        visit(root)
    return seen


@pytest.mark.parametrize("write", [decisions_of_all, lambda *on: candidates_of_all(*on).sql])
def test_fifty_campaigns_read_each_table_once(write):
    plan = many(50)
    assert scans(write(plan, dues(plan))) == {"customers": 1, "orders": 1, "logins": 1}


def test_one_by_one_they_read_them_often():
    plan = many(50)
    each = sum(
        (scans(decisions(plan, key.campaign, due)) for key, due in dues(plan).items()), Counter()
    )
    assert each["customers"] == 50
    assert each["orders"] > 30


@pytest.mark.parametrize("dialect", EXECUTED)
def test_where_nothing_is_due_there_is_nothing(dialect):
    plan, house = many(5), warehouse(dialect)
    house.clear()
    for name, kinds in TABLES.items():
        house.table(name, kinds)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for asked in ({}, dues(plan, long_ago, long_ago)):
        titles, rows = house.ask(decisions_of_all(plan, asked, dialect))
        assert (titles[0], titles[-1], rows) == ("campaign", "currency", [])
        query = candidates_of_all(plan, asked, dialect)
        assert house.candidates(query) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_campaign_more_or_less_changes_no_others_part(dialect):
    plan = many(12)
    asked = dues(plan)
    whole = decisions_of_all(plan, asked, dialect)
    assert whole == decisions_of_all(plan, dict(reversed(asked.items())), dialect)
    for name, _ in asked:
        assert f"/* {name}: all.campaign" in whole
