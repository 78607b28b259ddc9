"""Conditions on histories that become bits before the join, and stages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import duckdb
import pytest
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all import known_rewards
from campaigner.compiler.sql.all.campaigns import decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.due.schedule import due

from ...laws.cases import compile_files
from .test_together import CATALOG, LIFECYCLE, SETTINGS, make_tables

ASKED = (
    "count(order) = 0",
    "count(order in last 30 days) < 2",
    "no order in last 5 days",
    "sum(order.amount in last 30 days) <= 20 USD",
    "sum(order.amount) = 0 USD",
    "max(order.amount) >= 30 USD",
    "max(order.amount) is unknown",
    "average(order.amount) < 20 USD",
    "not (count(order in last 30 days) >= 1)",
    "count(order) >= 1 and count(login) >= 2",
    "count(order) >= count(login)",
    "last(order).amount > 30 USD",
    "first(order in last 30 days).amount <= 50 USD",
    "count(login in last 1 days) >= 1 or has order in last 2 days",
)
"""Most of these hold for a customer without events."""

STAGES = ("", "stage retail.loyal", "stage retail.new, retail.other")

CLOCKS = ("09:00", "18:00")

DAY = datetime(2026, 3, 6, 5, tzinfo=UTC), datetime(2026, 3, 7, 4, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan():
    """Each of them at two times of the day, and more thresholds than a whole number has bits."""
    every = [*ASKED, *(f"count(order) >= {least}" for least in range(73))]
    campaigns = [
        f"campaign c{place}_{clock[:2]} {{\n"
        f"  {STAGES[place % len(STAGES)]}\n"
        f"  audience {asked}\n"
        f"  trigger every day at {clock}\n"
        f"  reward by {{ when count(order) >= {place % 4}: 9 points  otherwise: 2 points }}\n"
        "  budget { total 100 USD }\n"
        '  compliance { forbid phrase "sure" }\n'
        "}\n"
        for place, asked in enumerate(every)
        for clock in CLOCKS
    ]
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": CATALOG,
        "all.campaign": "".join([LIFECYCLE, *campaigns]),
    }
    compiled = compile_files(files)
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    return compiled.plan


@pytest.fixture(scope="module")
def shop():
    """Forty customers with up to 69 orders, some of them between the two times of the day."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        make_tables(database)
        database.execute(
            "INSERT INTO customers SELECT 'c' || i, i, true, TIMESTAMP '2026-01-01' "
            "FROM range(40) AS t(i)"
        )
        database.execute(
            "INSERT INTO orders SELECT 'o' || i || '/' || j, 'c' || i, "
            "TIMESTAMP '2026-03-06 22:30:00' - to_hours(CAST(7 * j AS BIGINT)), "
            "CASE WHEN i % 5 > 0 THEN 3.05 * i END "
            "FROM range(40) AS t(i), range(CASE WHEN i > 35 THEN 69 ELSE i % 9 END) AS u(j)"
        )
        database.execute(
            "INSERT INTO logins SELECT 'l' || i || '/' || j, 'c' || i, "
            "TIMESTAMP '2026-03-06 20:00:00' - to_days(CAST(j AS INTEGER)) "
            "FROM range(40) AS t(i), range(i % 3) AS u(j)"
        )
        yield database


@pytest.mark.parametrize("many", [0, known_rewards.MANY])
def test_bits_say_what_each_campaign_says_by_itself(plan, shop, monkeypatch, many):
    monkeypatch.setattr(known_rewards, "MANY", many)
    dues = {key: due(plan, key.campaign, *DAY) for key, _, _ in steps_of(plan)}
    found: dict[str, list[tuple[object, ...]]] = {name: [] for name, _ in dues}
    for row in shop.sql(decisions_of_all(plan, dues)).fetchall():
        found[row[0]].append(row)
    for (name, _), asked in dues.items():
        assert found[name] == shop.sql(decisions(plan, name, asked)).fetchall(), name
    early, late = (found[f"c18_{clock[:2]}"] for clock in CLOCKS)
    assert 0 < len(early) < len(late)  # somebody's fourth order came between the two


def test_more_conditions_than_a_number_has_bits_take_another(plan):
    dues = {key: due(plan, key.campaign, *DAY) for key, _, _ in steps_of(plan)}
    statement = decisions_of_all(plan, dues)
    numbers = set(re.findall(r"AS (is_order\w*)", statement))
    histories = set(re.findall(r"(asked_order\w*) AS \(", statement))
    assert len(numbers) > len(histories) > 0
