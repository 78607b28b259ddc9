"""The items of a run in their order: alarms, decisions of the warehouse, claims and reversals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import assert_never

from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey
from ...compiler.sql.all.campaigns import QueryOfAll, candidates_of_all
from ..decide.braking.events import AlarmEvent
from ..decide.claims import ClaimEvent
from ..decide.decisions import Decision
from ..decide.reversing.events import ReversalEvent
from ..due.readings import count_customers, readings
from ..warehouse.contract import Answer
from ..warehouse.seeded import ask
from .candidates import AllCandidates, Candidate
from .work import Work

Item = Candidate | Decision | ClaimEvent | ReversalEvent | AlarmEvent
"""An item of a run: a decision is a candidate of which nothing more is asked."""


def answers(
    work: Work, stretches: Sequence[tuple[StepKey, Due]]
) -> Iterator[tuple[QueryOfAll, Answer]]:
    """Yield the candidates of these steps, reading by reading, each with its query."""
    instants = {instant for _, stretch in stretches for instant in stretch.every}
    customers = count_customers(work.plan, work.warehouse) if len(instants) > 1 else 1
    for dues in readings(stretches, customers):
        query = candidates_of_all(work.plan, dues, work.warehouse.dialect.name)
        yield query, ask(work.warehouse, work.plan, query, work.seeds)


def in_order(work: Work, stretches: Sequence[tuple[StepKey, Due]]) -> Iterator[Candidate]:
    """All candidates: by instant, priority (the higher first), campaign, order of its own query."""
    for query, answer in answers(work, stretches):
        yield from map(AllCandidates(work.plan, query).read, answer.rows())


def merged(*found: Iterator[Item]) -> Iterator[Item]:
    """Merge by instant, then alarms, decisions, claims and reversals.

    A pause holds what falls due at its own instant. An offer can be claimed, and a grant taken
    back, at its own.
    """
    return merge(*found, key=place_of)


def place_of(each: Item) -> tuple[datetime, int]:
    """The place of an item in the order of a run."""
    match each:
        case AlarmEvent(at=at):
            return at, -1
        case Candidate(decision=decision):
            return decision.at, 0
        case Decision(at=at):
            return at, 0
        case ClaimEvent(at=at):
            return at, 1
        case ReversalEvent(at=at):
            return at, 2
        case _:
            assert_never(each)
