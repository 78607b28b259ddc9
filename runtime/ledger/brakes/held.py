"""The contract of brakes: campaigns that were paused, resumed or stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

BrakeKind = Literal["paused", "resumed", "stopped"]

BrakeOutcome = Literal["paused", "resumed", "stopped", "already_paused", "not_paused", "is_stopped"]
"""`not_paused`: there was nothing to resume. `is_stopped`: a stopped campaign stays so."""


@dataclass(frozen=True, slots=True)
class Brake:
    """An entry about a campaign.

    `brake` is the condition of a pause that came by itself (`pause when …`), `None` by hand. `at`
    is the instant of what tripped it; by hand, that of the machine's clock.
    """

    campaign: str
    kind: BrakeKind
    at: datetime
    reason: str
    author: str
    brake: str | None = None


@dataclass(frozen=True, slots=True)
class Braked:
    """The outcome of pausing, resuming or stopping a campaign."""

    campaign: str
    outcome: BrakeOutcome


class Brakes(Protocol):
    """The part of a ledger that holds campaigns.

    A paused or stopped campaign decides nothing, and no row of a paused one leaves the outbox.
    """

    def brake(
        self, campaigns: Collection[str], kind: BrakeKind, reason: str, by: str, at: datetime
    ) -> tuple[Braked, ...]:
        """Pause, resume or stop campaigns, in one transaction and in the order of their names.

        When this returns, every batch that is decided later has seen it.
        """

    def brakes(self, campaign: str | None = None) -> Iterator[Brake]:
        """Every entry (of the campaign), in the order of campaigns and of what came first."""

    def held(self) -> Mapping[str, Brake]:
        """The campaigns that are paused or stopped now, each with its last entry."""
