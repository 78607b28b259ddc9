"""Decisions, claims, reversals and alarms, carried out in order and in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby

from ....compiler.collector import collector_paused
from ...decide.braking.events import AlarmEvent, AlarmResult
from ...decide.claims import ClaimEvent, ClaimResult
from ...decide.decisions import Decision, Result
from ...decide.reversing.events import ReversalEvent, ReversalResult
from ...decide.wallets.reached import Firings
from ..alarms import counting
from ..batches.batch import Batch
from ..batches.books import Books
from ..batches.event_keys import EventKey, enter_keys, keys_of
from ..batches.loading import NO_KEYS
from ..columns.batch import Columns
from ..known_events import Moved
from ..store import Store
from . import claim_events, reversing
from .firing import begin, decided, prepare
from .offsets import claims_of, move
from .settling import Unheld

Asked = Decision | ClaimEvent | ReversalEvent | AlarmEvent
Answer = Result | ClaimResult | ReversalResult | AlarmResult
Part = Batch | list[ClaimEvent] | list[ReversalEvent] | list[AlarmEvent]
"""Consecutive decisions, claims, reversals or alarms."""


def decide(
    store: Store,
    batch: Batch,
    foreign: frozenset[EventKey] = NO_KEYS,
    fires: Firings | None = None,
) -> list[Result]:
    """Decide a batch, and what it fires, in a transaction."""
    return [one for one in decided(store, batch, foreign, fires) if one is not None]


def decide_all(
    store: Store,
    books: Books,
    decisions: Sequence[Decision],
    fires: Firings | None,
    moved: Moved | None,
) -> list[Result]:
    """See `Ledger.decide`."""
    # The batch is gone before the collector goes on, which would search it: a twentieth.
    with collector_paused():
        return _decide_all(store, books, decisions, fires, moved)


def _decide_all(
    store: Store,
    books: Books,
    decisions: Sequence[Decision],
    fires: Firings | None,
    moved: Moved | None,
) -> list[Result]:
    batch = _batch(books, decisions)
    keys = keys_of(books, decisions)
    prepare(store, batch, fires)

    def work() -> list[Result]:
        move(store, moved)
        begin(fires)
        return decide(store, batch, enter_keys(store, books, keys), fires)

    return store.write({*batch.claims(), *claims_of(moved)}, work)


def _batch(books: Books, decisions: Sequence[Decision]) -> Batch:
    return Batch(books, decisions) if books.plain else Columns(books, decisions)


def carry_out(
    store: Store,
    books: Books,
    asked: Sequence[Asked],
    fires: Firings | None,
    moved: Moved | None = None,
) -> list[Answer]:
    """See `Ledger.carry_out`."""
    parts = list(_parts(books, asked))
    keys = keys_of(books, asked)
    held: set[str] = {*claims_of(moved)}
    for part in parts:
        held |= _held_for(store, books, part)
        if isinstance(part, Batch):
            prepare(store, part, fires)
    while True:
        try:
            work = partial(_carry_out, store, books, parts, keys, held, fires)
            return store.write(held, partial(_moving, store, moved, work))
        except Unheld as more:
            held |= more.names


def _moving(store: Store, moved: Moved | None, work: Callable[[], list[Answer]]) -> list[Answer]:
    move(store, moved)
    return work()


def _held_for(store: Store, books: Books, part: Part) -> set[str]:
    if isinstance(part, Batch):
        return part.claims()
    claims = [one for one in part if isinstance(one, ClaimEvent)]
    reversals = [one for one in part if isinstance(one, ReversalEvent)]
    held = claim_events.held_for(store, books, claims)
    held |= counting.held_for([one for one in part if isinstance(one, AlarmEvent)])
    return held | reversing.held_for(store, books, reversals)


def _carry_out(
    store: Store,
    books: Books,
    parts: Sequence[Part],
    keys: Sequence[EventKey],
    held: set[str],
    fires: Firings | None,
) -> list[Answer]:
    begin(fires)
    foreign = enter_keys(store, books, keys)
    done: list[Answer] = []
    for part in parts:
        if isinstance(part, Batch):
            done += decide(store, part, foreign, fires)
            continue
        claims = [one for one in part if isinstance(one, ClaimEvent)]
        reversals = [one for one in part if isinstance(one, ReversalEvent)]
        if claims:
            done += claim_events.carry_out(store, books, claims, held, foreign)
        if reversals:
            done += reversing.carry_out(store, books, reversals, held, foreign)
        alarms = [one for one in part if isinstance(one, AlarmEvent)]
        if alarms:
            done += counting.carry_out(store, books, alarms, foreign)
    return done


def _parts(books: Books, asked: Sequence[Asked]) -> Iterator[Part]:
    for kind, together in groupby(asked, type):
        some = list(together)
        if kind is ClaimEvent:
            yield [one for one in some if isinstance(one, ClaimEvent)]
        elif kind is ReversalEvent:
            yield [one for one in some if isinstance(one, ReversalEvent)]
        elif kind is AlarmEvent:
            yield [one for one in some if isinstance(one, AlarmEvent)]
        else:
            yield _batch(books, [one for one in some if isinstance(one, Decision)])
