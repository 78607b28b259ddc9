"""A SQLite ledger in memory that is thrown away: the tables of a file, and no proofs of them.

It decides as a file does. It has no proofs for others: no hashes of the chain, no seals, and no
triggers that guard rows. It has no transactions of its own; a copy is a savepoint, which is rolled
back at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..chain import Chain, Line, Posting
from ..store import Row, Store, Table
from .connect_sqlite import Project, empty
from .faults import faults_named
from .sqlite import ASKED, SqliteStore

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


class MemoryStore(SqliteStore):
    """`Store` in memory, for one reader and writer. A fault leaves it half-written.

    Without `sends` nothing is ever sent, and the outbox stays empty.
    """

    def __init__(
        self, connection: sqlite3.Connection, last: int = 0, *, sends: bool = True
    ) -> None:
        super().__init__(connection, ":memory:")
        self._last = last
        self._sends = sends

    @staticmethod
    def of(project: Project, *, sends: bool = True) -> MemoryStore:
        """Make an empty store."""
        connection = empty(":memory:", project)
        for (name,) in connection.execute(_GUARDS).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for name in () if sends else _UNREAD:
            connection.execute(f'DROP INDEX "{name}"')
        # Made in a savepoint, they would go with it, and every statement be compiled again.
        for create, _ in ASKED.values():
            connection.execute(create)
        # One transaction for all: a statement by itself would be one of its own.
        connection.execute("BEGIN")
        return MemoryStore(connection, sends=sends)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Store.add`."""
        if self._sends or table != "outbox":
            super().add(table, rows)

    def chain(self) -> Chain:
        """See `Store.chain`. No other process can have rewound it."""
        return Numbers(0, self.lanes, self._last, b"")

    def keep_chain(self, chain: Chain) -> None:
        """See `Store.keep_chain`."""
        self._last = chain.last

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with faults_named(self.shown):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See `Store.reading`."""
        yield

    @contextmanager
    def rehearsed(self) -> Iterator[Store]:
        """See `Store.rehearsed`. Copies may be nested; the store itself waits meanwhile."""
        self.connection.execute("SAVEPOINT rehearsed")
        try:
            yield MemoryStore(self.connection, self._last, sends=self._sends)
        finally:
            self.connection.execute("ROLLBACK TO rehearsed")
            self.connection.execute("RELEASE rehearsed")
