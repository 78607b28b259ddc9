"""The conditions of a campaign that the ledger evaluates, not the warehouse."""

from __future__ import annotations

from . import Plan
from .demands import Index, demands
from .expressions import Expression


def residual(plan: Plan, campaign: str) -> tuple[Expression, ...]:
    """The conditions that `candidates` leaves out, since they read past grants.

    A decision must meet them all. The other features and fields that they need are columns of
    the candidates.
    """
    index = Index(plan)
    chosen = index.campaign(campaign)
    return tuple(
        demand.condition
        for step in chosen.steps
        for demand in demands(index, chosen, step)
        if index.asks_ledger(demand.condition)
    )
