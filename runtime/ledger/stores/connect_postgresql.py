"""Open a PostgreSQL ledger: from its address to a store, with every fault as a diagnostic."""

from __future__ import annotations

from contextlib import ExitStack, closing
from importlib.resources import files

import psycopg
from psycopg import sql

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ...postgresql_url import postgresql_url
from ..contract import FORMAT_VERSION
from ..store import Row
from .connect_sqlite import Mode, Project, check_meta
from .faults_postgresql import faults_named
from .postgresql import LANES, PostgresStore
from .qualified import FIRST_FORMAT, NUMBERS, qualified, tables
from .sealing_postgresql import install, seal, unsealed
from .sessions import META, Address, Sessions

SCHEMA = "campaigner"
_META = {"only_row", "format_version", "project", "language", "currency"}
_NAMES = """
SELECT relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace AS space
ON space.oid = relnamespace WHERE nspname = %s
"""
_COLUMNS = """
SELECT attname FROM pg_catalog.pg_attribute WHERE attnum > 0 AND attrelid = (
  SELECT pg_class.oid FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace AS space
  ON space.oid = relnamespace WHERE nspname = %s AND relname = 'meta')
"""


def address(url: str, shown: str | None = None) -> Address:
    """Return the address in a URL; `?schema=NAME` replaces the schema `campaigner`.

    `shown` is the address for messages, if it differs from the URL's place.
    """
    parts = postgresql_url(url)
    if parts is None:
        raise CannotRun(diagnose(codes.LEDGER_ADDRESS, None))
    schema = parts.schema or SCHEMA
    place = parts.place if schema == SCHEMA else f"{parts.place} ({schema})"
    return Address(parts.driver, schema, shown or place)


def connect_postgresql(at: Address, project: Project, mode: Mode) -> PostgresStore | None:
    """Return an open store for this project, created if missing; `None` if it is only to be read.

    Raise `CannotRun` on any fault.
    """
    sessions = Sessions(at, project, reads=mode != "write")
    with ExitStack() as unless_fine:
        connection = unless_fine.enter_context(closing(sessions.connected()))
        if not _is_there(connection, at):
            if mode != "write":
                return None
            with sessions.making(connection):
                _make(connection, at, project)
        with sessions.begun(connection):
            pass
        _complete(connection, at)
        unless_fine.pop_all()
        return PostgresStore(connection, sessions)


def server_meta_changed(at: Address, project: Project) -> bool:
    """Whether another program has changed the ledger's record of owner or format."""

    def done(query: str, values: tuple[object, ...]) -> psycopg.Cursor[Row]:
        return connection.execute(qualified(query, at.schema), values)

    with (
        closing(Sessions(at, project, reads=True).connected()) as connection,
        faults_named(at.shown, connection),
    ):
        names = {name for (name,) in connection.execute(_NAMES, (at.schema,))}
        return {*tables()} <= names and any(one.table == "meta" for one in unsealed(done))


def migrate_postgresql(at: Address, project: Project) -> int:
    """Migrate a ledger to this version's format; return its old format."""
    sessions = Sessions(at, project, reads=False)
    with closing(sessions.connected()) as connection:
        if not _is_there(connection, at):
            raise CannotRun(diagnose(codes.LEDGER_NONE, None, path=at.shown))
        with sessions.making(connection):
            meta = sql.Identifier(at.schema, "meta")
            connection.execute(sql.SQL("LOCK TABLE {}").format(meta))
            rows = connection.execute(qualified(META, at.schema)).fetchall()
            version = check_meta(rows, at.shown, project, older=True)
            _bring_up(connection, version)
            update = qualified("UPDATE meta SET format_version = ?", at.schema)
            connection.execute(update, (FORMAT_VERSION,))
            if version < FORMAT_VERSION:
                _seal(connection, at)
        return version


def _seal(connection: psycopg.Connection[Row], at: Address) -> None:
    """Seal every table in its current state."""

    def done(query: str, values: tuple[object, ...]) -> psycopg.Cursor[Row]:
        return connection.execute(qualified(query, at.schema), values)

    install(connection, at.schema)
    seal(done)


def _is_there(connection: psycopg.Connection[Row], at: Address) -> bool:
    """Whether the schema holds a ledger. Raise `CannotRun` if it holds something else."""
    with faults_named(at.shown, connection):
        names = {name for (name,) in connection.execute(_NAMES, (at.schema,))}
        columns = {name for (name,) in connection.execute(_COLUMNS, (at.schema,))}
    if names and not columns >= _META:
        raise CannotRun(diagnose(codes.LEDGER_NOT_A_SCHEMA, None, path=at.shown, schema=at.schema))
    return bool(names)


def _complete(connection: psycopg.Connection[Row], at: Address) -> None:
    """Whether every table exists; known for this version's format only."""
    with faults_named(at.shown, connection):
        names = {name for (name,) in connection.execute(_NAMES, (at.schema,))}
    for table in (*tables(), NUMBERS):
        if table not in names:
            raise CannotRun(diagnose(codes.LEDGER_INCOMPLETE, None, path=at.shown, table=table))


def _make(connection: psycopg.Connection[Row], at: Address, project: Project) -> None:
    """Create the tables, unless another worker did so meanwhile."""
    if _is_there(connection, at):
        return
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(at.schema)))
    _bring_up(connection, FIRST_FORMAT - 1)
    chains = "INSERT INTO chains SELECT lane, lane, '' FROM generate_series(0, ?) AS lane"
    connection.execute(qualified(chains, at.schema), (LANES - 1,))
    connection.execute(
        qualified("INSERT INTO meta VALUES (1, ?, ?, ?, ?)", at.schema),
        (FORMAT_VERSION, project.name, project.language, project.currency),
    )
    _seal(connection, at)


def _bring_up(connection: psycopg.Connection[Row], version: int) -> None:
    """Migrate a ledger of that format to ours: `postgresql_N.sql` adds format N."""
    for number in range(version + 1, FORMAT_VERSION + 1):
        # Without values, a whole script is one message to the server.
        script = files(__package__).joinpath("schema", f"postgresql_{number}.sql").read_bytes()
        connection.execute(script)
