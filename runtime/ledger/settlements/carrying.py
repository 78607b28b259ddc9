"""Decisions, claims and reversals, carried out in the order given and in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from ...decide.claims import ClaimEvent, ClaimResult
from ...decide.decisions import Decision, Result
from ...decide.reversing.events import ReversalEvent, ReversalResult
from ..batches.batch import Batch, Request
from ..batches.books import Books
from ..batches.deciding import Deciding
from ..batches.event_keys import EventKey, enter_keys, keys_of
from ..batches.loading import NO_KEYS, load
from ..batches.writing import write
from ..store import Store
from . import claim_events, reversing
from .settling import Unheld

AT_ONCE = 500
"""The number of decisions that are made before they are written."""

Asked = Decision | ClaimEvent | ReversalEvent
Answer = Result | ClaimResult | ReversalResult
Part = Batch | list[ClaimEvent] | list[ReversalEvent]
"""Consecutive decisions, claims or reversals."""


def decide(store: Store, batch: Batch, foreign: frozenset[EventKey] = NO_KEYS) -> list[Result]:
    """Decide a batch in a transaction. What earlier reversals take of a grant they take at once."""
    results: list[Result] = []
    while True:
        known = load(store, batch, foreign)
        deciding = Deciding(batch.books, known)
        with store.adding("decisions") as add:
            for some in _some(batch.requests[len(results) :], stops=bool(known.taken_back)):
                results.extend([deciding.decide(each) for each in some])
                add(deciding.entries.decisions)
                deciding.entries.decisions.clear()
                if deciding.reduced:
                    break
        write(store, batch, deciding.entries, known)
        if not deciding.reduced:
            return results
        reversing.take_back_kept(store, batch.books, deciding.reduced)


def _some(requests: Sequence[Request], *, stops: bool) -> Iterator[Sequence[Request]]:
    """Yield the requests in pages; one by one if each may end the transaction's part."""
    size = 1 if stops else AT_ONCE
    for start in range(0, len(requests), size):
        yield requests[start : start + size]


def carry_out(store: Store, books: Books, asked: Sequence[Asked]) -> list[Answer]:
    """See `Ledger.carry_out`."""
    parts = list(_parts(books, asked))
    keys = keys_of(books, asked)
    held: set[str] = set()
    for part in parts:
        held |= _held_for(store, books, part)
    while True:
        try:
            return store.write(held, partial(_carry_out, store, books, parts, keys, held))
        except Unheld as more:
            held |= more.names


def _held_for(store: Store, books: Books, part: Part) -> set[str]:
    if isinstance(part, Batch):
        return part.claims()
    claims = [one for one in part if isinstance(one, ClaimEvent)]
    reversals = [one for one in part if isinstance(one, ReversalEvent)]
    held = claim_events.held_for(store, books, claims)
    return held | reversing.held_for(store, books, reversals)


def _carry_out(
    store: Store, books: Books, parts: Sequence[Part], keys: Sequence[EventKey], held: set[str]
) -> list[Answer]:
    foreign = enter_keys(store, books, keys)
    done: list[Answer] = []
    for part in parts:
        if isinstance(part, Batch):
            done += decide(store, part, foreign)
            continue
        claims = [one for one in part if isinstance(one, ClaimEvent)]
        reversals = [one for one in part if isinstance(one, ReversalEvent)]
        if claims:
            done += claim_events.carry_out(store, books, claims, held, foreign)
        if reversals:
            done += reversing.carry_out(store, books, reversals, held, foreign)
    return done


def _parts(books: Books, asked: Sequence[Asked]) -> Iterator[Part]:
    for kind, together in groupby(asked, type):
        some = list(together)
        if kind is ClaimEvent:
            yield [one for one in some if isinstance(one, ClaimEvent)]
        elif kind is ReversalEvent:
            yield [one for one in some if isinstance(one, ReversalEvent)]
        else:
            yield Batch(books, [one for one in some if isinstance(one, Decision)])
