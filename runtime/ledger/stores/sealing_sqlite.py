"""The seals of a SQLite ledger: only our own connections are counted.

The counting triggers are temporary ones of the connection. So another program that writes to the
file breaks the seal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from ..seals import MODULUS, SEALED, SEALS, Sealed, Unsealed, excess, named_row

_LANE = 0
_NOW = "SELECT name, lane, held, total FROM seals"
_SET = "INSERT OR REPLACE INTO seals VALUES (?, ?, ?, ?)"


class Sealing:
    """Counts the changes of one connection to sealed tables."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes: dict[str, list[int]] | None = None
        self._installed = False

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count changes inside the block only."""
        if not self._installed:
            self._install()
        self._changes = {}
        try:
            yield
        finally:
            self._changes = None

    def keep(self) -> None:
        """Write the counts, inside the transaction that made the changes."""
        changes = {name: by for name, by in (self._changes or {}).items() if any(by)}
        if changes:
            kept = {name: (held, total) for name, _, held, total in self._connection.execute(_NOW)}
            rows = []
            for name, (rows_by, by) in changes.items():
                held, total = kept.get(name, (0, 0))
                rows.append((name, _LANE, held + rows_by, (total + by) % MODULUS))
            self._connection.executemany(_SET, rows)

    def again(self, name: str, *, whole: bool) -> None:
        """Forget the changes of a table so far; if all of it is known to be right, seal it."""
        if self._changes is not None:
            self._changes.pop(name, None)
        if whole:
            self._connection.execute(_SET, (name, _LANE, *_sealed(self._connection, name)))

    def _install(self) -> None:
        # A library may be built to let triggers call nothing of a program.
        self._connection.execute("PRAGMA trusted_schema = ON")
        self._connection.create_function("count_row", -1, self._count)
        for name in SEALED:
            if self._connection.execute(_IS_TABLE, (name,)).fetchone() is None:
                continue
            old, new = (", ".join(_cells(self._connection, name, of)) for of in ("OLD.", "NEW."))
            gone, came = f"count_row('{name}', -1, {old})", f"count_row('{name}', 1, {new})"
            for word, does in (
                ("INSERT", f"SELECT {came};"),
                ("DELETE", f"SELECT {gone};"),
                ("UPDATE", f"SELECT {gone}, {came};"),
            ):
                self._connection.execute(
                    f"CREATE TEMP TRIGGER IF NOT EXISTS count_{word}_{name}"
                    f" AFTER {word} ON main.{name} BEGIN {does} END"
                )
        self._installed = True

    def _count(self, name: str, times: int, *cells: object) -> None:
        if self._changes is not None:
            changed = self._changes.setdefault(name, [0, 0])
            changed[0] += times
            changed[1] += times * row_hash(cells)


_IS_TABLE = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?"


def row_hash(cells: tuple[object, ...]) -> int:
    """Return a row's hash: the first 63 bits of SHA-256 over its cells as Python writes them."""
    return int.from_bytes(sha256(repr(cells).encode()).digest()[:8], "big") % MODULUS


def seal(connection: sqlite3.Connection) -> None:
    """Seal every table in its current state, for a new or a migrated ledger."""
    connection.execute("DELETE FROM seals")
    for name in SEALED:
        connection.execute(_SET, (name, _LANE, *_sealed(connection, name)))


def broken(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table differs from its seal; a ledger from before seals has none."""
    if connection.execute(_IS_TABLE, (SEALS,)).fetchone() is None:
        return False
    return any(one.table == name for one in unsealed(connection))


def unsealed(connection: sqlite3.Connection) -> Iterator[Unsealed]:
    """Yield every table that differs from its seal."""
    kept = {
        (name, lane): Sealed(held, total) for name, lane, held, total in _stored_seals(connection)
    }
    for name in SEALED:
        there, sealed = _sealed(connection, name), kept.pop((name, _LANE), Sealed(-1, 0))
        if there != sealed:
            row = _extra(connection, name, excess(there, sealed))
            yield Unsealed(name, there.rows, max(sealed.rows, 0), row)
    if kept:
        yield Unsealed(SEALS, len(SEALED) + len(kept), len(SEALED))


def _stored_seals(connection: sqlite3.Connection) -> Iterator[tuple[str, int, int, int]]:
    yield from connection.execute(_NOW)


def _sealed(connection: sqlite3.Connection, name: str) -> Sealed:
    rows = total = 0
    cells = ", ".join(_cells(connection, name))
    for row in connection.execute(f"SELECT {cells} FROM {name}"):  # noqa: S608  (our own names)
        rows += 1
        total += row_hash(row)
    return Sealed(rows, total % MODULUS)


def _extra(connection: sqlite3.Connection, name: str, wanted: int | None) -> str | None:
    """Return the row with this hash, named by its keys."""
    if wanted is None:
        return None
    keys = SEALED[name]
    named = ", ".join(f"CAST({key} AS BLOB)" for key in keys)
    cells = ", ".join(_cells(connection, name))
    for row in connection.execute(f"SELECT {named}, {cells} FROM {name}"):  # noqa: S608  (our own names)
        if row_hash(row[len(keys) :]) == wanted:
            return named_row(keys, row[: len(keys)])
    return None


def _cells(connection: sqlite3.Connection, name: str, of: str = "") -> list[str]:
    """Return a table's columns with texts as bytes, since damaged text cannot be decoded."""
    columns = connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,))
    return [
        f"CAST({of}{column} AS BLOB)" if kind == "TEXT" else f"{of}{column}"
        for column, kind in columns
    ]
