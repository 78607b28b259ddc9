"""Samples of experiments before launch: how many could take part, and what they can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.expressions import where
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..codes.samples import HOPELESS_SAMPLE
from ..due.readings import count_customers
from ..statistics.power import smallest_difference
from ..warehouse.contract import Warehouse
from .differing import Kind, members

LEAST = 100
"""Customers of a group below which `measure` gives no share."""

LARGE = 0.1
"""A difference, 0 to 1, that hardly any campaign makes: a sample that needs more is hopeless."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The customers who could take part in an experiment, as of now.

    `least` are those of the smallest group. `smallest` is the smallest difference of two shares, 0
    to 1, that the weakest comparison shows.
    """

    campaign: Campaign
    customers: int
    least: int
    smallest: float

    @property
    def is_hopeless(self) -> bool:
        """Whether the sample cannot show what a campaign may bring about."""
        return self.least < LEAST or self.smallest >= LARGE

    def phrase(self) -> Phrase:
        """Say what the sample can show."""
        return Phrase(
            "check.sample",
            campaign=self.campaign.name,
            customers=f"{self.customers:,}",
            points=points(self.smallest),
        )


def samples(
    plan: Plan, warehouse: Warehouse, at: datetime, bad_share: Decimal | None
) -> tuple[Sample, ...]:
    """Return the sample of each campaign that compares customers, from whom its audience has now.

    Conditions on events and on past grants are not asked, so that fewer may take part.
    """
    compared = {one.name: one for one in plan.campaigns if len(list(_parts(one))) > 1}
    if not compared:
        return ()

    def is_compared(kind: Kind, name: str) -> bool:
        return kind == "campaign" and name in compared

    found = members(plan, warehouse, at, is_compared, bad_share)
    counts = {name: len(keys) for (_, name), keys in found}
    if compared.keys() - counts.keys():
        counts = dict.fromkeys(compared, count_customers(plan, warehouse)) | counts
    return tuple(_sample(one, counts[name]) for name, one in compared.items())


def hopeless(found: tuple[Sample, ...]) -> Iterator[Diagnostic]:
    """Yield a warning for each sample that can show nothing worth knowing."""
    for one in found:
        if one.is_hopeless:
            campaign, experiment = one.campaign, one.campaign.experiment
            yield diagnose(
                HOPELESS_SAMPLE,
                where(campaign.origin if experiment is None else experiment.origin),
                campaign=campaign.name,
                customers=f"{one.customers:,}",
                least=f"{one.least:,}",
                points=points(one.smallest),
            )


def points(difference: float) -> str:
    """A difference in percentage points."""
    return f"{min(difference, 1.0) * 100:.1f}"


def _parts(campaign: Campaign) -> Iterator[Decimal]:
    """The parts of the groups that are compared: those held out first, or the first arm."""
    out = 1 - (1 - campaign.holdout) * (1 - campaign.project_holdout)
    experiment = campaign.experiment
    if out > 0 and (experiment is not None or campaign.measures):
        yield out
    if experiment is not None and experiment.arms:
        yield from ((1 - out) * arm.part for arm in experiment.arms)
    elif experiment is not None or campaign.measures:
        yield 1 - out


def _sample(campaign: Campaign, customers: int) -> Sample:
    first, *others = (int(customers * part) for part in _parts(campaign))
    smallest = max(smallest_difference(first, other) for other in others)
    return Sample(campaign, customers, min(chain([first], others)), smallest)
