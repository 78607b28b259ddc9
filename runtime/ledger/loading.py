"""What a batch needs to know of a ledger, fetched in a few questions about sets of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from ...compiler.meaning import shift
from ...compiler.plan import Account
from ...compiler.values import Length
from ..charging import Slot
from .balances import Balance
from .books import Books
from .deciding import Asked, Earlier, Key, Known
from .frequency import Frequency
from .instants import instant, instant_text
from .store import Store
from .wallets import Wallet, loaded


def claims(asked: Iterable[Asked]) -> set[str]:
    """What nobody else may hold while these are decided: their campaigns, accounts and caps.

    Wallets only where something goes out of one: what comes in meanwhile does no harm.
    """
    names: set[str] = set()
    for each in asked:
        names.add(f"campaign/{each.key[0]}")
        names.update(slot[0] for slot in each.charges)
        names.update(slot[0] for slot in each.fallback_charges)
        names.update(cap.id for cap in each.book.caps)
        names.update(f"wallet/{wallet}" for wallet in each.spends)
    return names


def load(store: Store, books: Books, asked: Sequence[Asked]) -> Known:
    """All that `Deciding` may look at for these; inside the batch's transaction."""
    return Known(
        _earlier(store, asked),
        _balances(store, books, asked),
        Frequency(books.zone, _touches(store, books, asked)),
        store.chain(),
        plan_number(store, books.digest),
        loaded(store, _wallets(books, asked)),
    )


def _wallets(books: Books, asked: Iterable[Asked]) -> Iterator[Wallet]:
    for each in asked:
        bundles = [each.bundle]
        if each.decision.fallback:
            bundles.append(books.bundle(each.decision.fallback))
        for bundle in bundles:
            yield from ((wallet, each.key[2]) for wallet, _ in bundle.wallets)


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


def _balances(store: Store, books: Books, asked: Iterable[Asked]) -> dict[Slot, Balance]:
    slots: dict[Slot, int] = {}
    for each in asked:
        slots.update(each.charges)
        slots.update(each.fallback_charges)
    return balances_of(store, books, slots)


def balances_of(store: Store, books: Books, slots: Collection[Slot]) -> dict[Slot, Balance]:
    """These balances as they stand under the plan, new ones among them."""
    rows = store.among("accounts", list(slots))
    kept = {(account, period, key): rest for account, period, key, *rest in rows}
    numbers = iter(store.account_numbers(sum(slot not in kept for slot in slots)))
    charging = books.charging
    balances: dict[Slot, Balance] = {}
    for slot in slots:
        id_ = slot[0]
        row = kept.get(slot)
        number = next(numbers) if row is None else int(row[0])
        balance = Balance(number, charging.accounts[id_], slot, charging.caps[id_])
        if row is not None:
            balance.restore(*row)
        balances[slot] = balance
    return balances


def _touches(
    store: Store, books: Books, asked: Iterable[Asked]
) -> dict[tuple[str, str], list[datetime]]:
    """Messages that a cap's window could still hold, whichever way it lies around a decision."""
    first: datetime | None = None
    last: datetime | None = None
    pairs: dict[tuple[str, str], None] = {}
    caps: dict[str, Account] = {}
    for each in asked:
        at = each.decision.at
        for cap in (cap for cap in each.book.caps if cap.window is not None):
            caps[cap.id] = cap
            pairs[cap.id, each.key[2]] = None
            first = at if first is None else min(first, at)
            last = at if last is None else max(last, at)
    if first is None or last is None:
        return {}
    lengths = [Length(cap.window.count, cap.window.unit) for cap in caps.values() if cap.window]
    # A day more than the longest window: months and clock changes are not equally long everywhere.
    day = timedelta(days=1)
    since = min(shift(books.zone, first, length, -1) for length in lengths) - day
    until = max(shift(books.zone, last, length, +1) for length in lengths) + day
    between = (instant_text(since), instant_text(until))
    got: dict[tuple[str, str], list[datetime]] = {}
    for account, recipient, at in store.among("touches", list(pairs), between):
        got.setdefault((account, recipient), []).append(instant(at))
    return got
