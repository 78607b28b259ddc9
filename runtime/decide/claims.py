"""Claims that come as events, and what becomes of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .decisions import Identity

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
class ClaimEvent:
    """An event by which its customer claims from the offers of a campaign.

    Its identity is a decision's: the campaign, a step of its own (`main/claim`), the customer, and
    the event's key. `chosen`: the names that it gives, as they were written.
    """

    identity: Identity
    at: datetime
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What became of a claim event. `offer`: the number of the grant that it was about, if any.

    `account`: the id of the stock that is used up. `repeated`: it had been carried out before, and
    this is what it came to then; `changed`: it named another choice then, `chosen`, which stands.
    """

    identity: Identity
    outcome: ClaimOutcome
    offer: int | None = None
    account: str | None = None
    repeated: bool = False
    changed: bool = False
    chosen: tuple[str, ...] = ()
