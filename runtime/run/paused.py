"""Campaigns that somebody paused or stopped: which ones a run leaves alone, and what it says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.expressions import where
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..codes import running
from ..due.periods import Period
from ..ledger.brakes.held import Brake
from ..ledger.contract import Ledger

_MEANWHILE = {
    "lapse": Phrase("running.held_lapse"),
    "resume": Phrase("running.held_resume"),
}


def making_up(plan: Plan) -> frozenset[str]:
    """Return the campaigns that decide all that came meanwhile, once they are resumed."""
    return frozenset(one.name for one in plan.campaigns if one.while_paused == "resume")


def left_alone(plan: Plan, ledger: Ledger) -> frozenset[str]:
    """Return those of them that are paused."""
    paused = {name for name, one in ledger.held().items() if one.kind == "paused"}
    return making_up(plan) & paused


def without(periods: Sequence[Period], campaigns: Collection[str]) -> tuple[Period, ...]:
    """Return the periods of other campaigns."""
    return tuple(one for one in periods if one.campaign.name not in campaigns)


def held_warnings(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """Yield a warning for each campaign that is paused or stopped."""
    held = ledger.held()
    for one in plan.campaigns:
        brake = held.get(one.name)
        if brake is None:
            continue
        yield _warning(brake, one)


def _warning(brake: Brake, campaign: Campaign) -> Diagnostic:
    place, name = where(campaign.origin), campaign.renamed or campaign.name
    since = brake.at.isoformat(" ", "seconds")
    if brake.kind == "stopped":
        code = running.CAMPAIGN_STOPPED
        return diagnose(code, place, name=name, since=since, reason=brake.reason)
    meanwhile = _MEANWHILE[campaign.while_paused]
    code = running.CAMPAIGN_PAUSED
    return diagnose(code, place, name=name, since=since, reason=brake.reason, meanwhile=meanwhile)
