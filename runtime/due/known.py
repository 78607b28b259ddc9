"""Customers with their events, from the warehouse and from the stream."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...compiler.plan import CustomerField, LedgerFeature, Plan
from ...compiler.plan.values import encode
from ..decide.facts import Row, moment, named
from ..decide.patterns.cancelled import cancellations, seen, seen_all
from ..decide.patterns.groups import Watch
from ..warehouse.rows import WarehouseRows

Name = tuple[str, str]
"""The kind of an event, and its key."""

Streamed = Mapping[str, Mapping[Name, Row]]
"""By customer, then by kind and key: events of the stream."""


@dataclass(frozen=True, slots=True)
class Index:
    """A text of each event of a kind, by which it is found; `None` if it is not to be found."""

    kind: str
    text: Callable[[Row], str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Kinds of event of the stream to remember, and the indices by which they are found."""

    kinds: frozenset[str]
    indices: Mapping[str, Index]


class Fresh(Streamed):
    """Events of the stream, which are also found by indices."""

    @abstractmethod
    def found(self, index: str, first: str, last: str) -> Iterator[tuple[str, Name, Row]]:
        """Yield the events with a text from `first` to `last`, both included, in an index."""

    @abstractmethod
    def of_kind(self, kind: str) -> Iterator[tuple[str, Row]]:
        """Yield all events of a kind, each with its customer; none may be added meanwhile."""


def index_of(kind: str, field: str) -> str:
    """Return the name of the index of events of a kind by the value of a field."""
    return f"{kind} {field}"


def by_field(kind: str, field: str) -> Mapping[str, Index]:
    """Return the index of events of a kind by the value of a field, under its name."""

    def text(row: Row) -> str | None:
        value = row[field]
        return None if value is None else encode(value)

    return {index_of(kind, field): Index(kind, text)}


def all_seen(plan: Plan, events: Mapping[Name, Row]) -> dict[Name, Row]:
    """Return all events of a customer, with since when each is cancelled."""
    cancels = cancellations(plan)
    found = dict(events)
    by_kind: dict[str, list[Name]] = defaultdict(list)
    for name in events:
        by_kind[name[0]].append(name)
    for kind, names in by_kind.items():
        rows = (events[name] for name in names)
        known = seen_all(
            cancels, kind, rows, lambda one: [events[name] for name in by_kind.get(one, ())]
        )
        found |= dict(zip(names, known, strict=True))
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """Some customers, with their events of some kinds. `rows` looks up any customer."""

    rows: WarehouseRows
    customers: Mapping[str, Row]
    events: Mapping[str, Mapping[Name, Row]]

    def of(self, customer: str, kind: str) -> list[Row]:
        """The customer's events of a kind."""
        found = self.events.get(customer, {})
        return [row for (name, _), row in found.items() if name == kind]

    def histories(self, customer: str) -> dict[str, list[Row]]:
        """The customer's events by kind."""
        found: dict[str, list[Row]] = {event.name: [] for event in self.rows.plan.events}
        for (name, _), row in self.events.get(customer, {}).items():
            found[name].append(row)
        return found


def kinds_asked(plan: Plan) -> frozenset[str]:
    """The kinds of event that the conditions of a plan read."""
    found = (one for one in plan.features if not isinstance(one, CustomerField | LedgerFeature))
    return frozenset(one.event for one in found)


def read_known(
    rows: WarehouseRows,
    kinds: Collection[str],
    fresh: Streamed,
    customers: set[str],
    upto: datetime,
) -> Known:
    """Read customers, and their events up to an instant; none of one who is not known."""
    if not customers:
        return Known(rows, {}, {})
    events: dict[str, dict[Name, Row]] = defaultdict(dict)
    pasts = {one.name for one in rows.plan.events if one.past_of is not None}
    for kind in sorted(kinds):
        column = named(rows.plan.events, kind).customer
        for customer, row in rows.events_of(kind, column, customers, upto):
            own = f"{moment(row)}" if kind in pasts else moment(row)[1]
            events[customer][kind, own] = row
    for customer in customers:
        for name, row in fresh.get(customer, {}).items():
            events[customer].setdefault(name, row)
    for customer, found in events.items():
        events[customer] = all_seen(rows.plan, found)
    return Known(rows, rows.customers(customers), events)


def grouped(known: Known, fresh: Fresh, watch: Watch, own: Sequence[Row]) -> dict[str, list[Row]]:
    """Return, by customer, all events of the groups of a customer's own events."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    kind, field = watch.trigger.event, watch.group.field
    for value in sorted({value for row in own if (value := watch.value(row)) is not None}):
        for customer, row in known.rows.alike(kind, field, value):
            found[customer][moment(row)[1]] = row
        for customer, (_, key), row in fresh.found(index_of(kind, field), value, value):
            if watch.value(seen(row, {})) == value:
                found[customer].setdefault(key, seen(row, {}))
    return {customer: list(rows.values()) for customer, rows in found.items()}
