"""The seals of a SQLite ledger: only our own connections are counted.

The counting triggers are temporary ones of the connection. So another program that writes to the
file breaks the seal. Rows of the `BULKY` tables are counted as columns when they are inserted,
which saves a rush a twentieth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from struct import iter_unpack
from typing import cast

from ..columns.inserting import columns_of
from ..seals import MODULUS, SEALED, SEALS, Sealed, Unsealed, excess, named_row
from ..store import Row

BULKY = frozenset(
    ("accounts", "event_customers", "exhaustions", "outbox", "seen_events", "touches")
)
"""Sealed tables whose rows come from `SqliteStore.add` and its like alone."""

_LANE = 0
_NOW = "SELECT name, lane, held, total FROM seals"
_SET = "INSERT OR REPLACE INTO seals VALUES (?, ?, ?, ?)"


class Sealing:
    """Counts the changes of one connection to sealed tables.

    `plain`: all of them by triggers.
    """

    def __init__(self, connection: sqlite3.Connection, *, plain: bool) -> None:
        self._connection = connection
        self._bulky = frozenset[str]() if plain else BULKY
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

    def added(self, name: str, rows: Sequence[Row]) -> None:
        """Count rows of all columns that were inserted, if no trigger counted them."""
        if self._changes is not None and name in self._bulky:
            changed = self._changes.setdefault(name, [0, 0])
            changed[0] += len(rows)
            changed[1] += hashes(rows)

    def counted(self, name: str) -> list[int]:
        """Return the changes of a table so far, to go back to."""
        return [*(self._changes or {}).get(name, (0, 0))]

    def go_back(self, name: str, counted: list[int]) -> None:
        """Forget what was counted since; a transaction that goes back does not undo triggers."""
        if self._changes is not None:
            self._changes[name] = counted

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
            counted = {
                "INSERT": f"SELECT {came};",
                "DELETE": f"SELECT {gone};",
                "UPDATE": f"SELECT {gone}, {came};",
            }
            if name in self._bulky:
                del counted["INSERT"]
            for word, does in counted.items():
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


def hashes(rows: Sequence[Row]) -> int:
    """Return the sum of `row_hash` of rows of at least two columns, whose texts are not bytes."""
    columns, shared = columns_of(rows)
    cells, varied = list[str](), list[Iterable[object]]()
    for column, alike in zip(columns, shared, strict=True):
        if alike:
            cells.append(_written(column[0]).replace("%", "%%"))
        else:
            kinds = set(map(type, column))
            is_plain = kinds == {str} and _is_plain("".join(cast(Sequence[str], column)))
            cells.append("b'%s'" if is_plain else "%s")
            varied.append(column if is_plain or kinds == {int} else map(_written, column))
    pattern = f"({', '.join(cells)})"
    texts = [pattern % one for one in zip(*varied, strict=True)] or [pattern % ()] * len(rows)
    # No text has a line feed, which `repr` writes otherwise.
    digests = [sha256(one).digest() for one in "\n".join(texts).encode().split(b"\n")]
    return sum(first for (first,) in iter_unpack(">Q24x", b"".join(digests)))


def _is_plain(texts: str) -> bool:
    """Whether Python writes these bytes as they are."""
    return texts.isascii() and texts.isprintable() and not ("'" in texts or "\\" in texts)


def _written(value: object) -> str:
    """Return a value as Python writes what SQLite has of it, with text as bytes."""
    match value:
        case str():
            return repr(value.encode())
        case int():
            return repr(int(value))
        case _:
            return repr(value)


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
