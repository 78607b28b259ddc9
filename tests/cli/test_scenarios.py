"""`campaigner test`: formats, coverage, and scenarios of real decisions, in both languages."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

WRONG = """
scenario "the impossible & <more>" for cash_back {
  given customer { consent_marketing: no, employee: no }
  when  order { amount: 300 CNY }
  then  reward 15 CNY as cash
}
"""


@pytest.fixture
def shop(campaigner, tmp_path):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def test_a_failure_shows_what_differs_and_the_clause(campaigner, shop):
    (shop / "more.campaign").write_text(WRONG, "utf-8")
    told = campaigner("test", "shop")
    assert told.returncode == 1
    assert told.stdout.splitlines()[1:] == [
        "  shop/more.campaign:4",
        "    expected  then reward 15 CNY as cash",
        "    came      nothing",
        "    clause    consent_marketing (consent_marketing = no)  shop/cash_back.campaign:8",
        "2 of 3 scenarios passed",
    ]
    assert "3 个场景中 2 个通过" in campaigner("test", "shop", "--lang", "zh").stdout
    assert campaigner("test", "shop", "--filter", "coffee").returncode == 0


def test_programs_read_the_same(campaigner, shop):
    (shop / "more.campaign").write_text(WRONG, "utf-8")
    found = json.loads(campaigner("test", "shop", "--format", "json", "--coverage").stdout)
    assert (found["passed"], found["failed"], found["coverage"]["percent"]) == (2, 1, 100)
    failed = [one for one in found["scenarios"] if not one["passed"]]
    assert [(one["title"], one["failure"]["line"]) for one in failed] == [
        ("the impossible & <more>", 4)
    ]
    suite = ET.fromstring(campaigner("test", "shop", "--format", "junit").stdout)
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [one.get("name") for one in suite if one.find("failure") is not None] == [
        "the impossible & <more>"
    ]


def test_coverage_is_listed_written_and_asked_for(campaigner, shop):
    (shop / "scenarios.campaign").write_text(WRONG.replace("reward 15 CNY as cash", "nothing"))
    told = campaigner("test", "shop", "--fail-under", "90", "--html", "page.html")
    assert told.returncode == 1
    assert "win_back  clause: not employee" in told.stdout
    page = (shop.parent / "page.html").read_text("utf-8")
    assert "not employee" in page
    assert "<script" not in page
    assert campaigner("test", "shop", "--fail-under", "10").returncode == 0


def test_a_recorded_scenario_passes(campaigner, shop):
    assert campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31").returncode == 0
    asked = ("--campaign", "cash_back", "--customer", "c004", "--at", "2026-01-06")
    told = campaigner("test", "shop", "--record", *asked)
    assert told.returncode == 0
    assert "then  reward 16.42 CNY as cash" in told.stdout
    assert "c004" not in told.stdout
    (shop / "recorded.campaign").write_text(told.stdout, "utf-8")
    assert campaigner("fmt", "--check", "shop").returncode == 0
    assert "3 of 3 scenarios passed" in campaigner("test", "shop").stdout


@pytest.mark.parametrize(
    ("campaign", "customer", "at", "outcome"),
    [
        ("cash_back", "c012", "2026-02-12", "over_budget"),
        ("cash_back", "c054", "2026-02-22", "over_limit"),
        ("win_back", "c004", "2026-03-07", "over_limit"),
        ("win_back", "c022", "2026-03-07", "over_budget"),
    ],
)
def test_a_recorded_refusal_is_refused(campaigner, shop, campaign, customer, at, outcome):
    """The scenario has what the totals had spent, and the grants that the limit counts."""
    assert campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31").returncode == 0
    asked = ("--campaign", campaign, "--customer", customer, "--at", at)
    told = campaigner("test", "shop", "--record", *asked)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"then  {outcome}" in told.stdout
    assert ("given spent" if outcome == "over_budget" else "given received") in told.stdout
    (shop / "recorded.campaign").write_text(told.stdout, "utf-8")
    assert "3 of 3 scenarios passed" in campaigner("test", "shop").stdout


@pytest.mark.parametrize("counted", [(), ("caps",), ("outcomes",), ("caps", "outcomes")])
def test_caps_and_outcomes_are_counted_where_asked(campaigner, shop, counted):
    more = [word for one in counted for word in ("--count", one)]
    told = campaigner("test", "shop", "--fail-under", "100", *more)
    kinds = json.loads(campaigner("test", "shop", "--format", "json", "--coverage").stdout)
    names = {
        "step",
        "clause",
        "branch",
        *({"caps": "cap", "outcomes": "outcome"}[one] for one in counted),
    }
    found = kinds["coverage"]["kinds"]
    whole = all(one["all"] == one["reached"] for name, one in found.items() if name in names)
    assert told.returncode == (0 if whole else 1)
    assert campaigner("test", "shop", "--count", "cups").returncode == 2


def test_a_broken_scenario_stops_check_and_test_alone(campaigner, shop):
    (shop / "more.campaign").write_text(WRONG.replace("cash_back", "cash_bak"), "utf-8")
    for command in ("check", "test"):
        told = campaigner(command, "shop")
        assert told.returncode == 1
        assert "E900" in told.stdout + told.stderr
    assert campaigner("plan", "shop").returncode == 0
