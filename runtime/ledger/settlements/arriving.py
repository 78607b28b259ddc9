"""Units that are delivered later than granted: at their delivery they may fire campaigns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ....compiler.plan.steps import StepKey
from ...decide.decisions import Identity
from ...decide.wallets.reached import Firings, Happened, Reached
from ..batches.books import Books
from ..instants import instant, instant_text
from ..store import Store
from ..wallets.as_of import around
from .firing import begin, fire

_PENDING = (
    " FROM grants JOIN decisions ON decisions.id = grants.decision"
    " WHERE reward = ? AND reward = currency AND benefit IS NULL AND outcome = 'granted'"
    " AND deliver_at > decisions.at AND amount NOT LIKE '-%'"
)
_LAST = (
    "SELECT at, occurrence FROM decisions WHERE campaign = ? AND step = ? AND recipient = ?"
    " AND at <= ? ORDER BY at DESC, id DESC LIMIT 1"
)
_NEXT = "SELECT min(deliver_at)" + _PENDING + " AND deliver_at > ?"
_ARRIVED = (
    "SELECT decisions.id, line, campaign, step, recipient, occurrence"
    + _PENDING
    + " AND deliver_at = ? ORDER BY decisions.id, line"
)


def last_fired(store: Store, key: StepKey, customer: str, until: datetime) -> Happened | None:
    """See `Arriving.last_fired`."""
    rows = store.ask(_LAST, (*key, customer, instant_text(until)))
    return Happened(instant(rows[0][0]), rows[0][1]) if rows else None


def next_arrival(store: Store, books: Books, after: datetime) -> datetime | None:
    """See `Arriving.next_arrival`."""
    since = instant_text(after)
    found = [store.ask(_NEXT, (wallet, since))[0][0] for wallet in sorted(books.thresholds)]
    return min((instant(at) for at in found if at is not None), default=None)


def arrive(
    store: Store, books: Books, at: datetime, keys: Collection[StepKey], fires: Firings
) -> None:
    """See `Arriving.arrive`."""
    now = instant_text(at)
    arrived = sorted(
        (number, line, wallet, Identity(*identity))
        for wallet in books.thresholds
        for number, line, *identity in store.ask(_ARRIVED, (wallet, now))
    )
    if not arrived:
        return
    fires.prepare({cause.recipient for *_, cause in arrived}, at)
    held = {name for _, _, wallet, _ in arrived for name in books.fired_by(wallet)}

    def work() -> None:
        begin(fires)
        for number, line, wallet, cause in arrived:
            before, after = around(store, cause.recipient, wallet, now, (number, line))
            for threshold in books.thresholds[wallet]:
                if threshold.key in keys and before < threshold.amount <= after:
                    fire(store, books, Reached(threshold, cause, at), fires)

    store.write(held, work)
