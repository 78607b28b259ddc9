"""Experiments that have begun and would move customers from one arm to another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..codes import plans
from ..plan import Campaign, Plan
from ..plan.experiments.written import as_written
from ..plan.expressions import where

Split = tuple[tuple[str, Decimal], ...]
"""The arms with their parts, in the order that says who is in which."""


def rerouted(old: Plan, new: Plan, at: datetime) -> tuple[Diagnostic, ...]:
    """A mistake for each campaign whose experiment, begun by an instant, assigns otherwise now.

    Another name makes another experiment, which is measured apart. One that has ended counts too:
    what came of it is measured after its end.
    """
    return tuple(
        found
        for campaign in old.campaigns
        if campaign.experiment is not None
        and (campaign.active_from is None or campaign.active_from <= at)
        for found in _moved(campaign, new)
    )


def _moved(before: Campaign, new: Plan) -> Iterator[Diagnostic]:
    """Campaigns that share the name share the arms; each has a holdout of its own."""
    name = _name(before)
    shared = [one for one in new.campaigns if _name(one) == name]
    own = [one for one in shared if one.name == before.name]
    for after in (own or shared)[:1]:
        same_holdout = not own or after.holdout == before.holdout
        if same_holdout and _split(after) == _split(before):
            continue
        yield diagnose(
            plans.EXPERIMENT_REROUTED,
            where(after.origin if after.experiment is None else after.experiment.origin),
            name=name,
            campaign=before.renamed or before.name,
            before=_written(before),
            after=_written(after),
        )


def _name(campaign: Campaign) -> str:
    return "" if campaign.experiment is None else campaign.experiment.name


def _split(campaign: Campaign) -> Split:
    arms = () if campaign.experiment is None else campaign.experiment.arms
    return tuple((arm.name, arm.part) for arm in arms)


def _written(campaign: Campaign) -> str:
    return as_written(campaign.holdout, _split(campaign))
