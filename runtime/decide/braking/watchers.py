"""The kinds of event that campaigns watch, to pause by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from ....compiler.plan import Campaign, EventBrake, Plan, Step
from ....compiler.plan.steps import StepKey
from ..facts import Row, moment
from ..received import Ranks
from .events import AlarmEvent, AlarmIdentity


@dataclass(frozen=True, slots=True)
class Watcher:
    """A campaign that watches a kind of event. `key` is that of its first step."""

    key: StepKey
    event: str

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that `read` reads: none but its key and instant."""
        return frozenset()

    def read(self, customer: str, row: Row) -> AlarmEvent:
        """Return the alarm that an event is."""
        at, key = moment(row)
        return AlarmEvent(AlarmIdentity(*self.key, customer, key, self.event), at)


def watched(campaign: Campaign) -> tuple[str, ...]:
    """Return the kinds of event that a campaign watches, each once."""
    events = (one.event for one in campaign.brakes if isinstance(one, EventBrake))
    return tuple(dict.fromkeys(events))


def is_watching(campaign: Campaign, step: Step) -> bool:
    """Whether the step is the one under which the campaign's alarms go."""
    return step is campaign.steps[0] and bool(watched(campaign))


def watchers(plan: Plan) -> tuple[Watcher, ...]:
    """Return what campaigns watch, in the order of an instant."""
    ranks = Ranks(plan)
    found = [
        Watcher(StepKey(campaign.name, campaign.steps[0].name), event)
        for campaign in plan.campaigns
        for event in watched(campaign)
    ]
    return tuple(sorted(found, key=lambda one: (ranks.rank(one.key), one.event)))
