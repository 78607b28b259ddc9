"""Write the rows of a batch; inside its transaction."""

from __future__ import annotations

from collections.abc import Iterable

from ..brakes.tripping import trip
from ..store import Row, Store
from ..units.codes import give
from .balances import Balance
from .batch import Batch
from .deciding import BatchState
from .entries import Entries
from .journeys import drop_messages

_SERVED = "UPDATE decisions SET outcome = 'granted' WHERE id = ?"


def write(store: Store, batch: Batch, entries: Entries, known: BatchState) -> None:
    """Write both sides of every grant, the balances, and the outbox.

    The decisions themselves were written while they were made.
    """
    chain = known.chain
    store.add("grants", entries.grants)
    write_balances(store, batch.balances.values())
    store.add("postings", entries.postings)
    store.move_wallets([(*wallet, amount) for wallet, amount in known.wallets.moved.items()])
    give(store, known.codes)
    store.add("outbox", entries.outbox)
    store.add("touches", entries.touches)
    store.add("due", entries.due)
    store.add("pattern_events", entries.pattern_events)
    store.add("journeys", entries.journeys)
    drop_messages(store, entries.left)
    store.add("amendments", entries.amendments)
    if entries.amendments:
        store.change(_SERVED, [(row[1],) for row in entries.amendments])
    for pause in entries.pauses:
        trip(store, chain, pause)
    if chain.changed:
        store.keep_chain(chain)


def write_balances(store: Store, balances: Iterable[Balance]) -> None:
    """Write the balances that changed."""
    changed = [each for each in balances if each.changed]
    store.add("accounts", [_row(each) for each in changed if each.new])
    store.update_accounts([_row(each) for each in changed if not each.new])
    exhausted = [
        (each.number, *each.exhausted_by, each.declared) for each in changed if each.exhausted_by
    ]
    store.add("exhaustions", exhausted)


def _row(balance: Balance) -> Row:
    return (
        balance.number, *balance.slot, *balance.kind, balance.declared,
        balance.ceiling, balance.spent, int(balance.exhausted), balance.alerted,
    )  # fmt: skip
