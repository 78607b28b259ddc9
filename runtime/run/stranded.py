"""Edits with people inside: a plan without a step that somebody is at would strand them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.expressions import where
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import running
from ..decide.journeys.inside import Instance, place_of
from ..ledger.holders import Holding


def require_nobody_stranded(plan: Plan, ledger: Holding, now: datetime) -> None:
    """Raise `CannotRun` if a step that is gone is the last that somebody has come to.

    A step is not gone that another is `renamed from`, or that the journey says is `removed`.
    """
    for campaign in plan.campaigns:
        if campaign.journey is None:
            continue
        found: Counter[str] = Counter()
        examples: dict[str, str] = {}
        for step, customer in _at_gone_steps(campaign, ZoneInfo(plan.time_zone), ledger, now):
            found[step] += 1
            examples.setdefault(step, customer)
        for step, count in sorted(found.items()):
            name, place = campaign.renamed or campaign.name, where(campaign.journey.origin)
            problem = diagnose(
                running.STRANDED,
                place,
                name=name,
                step=step,
                count=f"{count:,}",
                customer=examples[step],
            )
            raise CannotRun(problem)


def _at_gone_steps(
    campaign: Campaign, zone: ZoneInfo, ledger: Holding, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield the gone step at which somebody is, with the customer."""
    journey = campaign.journey
    removed = () if journey is None else journey.removed
    known = {*(step.name for step in campaign.steps), *removed}
    for inside in ledger.inside(campaign.name):
        last = _last(inside.steps)
        place = place_of(campaign, zone, inside.steps, now)
        if last not in known and (place is None or place.state != "left"):
            yield last, inside.customer


def _last(steps: Instance) -> str:
    return max(steps, key=lambda name: (steps[name].at, name))
