"""Tables that may grow with everything that comes: in a temporary file, with little in memory.

SQLite gives the file no name, and removes it with the process. What fits into its cache of 2 MB is
never written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def temporary_tables(*made: str) -> sqlite3.Connection:
    """Return a database of its own, in which these tables have been created."""
    disk = sqlite3.connect("", isolation_level=None)
    # KiB. Keys in no order find no page again, however many of two million are at hand.
    disk.execute("PRAGMA cache_size = -2048")
    disk.execute("PRAGMA journal_mode = OFF")
    for one in made:
        disk.execute(one)
    return disk


def write_rows(
    disk: sqlite3.Connection, statement: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Run a statement for each row, all in one transaction."""
    disk.execute("BEGIN")
    disk.executemany(statement, rows)
    disk.execute("COMMIT")
