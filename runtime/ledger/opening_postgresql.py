"""From `postgresql://…` to an open store: every way in which that can fail, and what to do."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from importlib.resources import files

import psycopg
from psycopg import sql

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import CannotRun, diagnose
from ..postgresql_url import postgresql_url
from .contract import FORMAT_VERSION
from .faults_postgresql import faults_named, unreachable
from .opening import Mode, Project, check_meta
from .postgresql import LANES, LOCKS, OPENING, PostgresStore
from .store import Row

FIRST_FORMAT = 2
"""The first format that there was on PostgreSQL; later ones are steps from it."""

SCHEMA = "campaigner"
_SECONDS_TO_CONNECT = 10
_IDLE = "60s"
"""How long a worker that hangs in the middle of a batch may keep others waiting."""


@dataclass(frozen=True, slots=True)
class Address:
    """A ledger's address: what the driver gets, the schema, and what people may see of it."""

    driver: str
    schema: str
    shown: str


def address(url: str) -> Address:
    """The address that a URL names; `?schema=NAME` names another schema than `campaigner`."""
    parts = postgresql_url(url)
    if parts is None:
        raise CannotRun(diagnose(codes.LEDGER_ADDRESS, None))
    schema = parts.schema or SCHEMA
    shown = parts.place if schema == SCHEMA else f"{parts.place} ({schema})"
    return Address(parts.driver, schema, shown)


def connect_postgresql(at: Address, project: Project, mode: Mode) -> PostgresStore | None:
    """An open store for this project, made where there was none, or nothing if only to be read.

    `CannotRun` says what is wrong.
    """
    reconnect = partial(_connected, at, reads=mode != "write")
    with ExitStack() as unless_fine:
        connection = unless_fine.enter_context(closing(reconnect()))
        store = PostgresStore(connection, at.shown, at.schema, reconnect)
        with faults_named(at.shown, connection):
            if not _is_there(connection, at):
                if mode != "write":
                    return None
                with connection.transaction():
                    _make(connection, at, project)
            check_meta(_meta(connection), at.shown, project)
        unless_fine.pop_all()
        return store


def migrate_postgresql(at: Address, project: Project) -> int:
    """Brings a ledger to the format of this version; the format it had."""
    with closing(_connected(at, reads=False)) as connection, faults_named(at.shown, connection):
        if not _is_there(connection, at):
            raise CannotRun(diagnose(codes.LEDGER_NONE, None, path=at.shown))
        with connection.transaction():
            connection.execute("LOCK TABLE meta")
            version = check_meta(_meta(connection), at.shown, project, older=True)
            _bring_up(connection, version)
            connection.execute("UPDATE meta SET format_version = %s", (FORMAT_VERSION,))
            return version


def _connected(at: Address, *, reads: bool) -> psycopg.Connection[Row]:
    try:
        connection: psycopg.Connection[Row] = psycopg.connect(
            at.driver,
            autocommit=True,
            connect_timeout=_SECONDS_TO_CONNECT,
            client_encoding="utf8",
            fallback_application_name="campaigner",
        )
    except psycopg.Error as fault:
        raise CannotRun(unreachable(fault, at.shown)) from fault
    with faults_named(at.shown, connection):
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        settings = {
            "search_path": sql.Identifier(at.schema).as_string(connection),
            "lock_timeout": "120s",
            "idle_in_transaction_session_timeout": _IDLE,
            "tcp_keepalives_idle": "20",
            "tcp_keepalives_interval": "10",
            "tcp_keepalives_count": "3",
            "default_transaction_read_only": "on" if reads else "off",
        }
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.execute(
            "SELECT set_config(name, 'on', false) FROM pg_settings"
            " WHERE name = 'synchronous_commit' AND setting = 'off'"
        )
    return connection


def _is_there(connection: psycopg.Connection[Row], at: Address) -> bool:
    query = "SELECT relname FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace"
    rows = connection.execute(query + " WHERE nspname = %s", (at.schema,)).fetchall()
    names = {name for (name,) in rows}
    if names and not names >= {"meta", "decisions", "chains"}:
        raise CannotRun(diagnose(codes.LEDGER_NOT_A_SCHEMA, None, path=at.shown, schema=at.schema))
    return bool(names)


def _meta(connection: psycopg.Connection[Row]) -> list[Row]:
    return connection.execute("SELECT format_version, project, currency FROM meta").fetchall()


def _make(connection: psycopg.Connection[Row], at: Address, project: Project) -> None:
    """The tables, unless another worker has made them while this one waited."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, OPENING))
    if _is_there(connection, at):
        return
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(at.schema)))
    _bring_up(connection, FIRST_FORMAT - 1)
    connection.execute(
        "INSERT INTO chains SELECT lane, lane, '' FROM generate_series(0, %s) AS lane", (LANES - 1,)
    )
    connection.execute(
        "INSERT INTO meta VALUES (1, %s, %s, %s, %s)",
        (FORMAT_VERSION, project.name, project.language, project.currency),
    )


def _bring_up(connection: psycopg.Connection[Row], version: int) -> None:
    """Brings a ledger of that format to ours: `postgresql_N.sql` is what format N adds."""
    for number in range(version + 1, FORMAT_VERSION + 1):
        # Without values, a whole script is one message to the server.
        script = files(__package__).joinpath(f"postgresql_{number}.sql").read_bytes()
        connection.execute(script)
