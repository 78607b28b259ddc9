"""What a rewind did, and what it promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ..decide.decisions import Identity

MOST = 2**62
"""More rows than there are."""


@dataclass(frozen=True, slots=True)
class Irrevocable:
    """Something that had left the house for a decision that was taken back.

    A row of the outbox that was sent, or was being sent, to the channel `of`; or a benefit `of`
    that was `redeemed`.
    """

    identity: Identity
    kind: Literal["message", "rewards", "alert", "redeemed"]
    of: str


@dataclass(frozen=True, slots=True)
class Rewound:
    """What a rewind took back: `entry` is its number, `None` if there was nothing to take back.

    `decisions` by campaign and outcome; `amendments` by kind, of decisions that stay; `dropped`
    rows of the outbox that were not sent; `irrevocable`: how much had left the house.
    """

    entry: int | None
    decisions: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    amendments: Mapping[str, int] = field(default_factory=Counter)
    dropped: int = 0
    irrevocable: int = 0


class Rewinding(Protocol):
    """A ledger that can be set back."""

    def rewind(self, to: datetime, reason: str, by: str = "") -> Rewound:
        """Take back whatever lies after `to`, in one transaction; an entry keeps that it was.

        Decisions can be taken anew then. Reversals and redemptions of grants that stay are kept.
        `CannotRun` where a wallet would go below zero: then nothing is taken back.
        """

    def irrevocable(self, entry: int, most: int = MOST) -> Iterator[Irrevocable]:
        """What had left the house for what that rewind took back, by decision; the first of it."""
