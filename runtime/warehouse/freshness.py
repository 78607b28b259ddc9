"""Whether what was read from a warehouse may be used again.

A DuckDB file says so by its stamp: nobody can write to it without changing that. A file system
knows the time of a change to a tick of its clock. So a stamp that is younger than `SETTLED` does
not count: it may hide a second change. A server says nothing, so the project sets for how long rows
may be used again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from .contract import Warehouse

SETTLED = 2.0
"""Seconds after which a file's stamp counts: the coarsest clock of a file system in use."""


class Freshness(Protocol):
    """See `look` and `stamp`."""

    def look(self, warehouse: Warehouse, tables: Collection[str]) -> None:
        """Look at the open warehouse before these tables are read."""

    def stamp(self, reading: int) -> Hashable | None:
        """Return what stays the same while rows may be used; `None` if they may not be.

        `reading` is the number of the reading that they came from, or would come from.
        """


@dataclass(frozen=True, slots=True)
class Seconds:
    """Rows may be used again for so many seconds. With 0, only within one reading."""

    seconds: int
    now: Callable[[], float] = time.monotonic

    def look(self, warehouse: Warehouse, tables: Collection[str]) -> None:
        """See `Freshness.look`. The project speaks for all tables."""

    def stamp(self, reading: int) -> Hashable | None:
        """See `Freshness.stamp`."""
        return self.now() // self.seconds if self.seconds else reading


@dataclass(slots=True)
class FileStamp:
    """The stamp of a DuckDB file and of its log.

    It does not speak for views, which may read other files, or the clock: `otherwise` does.
    """

    path: Path
    otherwise: Seconds
    now: Callable[[], float] = time.time
    _speaks: bool = True

    def look(self, warehouse: Warehouse, tables: Collection[str]) -> None:
        """See `Freshness.look`."""
        names = ("table_catalog", "table_schema", "table_name")
        query = (
            exp.select(*names)
            .from_(exp.table_("tables", db="information_schema"))
            .where(exp.column("table_type").eq(exp.Literal.string("BASE TABLE")))
            .where(exp.column("table_catalog").eq(exp.func("current_database")))
        )
        own: set[str] = set()
        for catalog, schema, name in warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows():
            own |= {f"{catalog}.{schema}.{name}".lower(), f"{schema}.{name}".lower()}
            if schema == "main":
                own.add(name.lower())
        self._speaks = all(one.lower() in own for one in tables)

    def stamp(self, reading: int) -> Hashable | None:
        """See `Freshness.stamp`."""
        if not self._speaks:
            return self.otherwise.stamp(reading)
        file = _seen(self.path, self.now())
        log = Path(f"{self.path}.wal")
        if file is None or not log.exists():
            return file
        return None if (seen := _seen(log, self.now())) is None else (file, seen)


def _seen(path: Path, now: float) -> tuple[int, ...] | None:
    """Return the stamp of a file; `None` if it is away or has only just changed."""
    try:
        seen = path.stat()
    except OSError:
        return None
    # A copy may have the time of its original: the system then knows when it was made.
    if max(seen.st_mtime, seen.st_ctime) + SETTLED > now:
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
