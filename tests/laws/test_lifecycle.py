"""Stages at many instants are those of the reference, customer by customer, and flows balance."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.lifecycle.stages import FIRST, NOT_YET, OUTSIDE, letter
from campaigner.compiler.plan import Lifecycle, Plan
from campaigner.compiler.plan.demands import Index
from campaigner.runtime.decide.reference import Rows, facts_of
from campaigner.runtime.lifecycle import asking
from campaigner.runtime.lifecycle.counting import Tally
from campaigner.runtime.lifecycle.model import History, Moves
from campaigner.runtime.lifecycle.touches import Touches
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import house

WANTED = Wanted(campaigns=1, depth=2)
STEPS = st.lists(st.sampled_from((1, 5, 24, 36, 24 * 9, 24 * 31)), min_size=1, max_size=6)

MOST = st.sampled_from((1, 2, asking.TOGETHER))
"""Instants of one statement."""


@cache
def schema() -> str:
    return new_schema()


@at_most(12)
@given(cases(WANTED, late=False), STEPS, MOST)
def test_words_of_stages_are_those_of_the_reference(case, steps, most):
    hold(case, steps, most, None)


@at_most(5)
@given(cases(WANTED, late=False), STEPS, MOST)
def test_words_on_a_server_are_those_of_the_reference(case, steps, most):
    hold(case, steps, most, schema())


@pytest.mark.spark
@at_most(4)
@given(cases(WANTED, late=False), STEPS, MOST)
def test_words_on_spark_are_those_of_the_reference(case, steps, most):
    hold(case, steps, most, None, "spark")


def hold(case: Case, steps: list[int], most: int, name: str | None, engine: str = "duckdb") -> None:
    note(to_json(case))
    plan = compile_case(case)
    index = Index(plan)
    chosen = [
        one
        for one in plan.lifecycles
        if not any(index.asks_ledger(stage.condition) for stage in one.stages)
    ]
    if not chosen:
        return
    instants = [case.start]
    for hours in steps:
        instants.append(instants[-1] + timedelta(hours=hours))
    rows = case.rows(plan)
    expected = {
        customer: [word(plan, rows, one, customer, instants) for one in chosen]
        for customer in rows.customers
    }
    with house(case, plan, name, engine) as lived, lived.opened() as (warehouse, _):
        batches = list(asking.words(plan, chosen, instants, warehouse, most))
    found = {
        customer: list(words)
        for customers, every in batches
        for customer, *words in zip(customers, *every, strict=True)
    }
    assert found == expected
    for place, lifecycle in enumerate(chosen):
        words = {customer: each[place] for customer, each in expected.items()}
        tally = Tally(lifecycle, tuple(instants), Touches())
        tally.add(list(words), list(words.values()))
        adds_up(tally.history(ZoneInfo(plan.time_zone)), words)


def word(
    plan: Plan, rows: Rows, lifecycle: Lifecycle, customer: str, instants: list[datetime]
) -> str:
    """The letters of one customer, without SQL."""
    names = [stage.name for stage in lifecycle.stages]
    found = []
    for at in instants:
        since = rows.customers[customer].get("since") if plan.customers.since else at
        if since is None or since > at:
            found.append(letter(NOT_YET))
            continue
        stage = facts_of(plan, rows, customer, at, None).stage(lifecycle.name)
        place = OUTSIDE if stage is None else FIRST + names.index(stage)
        found.append(letter(place))
    return "".join(found)


def adds_up(history: History, words: dict[str, str]) -> None:
    """Sizes, moves and stays are those of a plain count, and every flow balances."""
    letters = [letter(place) for place in range(len(history.states))]
    for place, sizes in enumerate(history.sizes):
        counted = Counter(each[place] for each in words.values())
        assert list(sizes) == [counted[one] for one in letters]
    last = len(history.instants) - 1
    for place, moves in enumerate(history.moves):
        balances(moves, history, words, place, place + 1)
    if history.whole is not None:
        balances(history.whole, history, words, 0, last)
    for leg in history.legs:
        ends = [history.instants.index(one) for one in (leg.start, leg.end)]
        balances(leg, history, words, *ends)
    moved = Counter(
        (one, other) for each in words.values() for one, other in pairwise(each) if one != other
    )
    places = {state: letters[place] for place, state in enumerate(history.states)}
    assert {(places[e.source], places[e.target]): e.moves for e in history.edges} == moved
    for stays, conversion in zip(history.stays, history.conversions, strict=True):
        own = places[stays.state]
        runs = sum(
            (not place or each[place - 1] != own) and each[place] == own
            for each in words.values()
            for place in range(len(each))
        )
        assert stays.ended + stays.open + stays.earlier == runs
        assert conversion.onward + conversion.elsewhere + conversion.still == runs
        assert conversion.still == sum(each[-1] == own for each in words.values())


def balances(moves: Moves, history: History, words: dict[str, str], first: int, last: int) -> None:
    letters = {state: letter(place) for place, state in enumerate(history.states)}
    pairs = Counter((each[first], each[last]) for each in words.values())
    for place, flow in enumerate(moves.flows):
        own = letters[flow.state]
        assert flow.before == history.sizes[first][place]
        assert flow.after == history.sizes[last][place]
        left, entered = sum(flow.left.values()), sum(flow.entered.values())
        assert flow.after == flow.before - left + entered
        assert flow.stayed == pairs[own, own]
        assert {letters[one]: count for one, count in flow.left.items()} == {
            other: count for (one, other), count in pairs.items() if one == own != other
        }
        assert {letters[one]: count for one, count in flow.entered.items()} == {
            one: count for (one, other), count in pairs.items() if other == own != one
        }
