"""Journeys in a batch: what their instances have come to, while the batch decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from ...decide.decisions import Outcome
from ...decide.journeys.inside import Instance, KeptStep, follows_reached, is_open
from ..instants import instant
from ..outbox import LEFT
from ..store import Store
from .batch import Batch, Request

Inside = tuple[str, str]
"""A campaign, and the customer who is inside of its journey."""


class Journeys:
    """The instances of the customers of a batch: kept steps by (campaign, customer), by entry."""

    def __init__(self, zone: ZoneInfo, rows: Iterable[tuple[Inside, str, str, KeptStep]]) -> None:
        self._zone = zone
        self._kept: dict[Inside, dict[str, dict[str, KeptStep]]] = {}
        for inside, occurrence, step, kept in rows:
            self._instance(inside, occurrence)[step] = kept

    def refusal(self, request: Request) -> Literal["not_reached", "already_inside"] | None:
        """Return why a step of a journey is not taken; `None` if it is, or there is no journey."""
        book, decision = request.book, request.decision
        journey = book.campaign.journey
        if journey is None or request.manual is not None:
            return None
        inside = (book.campaign.name, decision.customer)
        if book.step.follows is not None:
            kept = self._instance(inside, request.key[3])
            if book.step.name in kept:
                # It was kept for another recipient.
                return "not_reached"
            reached = follows_reached(book.campaign, book.step, decision.at, kept)
            return None if reached else "not_reached"
        if not journey.one_at_a_time or decision.held_out:
            return None
        others: Iterable[Instance] = self._kept.get(inside, {}).values()
        still = (is_open(book.campaign, self._zone, one, decision.at) for one in others)
        return "already_inside" if any(still) else None

    def note(self, request: Request, outcome: Outcome, account: str | None) -> bool:
        """Take in a step that is kept; return whether it is of a journey."""
        book, decision = request.book, request.decision
        if book.campaign.journey is None or request.manual is not None:
            return False
        kept = KeptStep(decision.at, outcome, account, taken_back=False)
        inside = (book.campaign.name, decision.customer)
        self._instance(inside, request.key[3])[book.step.name] = kept
        return True

    def _instance(self, inside: Inside, occurrence: str) -> dict[str, KeptStep]:
        return self._kept.setdefault(inside, {}).setdefault(occurrence, {})


def journeys_of(store: Store, batch: Batch) -> Journeys:
    """Load the instances of all customers whose steps a batch decides."""
    wanted = {
        (one.book.campaign.name, one.decision.customer): None
        for one in batch.requests
        if one.book.campaign.journey is not None
    }
    rows = store.among("journeys", list(wanted)) if wanted else ()
    return Journeys(
        batch.books.zone,
        (
            ((campaign, customer), occurrence, step, _kept(*kept))
            for campaign, customer, occurrence, step, *kept in rows
        ),
    )


_DROP = (
    "UPDATE outbox SET state = 'suppressed', reason = ? WHERE state = 'waiting'"
    " AND kind = 'message' AND decision IN (SELECT decision FROM journeys"
    " WHERE campaign = ? AND customer = ? AND occurrence = ?)"
    " AND (deliver_at >= ? OR EXISTS (SELECT 1 FROM attempts WHERE failed > 0"
    " AND attempts.decision = outbox.decision AND attempts.channel = outbox.channel"
    " AND attempts.n = outbox.n))"
)
_UNCOUNT = (
    "DELETE FROM sent WHERE decision IN (SELECT decision FROM journeys"
    " WHERE campaign = ? AND customer = ? AND occurrence = ?)"
    " AND EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = sent.decision"
    " AND outbox.channel = sent.channel AND outbox.n = sent.n AND reason = ?)"
)


def drop_messages(store: Store, left: Sequence[tuple[str, str, str, str]]) -> None:
    """Suppress the messages of ended instances that still wait, from when they ended on.

    So is one that should have been sent before and could not be. Rewards stay.
    """
    if left:
        store.change(_DROP, [(LEFT, *instance, at) for *instance, at in left])
        store.change(_UNCOUNT, [(*instance, LEFT) for *instance, _ in left])


def _kept(at: str, outcome: Outcome, account: str | None, reversed_: int) -> KeptStep:
    return KeptStep(instant(at), outcome, account, taken_back=bool(reversed_))
