"""A store in memory for decisions that nobody keeps: the tables of SQLite, and no proofs of them.

It has no proofs for others: no hashes of the chain, no seals, no triggers that guard rows, and no
outbox. Everything that decides is as in a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..ledger.chain import Chain, Line, Posting
from ..ledger.store import Row, Store, Table
from ..ledger.stores.connect_sqlite import Project, empty
from ..ledger.stores.faults import faults_named, transaction
from ..ledger.stores.sqlite import SqliteStore

_GUARDS = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
_UNREAD = ("waiting", "dead")
"""Indexes of the outbox."""


class Numbers(Chain):
    """The numbers of a chain whose entries are not hashed."""

    __slots__ = ()

    def link(
        self,
        told: Sequence[object],  # noqa: ARG002  (nothing is proved)
        lines: Iterable[Line] = (),  # noqa: ARG002
        postings: Iterable[Posting] = (),  # noqa: ARG002
    ) -> bytes:
        """Add the next entry."""
        return self.link_text("")

    def link_text(self, rest: str) -> bytes:  # noqa: ARG002
        """Add the next entry."""
        self.last += self.lanes
        self.changed = True
        return self.hash


class UnprovedStore(SqliteStore):
    """`Store` of decisions that are thrown away. It is its own rehearsal."""

    def __init__(self, project: Project) -> None:
        super().__init__(_unguarded(empty("", project)), "")
        self._last = self._reached = 0

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Store.add`. Nothing is sent, so the outbox stays empty."""
        if rows and table != "outbox":
            super().add(table, rows)

    def chain(self) -> Chain:
        """See `Store.chain`. No other process can have rewound it."""
        return Numbers(0, self.lanes, self._reached, b"")

    def keep_chain(self, chain: Chain) -> None:
        """See `Store.keep_chain`."""
        self._reached = chain.last

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._reached = self._last
        with faults_named(self.shown), transaction(self.connection):
            yield
        self._last = self._reached

    @contextmanager
    def rehearsed(self) -> Iterator[Store]:
        """See `Store.rehearsed`."""
        yield self


def _unguarded(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a connection without the triggers of its tables, and without indexes of the outbox."""
    for (name,) in connection.execute(_GUARDS).fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    for name in _UNREAD:
        connection.execute(f'DROP INDEX "{name}"')
    return connection
