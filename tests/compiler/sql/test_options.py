"""Campaigns that have nothing but options, in the statement of all of them: as each says itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import duckdb
import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all import known_rewards
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.due.schedule import due
from campaigner.runtime.run.candidates import AllCandidates, Candidates

from ...laws.cases import compile_files
from .test_together import CATALOG, LIFECYCLE, SETTINGS, make_tables

REWARDS = """\
benefit coffee "Coffee" { value 25 USD  cost 20 USD }
benefit film "A film" { value 40.50 USD  cost 35.50 USD }

policy control "Control" { holdout at least 30% }
"""

GIVES = {
    "points": "reward 5 points",
    "money": "reward 2.50 USD as cash",
    "bundle": "reward coffee and 7 points and film",
    "by": "reward by { when count(order) >= 2: 9 points  otherwise: coffee and 1 points }",
    "some": "reward by { when count(order) >= 2: 9 points }",
    "draw": "reward draw { 20%: coffee and film  40%: 3 points }",
    "sum": "reward 10% of sum(order.amount in last 30 days) as cash",
    "bought": "reward coffee for 30 points",
    "nothing": "",
}
"""One that is computed among them."""

PLAIN = ("points", "money", "bundle", "by", "some", "draw", "nothing")

CLOCKS = ("09:00", "18:00")

DAY = datetime(2026, 3, 6, 5, tzinfo=UTC), datetime(2026, 3, 7, 4, 59, tzinfo=UTC)


def _plan() -> Plan:
    written = [LIFECYCLE, REWARDS]
    for number, (name, gives) in enumerate(GIVES.items()):
        for held in (False, True):
            policy = "follows control" if held else 'forbid phrase "sure"'
            message = '  message push "Hello"\n' if name == "nothing" else ""
            written.append(
                f"campaign {name}_{'held' if held else 'all'} {{\n"
                f"  audience consent and count(order in last 30 days) >= {number % 3}\n"
                f"  trigger every day at {CLOCKS[number % 2]}\n"
                f"  {gives}\n{message}"
                f"  priority {number % 4}\n"
                "  budget { total 100 USD when exhausted reward 1 points }\n"
                f"  compliance {{ {policy} }}\n"
                "}\n"
            )
    files = {
        "campaigner.toml": f'{SETTINGS}\n[channels.push]\nkind = "file"\npath = "var"\n',
        "catalog.yaml": CATALOG,
        "all.campaign": "".join(written),
    }
    compiled = compile_files(files)
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    return compiled.plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return _plan()


@pytest.fixture(scope="module")
def shop():
    """Forty customers who ordered nothing, once, twice."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        make_tables(database)
        database.execute(
            "INSERT INTO customers SELECT 'c' || i, i, i % 10 > 0, TIMESTAMP '2026-01-01' "
            "FROM range(40) AS t(i)"
        )
        database.execute(
            "INSERT INTO orders SELECT 'o' || i || '/' || j, 'c' || i, "
            "TIMESTAMP '2026-03-01' + to_days(j), 10.05 * i FROM range(40) AS t(i), "
            "range(i % 4) AS u(j)"
        )
        yield database


@pytest.fixture(params=["lists", "blocks"])
def written(request, monkeypatch):
    """Options as lists, as those of few campaigns are, and by blocks, as those of many."""
    if request.param == "blocks":
        monkeypatch.setattr(known_rewards, "MANY", 0)
    return request.param


def _dues(plan: Plan):
    return {key: due(plan, key.campaign, *DAY) for key, _, _ in steps_of(plan)}


def _turn(plan: Plan):
    return {one.name: (-one.priority, one.name) for one in plan.campaigns}


@pytest.mark.usefixtures("written")
def test_the_readable_rows_are_those_of_each_by_itself(plan, shop):
    dues, turn = _dues(plan), _turn(plan)
    each = [
        row
        for (name, _), asked in dues.items()
        for row in shop.sql(decisions(plan, name, asked)).fetchall()
    ]
    each.sort(key=lambda row: (row[4], turn[row[0]]))
    assert len(each) > 200
    assert shop.sql(decisions_of_all(plan, dues)).fetchall() == each


@pytest.mark.usefixtures("written")
def test_the_runs_decisions_are_those_of_each_by_itself(plan, shop):
    dues, turn = _dues(plan), _turn(plan)
    each = []
    for (name, _), asked in dues.items():
        query = candidates_query(plan, name, asked)
        reader = Candidates(plan, name, query.columns)
        each += [reader.read(row) for row in shop.sql(query.sql).fetchall()]
    each.sort(key=lambda one: (one.decision.at, turn[one.decision.identity.campaign]))
    assert {one.decision.held_out for one in each} == {True, False}
    query = candidates_of_all(plan, dues)
    reader = AllCandidates(plan, query)
    assert [reader.read(row) for row in shop.sql(query.sql).fetchall()] == each


def test_rows_in_no_order_are_the_rows_in_order(plan, shop):
    for (name, _), asked in _dues(plan).items():
        ordered = candidates_query(plan, name, asked)
        unordered = candidates_query(plan, name, asked, in_order=False)
        assert "ORDER BY" not in unordered.sql.rpartition("FROM")[2]
        found = Counter(shop.sql(unordered.sql).fetchall())
        assert found == Counter(shop.sql(ordered.sql).fetchall())


def test_what_is_known_beforehand_has_no_rows_of_its_own(plan, written):
    whole = decisions_of_all(plan, _dues(plan))
    assert ("BIT_OR" in whole) == (written == "blocks")
    for name in PLAIN:
        assert f"'{name}_all' AS campaign" not in whole
    assert "'sum_all' AS campaign" in whole
