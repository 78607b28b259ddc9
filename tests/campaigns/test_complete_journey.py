"""A year of a grocer, carried out: the facts of the data hold, household by household."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ..projects import ROOT

SOURCE = ROOT / "campaigns" / "complete_journey"
YEAR = ("--from", "2017-01-01", "--to", "2017-12-31")


def campaigner(*arguments: str) -> str:
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def grants(folder: Path, *more: str) -> list[dict[str, Any]]:
    found = json.loads(campaigner("ledger", str(folder), "grants", "--format", "json", *more))
    assert found["format_version"] == 1
    return list(found["grants"])


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its data, and the year carried out."""
    folder = tmp_path_factory.mktemp("journey") / "complete_journey"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    spec = spec_from_file_location("load_complete_journey", SOURCE / "load.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.load(folder / "data" / "complete_journey.duckdb")
    campaigner("run", str(folder), *YEAR)
    return folder


@pytest.fixture(scope="module")
def warehouse(journey: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = str(journey / "data" / "complete_journey.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("number", "redemptions", "households", "first", "last"),
    [
        (8, 372, 158, "2017-05-08", "2017-06-25"),
        (13, 629, 196, "2017-08-08", "2017-09-24"),
        (18, 653, 214, "2017-10-30", "2017-12-24"),
    ],
)
def test_a_real_campaign_grants_what_plain_sql_says(
    journey: Path,
    warehouse: duckdb.DuckDBPyConnection,
    number: int,
    redemptions: int,
    households: int,
    first: str,
    last: str,
) -> None:
    granted = grants(journey, "--campaign", f"campaign_{number}")
    assert len(granted) == redemptions
    assert len({grant["recipient"] for grant in granted}) == households
    plain = warehouse.execute(
        """
        SELECT CAST(r.household_id AS VARCHAR), CAST(r.redemption_id AS VARCHAR)
        FROM redemptions AS r
        WHERE r.campaign_id = ? AND CAST(r.redeemed_on AS DATE) BETWEEN ? AND ?
          AND EXISTS (
              SELECT 1 FROM mailings AS m
              WHERE m.household_id = r.household_id AND m.campaign_id = ?
          )
        """,
        [number, first, last, number],
    ).fetchall()
    assert {(one["recipient"], one["occurrence"]) for one in granted} == set(plain)
    assert {(one["reward"], one["amount"], one["currency"]) for one in granted} == {
        ("gift_card", "1.50", "USD")
    }


@pytest.mark.parametrize(
    ("number", "target", "redemptions", "households", "by"),
    [(8, "150", 372, 158, "file"), (13, "200", 629, 196, "spend"), (18, "250", 653, 214, "file")],
)
def test_a_review_has_the_numbers_of_the_data(
    journey: Path, number: int, target: str, redemptions: int, households: int, by: str
) -> None:
    told = campaigner("review", f"campaign_{number}", str(journey), "--format", "json")
    found = json.loads(told)
    assert found["state"] == "over"
    assert found["phases_by"] == by
    assert found["outcomes"] == {"granted": redemptions}
    assert (found["goal"]["target"], found["goal"]["reached"]) == (target, str(households))
    assert sum(one["customers"] for one in found["phases"]) == households
    assert sum(one["granted"] for one in found["phases"]) == redemptions
    spent = redemptions * Decimal("1.50")
    assert Decimal(found["whole"]["spent"]) == spent
    assert sum(Decimal(one["spent"]) for one in found["days"]) == spent
    assert [one["granted"] > 0 for one in found["phases"]] == [True] * 3


def test_targeted_households_are_those_of_the_mailing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    count = "SELECT count(DISTINCT household_id) FROM mailings WHERE campaign_id = 18"
    assert warehouse.execute(count).fetchall() == [(1_133,)]


def test_no_budget_is_overspent_and_the_weekly_one_runs_out(journey: Path) -> None:
    text = campaigner("ledger", str(journey), "budgets", "--format", "json")
    budgets = json.loads(text)["budgets"]
    assert budgets
    for account in budgets:
        assert Decimal(account["spent"]) <= Decimal(account["cap"]), account
        assert Decimal(account["cap"]) - Decimal(account["spent"]) == Decimal(account["left"])
    weekly = [one for one in budgets if "weekly_offer" in one.values() and "week" in one["name"]]
    assert any(Decimal(one["left"]) == 0 for one in weekly)


def test_spend_back_is_exact_to_the_cent(
    journey: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    amounts = dict(
        warehouse.execute("SELECT CAST(basket_id AS VARCHAR), amount FROM baskets").fetchall()
    )
    granted = grants(journey, "--campaign", "spend_back")
    assert granted
    for grant in granted:
        basket = amounts[grant["occurrence"]]
        low = min((basket * Decimal("0.015")).quantize(Decimal("0.01")), Decimal("2.50"))
        high = min((basket * Decimal("0.02")).quantize(Decimal("0.01")), Decimal("3.50"))
        assert Decimal(grant["amount"]) in (low, high)
        assert basket >= 75
    per_month = Counter((one["recipient"], one["at"][:7]) for one in granted)
    assert max(per_month.values()) <= 4


def test_running_the_year_again_changes_nothing(journey: Path) -> None:
    before = grants(journey)
    outbox = {path.name: path.read_bytes() for path in (journey / "var" / "outbox").iterdir()}
    campaigner("run", str(journey), *YEAR)
    assert grants(journey) == before
    again = {path.name: path.read_bytes() for path in (journey / "var" / "outbox").iterdir()}
    assert again == outbox


def test_a_year_in_two_halves_is_the_year_at_once(journey: Path, tmp_path: Path) -> None:
    """Run in two halves that overlap, the ledger ends as after one run."""
    folder = tmp_path / "halves"
    shutil.copytree(journey, folder, ignore=shutil.ignore_patterns("var", ".campaigner"))
    campaigner("run", str(folder), "--from", "2017-01-01", "--to", "2017-07-03")
    campaigner("run", str(folder), "--from", "2017-07-01", "--to", "2017-12-31")

    def told(of: Path) -> list[tuple[Any, ...]]:
        return sorted(tuple(sorted(one.items())) for one in grants(of))

    assert told(folder) == told(journey)


def test_stages_of_a_year_are_those_of_plain_python(
    journey: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    line = ("lifecycle", str(journey), "--from", YEAR[1], "--to", YEAR[3], "--every", "month")
    told = json.loads(campaigner(*line, "--event", "basket", "--format", "json"))
    (found,) = told["lifecycles"]
    baskets: dict[str, list[datetime]] = {
        str(one): []
        for (one,) in warehouse.execute("SELECT household_id FROM households").fetchall()
    }
    rows = "SELECT household_id, bought_at FROM baskets ORDER BY bought_at"
    for household, at in warehouse.execute(rows).fetchall():
        baskets[str(household)].append(at.replace(tzinfo=UTC))
    instants = [datetime.fromisoformat(one["at"]) for one in found["customers"]]
    assert len(instants) == 13
    states = {who: [_stage(own, at) for at in instants] for who, own in baskets.items()}
    for place, one in enumerate(found["customers"]):
        counted = Counter(each[place] for each in states.values())
        assert {name: count for name, count in one["stages"].items() if count} == counted
    moved = Counter(
        pair for each in states.values() for pair in pairwise(each) if pair[0] != pair[1]
    )
    edges = {(one["from"]["stage"], one["to"]["stage"]): one["moves"] for one in found["edges"]}
    assert edges == moved
    assert any(one["campaigns"] for one in found["edges"])
    known = [own for own in baskets.values() if own]
    first = told["orders"]["repurchase"][0]
    assert (first["customers"], first["again"]) == (
        len(known),
        sum(len(own) > 1 for own in known),
    )


def _stage(baskets: list[datetime], now: datetime) -> str:
    """The stage of a household at an instant; days are those of the shop's calendar."""
    past = [at for at in baskets if at <= now]

    def since(days: int) -> int:
        clock = now.astimezone(ZoneInfo("America/New_York")) - timedelta(days=days)
        return sum(at > clock.astimezone(UTC) for at in past)

    if not past:
        return "prospect"
    if since(35):
        often = "loyal" if since(90) >= 20 else "regular"
        return "newcomer" if len(past) < 5 else often
    return "lapsing" if since(84) else "lapsed"


def test_households_are_worth_what_they_spent(
    journey: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    line = ("--event", "basket", "--amount", "amount", "--months", "3", "--at", "2017-12-31")
    found = json.loads(campaigner("value", str(journey), *line, "--format", "json"))
    (expected,) = warehouse.execute(
        "SELECT count(DISTINCT household_id) FROM baskets"
        " WHERE bought_at <= TIMESTAMP '2017-12-31 05:00'"
    ).fetchall()
    assert sum(one["customers"] for one in found["lines"]) == expected[0]
    ((spent,),) = warehouse.execute(
        """SELECT sum(amount) FROM (
            SELECT amount, date_trunc('month', bought_at AT TIME ZONE 'UTC'
                                      AT TIME ZONE 'America/New_York') AS month,
                   min(date_trunc('month', bought_at AT TIME ZONE 'UTC'
                                  AT TIME ZONE 'America/New_York'))
                   OVER (PARTITION BY household_id) AS cohort
            FROM baskets WHERE bought_at <= TIMESTAMP '2017-12-31 05:00')
        WHERE cohort = '2017-01-01' AND month < '2017-04-01'"""
    ).fetchall()
    january = next(one for one in found["lines"] if one["cohort"] == "2017-01")
    assert Decimal(january["revenue"]) == spent
