"""The comings of steps that were examined: a table, as many steps may never be taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from ....compiler.plan.values import encode
from ...temporary import temporary_tables, write_rows

Inside = tuple[str, str]
"""A campaign, and a customer."""

Coming = tuple[str, str, datetime]
"""A step of an instance at a moment: its name, the entry's occurrence, the moment."""

_MAKE = (
    "CREATE TABLE examined (campaign TEXT, customer TEXT, occurrence TEXT, step TEXT, at TEXT,"
    " PRIMARY KEY (campaign, customer, occurrence, step, at)) WITHOUT ROWID"
)
_ADD = "INSERT OR IGNORE INTO examined VALUES (?, ?, ?, ?, ?)"
_HAS = (
    "SELECT 1 FROM examined"
    " WHERE campaign = ? AND customer = ? AND occurrence = ? AND step = ? AND at = ?"
)
_FORGET = "DELETE FROM examined WHERE campaign = ? AND customer = ? AND occurrence = ? AND step = ?"


class Examined:
    """The comings that were examined, by campaign and customer."""

    def __init__(self) -> None:
        self._disk: sqlite3.Connection | None = None

    def has(self, inside: Inside, coming: Coming) -> bool:
        """Whether a coming was examined."""
        return self._disk is not None and bool(
            self._disk.execute(_HAS, _row(inside, coming)).fetchone()
        )

    def add(self, found: Iterable[tuple[Inside, Coming]]) -> None:
        """Keep that these were examined."""
        rows = [_row(*one) for one in found]
        if not rows:
            return
        if self._disk is None:
            self._disk = temporary_tables(_MAKE)
        write_rows(self._disk, _ADD, rows)

    def forget(self, inside: Inside, occurrence: str, steps: Mapping[str, object]) -> None:
        """Forget the comings of these steps of an instance."""
        if self._disk is not None:
            for step in steps:
                self._disk.execute(_FORGET, (*inside, occurrence, step))


def _row(inside: Inside, coming: Coming) -> tuple[str, str, str, str, str]:
    step, occurrence, at = coming
    return (*inside, occurrence, step, encode(at))
