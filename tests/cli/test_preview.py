"""`campaigner preview`, and `run` of one campaign, of which nothing is kept."""

from __future__ import annotations

import csv
import io
import json

import pytest

from ..docs.situations import LUCKY, WELCOME
from ..seeds import SEED

PERIOD = ("--from", "2026-01-01", "--to", "2026-02-28")


@pytest.fixture
def shop(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_written(shop, campaigner):
    before = files(shop)
    for options in ((), ("--keys",), ("--format", "json"), ("--campaign", "win_back")):
        assert campaigner("preview", "shop", *PERIOD, *options).returncode == 0
    kept = {path for path in files(shop) if ".campaigner" not in path.parts}
    assert kept == set(before)
    assert {path: data for path, data in files(shop).items() if path in before} == before


def test_a_document_says_what_a_run_then_does(shop, campaigner):
    document = json.loads(campaigner("preview", "shop", *PERIOD, "--format", "json").stdout)
    report = json.loads(campaigner("run", "shop", *PERIOD, "--format", "json").stdout)
    granted = {one["campaign"]: one["granted"] for one in report["campaigns"]}
    spent = {one["campaign"]: one["spent"] for one in report["campaigns"]}
    assert {one["campaign"]: one["granted"] for one in document["campaigns"]} == granted
    assert {one["campaign"]: one["cost"] for one in document["campaigns"]} == spent
    sizes = {one["name"]: one["customers"] for one in document["groups"]}
    assert sum(count for name, count in sizes.items() if name.startswith("shop.")) == 60
    again = json.loads(campaigner("preview", "shop", *PERIOD, "--format", "json").stdout)
    assert [one["granted"] for one in again["campaigns"]] == [0, 0]
    kinds = [line["kind"] for line in again["campaigns"][1]["clauses"]]
    assert kinds[-2:] == ["decided_before", "granted"]


def test_lines_come_in_the_order_of_the_brief(shop, campaigner):
    told = campaigner("preview", "shop", *PERIOD, "--campaign", "win_back", "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(told.stdout)))
    assert [line["clause"] for line in lines] == [
        *("customers", "stage", "audience", "audience", "trigger", "reward"),
        *("decisions", "cap", "granted"),
    ]
    counts = [int(line["left"]) for line in lines if line["of"] == "customers"]
    assert counts == sorted(counts, reverse=True)


def test_keys_of_those_who_would_get_something(shop, campaigner):
    told = campaigner("preview", "shop", *PERIOD, "--keys", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert set(rows[0]) == {"campaign", "step", "customer"}
    campaigner("run", "shop", *PERIOD)
    listed = campaigner("ledger", "grants", "shop", "--format", "csv").stdout
    got = {(row["campaign"], row["recipient"]) for row in csv.DictReader(io.StringIO(listed))}
    assert {(row["campaign"], row["customer"]) for row in rows} == got


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (("stage", "shop.dormant"), 11),
        (("stage", "dormant"), 11),
        (("audience", "frequent"), 38),
    ],
)
def test_one_group_alone(shop, campaigner, words, size):
    at = ("--at", "2026-02-28T23:59:59+08:00")
    document = json.loads(campaigner("preview", *words, "shop", *at, "--format", "json").stdout)
    assert document["customers"] == size
    told = campaigner("preview", *words, "shop", *at, "--keys", "--lang", "zh")
    assert told.returncode == 0
    assert "c0" in told.stdout
    listed = campaigner("preview", *words, "shop", *at, "--keys", "--format", "csv").stdout
    keys = [row["customer"] for row in csv.DictReader(io.StringIO(listed))]
    assert len(set(keys)) == size
    assert keys == sorted(keys)
    inside = campaigner("preview", *words, *at, cwd=shop)
    assert f" {size} " in inside.stdout + " "


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("audience", "frequnt", "shop"), "E950"),
        (("stage", "gone", "shop"), "E950"),
        (("audience",), "E186"),
        (("shop", "shop"), "E186"),
        (("stage", "dormant", "shop", "--campaign", "win_back"), "E186"),
        (("shop", "--campaign", "winback"), "E785"),
        (("shop", "--at", "2026-02-01", "--from", "2026-01-01"), "E186"),
        (("shop", "--at", "someday"), "E700"),
        (("nowhere",), "E152"),
    ],
)
def test_what_is_wrong_is_named(shop, campaigner, words, code):
    told = campaigner("preview", *words)
    assert told.returncode == 2
    assert f"[{code}]" in told.stderr
    assert told.stdout == ""


def test_a_campaign_that_is_not_due_says_so(shop, campaigner):
    told = campaigner("preview", "shop", "--at", "2040-02-01")
    assert told.returncode == 0
    assert "win_back is not active in the period" in told.stderr


def test_one_campaign_is_run_alone(shop, campaigner):
    told = campaigner("run", "shop", *PERIOD, "--campaign", "win_back", "--format", "json")
    assert [one["campaign"] for one in json.loads(told.stdout)["campaigns"]] == ["win_back"]
    listed = campaigner("ledger", "grants", "shop", "--format", "json").stdout
    assert {row["campaign"] for row in json.loads(listed)["grants"]} == {"win_back"}
    rest = json.loads(campaigner("run", "shop", *PERIOD, "--format", "json").stdout)
    assert [one["granted"] > 0 for one in rest["campaigns"]] == [True, False]


def test_a_rehearsal_lists_who_would_get_what(shop, campaigner):
    told = campaigner("run", "shop", *PERIOD, "--dry-run", "--grants", "--format", "json")
    rows = json.loads(told.stdout)["grants"]
    campaigner("run", "shop", *PERIOD)
    listed = json.loads(campaigner("ledger", "grants", "shop", "--format", "json").stdout)
    assert rows == [{name: row[name] for name in rows[0]} for row in listed["grants"]]
    assert "[E186]" in campaigner("run", "shop", *PERIOD, "--grants").stderr


def test_one_campaign_of_a_project_in_which_another_is_reversed(shop, campaigner):
    text = (shop / "cash_back.campaign").read_text("utf-8")
    lines = text.replace("  reward ", "  reversed on order by event.product\n  reward ", 1)
    (shop / "cash_back.campaign").write_text(lines, "utf-8")
    for command in ("preview", "run"):
        told = campaigner(command, "shop", *PERIOD, "--campaign", "win_back")
        assert told.returncode == 0, told.stderr


def test_one_campaign_of_a_project_in_which_another_draws(shop, campaigner):
    (shop / "lucky_draw.campaign").write_text(LUCKY, "utf-8")
    settings = (shop / "campaigner.toml").read_text("utf-8")
    (shop / "campaigner.toml").write_text(
        settings.replace("[ledger]", '[chance]\nseed = "${DRAW_SEED}"\n\n[ledger]'), "utf-8"
    )
    seeded = {"DRAW_SEED": SEED}
    for command in ("preview", "run"):
        told = campaigner(command, "shop", *PERIOD, "--campaign", "win_back", env=seeded)
        assert told.returncode == 0, told.stderr


def test_a_step_that_gives_nothing_shows_who_reaches_it(shop, campaigner):
    text = WELCOME.replace("      reward 1 points\n", "")
    (shop / "welcome.campaign").write_text(text, "utf-8")
    told = campaigner("preview", "shop", *PERIOD, "--campaign", "welcome")
    assert told.returncode == 0, told.stderr
    assert "reached" in told.stdout
