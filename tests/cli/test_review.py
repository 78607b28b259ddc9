"""`campaigner review`: one report in three forms, of every state of a campaign."""

from __future__ import annotations

import json
from typing import Any

import pytest


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def shop(campaigner, tmp_path):
    campaigner("init", "shop")
    edit(tmp_path / "shop/win_back.campaign", "goal     retention", "goal  retention 30 customers")
    return tmp_path / "shop"


@pytest.fixture
def ran(campaigner, shop):
    campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    return shop


def document(campaigner, *arguments) -> dict[str, Any]:
    told = campaigner("review", *arguments, "--format", "json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_a_review_equals_what_ledger_commands_print(campaigner, ran):
    found = document(campaigner, "win_back", "shop")
    listed = campaigner("ledger", "shop", "grants", "--campaign", "win_back", "--format", "json")
    grants = json.loads(listed.stdout)["grants"]
    listed = campaigner("ledger", "shop", "budgets", "--campaign", "win_back", "--format", "json")
    budgets = {one["name"]: one for one in json.loads(listed.stdout)["budgets"]}
    assert found["whole"]["granted"] == len(grants) == 10
    assert found["whole"]["customers"] == len({one["recipient"] for one in grants})
    (total,) = (one for one in found["caps"] if one["name"] == "total")
    assert total["used"] == budgets["total"]["spent"] == found["whole"]["spent"] == "99.00"
    assert total["left"] == budgets["total"]["left"]
    assert found["goal"] == {
        "name": "retention",
        "of": "customers",
        "event": None,
        "field": None,
        "currency": None,
        "target": "30",
        "reached": "10",
    }


def test_the_phases_are_those_of_the_file_or_of_the_curve(campaigner, ran):
    by_curve = document(campaigner, "win_back", "shop")
    assert by_curve["phases_by"] == "spend"
    assert [one["last"] for one in by_curve["phases"]][:2] == ["2026-02-26", "2026-03-06"]
    file = ran / "win_back.campaign"
    edit(file, "  stage    ", "  peak     2026-02-01 to 2026-02-28\n  stage    ")
    by_file = document(campaigner, "win_back", "shop")
    assert by_file["phases_by"] == "file"
    assert [one["granted"] for one in by_file["phases"]] == [0, 5, 5]
    assert by_file["whole"] == by_curve["whole"]


def test_a_goal_in_events_counts_from_the_first_grant(campaigner, ran):
    edit(ran / "win_back.campaign", "30 customers", "5 order")
    found = document(campaigner, "win_back", "shop", "--complaint", "order")
    edit(ran / "win_back.campaign", "5 order", "500 CNY of order.amount")
    in_money = document(campaigner, "win_back", "shop")
    orders = found["complaints"][0]["events"]
    assert found["goal"]["reached"] == str(orders)
    assert (float(in_money["goal"]["reached"]) > 0) == (orders > 0)


def test_an_instant_before_it_all_has_nothing(campaigner, ran):
    found = document(campaigner, "win_back", "shop", "--at", "2025-12-01")
    assert found["state"] == "not_begun"
    assert found["outcomes"] == {}
    assert found["phases"] == []
    assert found["whole"]["spent"] == "0.00"
    assert "The ledger has no decision about it up to then." in found["notes"]


def test_a_campaign_that_never_granted_says_so(campaigner, shop):
    held_out = "follows fair_play\n    holdout at least 99%"
    edit(shop / "win_back.campaign", "follows fair_play", held_out)
    campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    found = document(campaigner, "win_back", "shop")
    assert set(found["outcomes"]) == {"held_out"}
    assert (found["phases_by"], found["phases"]) == ("nothing", [])
    assert "It never granted anything." in found["notes"]
    assert "Nothing was granted, so there are no phases." in found["notes"]


def test_a_campaign_that_is_gone_is_reported_from_the_ledger(campaigner, ran):
    (ran / "win_back.campaign").unlink()
    for file in ran.glob("*.campaign"):
        if "for win_back" in file.read_text("utf-8"):
            file.unlink()
    found = document(campaigner, "win_back", "shop")
    assert found["in_plan"] is False
    assert found["whole"]["granted"] == 10
    assert {one["name"]: one["used"] for one in found["caps"]}["total"] == "99.00"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("win_bakc", "shop"), "E785"),
        (("win_back", "shop", "--complaint", "ordr"), "E662"),
        (("win_back", "shop", "--at", "yesterday"), "E700"),
        (("win_back", "shop", "--at", "2999-01-01"), "E766"),
    ],
)
def test_what_cannot_be_reviewed_is_one_message(campaigner, ran, arguments, code):
    told = campaigner("review", *arguments)
    assert told.returncode == 2
    assert code in told.stderr
    assert told.stderr.count("error[") == 1


def test_without_a_ledger_nothing_is_written(campaigner, shop):
    told = campaigner("review", "win_back", "shop")
    assert (told.returncode, told.stdout) == (2, "")
    assert "E847" in told.stderr
    assert not (shop / "var").exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_are_never_markup(campaigner, ran, language):
    label = 'campaign win_back "<b>A | [coffee](http://x)</b>"'
    edit(ran / "win_back.campaign", 'campaign win_back "A coffee to come back for"', label)
    page = campaigner("review", "win_back", "shop", "--lang", language).stdout
    text = campaigner(
        "review", "win_back", "shop", "--lang", language, "--format", "markdown"
    ).stdout
    assert "<b>" not in page
    assert "<a " not in page
    assert "<b>" not in text
    assert "[coffee]" not in text


def test_no_customer_is_in_a_review(campaigner, ran):
    for form in ("html", "markdown", "json"):
        told = campaigner("review", "win_back", "shop", "--format", form).stdout
        assert "c052" not in told
