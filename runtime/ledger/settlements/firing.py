"""Decide a batch, and with each grant that fills a wallet the campaigns that wait for it.

A grant that earlier reversals reduce is reduced at once, before the next decision.

A campaign is decided right after the grant that brought the wallet to its amount, in the same
transaction, by priority and name. What it grants may fill another wallet, which comes next. The
compiler knows that wallets form no circle, so this ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ...decide.decisions import Result
from ...decide.wallets.reached import Firings, Reached
from ..batches.batch import Batch, Request
from ..batches.books import Books
from ..batches.deciding import Deciding
from ..batches.event_keys import EventKey
from ..batches.loading import NO_KEYS, load
from ..batches.wallets import Wallet, loaded
from ..batches.writing import write
from ..columns.batch import Columns
from ..columns.deciding import RowDeciding
from ..instants import instant_text
from ..store import Store
from .reversing import take_back_kept

AT_ONCE = 500
"""The number of decisions that are made before they are written."""

FEW = 8
"""The number of decisions that are prepared again after a grant fired something."""

Act = Callable[[Deciding, Request], Result | None]
"""Decide a request, or serve it from the waiting list."""


def decide_one(deciding: Deciding, request: Request) -> Result | None:
    """Decide a request for the first time."""
    return deciding.decide(request)


def begin(fires: Firings | None) -> None:
    """Begin a transaction: what was fired in an earlier try does not count."""
    if fires is not None:
        fires.begin()


def prepare(store: Store, batch: Batch, fires: Firings | None) -> None:
    """Let the campaigns that this batch may fire read about its customers."""
    if fires is None or not batch.filling:
        return
    filled: Counter[Wallet] = Counter()
    for request in batch.requests:
        owner = request.key[2]
        for given in (request.prepared_grant, request.fallback):
            for moves in () if given is None else given.bundle.wallets:
                filled[moves.wallet, owner] += moves.earned
    wanted = [one for one in filled if one[0] in batch.books.thresholds]
    for wallet, owner, balance in store.among("wallets", wanted):
        filled[wallet, owner] += int(balance)
    lowest = {
        wallet: min(one.amount for one in some) for wallet, some in batch.books.thresholds.items()
    }
    likely = {owner for wallet, owner in wanted if filled[wallet, owner] >= lowest[wallet]}
    if likely:
        fires.prepare(likely, max(one.at for one in batch.decisions))


def decided(
    store: Store,
    batch: Batch,
    foreign: frozenset[EventKey] = NO_KEYS,
    fires: Firings | None = None,
    act: Act = decide_one,
) -> list[Result | None]:
    """Decide a batch and all that it fires, inside its transaction.

    Return the results of the batch's own decisions. `fires` is `None` if nothing is to be fired.
    """
    fires = fires if batch.filling else None
    results: list[Result | None] = []
    part, size = batch, len(batch)
    while True:
        deciding = Deciding(batch.books, load(store, part, foreign))
        results += _decided(store, part, deciding, act, stops=fires is not None)
        if deciding.reduced:
            take_back_kept(store, batch.books, deciding.reduced)
        if fires is not None:
            for one in sorted(deciding.reached, key=lambda one: one.threshold.rank):
                if not deciding.reduced or _is_there(store, one):
                    fire(store, batch.books, one, fires)
        if len(results) == len(batch):
            return results
        size = FEW if deciding.reached or deciding.reduced else 2 * size
        part = batch.part(len(results), size)


def _is_there(store: Store, reached: Reached) -> bool:
    """Whether a wallet is still at its amount after the grant was taken back, or a part of it."""
    wallet, at = (reached.threshold.wallet, reached.customer), instant_text(reached.at)
    held = loaded(store, [wallet], [wallet], at)
    return held.spendable(reached.customer, wallet[0], at) >= reached.threshold.amount


def _decided(
    store: Store, batch: Batch, deciding: Deciding, act: Act, *, stops: bool
) -> list[Result | None]:
    """Decide and write, up to the first grant that is reduced; if it `stops`, that fires, too."""
    results: list[Result | None] = []
    with store.adding("decisions") as add:
        rows = RowDeciding(deciding, batch) if isinstance(batch, Columns) else None
        for start in range(0, len(batch), AT_ONCE):
            if rows is not None:
                results += rows.decide(start, start + AT_ONCE, stops=stops)
            else:
                results += _acted(deciding, batch, start, act, stops=stops)
            add(deciding.entries.decisions)
            deciding.entries.decisions.clear()
            if deciding.reduced or (stops and deciding.reached):
                break
    write(store, batch, deciding.entries, deciding.known)
    return results


def _acted(
    deciding: Deciding, batch: Batch, start: int, act: Act, *, stops: bool
) -> list[Result | None]:
    results: list[Result | None] = []
    for each in batch.requests[start : start + AT_ONCE]:
        results.append(act(deciding, each))
        if deciding.reduced or (stops and deciding.reached):
            break
    return results


def fire(store: Store, books: Books, reached: Reached, fires: Firings) -> None:
    """Decide the campaign that a wallet fires, and all that this fires in its turn."""
    decision = fires.decision(reached)
    if decision is None:
        return
    (result,) = decided(store, Batch(books, [decision]), NO_KEYS, fires)
    if result is not None:
        fires.took(decision, result)
