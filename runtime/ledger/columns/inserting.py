"""Insert rows into a SQLite ledger, fifty by a statement.

Binding a value takes SQLite about as long as storing it, and most columns of a batch have the same
value in all rows. So such a column is bound once a statement. A rush of `bench/ledger.py` takes
an eighth less than by statements with a value for each cell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import cast

from ..store import Row

ROWS = 50
"""The number of rows that a statement inserts. More of them gain nothing."""

Column = Sequence[object]


def columns_of(rows: Sequence[Row]) -> tuple[list[Column], tuple[bool, ...]]:
    """Return the columns of rows, and of each whether it has the same value in all of them."""
    columns: list[Column] = list(zip(*rows, strict=True))
    return columns, tuple(
        [one[0] == one[-1] and one.count(one[0]) == len(one) for one in columns],
    )


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of all columns of a table."""
    whole = len(rows) // ROWS * ROWS
    if whole:
        columns, shared = columns_of(rows[:whole])
        if all(shared):
            shared = (False, *shared[1:])
        once = [one[0] for one, alike in zip(columns, shared, strict=True) if alike]
        others = [_bound(one) for one, alike in zip(columns, shared, strict=True) if not alike]
        cells = list(chain.from_iterable(zip(*others, strict=True)))
        step = ROWS * len(others)
        values = [[*once, *cells[at : at + step]] for at in range(0, len(cells), step)]
        connection.executemany(_statement(table, shared), values)
    insert_each(connection, table, rows[whole:])


def insert_each(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert row by row."""
    if rows:
        places = ", ".join(["?"] * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608  (our own names)


def _bound(column: Column) -> Column:
    """Return the column as it is bound quickest: the driver looks for an adapter of `bytes`."""
    if set(map(type, column)) != {bytes}:
        return column
    return list(map(bytearray, cast(Sequence[bytes], column)))


@lru_cache(512)
def _statement(table: str, shared: tuple[bool, ...]) -> str:
    """A statement whose values are first those that rows share, then those of each row."""
    names = iter(range(1, len(shared) + 1))
    chosen = ", ".join("?" if alike else f"column{next(names)}" for alike in shared)
    row = f"({', '.join(['?'] * shared.count(False))})"
    values = ", ".join([row] * ROWS)
    return f"INSERT INTO {table} SELECT {chosen} FROM (VALUES {values})"  # noqa: S608  (our own names)
