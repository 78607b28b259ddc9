"""Several workers with different customers come to the grants of one, whoever is ahead.

Quick and plain workers share the ledger.

Budgets, stocks and limits that customers share are given out in another order. Where one of them
refuses, no more is asked than that no cap is broken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.decisions import Result
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.requests import Decided
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.events.workers.apart import decided_together
from campaigner.runtime.events.workers.dealing import Dealer, Names
from campaigner.runtime.warehouse.contract import Warehouse
from hypothesis import assume, given, note
from hypothesis import strategies as st

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import House, house
from .test_late import without
from .test_timers_in_streams import streamed

WANTED = Wanted(campaigns=2)
SCARCE = Wanted(campaigns=2, scarce=True)


@at_most(24)
@given(
    cases(WANTED, late=False, pasts=False) | cases(SCARCE, late=False, pasts=False),
    st.integers(2, 3),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_workers_come_to_the_grants_of_one(case, count, size, chance):
    """One of them is killed, and started again with the whole stream."""
    plan = compile_case(case)
    assume(not decided_together(plan))
    note(to_json(case))
    stream = streamed(plan, case)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.5)
    kept, results = [], []
    for number in (1, count):
        with house(without(plan, case, late), plan) as lived:
            results += carried_out(lived, plan, dealt(stream, number), size, chance)
            kept.append(given_in(lived))
    if not any(is_shared(plan, one) for one in results):
        assert kept[0] == kept[1]


def dealt(stream: Sequence[Event], count: int) -> list[list[Event]]:
    """The events of each worker."""
    dealer = Dealer(count)
    parts: list[list[Event]] = [[] for _ in range(count)]
    for event in stream:
        names = Names(event.name.encode(), b"", event.customer.encode("utf-8", "surrogatepass"))
        parts[dealer.place(names, None)].append(event)
    return parts


def carried_out(
    lived: House,
    plan: Plan,
    parts: Sequence[Sequence[Event]],
    size: int,
    chance: random.Random,
) -> list[Result]:
    """Let the workers decide their parts in turns; with several, the first is killed once."""
    done = [0] * len(parts)
    results: list[Result] = []
    dies = chance.randrange(len(parts[0]) + 1) if len(parts) > 1 else None
    with ExitStack() as stack:

        def begun() -> EventWorker:
            way = lived.way()
            warehouse, ledger = stack.enter_context(lived.opened(plain=way.plain))

            @contextmanager
            def opens() -> Iterator[Warehouse]:
                yield warehouse

            return way.worker(plan, opens, ledger, seeds_of(plan))

        workers = [begun() for _ in parts]
        while left := [one for one in range(len(parts)) if done[one] < len(parts[one])]:
            one = chance.choice(left)
            batch = parts[one][done[one] : done[one] + size]
            results += of(workers[one].decide(batch))
            done[one] += len(batch)
            if one == 0 and dies is not None and done[one] >= dies:
                workers[0], done[0], dies = begun(), 0, None
    return results


def of(decided: Sequence[Decided]) -> Iterator[Result]:
    return (result for one in decided for _, result in one.results)


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
