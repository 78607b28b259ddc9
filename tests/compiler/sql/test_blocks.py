"""Very many options, worked out for 62 customers in a word, say what the lists of options say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import duckdb
import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all import known_rewards
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.runtime.due.schedule import due

from .test_together import LIFECYCLE, make_tables, written_plan

DAY = datetime(2026, 3, 5, tzinfo=UTC)

AUDIENCES = (
    "age >= 30",
    "count(order in last 30 days) >= 2",
    "sum(order.amount in last 14 days) >= 40 USD",
    "no login in last 7 days",
    "consent",
    "age < 60 and no order in last 14 days",
)

REWARDS = (
    "3 points",
    "by { when age >= 40: 5 points  when count(order) >= 3: 4 points  otherwise: 1 points }",
    "by { when count(login in last 14 days) >= 1: 7 points  when age < 25: 2 points }",
)


def plan_of(count: int) -> Plan:
    """So many campaigns that fire once a day, at two hours."""
    random = Random(11)
    written = [LIFECYCLE]
    for number in range(count):
        stage = random.choice(("", "  stage retail.new, retail.other\n", "  stage retail.loyal\n"))
        written.append(
            f"campaign c{number:03} {{\n{stage}"
            f"  audience {random.choice(AUDIENCES)}\n"
            f"  trigger every day at {random.choice(('09:00', '18:00'))}\n"
            f"  reward {random.choice(REWARDS)}\n"
            "  budget { stock 10_000 }\n"
            '  compliance { forbid phrase "sure" }\n'
            "}\n"
        )
    return written_plan(written)


def filled(connection: duckdb.DuckDBPyConnection, customers: int) -> None:
    """So many customers, of whom some have no age, no answer to consent, and no events."""
    random = Random(customers)
    make_tables(connection)
    for number in range(customers):
        age = random.choice((None, 20, 24, 30, 45, 70))
        consent = random.choice((None, True, True, False))
        row = (f"c{number}", age, consent, DAY - timedelta(days=random.randint(0, 90)))
        connection.execute("INSERT INTO customers VALUES (?, ?, ?, ?)", row)
        for event in range(random.choice((0, 0, 2, 6))):
            at = DAY - timedelta(days=random.randint(0, 40))
            values = (f"o{number}/{event}", f"c{number}", at, random.randint(1, 40))
            connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?)", values)
            connection.execute("INSERT INTO logins VALUES (?, ?, ?)", values[:3])


@pytest.mark.parametrize("customers", [0, 1, 62, 63, 125])
def test_blocks_of_customers_get_what_the_lists_give(customers, monkeypatch):
    plan = plan_of(24)
    dues = {
        key: due(plan, key.campaign, DAY, DAY + timedelta(days=1)) for key, _, _ in steps_of(plan)
    }
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        filled(connection, customers)
        found = []
        for many in (known_rewards.MANY, 0):
            monkeypatch.setattr(known_rewards, "MANY", many)
            statements = (decisions_of_all(plan, dues), candidates_of_all(plan, dues).sql)
            assert all(("BIT_OR" in one) == (many == 0) for one in statements)
            found.append([connection.execute(one).fetchall() for one in statements])
        assert found[0] == found[1]
        assert all(found[0]) == (customers > 0)
