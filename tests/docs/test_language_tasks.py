"""Tasks on docs/language.md are done as the page says, by the reference and in SQL."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import StepKey, steps_of
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.decide.reference import decide

from ..laws.cases import Case, compile_case
from ..laws.warehouses import holding
from .examples import Example, blocks, case_of, known_of

BLOCKS = [text for _, text in blocks("tasks")]


def told(text: str) -> dict[str, list[str]]:
    """The answer of each step, by name."""
    lines = (line.partition("->") for line in text.splitlines() if "->" in line)
    found = {}
    for head, _, answer in lines:
        name = re.match(r"task (\w+)", head)
        found[name[1] if name else "all_done"] = answer.strip().split(", ")
    return found


def case(text: str) -> tuple[Example, Plan, Case]:
    """The project with a campaign of these tasks."""
    heads = (line.partition("->")[0].strip() for line in text.splitlines() if "->" in line)
    written = "\n".join(f"    {head} reward 1 points" for head in heads)
    known = replace(
        known_of(text), period=("2020-01-01", "2026-12-31"), line="trigger at 2026-03-01 09:00"
    )
    _, made = case_of(known)
    clauses = f"audience yes tasks {{\n{written}\n  }}\n  budget {{ total 0 CNY }}\n"
    own = f'\ncampaign deeds {{ {clauses}  compliance {{ forbid phrase "sure" }}\n}}\n'
    made = replace(made, campaigns=made.campaigns + own)
    return known, compile_case(made), made


def shown(known: Example, occurrence: str, at: object) -> str:
    keys = [one.key for one in known.events if known.instant(one.at) == at]
    return f"{occurrence} by {keys[0]}"


@pytest.mark.parametrize("text", BLOCKS)
def test_tasks_are_done_as_the_page_says(text: str) -> None:
    known, plan, made = case(text)
    rows, expected = made.rows(plan), told(text)
    steps = [key for key, _, _ in steps_of(plan) if key.campaign == "deeds"]
    assert [key.step for key in steps] == list(expected)
    for key in steps:
        due = made.due(plan, key.campaign, key.step)
        found = decide(plan, "deeds", rows, due, step=key.step)
        answers = [shown(known, one.identity.occurrence, one.at) for one in found]
        assert answers == expected[key.step], key
        assert _by_duckdb(plan, made, key) == [one.identity.occurrence for one in found]


def _by_duckdb(plan: Plan, made: Case, key: StepKey) -> list[str]:
    due = made.due(plan, key.campaign, key.step)
    sql = decisions(plan, key.campaign, due, "duckdb", step=key.step)
    return [str(row[3]) for row in holding("duckdb", made).decisions(sql)[1]]
