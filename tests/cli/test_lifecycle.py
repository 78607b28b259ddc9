"""`campaigner lifecycle`: customers by stage over time, moves between stages, and bad input."""

import json
from itertools import pairwise

import duckdb
import pytest

QUARTER = ("--from", "2026-01-01", "--to", "2026-03-31")


@pytest.fixture
def shop(campaigner, tmp_path):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def document(told):
    return json.loads(told.stdout)


def test_the_stages_are_those_of_the_preview_and_nothing_is_written(campaigner, shop):
    files = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    told = document(campaigner("lifecycle", "shop", "--at", "2026-03-31", "--format", "json"))
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == files
    (found,) = told["lifecycles"]
    (customers,) = found["customers"]
    assert [one["stage"] for one in found["stages"]] == ["newcomer", "regular", "dormant"]
    for stage, count in customers["stages"].items():
        line = ("preview", "stage", stage, "shop", "--at", "2026-03-31", "--format", "json")
        assert document(campaigner(*line))["customers"] == count
    assert customers["outside"] == 60 - sum(customers["stages"].values())
    assert (found["moves"], found["whole"], told["with_ledger"]) == ([], None, False)


@pytest.mark.parametrize(("every", "instants"), [("day", 91), ("week", 14), ("month", 4)])
def test_every_flow_of_a_period_balances(campaigner, shop, every, instants):
    line = ("lifecycle", "shop", *QUARTER, "--every", every, "--format", "json")
    (found,) = document(campaigner(*line))["lifecycles"]
    assert len(found["customers"]) == instants
    assert [one["to"] for one in found["moves"]] == [one["at"] for one in found["customers"][1:]]
    for (before, after), moves in zip(pairwise(found["customers"]), found["moves"], strict=True):
        for flow in moves["flows"]:
            left, entered = whole_of(flow["left"]), whole_of(flow["entered"])
            assert flow["after"] == flow["before"] - left + entered == of(after, flow)
            assert flow["before"] == flow["stayed"] + left == of(before, flow)
    moved = sum(whole_of(flow["left"]) for one in found["moves"] for flow in one["flows"])
    assert sum(one["moves"] for one in found["edges"]) == moved


def whole_of(part):
    return sum(part["stages"].values()) + part["outside"] + part["not_yet"]


def of(customers, flow):
    stages = customers["stages"]
    return stages[flow["stage"]] if flow["kind"] == "stage" else customers[flow["kind"]]


def test_edges_have_the_campaigns_that_granted_something_in_between(campaigner, shop):
    before = campaigner("lifecycle", "shop", *QUARTER)
    assert "the ledger has no decisions yet" in before.stderr
    campaigner("run", "shop", *QUARTER)
    told = document(campaigner("lifecycle", "shop", *QUARTER, "--format", "json"))
    grants = document(campaigner("ledger", "grants", "shop", "--format", "json"))["grants"]
    assert told["with_ledger"]
    touched = {}
    for edge in told["lifecycles"][0]["edges"]:
        for one in edge["campaigns"]:
            touched.setdefault(one["campaign"], []).append(one["moves"])
            assert 0 < one["moves"] <= edge["moves"]
    assert touched
    for campaign, moves in touched.items():
        assert sum(moves) <= sum(one["campaign"] == campaign for one in grants)
    assert "a count, not a cause" in campaigner("lifecycle", "shop", *QUARTER).stderr


def test_project_and_name_go_in_any_order(campaigner, shop):
    asked = ("--at", "2026-03-31")
    both = [campaigner("lifecycle", *words, *asked) for words in (("shop", "shop"), ("shop",))]
    assert both[0] == both[1]
    shop.rename(shop.with_name("folder"))
    assert campaigner("lifecycle", "shop", "folder", *asked) == both[0]
    assert campaigner("lifecycle", "shop", *asked, cwd=shop.with_name("folder")) == both[0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("shop", "shpo"), "E650"),
        (("shop", "shop", "shop"), "E186"),
        (("shop", "--at", "9000-01-01"), "E766"),
        (("shop", "--at", "yesterday"), "E7"),
        (("shop", "--from", "2026-03-01", "--to", "2026-01-01"), "E701"),
        (("shop", "--from", "2026-03-01"), "E186"),
        (("shop", "--from", "2026-01-01", "--to", "9000-01-01"), "E766"),
        (("shop", "--from", "2020-01-01", "--to", "2020-03-01"), "E931"),
        (("shop", "--from", "2000-01-01", "--to", "2026-03-01", "--every", "day"), "E653"),
        (("shop", *QUARTER, "--every", "hour"), "E193"),
        (("shop", *QUARTER, "--out", "page.txt"), "E186"),
    ],
)
def test_bad_input_is_one_message(campaigner, shop, words, code, language):
    told = campaigner("lifecycle", *words, "--lang", language)
    assert told.returncode == 2
    assert told.stderr.count("[E") == told.stderr.count(f"[{code}") == 1
    assert told.stdout == ""


def test_orders_are_of_the_event_that_is_one(campaigner, shop):
    told = document(campaigner("lifecycle", "shop", *QUARTER, "--format", "json"))["orders"]
    assert (told["event"], told["amount"], told["cohorts_by"]) == ("order", "amount", "first")
    named = (*QUARTER, "--event", "order", "--amount", "amount", "--format", "json")
    assert document(campaigner("lifecycle", "shop", *named))["orders"] == told
    assert all(one["again"] == after["customers"] for one, after in pairwise(told["repurchase"]))
    assert sum(one["customers"] for one in told["rfm"]["cells"]) == told["rfm"]["customers"]
    catalog = shop / "catalog.yaml"
    login = (
        "  login:\n    table: orders\n    key: order_id\n    customer: customer_id\n"
        "    at: ordered_at\n    fields: {}\n"
    )
    catalog.write_text(
        catalog.read_text("utf-8").replace("events:\n", f"events:\n{login}"), "utf-8"
    )
    told = campaigner("lifecycle", "shop", *QUARTER)
    assert (
        "name the event that is one with `--event`; the catalog has `login`, `order`" in told.stderr
    )
    assert "repurchase" not in told.stdout
    assert "repurchase" in campaigner("lifecycle", "shop", *QUARTER, "--event", "order").stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cohort_of_three_has_counts_and_no_percentage(campaigner, shop, language):
    path = shop / "data" / "shop.duckdb"
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute("DELETE FROM orders WHERE customer_id > 'c003'")
    told = campaigner("lifecycle", "shop", *QUARTER, "--lang", language)
    assert told.returncode == 0
    orders = told.stdout.split("order", 1)[1]
    assert "%" not in orders
    assert {"en": "3 of 3", "zh": "3 中的 3"}[language] in orders
    assert {"en": "fewer than 10 customers", "zh": "不足 10 个"}[language] in orders
