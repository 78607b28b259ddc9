"""Customers who wait for an instant in a journey: a table, as that may be all of them at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from ....compiler.plan.values import encode
from ...temporary import temporary_tables, write_rows

Waiting = tuple[datetime, str, str]
"""An instant, the campaign and the customer that wait for it."""

_AT_ONCE = 1_000
_MAKE = (
    "CREATE TABLE awaited (at TEXT, campaign TEXT, customer TEXT,"
    " PRIMARY KEY (at, campaign, customer)) WITHOUT ROWID"
)
_ADD = "INSERT OR IGNORE INTO awaited VALUES (?, ?, ?)"
_FIRST = "SELECT at FROM awaited ORDER BY at LIMIT 1"
_DUE = "SELECT at, campaign, customer FROM awaited WHERE at <= ? ORDER BY at, campaign, customer"
_TAKE = "DELETE FROM awaited WHERE at <= ?"


class Awaited:
    """Those who wait, each once for an instant."""

    def __init__(self) -> None:
        self._disk: sqlite3.Connection | None = None
        self._new: set[tuple[str, str, str]] = set()
        self._first: str | None = None

    def add(self, at: datetime, campaign: str, customer: str) -> None:
        """Add a customer who waits for an instant."""
        instant = encode(at)
        self._new.add((instant, campaign, customer))
        self._first = min(instant, self._first or instant)
        if len(self._new) >= _AT_ONCE:
            self._write()

    @property
    def first(self) -> datetime | None:
        """The first instant for which somebody waits."""
        return None if self._first is None else datetime.fromisoformat(self._first)

    def take(self, upto: datetime) -> Sequence[Waiting]:
        """Take out those who wait for an instant up to one, in order."""
        last = encode(upto)
        if self._first is None or last < self._first:
            return ()
        disk = self._write()
        found = disk.execute(_DUE, (last,)).fetchall()
        disk.execute(_TAKE, (last,))
        first = disk.execute(_FIRST).fetchone()
        self._first = None if first is None else first[0]
        return [(datetime.fromisoformat(at), campaign, who) for at, campaign, who in found]

    def clear(self) -> None:
        """Forget everybody."""
        self._new.clear()
        self._disk, self._first = None, None

    def _write(self) -> sqlite3.Connection:
        """Write who is new; return the table."""
        if self._disk is None:
            self._disk = temporary_tables(_MAKE)
        write_rows(self._disk, _ADD, sorted(self._new))
        self._new.clear()
        return self._disk
