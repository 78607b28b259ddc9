"""Event keys: each belongs to one customer, the first about whom something was decided.

The rows are inserted at the start of a transaction, in one order. So workers with the same keys
wait for each other here without deadlock, and the later ones read the owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, assert_never

from ...decide.braking.events import AlarmEvent
from ...decide.claims import ClaimEvent
from ...decide.decisions import Decision, Identity
from ...decide.reversing.events import ReversalEvent
from ..instants import instant_text
from ..store import Store
from .books import Books
from .kept_texts import kept_alarm, kept_claim, kept_reversal

AT_ONCE = 5_000
"""The number of older keys that are entered at a time."""

_STEPS = "SELECT campaign, step FROM steps_of_format_7 ORDER BY campaign, step"
_ENTERED = "DELETE FROM steps_of_format_7 WHERE campaign = ? AND step = ?"
_DECIDED = (
    "SELECT occurrence, customer, at FROM decisions WHERE campaign = ? AND step = ?"
    " ORDER BY occurrence, id"
)
_EARLIER = "UPDATE event_customers SET at = ? WHERE event = ? AND key = ? AND at > ?"


class EventKey(NamedTuple):
    """The key of an event with a decision, its customer, and the decision's instant."""

    event: str
    key: str
    customer: str
    at: str


def keys_of(
    books: Books, asked: Iterable[Decision | ClaimEvent | ReversalEvent | AlarmEvent]
) -> list[EventKey]:
    """Return the distinct event keys of decisions, claims, reversals and alarms, in their order."""
    found: dict[EventKey, None] = {}
    last: tuple[datetime, str] | None = None
    events = books.events
    for one in asked:
        campaign, step, recipient, key = one.identity if isinstance(one, Decision) else _kept(one)
        event = events.get((campaign, step))
        if event is None:
            continue
        customer = event.customer(one) if isinstance(one, Decision) else recipient
        if customer is not None:
            # Several campaigns decide about one event, one after the other.
            if last is None or last[0] != one.at:
                last = one.at, instant_text(one.at)
            found[EventKey(event.name, key, customer, last[1])] = None
    return list(found)


def _kept(one: ClaimEvent | ReversalEvent | AlarmEvent) -> Identity:
    """Return the identity under which the ledger keeps it."""
    match one:
        case ClaimEvent(identity=claim):
            return kept_claim(claim)
        case ReversalEvent(identity=reversal):
            return kept_reversal(reversal)
        case AlarmEvent(identity=alarm):
            return kept_alarm(alarm)
        case _:
            assert_never(one)


def enter_keys(store: Store, books: Books, keys: Sequence[EventKey]) -> frozenset[EventKey]:
    """Enter keys that are new; return those that belong to another customer."""
    if not keys:
        return frozenset()
    _enter_older(store, books)
    return _entered(store, keys)


def _entered(store: Store, keys: Sequence[EventKey]) -> frozenset[EventKey]:
    wanted: dict[tuple[str, str], EventKey] = {}
    for one in keys:
        wanted.setdefault((one.event, one.key), one)
    owners = {name: one.customer for name, one in wanted.items()}
    if not store.enter_keys([wanted[name] for name in sorted(wanted)]):
        rows = store.among("event_customers", sorted(wanted))
        found = [EventKey(*row) for row in rows]
        owners = {(one.event, one.key): one.customer for one in found}
        store.change(_EARLIER, _earlier(found, wanted))
    return frozenset(one for one in keys if owners[one.event, one.key] != one.customer)


def _earlier(
    found: Iterable[EventKey], wanted: dict[tuple[str, str], EventKey]
) -> list[tuple[str, str, str, str]]:
    """Return the keys that their customer used at an earlier instant than the store has."""
    asked = ((one, wanted[one.event, one.key]) for one in found)
    return [
        (now.at, *now[:2], now.at)
        for known, now in asked
        if now.customer == known.customer and now.at < known.at
    ]


def _enter_older(store: Store, books: Books) -> None:
    """Enter the keys of decisions from before format 8; the first of two customers owns a key."""
    for campaign, step in store.ask(_STEPS):
        event = books.events.get((campaign, step))
        if event is None:
            continue
        if not event.for_each:
            rows = iter(store.stream(_DECIDED, (campaign, step)))
            while some := [EventKey(event.name, *row) for row in islice(rows, AT_ONCE)]:
                _entered(store, some)
        store.change(_ENTERED, [(campaign, step)])
