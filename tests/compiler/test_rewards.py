"""The table of rewards: each kind of line has a row, and no cell of a row is empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from campaigner.compiler.invariants import check_invariants
from campaigner.compiler.plan import Plan, RewardLine
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.types import TEXT
from campaigner.compiler.plan.values import encode
from campaigner.compiler.rewards.kind import Kind
from campaigner.compiler.rewards.lines import lines_of_campaign, wallets_of
from campaigner.compiler.rewards.payouts import Goods, goods_of
from campaigner.compiler.rewards.table import KINDS, by_hand, kind_of, payout
from hypothesis import given
from hypothesis import strategies as st

from ..projects import compile_folder, write

SETTINGS = """[project]
name      = "test"
language  = 1
time_zone = "Asia/Shanghai"
currency  = "CNY"
catalog   = "catalog.yaml"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields: {vip: {type: boolean}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields: {amount: {type: money, currency: CNY}, quantity: {type: integer}}
"""
BENEFITS = """
benefit coffee { kind coupon value 30 CNY cost 20 CNY expires after 30 days }
benefit ride { kind coupon value 20 CNY }
benefit voucher { kind coupon value computed up to 9 CNY }
"""
CAMPAIGN = """
campaign gift_{number} "gift" {{
  audience yes
  trigger  on order
  reward   {reward}
  budget {{ total 1_000_000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
EXAMPLES = [(row, example) for row in KINDS for example in row.examples]


def name_of(row: Kind[Any]) -> str:
    return str(row.line.__name__)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A campaign for each example of the table."""
    folder = tmp_path_factory.mktemp("rewards")
    rewards = (
        CAMPAIGN.format(number=f"{number:02}", reward=example)
        for number, (_, example) in enumerate(EXAMPLES)
    )
    text = BENEFITS + "".join(rewards)
    write(folder, {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": text})
    compiled = compile_folder(folder)
    assert compiled.plan is not None, compiled.diagnostics
    return compiled.plan


def lines(plan: Plan) -> Iterator[tuple[Kind[Any], RewardLine]]:
    """Each line of the examples with the row that it is an example of."""
    for campaign, (row, _) in zip(plan.campaigns, EXAMPLES, strict=True):
        for line in lines_of_campaign(campaign):
            yield row, line


def test_each_kind_of_line_has_one_row() -> None:
    assert [row.line for row in KINDS] == list(get_args(RewardLine))


@pytest.mark.parametrize("row", KINDS, ids=name_of)
def test_no_cell_of_the_table_is_empty(row: Kind[Any]) -> None:
    assert row.examples
    columns = [one.name for one in fields(Kind) if one.name not in ("line", "examples", "offers")]
    assert [name for name in columns if not callable(getattr(row, name))] == []


def test_an_example_is_a_line_of_its_kind(plan: Plan) -> None:
    for row, line in lines(plan):
        assert kind_of(line) is row


def test_a_line_answers_every_question(plan: Plan) -> None:
    goods = goods_of(plan)
    for row, line in lines(plan):
        assert row.name(line)
        assert row.currency(line, goods) in {goods.currency, *wallets_of(plan)}
        assert row.label(line, goods)
        assert set(row.benefits(line)) <= set(goods.benefits)
        assert row.does(line) in ("give", "pay", "take")
        assert list(row.faults(line)) == []
        assert (row.amount_type(line, goods) is None) == (line.amount is None)


def test_a_line_is_given_under_its_name_and_at_most_at_its_cost(plan: Plan) -> None:
    goods = goods_of(plan)
    for row, line in lines(plan):
        one = payout(line, Decimal(7), goods)
        assert one is not None
        assert (one.reward, one.currency) == (row.name(line), row.currency(line, goods))
        cost = row.cost(line, goods)
        assert cost is None or one.cost == cost
        assert (one.choice is not None) == row.offers


VALUES = st.one_of(st.none(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False))


@given(value=VALUES)
def test_an_amount_that_is_given_is_above_zero_and_is_an_amount_again(
    plan: Plan, value: int | Decimal | None
) -> None:
    goods = goods_of(plan)
    for row, line in lines(plan):
        amount = row.python(line, value, goods)
        assert amount is None or amount > 0
        if amount is not None:
            assert row.python(line, amount, goods) == amount


def test_an_amount_of_another_type_breaks_an_invariant(plan: Plan) -> None:
    for campaign in plan.campaigns:
        (step,) = campaign.steps
        (line,) = lines_of_campaign(campaign)
        if line.amount is None or step.reward is None:
            continue
        wrong: RewardLine = replace(line, amount=Constant(TEXT, encode("5")))
        (branch,) = step.reward.branches
        reward = replace(step.reward, branches=(replace(branch, lines=(wrong,)),))
        broken = replace(campaign, steps=(replace(step, reward=reward),))
        found = check_invariants(replace(plan, campaigns=(broken,)))
        assert any("its amount is" in one.found for one in found)


def test_what_is_given_by_hand_is_given_by_campaigns_too(plan: Plan) -> None:
    goods = replace(goods_of(plan), wallets=frozenset(wallets_of(plan)))

    def named(number: str | None, word: str, goods: Goods = goods) -> str | None:
        one = by_hand(None if number is None else Decimal(number), word, goods)
        return None if one is None else f"{one.amount} {one.currency} for {one.cost}"

    assert named(None, "coffee") == "30.00 CNY for 20.00"
    assert named("20.50", "cash") == "20.50 CNY for 20.50"
    assert named("100", "points") == "100 points for 0"
    assert named("4.50", "voucher") == "4.50 CNY for 4.50"
    wrong = [
        ("1", "coffee"),
        (None, "voucher"),
        ("9.01", "voucher"),
        (None, "cash"),
        ("20.505", "cash"),
        ("1.5", "points"),
        ("1", "stars"),
    ]
    assert [named(*one) for one in wrong] == [None] * len(wrong)
    assert named(None, "choice") is None


def test_a_plan_without_wallets_names_none(tmp_path: Path) -> None:
    text = BENEFITS + CAMPAIGN.format(number="01", reward="coffee")
    write(tmp_path, {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": text})
    plan = compile_folder(tmp_path).plan
    assert plan is not None
    assert wallets_of(plan) == {}
