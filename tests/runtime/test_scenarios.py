"""Scenarios: what comes of a turn, no more and no less, and the clause where it differs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from campaigner.compiler.project.project import load_project
from campaigner.compiler.scenarios.outcomes import OUTCOMES
from campaigner.dsl.diagnostics.diagnostic import has_errors
from campaigner.runtime.decide.claims import ClaimOutcome
from campaigner.runtime.decide.decisions import Outcome
from campaigner.runtime.decide.reversing.events import ReversalOutcome
from campaigner.runtime.scenarios.testing import ScenarioResult, run_scenarios

from ..projects import compile_folder, write

SETTINGS = """[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    vip: {type: boolean}
    city: {type: text, optional: true}
    friend: {type: text, optional: true}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount: {type: money, currency: CNY}
      referrer: {type: text, optional: true}
  refund:
    table: refunds
    key: refund_id
    customer: customer_id
    at: refunded_at
    fields:
      order_id: {type: text}
  choice:
    table: choices
    key: choice_id
    customer: customer_id
    at: chosen_at
    fields:
      benefit: {type: text}
"""
BENEFITS = """benefit coffee "Coffee" { kind coupon value 30 CNY cost 10 CNY }
benefit tea "Tea" { kind coupon value 20 CNY cost 10 CNY }
lifecycle shop ladder {
  stage trial
  stage growing from count(order) >= 2
}
"""


def campaign(
    trigger: str = "trigger on order where amount >= 100 CNY",
    reward: str = "reward coffee limit 1 per customer",
    *,
    audience: str = "vip",
    more: str = "",
    compliance: str = 'forbid phrase "sure"',
) -> str:
    return f"""campaign c {{
  active   2026-03-01 to 2026-12-31
  audience {audience}
  {trigger}
  {reward}
  budget {{ total 1_000 CNY }}
  {more}
  compliance {{ {compliance} }}
}}
"""


def results(folder, text: str, *scenarios: str) -> list[ScenarioResult]:
    numbered = (f'scenario "{number}" for c {{\n{one}\n}}' for number, one in enumerate(scenarios))
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG}
    write(folder, {**files, "all.campaign": "\n".join([BENEFITS, text, *numbered])})
    compiled = compile_folder(folder)
    assert not has_errors(compiled.diagnostics), [one.message() for one in compiled.diagnostics]
    assert compiled.plan is not None
    channels = load_project(folder).config.channels
    return list(run_scenarios(compiled.plan, compiled.scenarios, channels))


def passes(folder, text: str, scenario: str) -> None:
    (one,) = results(folder, text, scenario)
    failure = one.failure
    assert one.passed, failure and (failure.difference, failure.lost)


VIP = "given customer { vip: yes }"


def test_all_that_came_must_be_expected_and_nothing_else(tmp_path):
    text = campaign(more='message push "{{ reward.label }} for you"')
    one, other, third = results(
        tmp_path,
        text,
        f"{VIP} when order {{ amount: 100 CNY }} then reward coffee then message push",
        f"{VIP} when order {{ amount: 100 CNY }} then reward coffee",
        f'{VIP} when order {{ amount: 100 CNY }} then reward coffee then message push "tea"',
    )
    assert one.passed
    assert other.failure is not None
    assert [one.said for one in other.failure.difference.more] == ["Coffee for you"]
    assert third.failure is not None
    assert [one.text for one in third.failure.difference.missing] == ['then message push "tea"']


def test_a_failure_has_the_clause(tmp_path):
    (one,) = results(
        tmp_path,
        campaign(),
        "given customer { vip: no } when order { amount: 100 CNY } then reward coffee",
    )
    assert one.failure is not None
    ((customer, clause),) = one.failure.lost
    assert (customer, clause.text, dict(clause.values)) == ("customer", "vip", {"vip": "no"})


@pytest.mark.parametrize(
    ("given", "event", "because"),
    [
        (VIP, "amount: 99 CNY", "amount >= 100 CNY"),
        ("given customer { vip: no }", "amount: 100 CNY", "vip"),
    ],
)
def test_nothing_says_why(tmp_path, given, event, because):
    passes(
        tmp_path, campaign(), f'{given} when order {{ {event} }} then nothing because "{because}"'
    )


def test_another_event_of_the_same_instant_is_explained_by_itself(tmp_path):
    passes(
        tmp_path,
        campaign(),
        f"{VIP} when order {{ amount: 100 CNY }} then reward coffee"
        ' when order { amount: 5 CNY } then nothing because "amount >= 100 CNY"'
        " when order { amount: 500 CNY } then over_limit then stage growing",
    )


def test_time_passes_over_schedules_and_years(tmp_path):
    passes(
        tmp_path,
        campaign("trigger on first monday of every month at 09:00", "reward 5 points"),
        f"given now 2026-03-01 {VIP} after 1 day at 12:00"
        " then reward 5 points at 2026-03-02 09:00 then balance(points) = 5"
        " until 2026-05-31 then reward 5 points then reward 5 points then balance(points) = 15"
        " after 3 years then balance(points) = 50" + " then reward 5 points" * 7,
    )


def test_a_timer_and_what_ends_it(tmp_path):
    text = campaign("trigger 2 days after order unless refund", "reward coffee", audience="yes")
    passes(
        tmp_path,
        text,
        "given customer ann {} given customer bob {}"
        " when order of ann { amount: 1 CNY } when order of bob { amount: 1 CNY } then nothing"
        ' after 1 day when refund of bob { order_id: "x" } then nothing'
        " after 1 day then reward coffee to ann at 2026-03-03",
    )


def test_a_journey_over_weeks(tmp_path):
    text = """campaign c {
  active   2026-03-01 to 2026-12-31
  audience vip
  journey {
    step hello on order
      one at a time
      reward 5 points
    step later 7 days after hello unless refund
      reward coffee
    step mark 14 days after hello
    leave on refund
  }
  budget { total 1_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
    passes(
        tmp_path,
        text,
        f"{VIP} when order {{ amount: 1 CNY }} then reward 5 points"
        " after 1 day when order { amount: 1 CNY } then already_inside"
        " after 6 days then reward coffee"
        " after 7 days then reached mark",
    )
    passes(
        tmp_path,
        text,
        f"{VIP} when order {{ amount: 1 CNY }} then reward 5 points"
        ' after 1 day when refund { order_id: "x" } then left after 30 days then nothing',
    )


def test_what_is_given_is_there_from_the_start(tmp_path):
    passes(
        tmp_path,
        campaign(audience="count(order) >= 3 and balance(points) >= 10", reward="reward 5 points"),
        "given customer given balance(points) = 10"
        " given order 3 days ago { amount: 1 CNY } given order at 2026-01-01 { amount: 1 CNY }"
        " when order { amount: 100 CNY } then reward 5 points then balance(points) = 15",
    )
    passes(
        tmp_path,
        campaign(),
        f"{VIP} given spent 995 CNY when order {{ amount: 100 CNY }} then over_budget",
    )


def test_nobody_is_held_out_unless_it_is_said(tmp_path):
    text = campaign(compliance="holdout at least 90%")
    for number in range(8):
        passes(
            tmp_path,
            text,
            f"given customer ann{number} {{ vip: yes }} when order {{ amount: 100 CNY }}"
            " then reward coffee",
        )
    passes(tmp_path, text, f"{VIP} given held out when order {{ amount: 100 CNY }} then held_out")


def test_a_draw_gives_the_prize_that_is_given(tmp_path):
    text = campaign(reward="reward draw { 1%: coffee  2%: 7 points }")
    for prize, then in (
        ("given prize coffee", "reward coffee"),
        ("given prize points", "reward 7 points"),
        ("given no prize", "nothing"),
    ):
        passes(tmp_path, text, f"{VIP} {prize} when order {{ amount: 100 CNY }} then {then}")


def test_an_offer_is_claimed_and_a_grant_taken_back(tmp_path):
    passes(
        tmp_path,
        campaign(reward="reward choose 1 of coffee, tea claimed on choice by event.benefit"),
        f"{VIP} when order {{ amount: 100 CNY }} then reward choose 1 of coffee, tea"
        ' after 1 day when choice { `benefit`: "tea" } then reward tea'
        ' when choice { `benefit`: "coffee" } then other_choice',
    )
    passes(
        tmp_path,
        campaign(reward="reward 9 points", more="reversed on refund by event.order_id"),
        f'{VIP} when order {{ key: "o1", amount: 100 CNY }} then reward 9 points'
        ' after 1 day when refund { order_id: "o1" } then reversed then balance(points) = 0',
    )


def test_a_message_waits_for_the_end_of_quiet_hours(tmp_path):
    passes(
        tmp_path,
        campaign(more='message push "{{ reward.label }}"', compliance="quiet hours 21:00 to 08:00"),
        f"given now 2026-03-05 22:00 {VIP} when order {{ amount: 100 CNY }} then reward coffee"
        ' after 1 day then message push "Coffee" at 2026-03-06 08:00',
    )


def test_a_reward_goes_to_another(tmp_path):
    passes(
        tmp_path,
        campaign(reward="reward coffee to event.referrer"),
        "given customer ann { vip: yes } given customer bob { vip: no }"
        ' when order of ann { amount: 100 CNY, referrer: "bob" } then reward coffee to bob',
    )


def test_a_wallet_fires(tmp_path):
    text = campaign("trigger on order", "reward 5 points") + campaign(
        "trigger when balance(points) reaching 10", "reward coffee"
    ).replace("campaign c", "campaign d")
    passes(tmp_path, text, f"{VIP} when order {{ amount: 1 CNY }} then reward 5 points")


def test_the_outcomes_are_those_of_the_ledger():
    known = {*get_args(Outcome), *get_args(ClaimOutcome), *get_args(ReversalOutcome)}
    # Grants are named by what they give, and nothing is late, foreign or stopped in a scenario.
    unsaid = {"granted", "claimed", "already_granted", "too_late", "not_eligible", "not_reached"}
    assert known - unsaid - {"other_customer", "stopped"} == OUTCOMES


def test_the_clock_has_a_zone(tmp_path):
    (one,) = results(tmp_path, campaign(), f"{VIP} after 1 day then nothing")
    assert one.scenario.now == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_a_wallet_that_something_else_fills_fires(tmp_path):
    text = campaign("trigger when balance(stars) reaching 10", "reward coffee", audience="yes")
    giver = campaign("trigger on order", "reward 5 stars").replace("campaign c", "campaign d")
    passes(
        tmp_path,
        text + giver,
        "given customer {} given balance(stars) = 4 when balance(stars) = 9 then nothing"
        " when balance(stars) = 12 then reward coffee then balance(stars) = 12"
        " when balance(stars) = 20 then nothing",
    )
