"""Customers with their past, kept from batch to batch while the warehouse says the same.

Reading them anew for each batch takes most of the time of a worker. The ledger is the one that
there is without this cache:

- A batch sees the warehouse as it is when the batch begins, or, if something is read for it, as it
  is then. `Freshness` says whether that has changed; if so, everything is dropped.
- Events of the stream that the warehouse lacks are put back when a customer is read again
  (`Stream`). An event that the warehouse has by now is no longer one of the stream.
- The past is cut to the longest window that the plan looks back (`horizon.py`). A late event that
  looks further has its customer read again.

Customers are read for all events that are known to come, up to `AHEAD`. Those who were decided
longest ago make room, before those whose events come next: a seventh of a stream's time.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ....compiler.plan import Plan
from ...decide.facts import Row, moment
from ...due.known import Name
from ...warehouse.freshness import Freshness
from ...warehouse.rows import BEGINNING, WarehouseRows
from ..compiled.history import History, Track
from ..concerns import Event, name_of
from .asking import Asking
from .coming import AHEAD, ROWS, coming
from .horizon import beginning, horizons
from .loading import Loading, TooMany, Wanted
from .unchanged import Unchanged

MOST = 1_000_000
"""The most that is kept: one for each value of a past event, and `CUSTOMER` for each customer."""

CUSTOMER = 4
"""A customer without a past takes as much as so many values of past events."""


class Stream(Protocol):
    """The events of the stream that the warehouse was not found to have."""

    @property
    def latest(self) -> datetime:
        """The latest instant of the stream."""

    def of(self, customer: str) -> Mapping[Name, Row]:
        """The events of a customer."""

    def has_come(self, customer: str, name: Name) -> None:
        """Note that the warehouse has an event by now."""


@dataclass(slots=True)
class _Kept:
    """A customer who is kept: the keys of past events by kind, of all events since `since`.

    `later`: the instants of those that the stream had not come to when they were read, by kind and
    key. `come`: events of the stream that the warehouse has, until the customer is decided.
    """

    since: datetime
    keys: dict[str, Collection[str]] = field(default_factory=dict)
    later: Mapping[str, Mapping[str, datetime]] | None = None
    come: tuple[Name, ...] = ()
    size: int = CUSTOMER

    def has(self, kind: str, key: str, until: datetime) -> bool:
        """Whether the warehouse has an event up to an instant."""
        if key not in self.keys.get(kind, ()):
            return False
        later = None if self.later is None else self.later.get(kind)
        return later is None or later.get(key, until) <= until


class Customers:
    """The customers of a worker. `history` has their past; it is another one after a change.

    `kinds` are the kinds of event that are remembered. `reads`: the worker asks the warehouse for
    more than these customers, so each batch opens it.
    """

    def __init__(
        self,
        plan: Plan,
        kinds: Collection[str],
        made: Callable[[], History],
        freshness: Freshness,
        *,
        reads: bool,
    ) -> None:
        self._made, self._reads = made, reads
        self._unchanged = Unchanged(freshness, plan)
        self._bounds = (MOST, ROWS)
        self._horizons = {kind: span for kind, span in horizons(plan).items() if kind in kinds}
        self._kinds = frozenset(kinds)
        self.history = made()
        self._asking = Asking()
        self._loading = Loading(plan, kinds, self.history.recorders, self._asking)
        self._known: OrderedDict[str, _Kept] = OrderedDict()
        self._owners: dict[Name, list[str]] = {}
        self._size = 0
        self._ahead = AHEAD
        self._expected: Sequence[Event] = ()
        self._coming: frozenset[int] = frozenset()
        self._dropped: set[str] = set()
        self._lent: set[str] = set()

    def expect(self, events: Sequence[Event]) -> None:
        """Note the events that come next."""
        self._expected, self._coming = events, frozenset(map(id, events))
        self._unchanged.begin_reading()

    def prepare(self, rows: WarehouseRows, events: Sequence[Event], stream: Stream) -> None:
        """Have everything at hand that deciding these events may read."""
        if not all(id(event) in self._coming for event in events):
            self.expect(())
        self._let_go()
        if not self._unchanged.holds():
            self._forget()
        if self._reads or not all(map(self._is_known, events)):
            is_kept = self._unchanged.holds_open(rows.warehouse)
            if not is_kept:
                self._forget()
            self._load(rows, events, stream, is_kept=is_kept)
        for event in events:
            self._known.move_to_end(event.customer)

    @property
    def owners(self) -> Mapping[Name, Sequence[str]]:
        """The customers whom the warehouse has each event of, of those in `prepare` at least."""
        return self._owners

    def meet(self, customers: Collection[str], stream: Stream) -> None:
        """Let the stream know which of its events of these customers the warehouse has by now.

        An event that it has at a later instant is still one of the stream.
        """
        for customer in customers:
            known = self._known[customer]
            for kind, key in known.come:
                row = stream.of(customer).get((kind, key))
                if row is None:
                    continue
                if known.has(kind, key, stream.latest):
                    stream.has_come(customer, (kind, key))
                else:
                    self.record(Event(kind, customer, row))
            known.come = ()

    def has(self, event: Event, until: datetime) -> bool:
        """Whether the warehouse has an event of a customer in `prepare`, up to an instant."""
        return self._known[event.customer].has(event.name, moment(event.row)[1], until)

    def record(self, event: Event) -> None:
        """Add an event of the stream to the past of its customer."""
        known = self._known[event.customer]
        self.history.record(event.name, event.customer, event.row)
        known.size += 1
        self._size += 1
        if known.later and moment(event.row)[1] in known.later.get(event.name, ()):
            # It counts as the warehouse has it once the stream has come that far.
            self.drop(event.customer)

    def drop(self, customer: str) -> None:
        """Forget a customer once the batch is over."""
        self._dropped.add(customer)

    def lend(self, rows: WarehouseRows, names: Collection[str]) -> None:
        """Read the rows of other customers, for this batch alone."""
        unknown = [name for name in names if name not in self._known]
        if unknown:
            self.history.put_customers(rows.customers(unknown))
            self._lent.update(unknown)

    def _touch(self, events: Iterable[Event]) -> None:
        """Note whose events come next: they make room last. Otherwise they are read twice."""
        for customer in {event.customer for event in events} & self._known.keys():
            self._known.move_to_end(customer)

    def _let_go(self) -> None:
        """Forget who is to be forgotten, and those who were decided longest ago."""
        for customer in self._dropped:
            self._remove(customer)
        for customer in self._lent:
            self.history.drop(customer)
        self._dropped.clear()
        self._lent.clear()
        while self._size > self._bounds[0]:
            self._remove(next(iter(self._known)))

    def _remove(self, customer: str) -> None:
        known = self._known.pop(customer, None)
        if known is not None:
            self._size -= known.size
            self.history.drop(customer)

    def _forget(self) -> None:
        """Forget everything."""
        self.history = self._made()
        self._known.clear()
        self._owners = {}
        self._size = 0

    def _lack(self, events: Iterable[Event]) -> set[str]:
        """Return the customers of these events who must be read."""
        return {one.customer for one in events if not self._is_known(one)}

    def _is_known(self, event: Event) -> bool:
        known = self._known.get(event.customer)
        at, key = moment(event.row)
        if known is None or at < known.since:
            return False
        if event.name not in self._kinds:
            return True
        owners = self._owners.get(name_of(event))
        if owners is None:
            return False
        return event.customer not in owners or key in known.keys.get(event.name, ())

    # --- reading ---------------------------------------------------------------------------------

    def _load(
        self, rows: WarehouseRows, events: Sequence[Event], stream: Stream, *, is_kept: bool
    ) -> None:
        """Read for these events, and for as many of those after them as there is room for."""
        while True:
            some = coming(self._expected, events, self._ahead) if is_kept else events
            self._touch(some)
            # The owners of events before these are not asked for any more.
            self._owners = self._asking.owners(rows, some, self._kinds)
            try:
                most = self._bounds[1] if len(some) > len(events) else None
                self._read(rows, some, stream, most)
            except TooMany:
                self._ahead //= 2
            else:
                return

    def _read(
        self, rows: WarehouseRows, events: Sequence[Event], stream: Stream, most: int | None
    ) -> None:
        """Read the customers of these events who are not known."""
        lacking = self._lack(events)
        if not lacking:
            return
        since = min(moment(one.row)[0] for one in events if one.customer in lacking)
        reached = max(since, stream.latest)
        names = self._asking.keep(rows, lacking)
        wanted = Wanted(
            {kind: beginning(since, span) for kind, span in self._horizons.items()},
            self._keys(lacking, stream),
        )
        bounded = any(one > BEGINNING for one in wanted.since.values())
        past = list(self._loading.past(rows, wanted, names, most))
        found = rows.customers(names)
        for customer in lacking:
            self._remove(customer)
            self._known[customer] = _Kept(since if bounded else BEGINNING)
            self._size += CUSTOMER
        self.history.put_customers(found)
        tracks: dict[str, dict[int, Track]] = defaultdict(dict)
        for kind, by_customer in past:
            for customer, some in by_customer.items():
                known = self._known[customer]
                known.keys[kind.name] = kind.keys(some)
                size = len(some.keys)
                if later := kind.later(some, reached):
                    known.later = {**(known.later or {}), kind.name: later}
                    size += len(later)
                for number, track in kind.tracks(some):
                    tracks[customer][number] = track
                    size += len(track.ats)
                known.size += size
                self._size += size
        for customer, own in tracks.items():
            self.history.put_tracks(customer, own)
        for customer in lacking:
            self._put_back(customer, stream)

    def _keys(self, customers: set[str], stream: Stream) -> dict[str, set[str]]:
        """Return keys by kind: of the stream's events of customers, and of those that are there.

        Their rows count in the warehouse, however old these are there.
        """
        keys: dict[str, set[str]] = defaultdict(set)
        for (kind, key), owners in self._owners.items():
            if not customers.isdisjoint(owners):
                keys[kind].add(key)
        for customer in customers:
            for kind, key in stream.of(customer):
                keys[kind].add(key)
        return keys

    def _put_back(self, customer: str, stream: Stream) -> None:
        """Add the events of the stream that the warehouse lacks to the past of a customer."""
        known = self._known[customer]
        for (kind, key), row in stream.of(customer).items():
            if key in known.keys.get(kind, ()):
                known.come += ((kind, key),)
            elif kind in self._kinds:
                self.record(Event(kind, customer, row))
