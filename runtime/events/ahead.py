"""Reading ahead: customers and events of many batches, from the warehouse in one go.

Opening a warehouse, writing a query and scanning its tables costs the same for a thousand customers
as for ten thousand. The warehouse is asked once for all that has come already, and each batch takes
its part of the answer. That saves a third of the time of `events`. A batch sees no more than it
would without. Later events of the stream are not in here. Rows are those up to the instant that the
batch asks for. Once the warehouse has changed, the rest is read anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...compiler.plan import Plan
from ..decide.facts import Row, moment, named
from ..due.known import Name
from ..warehouse.freshness import Freshness
from ..warehouse.rows import Kept, WarehouseRows
from .cache.asking import Asking
from .cache.coming import AHEAD, ROWS, coming
from .cache.unchanged import Unchanged
from .engine import Event

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """The warehouse's rows of some events and customers, up to an instant.

    `covered` are the events, by id. `customers` has `None` for whom the warehouse does not have.
    `events` are by kind and customer, `owners` by kind with key.
    """

    until: datetime = _NEVER
    covered: frozenset[int] = frozenset()
    customers: Mapping[str, Row | None] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Sequence[Row]]] = field(default_factory=dict)
    owners: Mapping[Name, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AheadRows(WarehouseRows):
    """Rows that were read ahead, and those of the warehouse where they were not."""

    seen: Seen = field(default_factory=Seen)

    def customers(self, keys: Collection[str] | Kept) -> dict[str, Row]:
        """See `WarehouseRows.customers`."""
        if isinstance(keys, Kept):
            return WarehouseRows.customers(self, keys)
        known = self.seen.customers
        others = [key for key in keys if key not in known]
        found = WarehouseRows.customers(self, others) if others else {}
        for key in keys:
            row = known.get(key)
            if row is not None:
                found[key] = row
        return found

    def events_of(
        self, event: str, column: str, values: Collection[str] | Kept, until: datetime
    ) -> Iterator[tuple[str, Row]]:
        """See `WarehouseRows.events_of`."""
        of = self.seen.events.get(event)
        by_customer = column == named(self.plan.events, event).customer
        if of is None or not by_customer or until > self.seen.until or isinstance(values, Kept):
            yield from WarehouseRows.events_of(self, event, column, values, until)
            return
        others = [value for value in values if value not in self.seen.customers]
        for value in values:
            for row in of.get(value, ()):
                if moment(row)[0] <= until:
                    yield value, row
        if others:
            yield from WarehouseRows.events_of(self, event, column, others, until)

    def owners(self, event: str, keys: Collection[str] | Kept) -> Iterator[tuple[str, str]]:
        """See `WarehouseRows.owners`."""
        of = self.seen.owners
        if isinstance(keys, Kept) or not all((event, key) in of for key in keys):
            yield from WarehouseRows.owners(self, event, keys)
            return
        for key in keys:
            for customer in of[event, key]:
                yield key, customer


class Ahead:
    """Reads for the events that are known to come. `kinds` are those whose past may be asked for.

    It reads for fewer events at a time once those would have more than `ROWS` rows. Without
    `freshness` what was read is used for all of them.
    """

    def __init__(self, plan: Plan, kinds: Collection[str], freshness: Freshness | None) -> None:
        self._kinds = sorted(kinds)
        self._unchanged = None if freshness is None else Unchanged(freshness, plan)
        self._most_rows = ROWS
        self._most = AHEAD
        self._expected: Sequence[Event] = ()
        self._seen = Seen()
        self._asking = Asking()

    def expect(self, events: Sequence[Event]) -> None:
        """Note the events that come next; none to forget what was read."""
        self._expected, self._seen = events, Seen()
        if self._unchanged is not None:
            self._unchanged.begin_reading()

    def has(self, events: Sequence[Event]) -> bool:
        """Whether everything was read for these events."""
        return all(id(event) in self._seen.covered for event in events)

    def rows(self, rows: WarehouseRows, events: Sequence[Event], latest: datetime) -> WarehouseRows:
        """Return the rows for a batch, which are read now if they were not yet.

        `latest` is the latest instant so far.
        """
        if not self._expected:
            return rows
        is_same = self._unchanged is None or self._unchanged.holds()
        if not is_same or not self.has(events):
            self._seen = self._read(rows, events, latest)
        return AheadRows(rows.warehouse, rows.plan, self._seen)

    def _read(self, rows: WarehouseRows, events: Sequence[Event], latest: datetime) -> Seen:
        """Read for these events and for as many of those after them as there is room for."""
        if self._unchanged is not None and not self._unchanged.holds_open(rows.warehouse):
            return Seen()
        while len(some := coming(self._expected, events, self._most)) > len(events):
            found = self._read_all(rows, some, latest)
            if found is not None:
                return found
            self._most //= 2
        return Seen()

    def _read_all(
        self, rows: WarehouseRows, expected: Sequence[Event], latest: datetime
    ) -> Seen | None:
        """Read for some events; `None` if their customers have too many rows."""
        until = max(latest, *(moment(event.row)[0] for event in expected))
        customers = {event.customer for event in expected}
        owners = self._asking.owners(rows, expected, self._kinds)
        kept, read = self._asking.keep(rows, customers), 0
        events: dict[str, dict[str, list[Row]]] = {}
        for kind in self._kinds:
            of = events[kind] = defaultdict(list)
            column = named(rows.plan.events, kind).customer
            for customer, row in rows.events_of(kind, column, kept, until):
                of[customer].append(row)
                read += 1
                if read > self._most_rows:
                    return None
        known: dict[str, Row | None] = dict.fromkeys(customers)
        known |= rows.customers(kept)
        return Seen(until, frozenset(map(id, expected)), known, events, owners)
