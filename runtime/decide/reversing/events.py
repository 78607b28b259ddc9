"""Reversals made by events, and their outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ....compiler.plan.steps import StepKey

ReversalOutcome = Literal[
    "other_customer",
    "names_nothing",
    "of_another",
    "kept",
    "already_reversed",
    "nothing_due",
    "partly_reversed",
    "reversed",
]
"""`other_customer`: the key of the event belongs to another customer; the event is not kept.

`names_nothing`: it names no event. `of_another`: the event that it names is another customer's.
`kept`: nothing was granted yet. `nothing_due`: in proportion and rounded down it takes nothing.
`partly_reversed`: less was there than it takes back.
"""


@dataclass(frozen=True, slots=True)
class ReversalIdentity:
    """The identity of a reversal: the campaign with its first step, the customer, the event's key.

    It equals no identity of a decision or a claim.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str

    @property
    def key(self) -> StepKey:
        """The key of the campaign's first step."""
        return StepKey(self.campaign, self.step)


@dataclass(frozen=True, slots=True)
class ReversalEvent:
    """An event, of the kind `event`, that takes back what the event with the key `of` was granted.

    `of` is `None` if it names no event. `part` is what it adds to the total that is in proportion;
    `None` if that is unknown, or all is taken back.
    """

    identity: ReversalIdentity
    at: datetime
    event: str
    of: str | None
    part: Decimal | None


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """The outcome of a reversal.

    `repeated`: it was carried out before, and `outcome` is its outcome then. `changed`: the first
    time the event named something else, which is kept.
    """

    identity: ReversalIdentity
    outcome: ReversalOutcome
    repeated: bool = False
    changed: bool = False
