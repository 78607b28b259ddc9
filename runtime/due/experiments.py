"""Experiments as they decided, which the ledger keeps among the events that were read.

A note is `CAMPAIGN HOLDOUT` and the arms with their parts, in order, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.experiments.written import as_written
from ...compiler.plan.expressions import where
from ...compiler.plan.plan_json import amount
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import running
from ..ledger.contract import Ledger

Arms = tuple[tuple[str, str], ...]
"""The names of arms, each with its part of 1 as text."""


def require_same_experiments(plan: Plan, ledger: Ledger) -> None:
    """Raise `CannotRun` if an experiment that has decided has another split or holdout now."""
    asked = [one for one in plan.campaigns if one.experiment is not None]
    decided = ledger.campaigns() if asked else frozenset()
    for campaign in asked:
        experiment = campaign.experiment
        if experiment is None:
            continue
        for owner, holdout, arms in _notes(ledger, experiment.name):
            if owner not in decided:
                continue
            other_holdout = owner == campaign.name and holdout != amount(campaign.holdout)
            if other_holdout or arms != _arms(campaign):
                raise CannotRun(
                    diagnose(
                        running.EXPERIMENT_CHANGED,
                        where(experiment.origin),
                        name=experiment.name,
                        campaign=campaign.renamed or campaign.name,
                        before=as_written(
                            Decimal(holdout), ((arm, Decimal(part)) for arm, part in arms)
                        ),
                    )
                )


def keep_experiments(plan: Plan, ledger: Ledger) -> None:
    """Note the experiments with which campaigns are about to decide."""
    for campaign in plan.campaigns:
        if campaign.experiment is not None:
            note = json.dumps([campaign.name, amount(campaign.holdout), _arms(campaign)])
            ledger.mark_seen(_kept(campaign.experiment.name), [note])


def _notes(ledger: Ledger, experiment: str) -> Iterator[tuple[str, str, Arms]]:
    """Yield the notes of an experiment; those that cannot be read are left out."""
    for note in ledger.events_read(_kept(experiment)):
        try:
            found = json.loads(note)
        except (ValueError, RecursionError):
            continue
        match found:
            case [str(campaign), str(holdout), list(arms)]:
                yield campaign, holdout, tuple((str(name), str(part)) for name, part in arms)
            case _:
                pass


def _arms(campaign: Campaign) -> Arms:
    experiment = campaign.experiment
    arms = () if experiment is None else experiment.arms
    return tuple((arm.name, amount(arm.part)) for arm in arms)


def _kept(experiment: str) -> str:
    return f"{experiment} experiment"
