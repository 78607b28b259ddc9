"""Campaigns whose seeds are public: their draws can be foreseen, so nothing is drawn any more."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.plan import Plan
from ....dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ...codes import running
from ...decide.decisions import Decision
from ..contract import Ledger


class Revealed:
    """The plan's campaigns that draw with a seed that was revealed by now."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        drawing = {campaign.name for campaign in plan.campaigns if campaign.draws}
        self._campaigns = drawing & ledger.revealed() if drawing and plan.seeded else frozenset()
        self._ledger = ledger
        self._refused: set[str] = set()

    @property
    def campaigns(self) -> frozenset[str]:
        """The campaigns whose draws come too late."""
        return frozenset(self._campaigns)

    def refuses(self, decision: Decision) -> bool:
        """Whether a draw comes too late; one that was decided before is answered as it was."""
        campaign = decision.identity.campaign
        if campaign not in self._campaigns or self._ledger.decision(decision.identity):
            return False
        self._refused.add(campaign)
        return True

    def warnings(self, *, all_: bool = False) -> Iterator[Diagnostic]:
        """A warning of each campaign for which something came too late, or of all of them."""
        for campaign in sorted(self._campaigns if all_ else self._refused):
            yield diagnose(running.SEED_REVEALED, None, campaign=campaign)
