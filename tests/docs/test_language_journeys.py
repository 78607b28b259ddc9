"""Journeys on docs/language.md take the steps that the page says: by rules, and in the ledger.

    step joined on account_opened -> 1 at 2026-03-01 09:00
    step joined on account_opened => 1 at 2026-03-01 09:00 granted
    while consent_marketing

The number is the key of the event with which the instance began.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import StepKey, steps_of, turn_in_instance
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.reference import decide
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.run.candidates import Candidates

from ..laws.cases import Case, compile_case
from ..laws.warehouses import holding
from .examples import Example, blocks, case_of, known_of

BLOCKS = [text for _, text in blocks("journey")]
ANSWER = re.compile(r" [-=]> ")


def told(text: str) -> dict[str, list[str]]:
    """The answer of each step, by name."""
    lines = [ANSWER.split(line.split("#")[0]) for line in text.splitlines() if ANSWER.search(line)]
    return {_name(head): _answers(answer) for head, answer in lines}


def _name(head: str) -> str:
    return "leave" if head.startswith("leave") else head.split()[1]


def _answers(text: str) -> list[str]:
    return [] if text.strip() == "nobody" else text.strip().split(", ")


def case(text: str) -> tuple[Example, Plan, Case]:
    """The project with a campaign of this journey."""
    lines = text.splitlines()
    heads = [ANSWER.split(line)[0].strip() for line in lines if ANSWER.search(line)]
    heads += [line for line in lines if line.startswith("while ")]
    facts = "\n".join(line for line in lines if not ANSWER.search(line) and line not in heads)
    known = replace(
        known_of(facts), period=("2020-01-01", "2026-12-31"), line="trigger at 2026-03-01 09:00"
    )
    _, made = case_of(known)
    written = "\n".join(f"    {head}" for head in heads)
    clauses = f"audience yes journey {{\n{written}\n  }}\n  budget {{ total 30 CNY }}\n"
    own = f'\ncampaign way {{ {clauses}  compliance {{ forbid phrase "sure" }}\n}}\n'
    made = replace(made, campaigns=made.campaigns + own)
    return known, compile_case(made), made


def shown(known: Example, occurrence: str, at: datetime) -> str:
    (clock,) = {known.instant("2026-01-01").replace(tzinfo=None)}  # The page's zone has no changes.
    offset = datetime.fromisoformat("2026-01-01") - clock
    return f"{occurrence} at {at.replace(tzinfo=None) + offset:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("text", BLOCKS)
def test_steps_are_taken_as_the_page_says(text: str, tmp_path: Path) -> None:
    known, plan, made = case(text)
    steps = [key for key, _, _ in steps_of(plan) if key.campaign == "way"]
    assert [key.step for key in steps] == list(told(text))
    found = {key: _by_rules(plan, made, key) for key in steps}
    for key in steps:
        named = [one.identity.occurrence for one in found[key] if not one.left]
        assert _by_duckdb(plan, made, key) == named
    if "=>" in text:
        found = {key: _as_a_run_asks(plan, made, key) for key in steps}
        answers = _in_ledger(plan, known, found, tmp_path)
    else:
        answers = {
            key.step: [shown(known, one.identity.occurrence, one.at) for one in found[key]]
            for key in steps
        }
    assert answers == told(text)


def _by_rules(plan: Plan, made: Case, key: StepKey) -> list[Decision]:
    due = made.due(plan, key.campaign, key.step)
    return list(decide(plan, key.campaign, made.rows(plan), due, step=key.step))


def _by_duckdb(plan: Plan, made: Case, key: StepKey) -> list[str]:
    due = made.due(plan, key.campaign, key.step)
    sql = decisions(plan, key.campaign, due, "duckdb", step=key.step)
    return [str(row[3]) for row in holding("duckdb", made).decisions(sql)[1]]


def _as_a_run_asks(plan: Plan, made: Case, key: StepKey) -> list[Decision]:
    due = made.due(plan, key.campaign, key.step)
    query = candidates_query(plan, key.campaign, due, "duckdb", step=key.step)
    reader = Candidates(plan, key.campaign, query.columns, step=key.step)
    return [reader.read(row).decision for row in holding("duckdb", made).candidates(query)]


def _in_ledger(
    plan: Plan, known: Example, found: dict[StepKey, list[Decision]], folder: Path
) -> dict[str, list[str]]:
    """The outcomes of the steps, decided in the order of their instants."""
    (campaign,) = (one for one in plan.campaigns if one.name == "way")
    steps = {step.name: step for step in campaign.steps}

    def turn(one: Decision) -> tuple[datetime, int, int]:
        return one.at, *turn_in_instance(campaign, steps[one.identity.step])

    asked = sorted((one for several in found.values() for one in several), key=turn)
    answers: dict[str, list[str]] = {key.step: [] for key in found}
    with open_ledger("sqlite:///ledger.db", "bank", "CNY", root=folder) as ledger:
        for one, result in zip(asked, ledger.decide(plan, asked, "digest"), strict=True):
            words = f"{shown(known, one.identity.occurrence, one.at)} {result.outcome}"
            answers[one.identity.step].append(words)
        assert ledger.verify() == ()
    return answers
