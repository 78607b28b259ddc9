"""The past of a batch's customers: their rows and events, from the warehouse and the stream.

Events that the warehouse does not have yet are remembered until it has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ...compiler.plan import Plan
from ..decide.facts import Row, moment, named
from ..decide.patterns.cancelled import cancellations, cancelled_at, seen
from ..decide.patterns.groups import Watch
from ..due.known import Asked, Fresh, Name, by_field, index_of
from ..warehouse.rows import WarehouseRows
from .cache.customers import Customers
from .concerns import name_of
from .engine import Engine, Event, History
from .lacking import IN_MEMORY, LackedEvents

_Owned = tuple[str, Name]
"""A customer with the name of an event. A key that comes twice may be in two customers' rows."""


class Past:
    """Fills histories. `keeps` are the kinds of event that a worker must remember."""

    def __init__(self, plan: Plan, engine: Engine, asks: Asked) -> None:
        self._plan = plan
        self._engine = engine
        grouped = {watch.trigger.event for watch in engine.waiting.groups}
        self._patterned = {watch.trigger.event for watch in engine.waiting.patterns}
        self._patterned |= engine.waiting.kinds_of_tasks
        self._cancels = cancellations(plan)
        kinds = engine.looks_back_on | self._patterned
        cancelling = {
            one.event
            for kind, one in self._cancels.items()
            if kind in kinds | grouped | engine.fires_on
        }
        self._read = kinds | cancelling
        self.keeps = kinds | grouped | cancelling | asks.kinds
        self._pasts = frozenset(one.name for one in plan.events if one.past_of is not None)
        indices = dict(asks.indices)
        for watch in engine.waiting.groups:
            indices |= by_field(watch.trigger.event, watch.group.field)
        self._fresh = LackedEvents(IN_MEMORY, indices)
        self._latest = datetime.min.replace(tzinfo=UTC)

    @property
    def is_of_tracks(self) -> bool:
        """Whether tracks and customers are all that deciding reads, so that these can be kept."""
        return not (self._engine.waiting.groups or self._patterned or self._cancels)

    @property
    def stream(self) -> Fresh:
        """The events of the stream that the warehouse was not found to have."""
        return self._fresh

    @property
    def latest(self) -> datetime:
        """The latest instant of the stream."""
        return self._latest

    def fill(self, history: History, rows: WarehouseRows, in_order: Sequence[Event]) -> list[Event]:
        """Put everything into the history that deciding these events may read.

        Return the events, with since when each is cancelled. What they read is the past of their
        customers, and of all members of their groups. A late event has what came after it too, up
        to the latest event so far, since it may change what fires.
        """
        if not in_order:
            return []
        self._latest = max(self._latest, moment(in_order[-1].row)[0])
        self._remember(in_order)
        found = _KnownEvents(rows, self._latest, self._pasts)
        customers = {event.customer for event in in_order}
        for watch in self._engine.waiting.groups:
            customers |= self._gather(watch, in_order, found)
        history.put_customers(found.rows.customers(customers))
        for kind in sorted(self.keeps):
            found.look(kind, named(self._plan.events, kind).customer, customers)
        self._forget(found)
        for customer in customers:
            for name, row in self._fresh.get(customer, {}).items():
                found.events.setdefault((customer, name), row)
        instants = self._cancelled(found.events)
        for (customer, (kind, _)), row in found.events.items():
            history.record(kind, customer, self._seen(kind, customer, row, instants))
        seen_ = [
            replace(event, row=self._seen(event.name, event.customer, event.row, instants))
            if event.name in self._cancels
            else event
            for event in in_order
        ]
        others = self._engine.recipients(seen_, history) - customers
        if others:
            history.put_customers(found.rows.customers(others))
        return seen_

    def fill_kept(
        self, kept: Customers, rows: WarehouseRows, in_order: Sequence[Event]
    ) -> list[Event]:
        """Add these events to customers who are kept, as `fill` does to an empty history."""
        if not in_order:
            return []
        self._latest = max(self._latest, moment(in_order[-1].row)[0])
        kept.meet({event.customer for event in in_order}, self)
        for event in in_order:
            name = name_of(event)
            if event.name not in self.keeps or self._fresh.has(event.customer, name):
                continue
            if not kept.has(event, self._latest):
                self._fresh.add(event.customer, name, event.row)
                kept.record(event)
        others = self._engine.recipients(in_order, kept.history)
        if others:
            kept.lend(rows, others)
        return [*in_order]

    def of(self, customer: str) -> Mapping[Name, Row]:
        """Return the events of a customer that the warehouse was not found to have."""
        return self._fresh.get(customer, {})

    def has_come(self, customer: str, name: Name) -> None:
        """Forget an event that the warehouse has by now."""
        self._fresh.remove(customer, name)

    def _cancelled(
        self, events: Mapping[_Owned, Row]
    ) -> dict[tuple[str, str], dict[str, datetime]]:
        """Return since when events are cancelled, by kind and customer, then by key."""
        cancelling: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for (customer, (kind, _)), row in events.items():
            cancelling[kind, customer].append(row)
        return {
            (kind, customer): cancelled_at(by, rows)
            for kind, by in self._cancels.items()
            for (event, customer), rows in cancelling.items()
            if event == by.event
        }

    def _seen(
        self,
        kind: str,
        customer: str,
        row: Row,
        instants: Mapping[tuple[str, str], Mapping[str, datetime]],
    ) -> Row:
        return seen(row, instants.get((kind, customer), {})) if kind in self._cancels else row

    def fresh(self, kind: str, customer: str) -> list[Row]:
        """Return the events of a customer that the warehouse may not have yet."""
        return [row for (name, _), row in self.of(customer).items() if name == kind]

    def _gather(self, watch: Watch, in_order: Sequence[Event], found: _KnownEvents) -> set[str]:
        """Find the other events of these events' groups; return the groups' customers."""
        kind = watch.trigger.event
        named_ = {watch.value(event.row) for event in in_order if event.name == kind}
        groups = {group for group in named_ if group is not None}
        column = named(named(self._plan.events, kind).fields, watch.group.field).column
        members = found.look(kind, column, groups)
        for group in sorted(groups):
            index = index_of(kind, watch.group.field)
            for customer, name, row in self._fresh.found(index, group, group):
                if watch.value(row) == group:
                    members.add(customer)
                    found.events.setdefault((customer, name), row)
        return members

    def remember(self, events: Sequence[Event]) -> None:
        """Remember the events that the warehouse may lack."""
        self._remember(events)
        for event in events:
            self._latest = max(self._latest, moment(event.row)[0])

    def remembers(self, customer: str, name: Name) -> bool:
        """Whether an event is remembered, so the warehouse did not have it so far."""
        return self._fresh.has(customer, name)

    def _remember(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.name in self.keeps:
                self._fresh.add(event.customer, name_of(event), event.row)

    def forget(self, event: Event) -> None:
        """Remove an event that was remembered for the wrong customer."""
        self._fresh.remove(event.customer, name_of(event))

    def _forget(self, found: _KnownEvents) -> None:
        """Forget the events that the warehouse has by now."""
        for customer, name in found.there:
            self.has_come(customer, name)


@dataclass(slots=True)
class _KnownEvents:
    """Events up to an instant, each customer's once. `there`: the warehouse has them.

    `pasts`: the kinds that are pasts of fields, whose rows have the key of their customer.
    """

    rows: WarehouseRows
    until: datetime
    pasts: frozenset[str]
    events: dict[_Owned, Row] = field(default_factory=dict)
    there: set[_Owned] = field(default_factory=set)

    def look(self, kind: str, column: str, values: Collection[str]) -> set[str]:
        """Read the events with one of these values in a column; return their customers."""
        customers = set()
        if values:
            for customer, row in self.rows.events_of(kind, column, values, self.until):
                name = (kind, f"{moment(row)}" if kind in self.pasts else moment(row)[1])
                self.events[customer, name] = row
                self.there.add((customer, name))
                customers.add(customer)
        return customers
