"""Several workers with different customers come to the grants of one, whoever is ahead.

Quick and plain workers share the ledger.

Budgets, stocks and limits that customers share are given out in another order. Where one of them
refuses, no more is asked than that no cap is broken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.decisions import Result
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.part import Part
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.events.workers.apart import decided_together
from campaigner.runtime.ledger import Ledger
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import assume, given, note
from hypothesis import strategies as st

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .lives import built, lives, put
from .parts import carried_out
from .runs import House, house
from .test_late import without
from .test_steps_after import journey_of
from .test_timers_in_streams import streamed
from .test_whole_runtime import kept as whole
from .test_whole_runtime import ledger_of, read
from .ways import Way, by_turns

WANTED = Wanted(campaigns=2, timers=3, moves=3)
SCARCE = replace(WANTED, scarce=True)
SEVERAL = Wanted(campaigns=4, depth=1)
PROJECTS = (
    ("begun", "stays", "gated", "timer"),
    ("bought", "late_timer", "visits"),
    ("patterns", "nightly", "weekly", "busier"),
    ("later", "daily"),
)
"""Campaigns of `lives.py` that are tried together, without what one worker must decide."""
CUSTOMERS, SIZE = 12, 7


@at_most(16)
@given(
    cases(WANTED, late=False, pasts=False) | cases(SCARCE, late=False, pasts=False),
    st.integers(2, 3),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_workers_come_to_the_grants_of_one(case, count, size, chance):
    """They are killed once, and begin again with the whole stream."""
    note(to_json(case))
    alike(case, compile_case(case), count, size, chance)


@at_most(6)
@given(
    cases(SEVERAL, late=False, pasts=False),
    st.integers(2, 3),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_workers_come_to_the_steps_of_one(case, count, size, chance):
    note(to_json(case))
    plan = journey_of(compile_case(case))
    assume(plan is not None)
    alike(case, plan, count, size, chance)


def alike(case, plan, count, size, chance):
    assume(not decided_together(plan))
    stream = streamed(plan, case)
    assume(stream)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.5)
    kept, results = [], []
    for number in (1, count):
        with house(without(plan, case, late), plan) as lived:

            @contextmanager
            def begins(part: Part) -> Iterator[tuple[EventWorker, Ledger]]:
                way = lived.way()
                with lived.opened(plain=way.plain) as (_, ledger):
                    # Connections of one process share what DuckDB keeps, so one is open at a time.
                    opens = partial(open_warehouse, lived.url, lived.folder)
                    yield way.worker(plan, opens, ledger, seeds_of(plan), part), ledger

            results += carried_out(begins, stream, number, size, chance, dies=number > 1)
            kept.append(given_in(lived))
    if not any(is_shared(plan, one) for one in results):
        assert kept[0] == kept[1]


def is_shared(plan: Plan, result: Result) -> bool:
    """Whether an account refuses that several customers share."""
    shared = {one.id for one in plan.accounts if one.keys != ("customer",)}
    return result.outcome == "waitlisted" or result.account in shared


def given_in(lived: House) -> Any:
    with lived.opened() as (_, ledger):
        assert ledger.verify() == ()
        assert all(one.spent <= one.cap for one in ledger.budgets(lived.plan))
        grants = [replace(one, number=0) for one in ledger.grants()]
        return sorted(grants, key=repr), dict(ledger.outcomes())


@pytest.mark.parametrize("campaigns", PROJECTS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_workers_live_the_lives_of_one(tmp_path, campaigns, count):
    """Journeys of every kind, timers and schedules; the warehouse has some of the events."""
    found = []
    happened, turns = lives(count, CUSTOMERS), by_turns(count)
    for dies, number in ((False, 1), (True, count)):
        shop = built(tmp_path / f"{dies}", campaigns, CUSTOMERS)
        put(shop, happened[:: count + 1])
        assert not decided_together(shop.plan)
        url = f"sqlite:///{tmp_path}/{dies}.db"

        @contextmanager
        def begins(part: Part) -> Iterator[tuple[EventWorker, Ledger]]:
            way = Way(shop.warehouse, shop.folder, plain=next(turns))  # noqa: B023  (of this turn)
            with ledger_of(shop, url, plain=way.plain) as ledger:  # noqa: B023
                opens = partial(open_warehouse, shop.warehouse, shop.folder)  # noqa: B023
                yield way.worker(shop.plan, opens, ledger, part=part), ledger  # noqa: B023

        events, chance = read(shop, happened), random.Random(count)
        carried_out(begins, events, number, SIZE, chance, dies=dies)
        found.append(whole(shop, url))
    assert found[0] == found[1]
    assert {one[0] for one in found[0][0]} == set(campaigns)
