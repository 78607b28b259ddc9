"""The contract of rewinds, and their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ..decide.decisions import Identity

MOST = 2**62
"""A limit above any number of rows."""


@dataclass(frozen=True, slots=True)
class Irrevocable:
    """A delivery or redemption of a decision that was rewound.

    Either an outbox row that was sent, or was being sent, to the channel `of`; or a redeemed
    benefit `of`.
    """

    identity: Identity
    kind: Literal["message", "rewards", "alert", "redeemed"]
    of: str


@dataclass(frozen=True, slots=True)
class Rewound:
    """The result of a rewind. `entry` is its number; `None` if there was nothing to rewind.

    `decisions` counts by campaign and outcome; `amendments` counts by kind those of decisions that
    stay. `dropped` counts unsent outbox rows, `irrevocable` deliveries and redemptions.
    """

    entry: int | None
    decisions: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    amendments: Mapping[str, int] = field(default_factory=Counter)
    dropped: int = 0
    irrevocable: int = 0


Rehearsal = tuple[Rewound, tuple[Irrevocable, ...]]
"""The result of a rewind that is not kept, and its deliveries and redemptions."""


class Rewinding(Protocol):
    """The part of a ledger that can be rewound."""

    def rewind(self, to: datetime, reason: str, by: str = "") -> Rewound:
        """Take back everything after `to`, in one transaction, and record that in an entry.

        The decisions can then be made anew. Reversals and redemptions of grants that stay are kept.
        Raise `CannotRun`, and change nothing, if a wallet would become negative.
        """

    def rehearse_rewind(self, to: datetime, most: int = MOST) -> Rehearsal:
        """The result that `rewind` would have now, with the first `most` deliveries; keep nothing.

        Raise `CannotRun` as `rewind` does.
        """

    def irrevocable(self, entry: int, most: int = MOST) -> Iterator[Irrevocable]:
        """The first `most` deliveries and redemptions of a rewind, by decision."""
