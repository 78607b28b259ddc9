"""Sets of text that may be as large as all customers: in memory, then spilled to disk."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from ..temporary import temporary_tables, write_rows

IN_MEMORY = 20_000
"""The most texts in memory, over all groups."""

_AT_ONCE = 500
_MAKE = "CREATE TABLE texts (grouped TEXT, text TEXT, PRIMARY KEY (grouped, text)) WITHOUT ROWID"


class Distinct:
    """Groups of texts, each text once in a group.

    Overflow spills into an unnamed temporary file, which ends with the process.
    """

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._most = in_memory
        self._held: dict[str, set[str]] = defaultdict(set)
        self._count = 0
        self._disk: sqlite3.Connection | None = None

    def add(self, group: str, text: str) -> None:
        """Add a text."""
        held = self._held[group]
        before = len(held)
        held.add(text)
        self._count += len(held) - before
        if self._count > self._most:
            self._spill()

    def add_all(self, group: str, texts: Iterable[str]) -> None:
        """Add texts of one group."""
        rest = iter(texts)
        while some := list(islice(rest, _AT_ONCE)):
            held = self._held[group]
            before = len(held)
            held.update(some)
            self._count += len(held) - before
            if self._count > self._most:
                self._spill()

    def count(self, group: str) -> int:
        """Return the number of texts in a group."""
        held = self._held.get(group, ())
        if self._disk is None:
            return len(held)
        self._spill()
        query = "SELECT count(*) FROM texts WHERE grouped = ?"
        ((count,),) = self._disk.execute(query, (group,)).fetchall()
        return int(count)

    def has(self, group: str) -> bool:
        """Whether a group is not empty."""
        if self._held.get(group):
            return True
        query = "SELECT 1 FROM texts WHERE grouped = ? LIMIT 1"
        return self._disk is not None and bool(self._disk.execute(query, (group,)).fetchall())

    def in_order(self, group: str) -> Iterator[str]:
        """Yield the texts of a group by code point; none may be added meanwhile."""
        if self._disk is None:
            yield from sorted(self._held.get(group, ()))
            return
        self._spill()
        query = "SELECT text FROM texts WHERE grouped = ? ORDER BY text"
        for (text,) in self._disk.execute(query, (group,)):
            yield text

    def among(self, group: str, texts: Collection[str]) -> set[str]:
        """Return those of the texts that are in the group."""
        found = set(texts) & self._held.get(group, set())
        if self._disk is None:
            return found
        rest = iter(set(texts) - found)
        while some := list(islice(rest, _AT_ONCE)):
            places = ", ".join("?" * len(some))
            query = f"SELECT text FROM texts WHERE grouped = ? AND text IN ({places})"  # noqa: S608
            found.update(text for (text,) in self._disk.execute(query, (group, *some)))
        return found

    def _spill(self) -> None:
        """Move the texts in memory to disk."""
        if self._disk is None:
            self._disk = temporary_tables(_MAKE)
        rows = ((group, text) for group, held in self._held.items() for text in sorted(held))
        write_rows(self._disk, "INSERT OR IGNORE INTO texts VALUES (?, ?)", rows)
        self._held.clear()
        self._count = 0
