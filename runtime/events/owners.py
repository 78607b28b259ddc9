"""The owner of an event key: a key names one event, so it belongs to one customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from ..decide.facts import moment
from ..ledger.contract import Ledger
from ..warehouse.rows import WarehouseRows
from .concerns import Event, name_of

K = TypeVar("K")
V = TypeVar("V")

REMEMBERED = 200_000
"""The most keys that a worker remembers."""


def forget_first(known: dict[K, V], most: int) -> None:
    """Remove the entries that came first, many at once, if there are more than so many.

    A dictionary is walked from its first place, also over all that were removed before. One by one
    that took 30 to 120 µs an entry of 200,000.
    """
    if len(known) > most + most // 200:
        for key in [*islice(known, len(known) - most)]:
            del known[key]


Owned = Mapping[tuple[str, str], Collection[str]]
"""The customers of events, by kind and key; those of an event that is not there are missing."""


class Owners:
    """Finds events whose key belongs to another customer.

    The owner is the warehouse's, for the kinds of event in `looked_up`, and the ledger's, for
    decided events. If neither knows the key, its first event owns it.
    """

    def __init__(self, ledger: Ledger, looked_up: Collection[str]) -> None:
        self._ledger = ledger
        self._looked_up = looked_up
        self._known: dict[tuple[str, str], str] = {}

    def own_keys(self, events: Sequence[Event], there: Owned) -> Iterator[Event]:
        """Yield the events whose key belongs to no other customer, given the warehouse's owners."""
        decided = self._ledger.event_customers({name_of(event) for event in events})
        for event in events:
            name = name_of(event)
            owners = set(there.get(name, ()))
            if name in decided:
                owners.add(decided[name])
            if (owners or {self._known.setdefault(name, event.customer)}) == {event.customer}:
                yield event
        forget_first(self._known, REMEMBERED)

    def forget(self, event: Event) -> None:
        """Forget an owner, because the ledger has given the key to another customer."""
        if self._known.get(name_of(event)) == event.customer:
            del self._known[name_of(event)]

    def in_warehouse(self, events: Sequence[Event], rows: WarehouseRows) -> Owned:
        """Return the customers whom the warehouse has these events of."""
        keys: dict[str, set[str]] = defaultdict(set)
        for event in events:
            if event.name in self._looked_up:
                keys[event.name].add(moment(event.row)[1])
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for kind, some in sorted(keys.items()):
            for key, customer in rows.owners(kind, some):
                found[kind, key].add(customer)
        return found
