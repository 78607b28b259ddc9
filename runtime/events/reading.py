"""Reading for a batch before it is decided: its own events, and the past of their customers.

There are two ways, and both come to the same ledger. Customers are kept between batches
(`cache/`), where tracks of past events are all that is read and something says whether the
warehouse has changed. Otherwise, and where nothing is to be kept, each batch reads its own past, or
its part of what was read ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...compiler.plan import Plan
from ..decide.facts import moment
from ..due.known import Asked
from ..ledger.contract import Ledger
from ..warehouse.freshness import Freshness
from ..warehouse.rows import WarehouseRows
from .ahead import Ahead
from .cache.customers import Customers
from .engine import Engine, Event, History
from .owners import Owners
from .past import Past


@dataclass(frozen=True, slots=True)
class Read:
    """The facts for a batch. `rows` are for all that asks for more.

    `in_order` are its events whose key belongs to no other customer, in order. `seen` are the same
    ones, with since when each is cancelled.
    """

    rows: WarehouseRows
    history: History
    in_order: tuple[Event, ...]
    seen: tuple[Event, ...]


class Reading:
    """Reads for one batch after the other. `asks`: what else is asked of the stream.

    With `freshness`, customers are kept. `reads`: more is asked of the warehouse for each batch.
    """

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        ledger: Ledger,
        asks: Asked,
        freshness: Freshness | None,
        *,
        reads: bool,
    ) -> None:
        self._engine = engine
        self.past = Past(plan, engine, asks)
        self._owners = Owners(ledger, self.past.keeps)
        self._ahead = Ahead(plan, self.past.keeps, freshness)
        self._kept: Customers | None = None
        if freshness is not None and self.past.is_of_tracks:
            reads = reads or engine.gives_others
            self._kept = Customers(plan, self.past.keeps, engine.history, freshness, reads=reads)

    def expect(self, events: Sequence[Event]) -> None:
        """Note the events of the next batches, so that the warehouse is asked about all at once."""
        if self._kept is None:
            self._ahead.expect(events)
        else:
            self._kept.expect(events)

    def read(self, rows: WarehouseRows, events: Sequence[Event]) -> Read:
        """Read for a batch."""
        if self._kept is not None:
            self._kept.prepare(rows, events, self.past)
            in_order = _in_order(self._owners.own_keys(events, self._kept.owners))
            seen = self.past.fill_kept(self._kept, rows, in_order)
            return Read(rows, self._kept.history, in_order, tuple(seen))
        history = self._engine.history()
        rows = self._ahead.rows(rows, events, self.past.latest)
        there = self._owners.in_warehouse(events, rows)
        in_order = _in_order(self._owners.own_keys(events, there))
        seen = self.past.fill(history, rows, in_order)
        return Read(rows, history, in_order, tuple(seen))

    def remember(self, events: Sequence[Event]) -> None:
        """Remember events that were decided before, for those that the warehouse may lack."""
        self.past.remember(events)
        if self._kept is not None:
            for event in events:
                self._kept.drop(event.customer)

    def forget(self, event: Event) -> None:
        """Forget an event whose key the ledger has given to another customer."""
        self._owners.forget(event)
        self.past.forget(event)
        if self._kept is not None:
            self._kept.drop(event.customer)


def _in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: moment(event.row)))
