"""Customers with their events, from the warehouse and from the stream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...compiler.plan import CustomerField, LedgerFeature, Plan
from ..decide.facts import Row, moment, named
from ..decide.patterns.cancelled import cancellations, seen, seen_all
from ..decide.patterns.groups import Watch
from ..warehouse.rows import WarehouseRows

Name = tuple[str, str]
"""The kind of an event, and its key."""

Fresh = Mapping[str, Mapping[Name, Row]]
"""By customer, then by kind and key: events of the stream."""


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
    rows: WarehouseRows, kinds: Collection[str], fresh: Fresh, customers: set[str], upto: datetime
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
        for customer, events in fresh.items():
            for (name, key), row in events.items():
                if name == kind and watch.value(seen(row, {})) == value:
                    found[customer].setdefault(key, seen(row, {}))
    return {customer: list(rows.values()) for customer, rows in found.items()}
