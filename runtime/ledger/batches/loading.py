"""What a batch needs to know of a ledger, fetched in a few questions about sets of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ....compiler.plan import Account
from ....compiler.plan.calendar import shift
from ....compiler.plan.values import Length
from ...decide.charges import Slot
from ..instants import instant, instant_text
from ..store import Store
from .balances import Balance
from .batch import Asked, Batch, Key
from .books import Books
from .deciding import Earlier, Known
from .event_keys import EventKey
from .frequency import Frequency
from .wallets import loaded

NO_KEYS: frozenset[EventKey] = frozenset()


def load(store: Store, batch: Batch, foreign: frozenset[EventKey] = NO_KEYS) -> Known:
    """All that `Deciding` may look at for these; inside the batch's transaction.

    `foreign`: keys of events that belong to other customers. The batch's balances are as they stand
    then, whatever they were in a try before.
    """
    _fill(store, batch.balances)
    return Known(
        _earlier(store, batch.asked),
        Frequency(batch.books.zone, _touches(store, batch)),
        store.chain(),
        plan_number(store, batch.books.digest),
        loaded(store, batch.wallets, batch.spending, batch.since),
        foreign,
    )


def plan_number(store: Store, digest: str) -> int:
    """The row of a plan, made where there is none."""
    query = "SELECT id FROM plans WHERE digest = ?"
    while not (found := store.ask(query, (digest,))):
        # Another worker may take this number, or name this plan, at the very moment.
        statement = (
            "INSERT INTO plans (id, digest) SELECT coalesce(max(id), 0) + 1, ? FROM plans"
            " WHERE true ON CONFLICT DO NOTHING"
        )
        store.change(statement, [(digest,)])
    return int(found[0][0])


def _earlier(store: Store, asked: Sequence[Asked]) -> dict[Key, Earlier]:
    rows = store.among("decisions", [each.key for each in asked])
    return {(a, b, c, d): Earlier(*rest) for a, b, c, d, *rest in rows}


def balances_of(store: Store, books: Books, slots: Iterable[Slot]) -> dict[Slot, Balance]:
    """These balances as they stand under the plan, new ones among them."""
    balances = {slot: books.balance(slot) for slot in slots}
    _fill(store, balances)
    return balances


def _fill(store: Store, balances: dict[Slot, Balance]) -> None:
    rows = store.among("accounts", list(balances))
    kept = {(account, period, key): rest for account, period, key, *rest in rows}
    numbers = iter(store.account_numbers(len(balances) - len(kept)))
    for slot, balance in balances.items():
        row = kept.get(slot)
        if row is None:
            balance.begin(next(numbers))
        else:
            balance.restore(*row)


def _touches(store: Store, batch: Batch) -> dict[tuple[str, str], list[datetime]]:
    """Messages that a cap's window could still hold, whichever way it lies around a decision."""
    if not any(book.caps for book in batch.steps.values()):
        return {}
    first: datetime | None = None
    last: datetime | None = None
    pairs: dict[tuple[str, str], None] = {}
    caps: dict[str, Account] = {}
    for each in batch.asked:
        at = each.decision.at
        for cap in (cap for cap in each.book.caps if cap.window is not None):
            caps[cap.id] = cap
            pairs[cap.id, each.key[2]] = None
            first = at if first is None else min(first, at)
            last = at if last is None else max(last, at)
    if first is None or last is None:
        return {}
    zone = batch.books.zone
    lengths = [Length(cap.window.count, cap.window.unit) for cap in caps.values() if cap.window]
    # A day more than the longest window: months and clock changes are not equally long everywhere.
    day = timedelta(days=1)
    since = min(shift(zone, first, length, -1) for length in lengths) - day
    until = max(shift(zone, last, length, +1) for length in lengths) + day
    between = (instant_text(since), instant_text(until))
    got: dict[tuple[str, str], list[datetime]] = {}
    for account, recipient, at in store.among("touches", list(pairs), between):
        got.setdefault((account, recipient), []).append(instant(at))
    return got
