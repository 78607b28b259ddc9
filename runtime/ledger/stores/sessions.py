"""Transactions on a server that rely on no session state.

A pooler may run each transaction in another session, which another program has used. So each
transaction makes its own settings, and first checks whose ledger it is in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

import psycopg
from psycopg import sql

from ....dsl.diagnostics.diagnostic import CannotRun
from ..store import Row
from .connect_sqlite import Project, check_meta
from .faults_postgresql import faults_named, is_passing, unreachable
from .qualified import qualified

OPENING = -2
"""The lock of those who make a ledger's tables; others are the numbers of what they claim."""

META = "SELECT format_version, project, currency FROM meta"

_SECONDS_TO_CONNECT = 10
_PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each new attempt, where a server is full or only just starts."""

# A commit is on disk before it is reported. `idle_…`: how long a worker that hangs in the
# middle of a batch may keep others waiting. `bytea_output`: how rows are written that are sealed.
_SETTINGS = sql.SQL(
    " SET LOCAL lock_timeout = '120s';"
    " SET LOCAL idle_in_transaction_session_timeout = '60s';"
    " SET LOCAL tcp_keepalives_idle = 20;"
    " SET LOCAL tcp_keepalives_interval = 10;"
    " SET LOCAL tcp_keepalives_count = 3;"
    " SET LOCAL bytea_output = 'hex';"
    " SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') = 'off';"
)
# The few rows that are asked for lead to the many that are there, never the other way, however the
# server guesses.
_AS_WE_READ = sql.SQL(
    " SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
    " SET LOCAL enable_seqscan = off;"
)
_READS = sql.SQL("SET TRANSACTION READ ONLY; ")
_WRITES = sql.SQL("SET TRANSACTION READ WRITE; ")
_PICTURE = sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; ")
_UNHURRIED = sql.SQL(" SET LOCAL idle_in_transaction_session_timeout = 0;")


@dataclass(frozen=True, slots=True)
class Address:
    """A ledger's address: for the driver, its schema, and for messages."""

    driver: str
    schema: str
    shown: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """Connections to one project's ledger. `reads`: they write nothing."""

    at: Address
    project: Project
    reads: bool

    @property
    def locks(self) -> int:
        """The class of this ledger's advisory locks, which all ledgers of a database share."""
        return crc32(f"campaigner {self.at.schema}".encode()) - 2**31

    def connected(self) -> psycopg.Connection[Row]:
        """Return a connection in autocommit, with nothing prepared or set in its session."""
        for pause in (*_PAUSES, None):
            try:
                connection = self._connect()
            except psycopg.Error as fault:
                if pause is None or not is_passing(fault):
                    raise CannotRun(unreachable(fault, self.at.shown)) from fault
                time.sleep(pause)
            else:
                break
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    def _connect(self) -> psycopg.Connection[Row]:
        return psycopg.connect(
            self.at.driver,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=_SECONDS_TO_CONNECT,
            client_encoding="utf8",
            fallback_application_name="campaigner",
        )

    @contextmanager
    def begun(
        self,
        connection: psycopg.Connection[Row],
        *,
        stripes: Sequence[int] = (),
        picture: bool = False,
        rehearses: bool = False,
        again: bool = False,
    ) -> Iterator[None]:
        """A transaction in this project's ledger, in which nobody else holds these stripes.

        `picture`: it sees one state, and writes nothing. `rehearses`: it writes temporary tables.
        `again`: the caller repeats it where the server gives it up.
        """
        named = faults_named(self.at.shown, connection, reads=self.reads, again=again)
        with named, connection.transaction():
            read_only = picture or (self.reads and not rehearses)
            script: list[sql.Composable] = [
                _PICTURE if picture else sql.SQL(""),
                _READS if read_only else _WRITES,
            ]
            script += [self._path(), _SETTINGS, _UNHURRIED if rehearses else sql.SQL("")]
            if not read_only:
                script.append(_AS_WE_READ)
            if stripes:
                script.append(self._claim(stripes))
            script.append(qualified(META, self.at.schema))
            check_meta(_last(connection, sql.Composed(script)), self.at.shown, self.project)
            yield

    @contextmanager
    def making(self, connection: psycopg.Connection[Row]) -> Iterator[None]:
        """A transaction that makes or alters tables: alone, with the schema as their place."""
        with faults_named(self.at.shown, connection), connection.transaction():
            script = [_WRITES, self._path(), _SETTINGS, self._claim([OPENING])]
            connection.execute(sql.Composed(script))
            yield

    def _path(self) -> sql.Composed:
        """For the database's own functions, as every statement names its schema itself."""
        path = sql.SQL("SET LOCAL search_path = {}, pg_temp;")
        return path.format(sql.Identifier(self.at.schema))

    def _claim(self, stripes: Sequence[int]) -> sql.Composed:
        claim = sql.SQL(
            " SELECT pg_advisory_xact_lock({}, stripe) FROM unnest({}::int[]) AS stripe;"
        )
        return claim.format(sql.Literal(self.locks), sql.Literal(list(stripes)))


def _last(connection: psycopg.Connection[Row], script: sql.Composed) -> list[Row]:
    """The rows of the last statement of a script, which goes to the server as one message."""
    cursor = connection.execute(script)
    while cursor.nextset():
        pass
    return cursor.fetchall()
