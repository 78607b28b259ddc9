"""What the outbox promises to those who deliver from it. Instants are aware, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from ..decide.decisions import Identity

Kind = Literal["message", "rewards", "alert"]
State = Literal["waiting", "delivered", "suppressed", "dead"]


@dataclass(frozen=True, slots=True)
class Given:
    """A reward line to fulfil. `currency` is that of `amount`; a wallet's name counts as one."""

    reward: str
    amount: Decimal
    currency: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to deliver. `n` counts the rows of a decision on a channel, from 0.

    `body` is a message's text, or an alert's facts as JSON; `rewards` the lines to fulfil.
    `attempts`: how often it failed to be delivered.
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
    rewards: tuple[Given, ...]
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox for those who watch over it: how it fares, and not what it says.

    `reason` is why it was suppressed. `attempts` failed, the last with `error`; it is tried again
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
    """That a message, row `n` of its decision on `channel`, went out and counts for a cap."""

    account: str
    recipient: str
    decision: int
    channel: str
    n: int
    at: datetime


class Outbox(Protocol):
    """The outbox inside one transaction, which ends with the `with` that opened it."""

    def waiting(
        self, channel: str, until: datetime, limit: int, now: datetime | None = None
    ) -> list[OutboxRow]:
        """What waits to be delivered by `until`, in the order of (deliver_at, decision, n).

        `now`, the machine's clock: without what is not to be tried yet.
        """

    def settle(
        self, delivered: Iterable[OutboxRow], suppressed: Mapping[str, Iterable[OutboxRow]]
    ) -> None:
        """Marks rows; `suppressed` is by reason."""

    def move(self, rows: Iterable[tuple[OutboxRow, datetime]]) -> None:
        """Gives each another instant to be delivered at."""

    def put_off(self, rows: Iterable[OutboxRow], to: datetime | None) -> None:
        """None of them is tried before `to`, by the machine's clock; nothing: at any time."""

    def fail(self, rows: Iterable[tuple[OutboxRow, str, datetime | None]]) -> None:
        """Counts an attempt of each that failed, why, and when to try again; nothing: never."""

    def revive(self, letters: Iterable[Letter]) -> None:
        """What is dead waits again, as if it had never been tried."""

    def length(self, channel: str) -> int | None:
        """Bytes of the channel's file that were delivered to it; nothing before the first time."""

    def set_length(self, channel: str, length: int) -> None:
        """Keeps that number."""

    def held(self, channel: str) -> datetime | None:
        """Until when the channel's receiver asked to be left alone, if it ever did."""

    def hold(self, channel: str, to: datetime) -> None:
        """Keeps that."""

    def sent(self, asked: Iterable[tuple[str, str]]) -> list[Sent]:
        """What counts for each of these pairs of a cap's account and a recipient."""

    def count_sent(self, messages: Iterable[Sent]) -> None:
        """Counts them; one that counts already does so at its new instant."""

    def uncount(self, messages: Iterable[Sent]) -> None:
        """Takes them back: they did not go out."""
