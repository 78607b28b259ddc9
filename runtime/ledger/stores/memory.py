"""A SQLite ledger in memory that is thrown away: nobody else can change it, so nothing is sealed.

It has no transactions of its own. A copy is a savepoint, which is rolled back at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..store import Store
from .faults import faults_named
from .sqlite import ASKED, SqliteStore


class MemoryStore(SqliteStore):
    """`Store` in memory, for one reader and writer. A fault leaves it half-written."""

    def begin(self) -> None:
        """Make the temporary tables now: made in a savepoint, they would go with it.

        Every statement would then be compiled again for the next one.
        """
        for create, _, _ in ASKED.values():
            self.connection.execute(create)

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
            yield MemoryStore(self.connection, self.shown)
        finally:
            self.connection.execute("ROLLBACK TO rehearsed")
            self.connection.execute("RELEASE rehearsed")
