"""Every clause of a plan is a sentence in every language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from campaigner.compiler.check.festivals import KNOWN_FESTIVALS
from campaigner.compiler.deployed.reading import load
from campaigner.compiler.operators.table import OPERATORS
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.wording.campaigns import clauses
from campaigner.compiler.wording.clauses import Clause, Kind
from campaigner.compiler.wording.names import names_of
from campaigner.compiler.wording.operators import OPERATORS_SAID
from campaigner.compiler.wording.schedules import FESTIVALS
from campaigner.dsl.words.catalogue import languages
from hypothesis import given

from ...laws import at_most
from ...laws.test_journeys import journeys
from ...projects import ROOT, compile_folder, write
from ...strategies import projects

BANK = ROOT / "campaigns" / "bank"


def plan_of(files: dict[str, str]) -> Plan:
    with TemporaryDirectory(prefix="wording-") as name:
        plan = compile_folder(write(Path(name), files)).plan
    assert plan is not None
    return plan


def all_clauses(plan: Plan, *, public: bool = False) -> dict[str, tuple[Clause, ...]]:
    names = names_of(plan, public=public)
    return {campaign.name: clauses(names, campaign) for campaign in plan.campaigns}


def are_sentences(plan: Plan) -> None:
    for public in (False, True):
        for campaign, found in all_clauses(plan, public=public).items():
            assert {one.kind for one in found} <= {*get_args(Kind)}
            for one in found:
                for language in languages():
                    text = one.say(language)
                    assert text[-1:] in ".。”", f"{campaign}: {text}"
                    assert "None" not in text
                    assert "Phrase(" not in text


def test_every_operator_has_words():
    assert {row.key for row in OPERATORS} == OPERATORS_SAID


def test_every_festival_has_a_name():
    assert {*KNOWN_FESTIVALS} == FESTIVALS.keys()


@at_most(60)
@given(projects())
def test_every_clause_of_a_project_is_a_sentence(files):
    are_sentences(plan_of(files))


@at_most(40)
@given(journeys())
def test_every_clause_of_a_journey_is_a_sentence(made):
    are_sentences(made[0])


@pytest.mark.parametrize("name", ["bank", "complete_journey"])
def test_every_clause_of_the_shipped_campaigns_is_a_sentence(name):
    plan = compile_folder(ROOT / "campaigns" / name).plan
    assert plan is not None
    are_sentences(plan)


INVEST_BACK = {
    "en": """\
It is owned by wealth.
Its goal is investment.
It runs from 1 January 2026 to 31 December 2026.
A customer takes part if the customer belongs to “可触达”.
A customer takes part if 风险承受能力 is known.
It is required that 同意接收营销信息 is yes (没有营销授权的客户不得触达).
It is required that 风险承受能力 is at least 产品风险等级 of 投资.
For each 投资 where 金额 is at least 10,000 CNY and 产品 is not “futures”.
The reward is 0.1% of 金额 of 投资 in cash, at most 88 CNY.
It is delivered on day 5 of the month 2 months later.
""",
    "zh": """\
负责人：wealth。
目标：investment。
活动时间：2026年1月1日至2026年12月31日。
参与条件：客户属于“可触达”。
参与条件：风险承受能力已知。
合规要求：同意接收营销信息为是（没有营销授权的客户不得触达）。
合规要求：风险承受能力不低于 投资的产品风险等级。
每次投资（金额不低于 10,000 元，并且产品不为“futures”）。
奖励：现金 投资的金额的 0.1%，最高 88 元。
于 2 个月后当月的 5 日发放。
""",
}


@pytest.mark.parametrize("language", languages())
def test_a_campaign_reads_like_its_brief(language):
    plan = compile_folder(BANK).plan
    assert plan is not None
    told = [one.say(language) for one in all_clauses(plan)["invest_back"]]
    assert told[:10] == INVEST_BACK[language].splitlines()


def test_a_public_sentence_names_no_field_of_class_c2_or_c3():
    plan = compile_folder(BANK).plan
    assert plan is not None
    fields = tuple(
        replace(one, sensitivity="C2") if one.name in ("risk_level", "aum") else one
        for one in plan.customers.fields
    )
    plan = replace(plan, customers=replace(plan.customers, fields=fields))
    open_, told = (
        " ".join(
            one.say("en") for found in all_clauses(plan, public=public).values() for one in found
        )
        for public in (False, True)
    )
    for label in ("风险承受能力", "上月日均金融资产"):
        assert label in open_
        assert label not in told
    assert "a condition on personal data that is not published holds" in told


LABELLED = {
    "campaigner.toml": """\
[project]
name = "labels"
language = 1
time_zone = "UTC"
currency = "CNY"
catalog = "catalog.yaml"
""",
    "catalog.yaml": """\
customer:
  table: customers
  key: id
  fields:
    level: {type: enum, values: [a, b, c], labels: {b: "gold", c: "<b>top</b>"}}
events:
  login:
    table: logins
    key: id
    customer: customer_id
    at: at
    fields:
      channel: {type: enum, values: [app, web], labels: {app: "the app"}}
""",
    "x.campaign": """\
benefit coffee "Coffee" { kind digital  value 5 CNY  cost 1 CNY }
campaign x {
  audience level in (a, b, c) and last(login).channel = app
  trigger on login where channel = app and channel != web
  reward coffee
  compliance { forbid phrase "sure" }
  budget { total 100 CNY }
}
""",
}


def test_values_of_an_enum_go_by_their_labels():
    plan = plan_of(LABELLED)
    (found,) = all_clauses(plan, public=True).values()
    told = " ".join(one.say("en") for one in found)
    assert told.count("“the app”") == 2
    assert "level is a or “gold” or “<b>top</b>”." in told
    assert "web" in told
    assert load(dump(plan)) == plan
