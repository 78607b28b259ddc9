"""Requests of a batch: decisions that events bring or that fall due, claims and reversals."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from typing import NamedTuple, assert_never

from ...compiler.plan.expressions import Expression
from ..decide.braking.events import AlarmEvent
from ..decide.braking.watchers import Watcher
from ..decide.claimers import Claimer
from ..decide.claims import ClaimEvent, ClaimResult
from ..decide.decisions import Decision, Result
from ..decide.facts import Facts, moment
from ..decide.reversing.events import ReversalEvent, ReversalResult
from ..decide.reversing.reversers import Reverser
from ..ledger.batches.conflicts import Conflict
from .engine import Event, Proposal


class DueDecision(NamedTuple):
    """A decision to take if `conditions`, which query the ledger, hold for `facts` as well.

    `event` is the event of the stream that brings it; `None` if time does. `rank` is its step's, in
    the order of decisions, `turn` its place among those of a schedule's instant. With `ends` it is
    taken unless all conditions hold: a journey ends then.
    """

    event: Event | None
    decision: Decision
    facts: Facts
    conditions: tuple[Expression, ...]
    rank: int
    turn: str = ""
    ends: bool = False

    @property
    def request(self) -> Decision:
        """The decision, as it is put to the ledger."""
        return self.decision


@dataclass(frozen=True, slots=True)
class Answering:
    """An event that claims an offer, takes back a grant, or raises an alarm."""

    event: Event
    request: ClaimEvent | ReversalEvent | AlarmEvent


Deciding = Proposal | DueDecision
Request = Deciding | Answering


def merged(*found: Iterator[Request]) -> Iterator[Request]:
    """Merge by instant, then alarms, decisions, claims and reversals, as a run does."""
    return merge(*found, key=place_of)


def place_of(each: Request) -> tuple[datetime, int, int, str, str]:
    """Return the order of requests: by instant, then alarms, decisions, claims and reversals.

    Decisions of one instant have the order of their steps, then of occurrence and customer.
    """
    if not isinstance(each, Answering):
        decision, turn = each.decision, each.turn if isinstance(each, DueDecision) else ""
        who = turn or decision.customer
        return decision.at, 0, each.rank, decision.identity.occurrence, who
    match each.request:
        case ClaimEvent(at=at):
            return at, 1, 0, "", ""
        case AlarmEvent(at=at):
            return at, -1, 0, "", ""
        case ReversalEvent(at=at):
            return at, 2, 0, "", ""
        case _:
            assert_never(each.request)


def answering(
    readers: Sequence[Claimer | Reverser | Watcher], in_order: Iterable[Event]
) -> Iterator[Answering]:
    """Yield the claims, reversals or alarms that events make, by (instant, campaign, key)."""
    for _, together in groupby(in_order, key=lambda event: moment(event.row)[0]):
        some = list(together)
        for reader in readers:
            of = (event for event in some if event.name == reader.event)
            found = ((event, reader.read(event.customer, event.row)) for event in of)
            yield from (Answering(event, read) for event, read in found if read is not None)


def with_event_customer(
    each: Request, for_each: Container[tuple[str, str]]
) -> Decision | ClaimEvent | ReversalEvent | AlarmEvent:
    """Return a request; for rewards to each member of a group, with the event's customer."""
    request = each.request
    if isinstance(each, Proposal) and each.decision.identity.key in for_each:
        return each.decision._replace(event_customer=each.event.customer)
    return request


def with_events(
    waiting: Sequence[Request], fired: Sequence[tuple[Decision, Result]]
) -> Iterator[tuple[Request, Result]]:
    """Yield what was fired, each as a proposal of the event whose decision filled the wallet."""
    causes = {_cause(each.decision): each for each in waiting if isinstance(each, Deciding)}
    # The name of a decision is longer than that of the one that fired it.
    for decision, result in sorted(fired, key=lambda one: len(one[0].identity.occurrence)):
        cause = causes.get((decision.identity.occurrence, decision.customer))
        if cause is not None:
            proposal = cause._replace(decision=decision)
            causes[_cause(decision)] = proposal
            yield proposal, result


def _cause(decision: Decision) -> tuple[str, str]:
    who = decision.identity
    return f"{who.campaign}/{who.step}/{who.occurrence}", who.recipient


@dataclass(frozen=True, slots=True)
class Decided:
    """An event with the results of its decisions.

    `is_known`: whether the warehouse has the customer; other customers' events are not decided.
    `claims` holds a result for each campaign whose offers the event claims, `reversals` one for
    each whose grants it takes back. `is_of_another`: its key belongs to another customer's event,
    so it was not decided. `conflicts`: earlier decisions, claims and reversals that would differ.
    """

    event: Event
    is_known: bool
    results: tuple[tuple[Decision, Result], ...]
    claims: tuple[ClaimResult, ...] = ()
    is_of_another: bool = False
    conflicts: tuple[Conflict, ...] = ()
    reversals: tuple[ReversalResult, ...] = ()
