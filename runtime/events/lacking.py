"""The events of a stream that the warehouse lacks: in memory, then in a temporary file.

A worker remembers them until the warehouse has them, which may be never. In memory an event takes
some 700 bytes, so those of the customers who came first go into a file.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ..decide.facts import Row
from ..due.known import Fresh, Index, Name
from ..temporary import temporary_tables, write_rows
from .indices import Indices

IN_MEMORY = 200_000
"""The most events in memory: some 140 MB."""

_MAKE = (
    "CREATE TABLE events (customer TEXT, kind TEXT, key TEXT, fields BLOB,"
    " PRIMARY KEY (customer, kind, key)) WITHOUT ROWID"
)
_ADD = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)"
_OF = "SELECT kind, key, fields FROM events WHERE customer = ?"
_ONE = "SELECT fields FROM events WHERE customer = ? AND kind = ? AND key = ?"
_HAS = "SELECT 1 FROM events WHERE customer = ? AND kind = ? AND key = ?"
_REMOVE = "DELETE FROM events WHERE customer = ? AND kind = ? AND key = ?"
_OWNERS = "SELECT DISTINCT customer FROM events ORDER BY customer"
_OF_KIND = "SELECT customer, fields FROM events WHERE kind = ?"
_NONE: Mapping[str, Index] = MappingProxyType({})


class LackedEvents(Fresh):
    """The events by customer, then by kind and key. Each is added once.

    At most so many are in memory. `indices` are the ones by which events are found.
    """

    def __init__(self, in_memory: int = IN_MEMORY, indices: Mapping[str, Index] = _NONE) -> None:
        self._most = in_memory
        self._indices = Indices(indices)
        self._held: dict[str, dict[Name, Row]] = {}
        self._count = 0
        self._disk: sqlite3.Connection | None = None

    def __getitem__(self, customer: str) -> Mapping[Name, Row]:
        """Return a customer's events. Raise `KeyError` if there are none."""
        held = self._held.get(customer)
        if self._disk is None:
            if held is None:
                raise KeyError(customer)
            return held
        found = dict(self._on_disk(customer)) | (held or {})
        if not found:
            raise KeyError(customer)
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield the customers who have events."""
        yield from list(self._held)
        if self._disk is not None:
            for (customer,) in self._disk.execute(_OWNERS).fetchall():
                if customer not in self._held:
                    yield customer

    def __len__(self) -> int:
        """The number of customers who have events."""
        return sum(1 for _ in self)

    def has(self, customer: str, name: Name) -> bool:
        """Whether an event is there."""
        if name in self._held.get(customer, ()):
            return True
        return self._disk is not None and bool(
            self._disk.execute(_HAS, (customer, *name)).fetchone()
        )

    def add(self, customer: str, name: Name, row: Row) -> None:
        """Add an event that is not there yet; otherwise the one that is there stays."""
        if self.has(customer, name):
            return
        self._held.setdefault(customer, {})[name] = row
        self._count += 1
        self._indices.add(customer, name, row)
        if self._count > self._most:
            self._spill(self._most // 2)

    def remove(self, customer: str, name: Name) -> None:
        """Remove an event, if it is there."""
        held = self._held.get(customer, {})
        row = held.pop(name, None)
        if row is not None:
            self._count -= 1
            if not held:
                del self._held[customer]
        elif self._disk is not None:
            row = self._one_on_disk(customer, name) if name[0] in self._indices else None
            self._disk.execute(_REMOVE, (customer, *name))
        if row is not None:
            self._indices.remove(customer, name, row)

    def found(self, index: str, first: str, last: str) -> Iterator[tuple[str, Name, Row]]:
        """See `Fresh.found`."""
        for customer, name in self._indices.found(index, first, last):
            row = self._held.get(customer, {}).get(name) or self._one_on_disk(customer, name)
            if row is not None:
                yield customer, name, row

    def of_kind(self, kind: str) -> Iterator[tuple[str, Row]]:
        """See `Fresh.of_kind`."""
        for customer, events in self._held.items():
            for (name, _), row in events.items():
                if name == kind:
                    yield customer, row
        if self._disk is not None:
            for customer, fields in self._disk.execute(_OF_KIND, (kind,)):
                yield customer, pickle.loads(fields)  # noqa: S301  (written by this process)

    def _on_disk(self, customer: str) -> Iterator[tuple[Name, Row]]:
        if self._disk is not None:
            for kind, key, fields in self._disk.execute(_OF, (customer,)):
                yield (kind, key), pickle.loads(fields)  # noqa: S301  (written by this process)

    def _one_on_disk(self, customer: str, name: Name) -> Row | None:
        if self._disk is None:
            return None
        found = self._disk.execute(_ONE, (customer, *name)).fetchone()
        return None if found is None else pickle.loads(found[0])  # noqa: S301  (as above)

    def _spill(self, most: int) -> None:
        """Move events to the file, of those who came first, until so many are in memory."""
        if self._disk is None:
            self._disk = temporary_tables(_MAKE)
        moved: list[tuple[str, str, str, bytes]] = []
        for customer, events in self._held.items():
            if self._count <= most:
                break
            self._count -= len(events)
            moved += [(customer, *name, pickle.dumps(row)) for name, row in events.items()]
        # Not one by one from the first place: each look passes those that were removed before.
        for customer in {one[0]: None for one in moved}:
            del self._held[customer]
        write_rows(self._disk, _ADD, moved)
