"""Messages that a worker must read again when it takes over: those whose events are remembered.

They are in a table, as the warehouse may lack all of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from ..events.concerns import Event, name_of
from ..temporary import temporary_tables, write_rows

_AT_ONCE = 1_000
_MAKE = (
    "CREATE TABLE remembered (part INTEGER, number INTEGER, customer TEXT, kind TEXT, key TEXT,"
    " PRIMARY KEY (part, number)) WITHOUT ROWID"
)
_ADD = "INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?, ?)"
_IN_ORDER = "SELECT number, customer, kind, key FROM remembered WHERE part = ? ORDER BY number"
_REMOVE = "DELETE FROM remembered WHERE part = ? AND number <= ?"

Remembers = Callable[[str, tuple[str, str]], bool]
"""Whether an event is remembered: by its customer, its kind and its key."""


class Remembered:
    """The numbers of the messages by part, each with its event."""

    def __init__(self) -> None:
        self._disk: sqlite3.Connection | None = None
        self._new: list[tuple[int, int, str, str, str]] = []

    def add(self, part: int, number: int, event: Event) -> None:
        """Add a message."""
        self._new.append((part, number, event.customer, *name_of(event)))
        if len(self._new) >= _AT_ONCE:
            self._write()

    def first(self, part: int, remembers: Remembers) -> int | None:
        """Return the first message of a part whose event is remembered, and forget those before.

        `None` if there is none.
        """
        disk, first = self._write(), None
        last = -1
        for number, customer, kind, key in disk.execute(_IN_ORDER, (part,)):
            if remembers(customer, (kind, key)):
                first = int(number)
                break
            last = int(number)
        disk.execute(_REMOVE, (part, last))
        return first

    def _write(self) -> sqlite3.Connection:
        """Write what is new; return the table."""
        if self._disk is None:
            self._disk = temporary_tables(_MAKE)
        if self._new:
            write_rows(self._disk, _ADD, self._new)
            self._new.clear()
        return self._disk
