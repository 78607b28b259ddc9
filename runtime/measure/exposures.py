"""The customers whom each campaign exposed or held out, and who was reached by others as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from ...compiler.measures.asks import BEFORE, Asks
from ...compiler.measures.exposed import Exposure
from ...compiler.plan import Campaign
from ...compiler.plan.calendar import shift
from ...compiler.plan.experiments.arms import bounds, place_of
from ...compiler.plan.values import Length
from ..ledger.totals.exposures import Exposing, Touch
from .results import HELD_OUT


@dataclass(slots=True)
class Crowd:
    """The customers of one campaign, by variant, and what is off about them.

    `counts` are customers, `cost` in the currency of the project. `open`: customers whose windows
    have not closed, `closes` is the last end of these. `others`: by variant and campaign, how many
    were reached by that campaign within the window. `given_all_the_same`: held out, and granted
    something by this campaign. `variants`: that of each customer who counts.
    """

    campaign: Campaign
    counts: Counter[int] = field(default_factory=Counter)
    open: int = 0
    closes: datetime | None = None
    others: Counter[tuple[int, str]] = field(default_factory=Counter)
    given_all_the_same: int = 0
    variants: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looking:
    """The instant of the question, the zone, and whether only closed windows count.

    `variant`: the variant in which a customer of a campaign is, who was not held out.
    """

    asks: Asks
    zone: ZoneInfo
    at: datetime
    closed_only: bool

    def crowds(self) -> dict[str, Crowd]:
        """An empty crowd for every campaign, by its name."""
        return {one.name: Crowd(one) for one in self.asks.campaigns}

    def exposures(self, ledger: Exposing, crowds: dict[str, Crowd]) -> Iterator[Exposure]:
        """Every exposure whose windows count; fills the crowds on the way."""
        touches = ledger.touches(self.at)
        for customer, every in groupby(touches, key=lambda one: one.customer):
            yield from self._of(customer, list(every), crowds)

    def _of(
        self, customer: str, touches: list[Touch], crowds: dict[str, Crowd]
    ) -> Iterator[Exposure]:
        for number, campaign in enumerate(self.asks.campaigns):
            first = next((one for one in touches if _enters(campaign, one)), None)
            if first is None:
                continue
            crowd = crowds[campaign.name]
            exposure = self._exposure(number, customer, first)
            last = max(exposure.untils)
            if last > self.at:
                crowd.open += 1
                crowd.closes = last if crowd.closes is None else max(crowd.closes, last)
                if self.closed_only:
                    continue
            crowd.counts[exposure.variant] += 1
            crowd.variants[customer] = exposure.variant
            _note_others(crowd, exposure, last, touches)
            yield exposure

    def _exposure(self, number: int, customer: str, first: Touch) -> Exposure:
        variant = HELD_OUT
        if first.outcome != "held_out":
            variant = 1 + arm_place(self.asks.campaigns[number], customer)
        spans = self.asks.spans[number]
        return Exposure(
            number,
            variant,
            customer,
            shift(self.zone, first.at, Length(BEFORE.count, BEFORE.unit), -1),
            first.at,
            tuple(shift(self.zone, first.at, Length(one.count, one.unit), +1) for one in spans),
        )


def arm_place(campaign: Campaign, customer: str) -> int:
    """The place of the customer's arm; 0 if there is one way to treat those who are reached."""
    experiment = campaign.experiment
    if experiment is None or not experiment.arms:
        return 0
    return place_of(experiment.name, bounds(experiment), customer)


def _enters(campaign: Campaign, touch: Touch) -> bool:
    """Whether a decision is an entry of the campaign: of a journey the first step, else any."""
    if touch.campaign != campaign.name:
        return False
    return campaign.journey is None or touch.step == campaign.steps[0].name


def _note_others(crowd: Crowd, exposure: Exposure, last: datetime, touches: list[Touch]) -> None:
    """Count the campaigns that reached the customer within the window, each once."""
    name, found = crowd.campaign.name, set[str]()
    for one in touches:
        if one.outcome != "held_out" and exposure.at < one.at <= last and one.campaign != name:
            found.add(one.campaign)
    for other in found:
        crowd.others[exposure.variant, other] += 1
    if exposure.variant == HELD_OUT:
        own = (one for one in touches if one.campaign == name and one.outcome != "held_out")
        crowd.given_all_the_same += any(True for _ in own)
