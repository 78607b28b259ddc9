"""The contract of the outbox, for delivery. Instants are aware, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from ..decide.decisions import Identity

Kind = Literal["message", "rewards", "alert"]
State = Literal["waiting", "delivered", "suppressed", "dead"]


NO_ADDRESS = "no_address"
NO_CONSENT = "no_consent"
LEFT = "left"
"""The reason of a message of a journey that its customer left before it was sent."""

INSTEAD = "otherwise"
"""The reason of a message that did not go out, and was passed on to the next channel."""

PASSED_ON = frozenset({NO_ADDRESS, NO_CONSENT})
"""Reasons for which a suppressed message goes to the next channel."""

IN_TIME = timedelta(hours=1)
"""The time from its first failure within which a dead letter goes to the next channel."""


def waits_for(channel: str, n: int) -> str:
    """Return the reason of a row that goes out only if row `n` of that channel cannot."""
    return f"{INSTEAD}/{channel}/{n}"


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A reward line to fulfil. `amount` is in `currency`, which may be a wallet's name.

    `code` is the one that the line took from a stock of codes, of class C3; `None` without.
    """

    reward: str
    amount: Decimal
    currency: str
    expires_at: datetime | None
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row to deliver. `n` counts the rows of a decision on a channel, from 0.

    `body` is a message's text, or an alert's facts as JSON. `rewards` are the lines to fulfil.
    `attempts` is the number of failed deliveries.
    """

    decision: int
    channel: str
    n: int
    kind: Kind
    identity: Identity
    customer: str
    at: datetime
    deliver_at: datetime
    body: str
    rewards: tuple[Fulfilment, ...]
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """The state of an outbox row, without its content, for those who watch deliveries.

    `reason` says why it was suppressed. `attempts` failed, the last with `error`. It is tried again
    from `try_after` on, by the machine's clock.
    """

    decision: int
    channel: str
    n: int
    kind: Kind
    identity: Identity
    deliver_at: datetime
    state: State
    reason: str | None
    attempts: int
    try_after: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent and counts for a cap: row `n` of its decision on `channel`."""

    account: str
    recipient: str
    decision: int
    channel: str
    n: int
    at: datetime


class Outbox(Protocol):
    """The outbox inside one transaction, which ends with its `with` block."""

    def waiting(
        self, channel: str, until: datetime, limit: int, now: datetime | None = None
    ) -> list[OutboxRow]:
        """Rows due by `until`, in the order of (deliver_at, decision, n).

        With `now`, the machine's clock, rows whose next attempt is later are left out.
        """

    def settle(
        self, delivered: Iterable[OutboxRow], suppressed: Mapping[str, Iterable[OutboxRow]]
    ) -> None:
        """Mark rows as delivered, or as suppressed by reason.

        For the reasons `PASSED_ON`, the next channel's row begins to wait.
        """

    def move(self, rows: Iterable[tuple[OutboxRow, datetime]]) -> None:
        """Change the delivery instants of rows."""

    def put_off(self, rows: Iterable[OutboxRow], to: datetime | None) -> None:
        """Do not try these rows before `to`, by the machine's clock; `None`: any time."""

    def fail(self, rows: Iterable[tuple[OutboxRow, str, datetime | None]], at: datetime) -> None:
        """Count failed attempts at `at`, with their errors and next attempts; `None`: never again.

        A row that is never tried again is a dead letter. If its first failure was not longer ago
        than `IN_TIME`, the next channel's row begins to wait in its place.
        """

    def revive(self, letters: Iterable[Letter]) -> None:
        """Make dead rows wait again, as if they had never been tried."""

    def length(self, channel: str) -> int | None:
        """The bytes delivered to the channel's file; `None` before the first delivery."""

    def set_length(self, channel: str, length: int) -> None:
        """Store that number."""

    def paused_until(self, channel: str) -> datetime | None:
        """The instant until which the receiver asked for a pause; `None` if it never did."""

    def hold(self, channel: str, to: datetime) -> None:
        """Store that instant."""

    def left(self, rows: Iterable[OutboxRow]) -> dict[int, datetime]:
        """The instants at which the instances ended that rows belong to, by their decisions."""

    def sent(self, asked: Iterable[tuple[str, str]]) -> list[Sent]:
        """The messages that count for these pairs of account and recipient."""

    def count_sent(self, messages: Iterable[Sent]) -> None:
        """Count messages; one that is counted already moves to its new instant."""

    def uncount(self, messages: Iterable[Sent]) -> None:
        """Remove messages that were not sent after all."""
