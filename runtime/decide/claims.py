"""Claims made by events, and their outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ...compiler.plan.steps import StepKey

ClaimOutcome = Literal[
    "claimed",
    "other_customer",
    "unknown",
    "not_yours",
    "reversed",
    "already_claimed",
    "other_choice",
    "too_early",
    "expired",
    "not_offered",
    "insufficient_balance",
    "out_of_stock",
]
"""`unknown`: there is no such offer. `other_customer`: the event's key belongs to another customer,
and the claim is not kept."""


@dataclass(frozen=True, slots=True)
class ClaimIdentity:
    """The identity of a claim: the step that offers, the customer and the event's key.

    It equals no identity of a decision, of which the same step may have one with the same key.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str

    @property
    def key(self) -> StepKey:
        """The key of the step that offers."""
        return StepKey(self.campaign, self.step)


@dataclass(frozen=True, slots=True)
class ClaimEvent:
    """An event by which its customer claims an offer of a campaign's step.

    `chosen` holds the names in the event, as they were written.
    """

    identity: ClaimIdentity
    at: datetime
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """The outcome of a claim event. `offer` is the number of the claimed grant, if there is one.

    `account` is the id of the stock that ran out. `repeated`: the claim was carried out before, and
    `outcome` is its outcome then. `changed`: the first time it named another choice; that choice,
    in `chosen`, is kept.
    """

    identity: ClaimIdentity
    outcome: ClaimOutcome
    offer: int | None = None
    account: str | None = None
    repeated: bool = False
    changed: bool = False
    chosen: tuple[str, ...] = ()
