"""Decisions from rows in memory are those of the reference, and so of every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import campaigner
import pytest
from campaigner.compiler.plan.data import CANCELLED
from hypothesis import given, note
from hypothesis import strategies as st

from ..laws import at_most
from ..laws.cases import compile_case, to_json
from ..laws.engines import reference
from ..seeds import SEED
from ..strategies import Wanted, cases

PEOPLE = {
    "ann": {
        "city": "Wuhan",
        "employee": False,
        "consent_marketing": True,
        "registered_at": "2025-06-01T00:00:00Z",
        "phone": "13800000001",
    }
}
ORDER = {
    "event": "order",
    "key": "o1",
    "customer": "ann",
    "at": datetime.fromisoformat("2026-01-05T09:30+08:00"),
    "fields": {"amount": Decimal("260.00"), "product": "tea"},
}


@at_most(10)
@given(cases(Wanted(campaigns=3), late=False, pasts=False), st.randoms(use_true_random=False))
def test_rows_in_memory_are_decided_as_the_reference_does(case, chance):
    case = replace(case, grants=())
    note(to_json(case))
    plan = compile_case(case)
    rows = case.rows(plan)
    events = [
        {
            "event": name,
            "customer": customer,
            "key": row["key"],
            "at": row["at"],
            "fields": {field: row[field] for field in row if field not in ("at", "key", CANCELLED)},
        }
        for name, histories in rows.histories.items()
        for customer, seen in histories.items()
        for row in seen
    ]
    chance.shuffle(events)
    customers = {
        customer: {field: value for field, value in row.items() if field != "key"}
        for customer, row in rows.customers.items()
    }
    decided = campaigner.decide(
        plan, customers=customers, events=events, start=case.start, end=case.end, seed=SEED
    )
    assert decided.problems == ()
    for campaign in plan.campaigns:
        expected = reference(plan, campaign.name, case, case.due(plan, campaign.name))
        found = [one for one in decided.decisions if one.campaign == campaign.name]
        assert [(one.campaign, one.step, one.recipient, one.occurrence) for one in found] == [
            one.identity for one in expected
        ]
        for one, other in zip(found, expected, strict=True):
            assert (one.customer, one.at, one.held_out) == (
                other.customer,
                other.at,
                other.held_out,
            )
            assert [(line.name, line.amount, line.cost) for line in one.rewards] == [
                (line.reward, line.amount, line.cost) for line in other.lines
            ]
    rank = {one.name: -one.priority for one in plan.campaigns}
    order = [(one.at, rank[one.campaign], one.campaign) for one in decided.decisions]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"key": None}, "there is no `key` in it"),
        ({"event": "ordr"}, "the catalog has no event `ordr`"),
        ({"fields": {"amount": "much", "product": "tea"}}, "`amount` cannot be read as"),
        ({"fields": {"amount": float("nan"), "product": "tea"}}, "`amount` cannot be read as"),
        ({"fields": {"amount": Decimal("1E+999999"), "product": "tea"}}, "`amount` cannot be read"),
        ({"fields": {"product": "tea"}}, "there is nothing in `amount`"),
        ({"at": "yesterday"}, "`at` cannot be read as a point in time"),
        ({"customer": "\ud800"}, "`customer` cannot be read as a key"),
        ({"weather": "fine"}, "`weather` does not belong there"),
    ],
)
def test_a_bad_event_is_left_out_and_the_others_are_decided(shop, bad, words):
    other = {**ORDER, "key": "o2", **bad}
    found = decide(shop, PEOPLE, [other, ORDER])
    assert [one.occurrence for one in found.decisions] == ["o1"]
    (problem,) = found.problems
    assert problem.message().startswith(f"line 1 of `events` is no event: {words}")


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("bob", {**PEOPLE["ann"], "age": "old"}, "`age` cannot be read as a whole number"),
        ("bob", {"city": "Wuhan"}, "there is nothing in `consent_marketing`"),
        ("bob", {**PEOPLE["ann"], "agee": 5}, "`agee` does not belong there"),
        ("", PEOPLE["ann"], "`key` cannot be read as a key"),
    ],
)
def test_a_bad_customer_is_left_out_and_the_others_are_decided(shop, name, bad, words):
    found = decide(shop, {name: bad, **PEOPLE}, [ORDER, {**ORDER, "key": "o2", "customer": name}])
    assert [one.occurrence for one in found.decisions] == ["o1"]
    assert f"the row `{name}` of `customers` is left out: {words}" in found.problems[0].message()


@pytest.mark.parametrize(
    "amount", [260, 260.0, "260.00", Decimal("260.0000000000"), Decimal("2.6E+2")]
)
def test_an_amount_is_a_number_however_it_is_written(shop, amount):
    (found,) = decide(
        shop, PEOPLE, [{**ORDER, "fields": {"amount": amount, "product": "tea"}}]
    ).decisions
    assert [one.amount for one in found.rewards] == [Decimal("13.00")]


def test_an_event_given_twice_counts_once_and_two_with_one_key_not_at_all(shop):
    twice = decide(shop, PEOPLE, [ORDER, ORDER])
    assert ([one.occurrence for one in twice.decisions], twice.problems) == (["o1"], ())
    other = {**ORDER, "fields": {"amount": 900, "product": "tea"}}
    found = decide(shop, PEOPLE, [ORDER, other, {**ORDER, "key": "o2"}])
    assert [one.occurrence for one in found.decisions] == ["o2"]
    assert [one.message() for one in found.problems] == [
        "the row `o1` of `orders` is left out: its key comes more than once"
    ]


def test_a_draw_with_a_seed_needs_the_seed(shop, tmp_path):
    folder = tmp_path / "shop"
    settings = folder / "campaigner.toml"
    settings.write_text(
        settings.read_text("utf-8") + '\n[chance]\nseed = "${DRAW_SEED}"\n', "utf-8"
    )
    brief = folder / "cash_back.campaign"
    drawn = brief.read_text("utf-8").replace(
        "5% of event.amount as cash up to 20 CNY",
        "draw { 50%: 1 CNY as cash  rest: 2 CNY as cash }",
    )
    brief.write_text(drawn, "utf-8")
    plan = campaigner.plan(campaigner.load(folder))
    day = {"customers": PEOPLE, "events": [ORDER], "at": "2026-01-05 23:00"}
    for seed in (None, "", " "):
        with pytest.raises(campaigner.CannotRun) as stopped:
            campaigner.decide(plan, seed=seed, **day)
        assert stopped.value.diagnostic.code.id == "E194"
    (found,) = campaigner.decide(plan, seed="secret", **day).decisions
    assert found == campaigner.decide(plan, seed="secret", **day).decisions[0]
    assert campaigner.decide(plan, "win_back", **day).decisions == ()


def decide(project, customers, events):
    plan = campaigner.plan(project)
    return campaigner.decide(
        plan, "cash_back", customers=customers, events=events, at="2026-01-05 23:00"
    )
