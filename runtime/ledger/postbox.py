"""The outbox of a ledger, inside a transaction that the ledger opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ..decisions import Identity
from . import reading
from .contract import OutboxRow
from .instants import instant, instant_text
from .store import Store

_WAITING = (
    "SELECT decision, channel, n, kind, campaign, step, recipient, occurrence, customer, at,"
    " deliver_at, body FROM outbox JOIN decisions ON id = decision"
    " WHERE state = 'waiting' AND channel = ? AND deliver_at <= ?"
    " ORDER BY deliver_at, decision, n LIMIT ?"
)
_SETTLE = "UPDATE outbox SET state = ?, reason = ? WHERE decision = ? AND channel = ? AND n = ?"


class StoredOutbox:
    """`Outbox`; `currency` is the project's."""

    def __init__(self, store: Store, currency: str) -> None:
        self._store = store
        self._currency = currency

    def waiting(self, channel: str, until: datetime, limit: int) -> list[OutboxRow]:
        """See `Outbox.waiting`."""
        rows = self._store.ask(_WAITING, (channel, instant_text(until), limit))
        return [self._row(*row) for row in rows]

    def _row(
        self,
        decision: int,
        channel: str,
        n: int,
        kind: str,
        *rest: str,
    ) -> OutboxRow:
        campaign, step, recipient, occurrence, customer, at, deliver_at, body = rest
        return OutboxRow(
            decision,
            channel,
            n,
            "rewards" if kind == "rewards" else "alert" if kind == "alert" else "message",
            Identity(campaign, step, recipient, occurrence),
            customer,
            instant(at),
            instant(deliver_at),
            body,
            reading.grants_of(self._store, self._currency, decision) if kind == "rewards" else (),
        )

    def settle(
        self, delivered: Iterable[OutboxRow], suppressed: Mapping[str, list[OutboxRow]]
    ) -> None:
        """See `Outbox.settle`."""
        self._mark("delivered", None, delivered)
        for reason, rows in suppressed.items():
            self._mark("suppressed", reason, rows)

    def _mark(self, state: str, reason: str | None, rows: Iterable[OutboxRow]) -> None:
        self._store.change(
            _SETTLE, ((state, reason, row.decision, row.channel, row.n) for row in rows)
        )

    def length(self, channel: str) -> int | None:
        """See `Outbox.length`."""
        query = "SELECT length FROM channels WHERE channel = ?"
        rows = self._store.ask(query, (channel,))
        return int(rows[0][0]) if rows else None

    def set_length(self, channel: str, length: int) -> None:
        """See `Outbox.set_length`."""
        self._store.change(
            "INSERT INTO channels VALUES (?, ?) ON CONFLICT (channel)"
            " DO UPDATE SET length = excluded.length",
            [(channel, length)],
        )
