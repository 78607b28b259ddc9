"""The events that claim offers: which campaign's offers, and which of their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Claims, Plan, Step
from ...compiler.plan.calendar import WallClock
from .claims import ClaimEvent
from .decisions import Identity
from .facts import Row, holds, moment
from .groups import EventFacts
from .received import Ranks

_COMMAS = re.compile("[,，、]")


@dataclass(frozen=True, slots=True)
class Claimer:
    """A campaign whose offers an event claims."""

    campaign: Campaign
    claims: Claims
    step: str
    zone: ZoneInfo

    def read(self, customer: str, row: Row) -> ClaimEvent | None:
        """Return the claim that an event makes; `None` if it fails the campaign's `where`."""
        at, key = moment(row)
        if not holds(self.claims.where, EventFacts(row, WallClock(at, self.zone))):
            return None
        named = row[self.claims.field]
        chosen = chosen_of(named if isinstance(named, str) else "")
        return ClaimEvent(Identity(self.campaign.name, self.step, customer, key), at, chosen)


def claims_from(campaign: Campaign) -> Claims | None:
    """Return how events claim the campaign's offers; `None` if no event does."""
    return next((claims for _, claims in _claiming(campaign)), None)


def claimers(plan: Plan) -> tuple[Claimer, ...]:
    """Return the campaigns whose offers events claim, in the order of an instant."""
    zone, ranks = ZoneInfo(plan.time_zone), Ranks(plan)
    found = [
        Claimer(campaign, claims, f"{step.name}/claim", zone)
        for campaign in plan.campaigns
        for step, claims in _claiming(campaign)
    ]
    return tuple(sorted(found, key=lambda one: ranks.rank(one.campaign.name)))


def _claiming(campaign: Campaign) -> Iterator[tuple[Step, Claims]]:
    """The steps whose offers an event claims."""
    for step in campaign.steps:
        if step.reward is not None and step.reward.claims is not None:
            yield step, step.reward.claims


def chosen_of(text: str) -> tuple[str, ...]:
    """Split a field into the names that it chooses, at commas (Chinese ones too)."""
    parts = (part.strip() for part in _COMMAS.split(text))
    return tuple(part for part in parts if part)
