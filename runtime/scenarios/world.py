"""The customers and events of a scenario, as rows in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from ...compiler.plan import Column, Plan
from ...compiler.plan.data import CANCELLED, KEY, TO
from ...compiler.plan.values import Value
from ...compiler.scenarios.model import GivenCustomer, GivenEvent
from ...dsl.diagnostics.source import Place
from ..decide.deciding import text_of
from ..decide.facts import Row, moment, named
from ..decide.patterns.cancelled import cancellations, cancelled_at
from ..decide.reference import Rows

_EVER = datetime.min.replace(tzinfo=UTC)


class FieldNeeded(Exception):  # noqa: N818  (it names what happened)
    """A rule asks for a field that cannot be unknown, and that the scenario does not give.

    `owner` is the kind of event, or empty for the customer.
    """

    def __init__(self, owner: str, field: str, place: Place) -> None:
        super().__init__(field)
        self.owner = owner
        self.field = field
        self.place = place


class NotGiven:
    """The value of an event's field that was not given: raises `FieldNeeded` as soon as it is used.

    Rows of events are copied whole, so that a row cannot tell which of its fields a rule reads.
    """

    def __init__(self, owner: str, field: str, place: Place) -> None:
        self._needed = (owner, field, place)

    def _raise(self, *_: object) -> NoReturn:
        raise FieldNeeded(*self._needed)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __bool__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _raise
    __rtruediv__ = __neg__ = __abs__ = __contains__ = __iter__ = __len__ = _raise
    __str__ = __repr__ = __format__ = __getattr__ = _raise


class GivenRow(dict[str, Value | None]):
    """A row that raises `FieldNeeded` for a field that was not given."""

    def __init__(self, values: Mapping[str, Value | None], owner: str, place: Place) -> None:
        super().__init__(values)
        self._owner = owner
        self._place = place

    def __missing__(self, field: str) -> Value | None:
        raise FieldNeeded(self._owner, field, self._place)


@dataclass(frozen=True, slots=True)
class World:
    """The rows of a scenario. It has the reads of `WarehouseRows` that firings of wallets need."""

    plan: Plan
    rows: Rows
    owners: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, event: GivenEvent) -> None:
        """Let an event happen."""
        columns = named(self.plan.events, event.event).fields
        missing: dict[str, Any] = {
            one.name: NotGiven(event.event, one.name, event.place) for one in columns
        }
        given = _values(columns, event.values)
        own = {**missing, **given, "at": event.at, "key": event.key}
        row = GivenRow(own, event.event, event.place)
        histories = self.rows.histories[event.event]
        assert isinstance(histories, dict)
        histories.setdefault(event.customer, []).append(row)
        self.owners[event.event, event.key] = event.customer
        self._cancel(event)

    def _cancel(self, event: GivenEvent) -> None:
        """Note on the customer's events since when each is cancelled."""
        for kind, by in cancellations(self.plan).items():
            if event.event in (kind, by.event):
                instants = cancelled_at(by, self.rows.events(by.event, event.customer))
                for row in self.rows.events(kind, event.customer):
                    assert isinstance(row, GivenRow)
                    row[CANCELLED] = instants.get(moment(row)[1])

    def between(self, kind: str, start: datetime, end: datetime) -> Iterator[tuple[str, Row]]:
        """The events of a kind in a period, both ends in it, in order, with their customers."""
        found = [
            (*moment(row), customer, row)
            for customer, rows in self.rows.histories[kind].items()
            for row in rows
            if start <= moment(row)[0] <= end
        ]
        for _, _, customer, row in sorted(found, key=lambda one: one[:3]):
            yield customer, row

    def customer(self, key: str) -> Row | None:
        """The row of a customer; `None` if there is no such customer."""
        return self.rows.customer(key)

    def customers(self, keys: Collection[str]) -> dict[str, Row]:
        """The rows of those customers that exist, by key."""
        return {key: row for key, row in self.rows.customers.items() if key in keys}

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of a customer's events of one kind."""
        return self.rows.events(event, customer)

    def alike(self, event: str, field: str, value: str) -> Sequence[tuple[str, Row]]:
        """All customers' events of one kind whose field has this value."""
        return self.rows.alike(event, field, value)

    def events_of(
        self, event: str, column: str, values: Collection[str], until: datetime
    ) -> Iterator[tuple[str, Row]]:
        """The events of one kind up to an instant whose column has one of these values."""
        kind = named(self.plan.events, event)
        name = next((one.name for one in kind.fields if one.column == column), None)
        for customer, row in self.between(event, _EVER, until):
            value = customer if column == kind.customer or name is None else text_of(row[name])
            if value in values:
                yield customer, row


def world_of(
    plan: Plan, customers: Sequence[GivenCustomer], earlier: Sequence[GivenEvent]
) -> World:
    """The world in which a scenario begins."""
    histories: dict[str, dict[str, list[Row]]] = {one.name: {} for one in plan.events}
    for kind in plan.events:
        if kind.past_of is None:
            continue
        column = kind.fields[0]
        for one in customers:
            value = one.values.get(column.name)
            row = {column.name: value, TO: None, "at": _EVER, "key": one.key}
            histories[kind.name][one.key] = [row] if value is not None else []
    rows = {one.key: _customer(plan, one) for one in customers}
    world = World(plan, Rows(rows, histories))
    for event in earlier:
        world.add(event)
    return world


def _customer(plan: Plan, given: GivenCustomer) -> Row:
    own = {**_values(plan.customers.fields, given.values), KEY: given.key}
    return GivenRow(own, "", given.place)


def _values(
    columns: Sequence[Column], given: Mapping[str, Value | None]
) -> dict[str, Value | None]:
    """The values that are known, and `None` for those left out that may be unknown."""
    left_out = (one.name for one in columns if one.optional and one.name not in given)
    return {**dict.fromkeys(left_out), **given}
