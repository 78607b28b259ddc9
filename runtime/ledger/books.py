"""A plan as the ledger uses it: charges, messages and rules of each step, prepared once."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ...compiler.plan import Account, Campaign, Plan, Step
from ..charging import Charging
from ..messages import Messages
from .contract import Channels

REWARDS = "rewards"
ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class StepBook:
    """A step with its campaign; `caps` are the message caps that its messages count for."""

    campaign: Campaign
    step: Step
    caps: tuple[Account, ...]

    @property
    def of_messages_alone(self) -> bool:
        """Whether it gives nothing but words."""
        return self.step.reward is None


class Books:
    """All that a batch needs to know of a plan."""

    def __init__(self, plan: Plan, digest: str, channels: Channels) -> None:
        self.plan = plan
        self.digest = digest
        self.zone = ZoneInfo(plan.time_zone)
        self.charging = Charging(plan)
        self.messages = Messages(plan)
        self.tells_rewards = REWARDS in channels
        self.tells_alerts = ALERTS in channels
        accounts = self.charging.accounts
        self.steps = {
            (campaign.name, step.name): StepBook(
                campaign,
                step,
                tuple(accounts[id_] for id_ in campaign.message_caps) if step.messages else (),
            )
            for campaign in plan.campaigns
            for step in campaign.steps
        }
