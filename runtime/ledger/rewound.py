"""What a rewind did, and what it promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ..decisions import Identity


@dataclass(frozen=True, slots=True)
class SentBefore:
    """A row of the outbox that had been sent, or was being sent, for a decision taken back."""

    identity: Identity
    channel: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rewound:
    """What a rewind took back.

    `decisions` by campaign and outcome; `amendments` by kind, of decisions that stay; `dropped`
    rows of the outbox; `sent`: how many had left the house, of which `first` are the first ten.
    """

    decisions: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    amendments: Mapping[str, int] = field(default_factory=Counter)
    dropped: int = 0
    sent: int = 0
    first: tuple[SentBefore, ...] = ()


class Rewinding(Protocol):
    """A ledger that can be set back."""

    def rewind(self, to: datetime, reason: str) -> Rewound:
        """Takes back whatever lies after `to`, in one transaction; an entry keeps that it was.

        Decisions can be taken anew then. Reversals of grants that stay are kept. `CannotRun` where
        a wallet would go below zero: then nothing is taken back.
        """
