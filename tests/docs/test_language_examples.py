"""Every example of meaning on docs/language.md comes to what the page says, on every engine."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.claims import ClaimEvent
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.reversing.events import ReversalEvent
from campaigner.runtime.ledger import open_ledger

from ..laws.cases import Case
from ..laws.engines import DECIDERS, ENGINES, decisions_of, public_rows, reference, rows_of
from ..warehouses import ON_REQUEST
from .examples import PAGE, Example, case_of, claims_of, examples, reversals_of, told, told_claim

EVERY = list(examples())
EVERYBODY = {"reference": reference, **DECIDERS}


@cache
def made(number: int) -> tuple[Plan, Case]:
    return case_of(EVERY[number])


def lines() -> list[object]:
    return [pytest.param(number, id=one.line) for number, one in enumerate(EVERY)]


def holds(example: Example, found: list[str]) -> None:
    wanted = example.answer
    assert (found if example.is_in_order else sorted(found)) == (
        wanted if example.is_in_order else sorted(wanted)
    )


def test_every_rule_has_examples() -> None:
    meaning = PAGE.split("\n## What it means\n")[1].split("\n## ")[0]
    rules = re.split(r"^### ", meaning, flags=re.M)[1:]
    assert len(rules) == 12
    for rule in rules:
        assert "\n```example\n" in rule, rule.splitlines()[0]


@pytest.mark.parametrize("number", lines())
@pytest.mark.parametrize("engine", [*EVERYBODY, *ON_REQUEST])
def test_an_example_comes_to_what_the_page_says(engine: str, number: int, tmp_path: Path) -> None:
    example, (plan, case) = EVERY[number], made(number)
    due = case.due(plan, "example")
    decide = EVERYBODY.get(engine) or decisions_of(engine)
    found = decide(plan, "example", case, due)
    if example.is_for_the_ledger:
        holds(example, ledger_of(plan, example, found, tmp_path))
    else:
        holds(example, [told(example, one) for one in found if not one.held_out])


@pytest.mark.parametrize("number", lines())
@pytest.mark.parametrize("engine", [*ENGINES, *ON_REQUEST])
def test_the_readable_sql_shows_the_same(engine: str, number: int) -> None:
    plan, case = made(number)
    due = case.due(plan, "example")
    expected = public_rows(reference(plan, "example", case, due))
    rows = ENGINES.get(engine) or rows_of(engine)
    assert rows(plan, "example", case, due) == expected


def ledger_of(plan: Plan, example: Example, found: list[Decision], folder: Path) -> list[str]:
    """The outcomes in a new ledger, claims too; the same work again changes nothing."""
    everything: list[Decision | ClaimEvent | ReversalEvent] = [
        *found,
        *claims_of(plan, example),
        *reversals_of(plan, example),
    ]
    kinds = (Decision, ClaimEvent, ReversalEvent)
    asked = sorted(everything, key=lambda one: (one.at, kinds.index(type(one))))
    with open_ledger("sqlite:///ledger.db", "bank", "CNY", root=folder) as ledger:
        first = ledger.carry_out(plan, asked, "digest")
        granted = list(ledger.grants())
        again = ledger.carry_out(plan, asked, "digest")
        assert list(ledger.grants()) == granted
    for one, other in zip(first, again, strict=True):
        assert other.repeated
        assert other.outcome == ("already_granted" if one.outcome == "granted" else one.outcome)
    return [
        _told(plan, example, one, result.outcome) for one, result in zip(asked, first, strict=True)
    ]


def _told(
    plan: Plan, example: Example, one: Decision | ClaimEvent | ReversalEvent, outcome: str
) -> str:
    match one:
        case Decision():
            return told(example, one, outcome)
        case ClaimEvent():
            return told_claim(plan, one.identity, outcome)
        case _:
            return f"{one.event} {one.identity.occurrence} {outcome}"
