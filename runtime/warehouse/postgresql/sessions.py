"""From `postgresql://…` to a session that reads one picture of a warehouse, and what can fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Foreign, diagnose
from ...codes import running, warehouses
from ...postgresql_url import postgresql_url

_SECONDS_TO_CONNECT = 10
_REFUSED = ("password authentication failed", "no password supplied", "authentication failed")

_SETTINGS = {
    # What a pooled session was left with by some other program must not alter what is read.
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    # A run asks, decides, and asks on: it may be silent for as long as deciding takes.
    "idle_in_transaction_session_timeout": "0",
    # All rows of a query are read, and its conditions are long: compiling them takes longer.
    "cursor_tuple_fraction": "1",
    "jit": "off",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

KEPT = "campaigner_kept"
"""The temporary table of what a run has to tell its queries: which table it is for, and a text."""

_MAKE_KEPT = sql.SQL(
    "CREATE TEMPORARY TABLE {} (kept text, occurrence text) ON COMMIT DROP"
).format(sql.Identifier("pg_temp", KEPT))


@dataclass(frozen=True, slots=True)
class Address:
    """A warehouse's address: what the driver gets, the schema that plain names mean, and what
    people may see of it."""

    driver: str
    schema: str | None
    shown: str


def address(url: str, shown: str | None = None) -> Address:
    """The address that a URL names; `?schema=NAME` names where tables without a schema are.

    `shown` is what people may see of it, if it is less than the place that the URL names.
    """
    parts = postgresql_url(url)
    if parts is None:
        raise CannotRun(diagnose(warehouses.WAREHOUSE_ADDRESS, None, scheme="postgresql"))
    place = f"{parts.place} ({parts.schema})" if parts.schema else parts.place
    return Address(parts.driver, parts.schema, shown or place)


@contextmanager
def session(at: Address) -> Iterator[tuple[psycopg.Connection[Any], bool]]:
    """A connection in a transaction that sees one state of the database and writes nothing.

    With it, whether the table `KEPT` could be made: a replica has none, and not every user may.
    """
    try:
        connection = psycopg.connect(
            at.driver,
            prepare_threshold=None,
            connect_timeout=_SECONDS_TO_CONNECT,
            client_encoding="utf8",
            fallback_application_name="campaigner",
        )
    except psycopg.Error as fault:
        raise CannotRun(_unreachable(fault, at.shown)) from fault
    with closing(connection):
        with faults_named(at.shown, connection):
            has_kept = _begin(connection, at.schema)
        yield connection, has_kept


def _begin(connection: psycopg.Connection[Any], schema: str | None) -> bool:
    """Begin the transaction that all is read in; behind a pooler, nothing outlives it."""
    connection.autocommit = True
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE")
    connection.execute("SET LOCAL search_path TO DEFAULT")
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    # Temporary tables come last: a pooled session may hold some of another program's.
    path = "current_setting('search_path')" if schema is None else "quote_ident(%(schema)s)"
    connection.execute(
        sql.SQL("SELECT set_config('search_path', {} || ', pg_temp', true)").format(sql.SQL(path)),
        {"schema": schema},
    )
    connection.execute("SAVEPOINT before_kept")
    try:
        connection.execute(_MAKE_KEPT)
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction):
        connection.execute("ROLLBACK TO before_kept")
        has_kept = False
    else:
        has_kept = True
    # From here on nothing but that table can be written to.
    connection.execute("SET TRANSACTION READ ONLY")
    return has_kept


@contextmanager
def faults_named(shown: str, connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Turns faults of the server or the connection into `CannotRun`."""
    try:
        yield
    except psycopg.Error as fault:
        lost = connection.broken or connection.closed
        raise CannotRun(_cannot(fault, shown, lost=lost)) from fault


def _cannot(fault: psycopg.Error, shown: str, *, lost: bool) -> Diagnostic:
    if lost and isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError):
        return diagnose(warehouses.WAREHOUSE_LOST, None, path=shown)
    return diagnose(running.WAREHOUSE_FAILED, None, reason=_first_line(fault))


def _unreachable(fault: psycopg.Error, shown: str) -> Diagnostic:
    """Why there is no connection at all."""
    if any(words in str(fault) for words in _REFUSED):
        return diagnose(warehouses.WAREHOUSE_PASSWORD, None, path=shown)
    reason = phrase_of(_first_line(fault))
    return diagnose(warehouses.WAREHOUSE_SERVER, None, path=shown, reason=reason)


def _first_line(fault: psycopg.Error) -> Foreign:
    """The server's own words, without what the driver puts around them."""
    said = str(fault).strip()
    line = said.splitlines()[0] if said else "no answer"
    words = line.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
    return Foreign(words.rstrip(".").lower())
