"""The embedded ledger: one SQLite file, one writer at a time."""

from __future__ import annotations

import gc
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, Self

from ...compiler.plan import Plan
from ...dsl.diagnostics import Diagnostic
from ..decisions import Decision, Identity, Outcome, Result
from . import reading
from .books import Books
from .contract import BudgetRow, Channels, DecisionRow, GrantRow, Ledger, Received, Stretch
from .deciding import Deciding, ask
from .faults import faults_named, transaction
from .instants import instant, instant_text
from .loading import load
from .opening import Project, copied
from .postbox import SqliteOutbox
from .verifying import verify
from .writing import write


class SqliteLedger:
    """`Ledger` on an open connection; `shown` is the file's path as people should read it."""

    def __init__(
        self, connection: sqlite3.Connection, shown: str, project: Project, channels: Channels
    ) -> None:
        self._connection = connection
        self._shown = shown
        self._project = project
        self._channels = frozenset(channels)
        self._books: Books | None = None

    def decide(self, plan: Plan, decisions: Sequence[Decision], digest: str) -> list[Result]:
        """See `Ledger.decide`."""
        books = self._books_of(plan, digest)
        with _collector_paused(), self._writing():
            asked = [ask(books, decision) for decision in decisions]
            known = load(self._connection, books, asked)
            deciding = Deciding(books, known)
            results = [deciding.decide(each) for each in asked]
            write(self._connection, deciding.entries, known.balances.values())
        return results

    @contextmanager
    def rehearsal(self) -> Iterator[Ledger]:
        """See `Ledger.rehearsal`."""
        with faults_named(self._shown):
            copy = copied(self._connection)
        try:
            yield SqliteLedger(copy, self._shown, self._project, self._channels)
        finally:
            copy.close()

    def grants(self, campaign: str | None = None) -> Iterator[GrantRow]:
        """See `Ledger.grants`."""
        with faults_named(self._shown):
            yield from reading.grants(self._connection, self._project.currency, campaign)

    def budgets(self, plan: Plan, campaign: str | None = None) -> list[BudgetRow]:
        """See `Ledger.budgets`."""
        with faults_named(self._shown):
            return reading.budgets(self._connection, plan, campaign)

    def outcomes(self) -> Counter[tuple[str, Outcome]]:
        """See `Ledger.outcomes`."""
        with faults_named(self._shown):
            return reading.outcomes(self._connection)

    def decision(self, identity: Identity) -> DecisionRow | None:
        """See `Ledger.decision`."""
        with faults_named(self._shown):
            return reading.decision(self._connection, identity)

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """See `Ledger.received_counts`."""
        with faults_named(self._shown):
            return reading.received_counts(self._connection, of, name, asked)

    def received(self) -> Iterator[Received]:
        """See `Ledger.received`."""
        with faults_named(self._shown):
            yield from reading.received(self._connection)

    def progress(self, campaign: str) -> datetime | None:
        """See `Ledger.progress`."""
        with faults_named(self._shown):
            row = self._connection.execute(
                "SELECT through FROM progress WHERE campaign = ?", (campaign,)
            ).fetchone()
        return None if row is None else instant(row[0])

    def set_progress(self, through: Mapping[str, datetime]) -> None:
        """See `Ledger.set_progress`."""
        rows = [(campaign, instant_text(at)) for campaign, at in sorted(through.items())]
        with self._writing():
            self._connection.executemany(
                "INSERT INTO progress VALUES (?, ?) ON CONFLICT DO UPDATE"
                " SET through = max(through, excluded.through)",
                rows,
            )

    def seen(self, event: str) -> Iterator[str]:
        """See `Ledger.seen`."""
        query = "SELECT occurrence FROM seen_events WHERE event = ? ORDER BY 1"
        with faults_named(self._shown):
            for (occurrence,) in self._connection.execute(query, (event,)):
                yield occurrence

    def mark_seen(self, event: str, occurrences: Iterable[str]) -> None:
        """See `Ledger.mark_seen`."""
        with self._writing():
            self._connection.executemany(
                "INSERT INTO seen_events VALUES (?, ?) ON CONFLICT DO NOTHING",
                ((event, occurrence) for occurrence in occurrences),
            )

    def waiting_channels(self, until: datetime) -> Counter[str]:
        """See `Ledger.waiting_channels`."""
        with faults_named(self._shown):
            rows = self._connection.execute(
                "SELECT channel, count(*) FROM outbox WHERE state = 'waiting' AND deliver_at <= ?"
                " GROUP BY channel ORDER BY channel",
                (instant_text(until),),
            )
            return Counter(dict(rows.fetchall()))

    @contextmanager
    def outbox(self) -> Iterator[SqliteOutbox]:
        """See `Ledger.outbox`."""
        with self._writing():
            yield SqliteOutbox(self._connection, self._project.currency)

    def verify(self) -> tuple[Diagnostic, ...]:
        """See `Ledger.verify`."""
        with faults_named(self._shown):
            return verify(self._connection)

    def close(self) -> None:
        """See `Ledger.close`."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _books_of(self, plan: Plan, digest: str) -> Books:
        if self._books is None or self._books.digest != digest or self._books.plan is not plan:
            self._books = Books(plan, digest, self._channels)
        return self._books

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, its faults named."""
        with faults_named(self._shown), transaction(self._connection):
            yield


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A batch makes many small rows and no circles: looking for those takes a third of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
