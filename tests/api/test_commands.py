"""The interface does what the commands do, and refuses what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta

import campaigner
import duckdb
import pytest
from campaigner.cli.main import invoke

JANUARY = {"start": "2026-01-01", "end": "2026-01-31"}


def said(capsys, *arguments):
    """The output of a command."""
    capsys.readouterr()
    invoke(arguments)
    return capsys.readouterr().out


def test_every_public_name_is_there_and_none_is_loaded_before_it_is_used():
    code = "import campaigner, sys; print([name for name in sys.modules if 'campaigner.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert set(campaigner.__all__) <= set(dir(campaigner))
    assert [name for name in campaigner.__all__ if not hasattr(campaigner, name)] == []
    with pytest.raises(AttributeError):
        _ = campaigner.nothing


def test_a_plan_is_that_of_the_command_to_the_byte_and_comes_back(shop, capfdbinary, tmp_path):
    plan = campaigner.plan(shop)
    campaigner.write_plan(plan, "shop.json")
    capfdbinary.readouterr()
    invoke(["plan", "shop"])
    assert (tmp_path / "shop.json").read_bytes() == capfdbinary.readouterr().out
    assert campaigner.read_plan("shop.json") == plan
    assert campaigner.sql(plan, **JANUARY) == campaigner.sql(
        campaigner.read_plan("shop.json"), **JANUARY
    )


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql", "bigquery"])
@pytest.mark.parametrize("campaign", [None, "cash_back", "win_back"])
def test_sql_is_that_of_the_command(shop, capsys, dialect, campaign):
    some = ["--all"] if campaign is None else ["--campaign", campaign]
    period = ["--from", "2026-01-01", "--to", "2026-01-31"]
    printed = said(capsys, "sql", "shop", "--dialect", dialect, *some, *period)
    plan = campaigner.plan(shop)
    assert campaigner.sql(plan, campaign, dialect=dialect, **JANUARY).rstrip("\n") + "\n" == printed


def test_a_period_is_text_or_dates_or_datetimes(shop):
    plan = campaigner.plan(shop)
    wanted = campaigner.sql(plan, **JANUARY)
    days = {"start": date(2026, 1, 1), "end": date(2026, 1, 31)}
    clock = {"start": datetime(2026, 1, 1), "end": datetime(2026, 1, 31, 23, 59, 59, 999999)}
    aware = {
        "start": datetime(2025, 12, 31, 16, tzinfo=UTC),
        "end": datetime(2026, 1, 31, 16, tzinfo=UTC) - timedelta(microseconds=1),
    }
    assert [campaigner.sql(plan, **each) for each in (days, clock, aware)] == [wanted] * 3


@pytest.mark.parametrize(
    "period", [{}, {"start": "2026-01-01"}, {"end": "2026-01-01"}, {"at": "2026-01-01", **JANUARY}]
)
def test_a_period_has_one_of_two_forms(shop, period):
    plan = campaigner.plan(shop)
    for ask in (campaigner.sql, lambda plan, **when: campaigner.run(shop, **when)):
        with pytest.raises(TypeError, match="either `at`, or `start` and `end`"):
            ask(plan, **period)


def test_a_run_is_that_of_the_command(shop, capsys):
    rehearsed = campaigner.run(shop, **JANUARY, dry_run=True)
    with campaigner.ledger(shop) as empty:
        assert list(empty.grants()) == []
    period = ["--from", "2026-01-01", "--to", "2026-01-31", "--format", "json"]
    told = json.loads(said(capsys, "run", "shop", *period, "--dry-run"))
    assert told["dry_run"] is rehearsed.dry_run is True
    for result, one in zip(rehearsed.campaigns, told["campaigns"], strict=True):
        for name in ("campaign", "looked", "reached", "granted", "repeated", "outcomes", "claims"):
            assert getattr(result, name) == one[name]
    done = campaigner.run(shop, **JANUARY)
    assert done.campaigns == rehearsed.campaigns
    assert done.delivered["rewards"] == done.campaigns[0].granted > 0
    again = campaigner.run(shop, **JANUARY)
    assert [one.granted for one in again.campaigns] == [0, 0]
    with pytest.raises(FrozenInstanceError):
        done.ended = 1


def test_a_plan_of_a_file_is_carried_out_in_place_of_the_files(shop, tmp_path):
    plan = campaigner.plan(shop)
    brief = tmp_path / "shop" / "cash_back.campaign"
    brief.write_text("no campaign", "utf-8")
    broken = campaigner.load("shop")
    assert campaigner.run(broken, plan, **JANUARY).campaigns[0].granted > 0
    settings = tmp_path / "shop" / "campaigner.toml"
    settings.write_text(settings.read_text("utf-8").replace('"CNY"', '"EUR"'), "utf-8")
    with pytest.raises(campaigner.Mistakes):
        campaigner.run(campaigner.load("shop"), plan, **JANUARY)


def test_the_ledger_shows_what_the_command_lists(shop, capsys):
    campaigner.run(shop, **JANUARY)
    with campaigner.ledger(shop) as kept:
        grants = list(kept.grants("cash_back"))
        budgets = kept.budgets("cash_back")
        assert kept.verify() == ()
        assert kept.outcomes()["cash_back", "granted"] == len(grants)
        assert (list(kept.balances()), list(kept.offers()), list(kept.claims())) == ([], [], [])
        with pytest.raises(campaigner.CannotRun):
            list(kept.grants("cash_bak"))
    listed = json.loads(said(capsys, "ledger", "grants", "shop", "--format", "json"))["grants"]
    assert [str(one.number) for one in grants] == [one["grant"] for one in listed]
    asked = ("ledger", "budgets", "shop", "--campaign", "cash_back", "--format", "json")
    assert [f"{one.spent:f}" for one in budgets] == [
        one["spent"] for one in json.loads(said(capsys, *asked))["budgets"]
    ]


def test_mistakes_are_listed_and_stop_what_needs_a_plan(shop, tmp_path):
    assert campaigner.check(shop) == ()
    brief = tmp_path / "shop" / "cash_back.campaign"
    brief.write_text(brief.read_text("utf-8").replace("consent_marketing", "consent"), "utf-8")
    wrong = campaigner.load("shop")
    found = campaigner.check(wrong)
    assert "E201" in [one.code.id for one in found]
    for ask in (campaigner.plan, lambda project: campaigner.run(project, **JANUARY)):
        with pytest.raises(campaigner.Mistakes) as stopped:
            ask(wrong)
        assert stopped.value.diagnostics == found
        assert stopped.value.diagnostic in found
    with campaigner.ledger(wrong) as kept:
        assert kept.budgets() == []


def test_a_campaign_that_has_ended_is_a_warning_on_a_later_day(shop):
    assert [one.code.severity for one in campaigner.check(shop, today=date(2040, 1, 1))] == [
        "warning",
        "warning",
    ]


def test_a_warehouse_that_is_not_as_the_catalog_says_is_found(shop, tmp_path):
    assert campaigner.check(shop, warehouse=True) == ()
    warehouse = next(tmp_path.glob("shop/**/*.duckdb"))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("ALTER TABLE orders RENAME COLUMN amount TO worth")
    assert "E708" in [one.code.id for one in campaigner.check(shop, warehouse=True)]
    with pytest.raises(campaigner.Mistakes) as stopped:
        campaigner.run(shop, **JANUARY)
    assert "E708" in [one.code.id for one in stopped.value.diagnostics]
    warehouse.unlink()
    with pytest.raises(campaigner.CannotRun) as missing:
        campaigner.check(shop, warehouse=True)
    assert missing.value.diagnostic.code.id == "E702"


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda shop: campaigner.load("nowhere"), "E152"),
        (lambda shop: campaigner.read_plan("nowhere"), "E780"),
        (lambda shop: campaigner.read_plan("."), "E783"),
        (lambda shop: campaigner.write_plan(campaigner.plan(shop), "no/where"), "E780"),
        (lambda shop: campaigner.run(shop, at="2999-01-01"), "E766"),
        (lambda shop: campaigner.run(shop, at="soon"), "E700"),
        (lambda shop: campaigner.sql(campaigner.plan(shop), "x", at="2026-01-01"), "E785"),
        (
            lambda shop: campaigner.sql(campaigner.plan(shop), at="2026-01-01", dialect="db2"),
            "E786",
        ),
        (
            lambda shop: campaigner.decide(
                campaigner.plan(shop), customers={}, start="2026-01-02", end="2026-01-01"
            ),
            "E701",
        ),
    ],
)
def test_what_cannot_be_done_is_one_diagnostic(shop, ask, code):
    with pytest.raises(campaigner.CannotRun) as stopped:
        ask(shop)
    assert stopped.value.diagnostic.code.id == code
