"""Load the state that a batch needs, in a few queries over sets of keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from ....compiler.plan import Account
from ....compiler.plan.calendar import shift
from ....compiler.plan.steps import StepKey
from ....compiler.plan.values import Length
from ...decide.charges import Slot
from ...decide.decisions import Decision
from ...decide.reversing.reversers import amount_of, ratio_of
from ..brakes.braking import holds
from ..brakes.spending import Spending
from ..instants import instant, instant_text
from ..store import Store
from ..units.codes import codes_for
from ..units.multiples import multiples
from .balances import Balance
from .batch import Batch, Key
from .books import Books, StepBook
from .deciding import BatchState, Earlier
from .event_keys import EventKey
from .frequency import Frequency
from .journeys import journeys_of
from .kept_texts import Mark
from .wallets import loaded

NO_KEYS: frozenset[EventKey] = frozenset()


def load(store: Store, batch: Batch, foreign: frozenset[EventKey] = NO_KEYS) -> BatchState:
    """Load everything that `Deciding` may read; inside the batch's transaction.

    `foreign` are keys of events that belong to other customers. The batch's balances are refilled,
    in case the transaction is a retry.
    """
    _fill(store, batch.balances)
    return BatchState(
        _earlier(store, batch.keys),
        Frequency(batch.books.zone, _touches(store, batch)),
        store.chain(),
        plan_number(store, batch.books.digest),
        loaded(store, batch.wallets, batch.spending, batch.since),
        foreign,
        multiples(store, _crossing(batch)),
        batch,
        journeys_of(store, batch),
        codes_for(store, batch.coded()),
        holds(store),
        _spending(store, batch),
        frozenset(_late(store, batch)),
        dict(_reversed(store, batch)),
    )


def _spending(store: Store, batch: Batch) -> Spending:
    """The spend by day of the campaigns that watch theirs, for the instants of the batch."""
    campaigns = ((one.book.campaign, one.decision.at) for one in batch.requests)
    asked = (one for one in campaigns if one[0].brakes)
    return Spending(store, asked, batch.books.zone, batch.books.plan.currency)


def _crossing(batch: Batch) -> list[Key]:
    """The decisions at which a sum crosses multiples."""
    return [one.key for one in batch.requests if one.decision.times is not None]


def event_key(books: Books, decision: Decision) -> tuple[str, str | None]:
    """Return the key of a decision's event, and its customer; `None` if that is unknown."""
    event = books.events.get(decision.identity.key)
    customer = decision.customer if event is None else event.customer(decision)
    return decision.keys.get("event.key") or decision.identity.occurrence, customer


def _reversed(store: Store, batch: Batch) -> Iterator[tuple[Key, Fraction]]:
    """Yield the decisions whose events were taken back before, each with how much of it."""
    asked = [
        (request, *event_key(batch.books, request.decision))
        for request in batch.requests
        if request.book.campaign.reversal is not None and request.manual is None
    ]
    if not asked:
        return
    found: dict[tuple[str, str, str | None], list[Decimal | None]] = {}
    names = {(request.key[0], key): None for request, key, _ in asked}
    for campaign, key, customer, part in store.among("reversals", list(names)):
        found.setdefault((campaign, key, customer), []).append(amount_of(part))
    for request, key, customer in asked:
        parts = found.get((request.key[0], key, customer))
        if parts is not None:
            reversal, keys = request.book.campaign.reversal, request.decision.keys
            yield request.key, ratio_of(reversal, parts, keys)


def _late(store: Store, batch: Batch) -> Iterator[Key]:
    """Yield the decisions of events that come too late: no run has read them (`Within`)."""
    firsts = {key: _first(store, batch, book) for key, book in batch.steps.items()}
    for request in batch.requests:
        first, trigger = firsts[request.key[:2]], request.book.step.trigger
        if first is None or request.decision.at >= first or request.manual is not None:
            continue
        if trigger.event is not None and request.book.step.follows is None:
            query = "SELECT 1 FROM seen_events WHERE event = ? AND occurrence = ?"
            if not store.ask(query, (trigger.event, request.key[3])):
                yield request.key


def _first(store: Store, batch: Batch, book: StepBook) -> datetime | None:
    """Return the first instant of which an event is not too late; `None` if none ever is."""
    within = book.campaign.late_events
    if within is None:
        return None
    mark = Mark(StepKey(book.campaign.name, book.step.name)).text
    rows = store.ask("SELECT through FROM progress WHERE campaign = ?", (mark,))
    length = Length(within.span.count, within.span.unit)
    return shift(batch.books.zone, instant(rows[0][0]), length, -1) if rows else None


def plan_number(store: Store, digest: str) -> int:
    """Return the id of a plan, inserting it if it is new."""
    query = "SELECT id FROM plans WHERE digest = ?"
    while not (found := store.ask(query, (digest,))):
        # Another worker may take this number, or name this plan, at the very moment.
        statement = (
            "INSERT INTO plans (id, digest) SELECT coalesce(max(id), 0) + 1, ? FROM plans"
            " WHERE true ON CONFLICT DO NOTHING"
        )
        store.change(statement, [(digest,)])
    return int(found[0][0])


def _earlier(store: Store, keys: Sequence[Key]) -> dict[Key, Earlier]:
    rows = store.among("decisions", keys)
    return {(a, b, c, d): Earlier(*rest) for a, b, c, d, *rest in rows}


def balances_of(store: Store, books: Books, slots: Iterable[Slot]) -> dict[Slot, Balance]:
    """Return these balances under the plan, new ones included."""
    balances = {slot: books.balance(slot) for slot in slots}
    _fill(store, balances)
    return balances


def _fill(store: Store, balances: dict[Slot, Balance]) -> None:
    rows = store.among("accounts", list(balances))
    kept = {(account, period, key): rest for account, period, key, *rest in rows}
    new = len(balances) - len(kept)
    numbers = iter(store.account_numbers(new) if new else ())
    if not kept:
        for balance, number in zip(balances.values(), numbers, strict=True):
            balance.begin(number)
        return
    for slot, balance in balances.items():
        row = kept.get(slot)
        if row is None:
            balance.begin(next(numbers))
        else:
            balance.restore(*row)


def _touches(store: Store, batch: Batch) -> dict[tuple[str, str], list[datetime]]:
    """Return the messages that a window around any decision could contain."""
    if not any(book.caps for book in batch.steps.values()):
        return {}
    first: datetime | None = None
    last: datetime | None = None
    pairs: dict[tuple[str, str], None] = {}
    caps: dict[str, Account] = {}
    for each in batch.requests:
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
