"""Events that count for a brake of a campaign, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ....compiler.plan.steps import StepKey

AlarmOutcome = Literal["other_customer", "not_reached", "counted"]
"""`other_customer`: the key of the event belongs to another customer. `not_reached`: the campaign
had given its customer nothing before. Neither is kept, nor counts.
"""


@dataclass(frozen=True, slots=True)
class AlarmIdentity:
    """The identity of an alarm: campaign, first step, customer, the event's key, and its kind."""

    campaign: str
    step: str
    recipient: str
    occurrence: str
    event: str

    @property
    def key(self) -> StepKey:
        """The key of the campaign's first step."""
        return StepKey(self.campaign, self.step)


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An event that counts for the brakes of a campaign, if it had reached the customer before."""

    identity: AlarmIdentity
    at: datetime


@dataclass(frozen=True, slots=True)
class AlarmResult:
    """The outcome of an alarm. `repeated`: it was counted before."""

    identity: AlarmIdentity
    outcome: AlarmOutcome
    repeated: bool = False
    changed: bool = False
