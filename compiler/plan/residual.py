"""What the warehouse cannot answer of a campaign, because the ledger must."""

from __future__ import annotations

from . import Plan
from .demands import Index, demands
from .expressions import Expression


def residual(plan: Plan, campaign: str) -> tuple[Expression, ...]:
    """The conditions that `candidates` leaves out, as past grants have a say in them.

    A decision must meet them all; the features and fields that they need beside past grants are
    columns of the candidates.
    """
    index = Index(plan)
    chosen = index.campaign(campaign)
    return tuple(
        demand.condition
        for step in chosen.steps
        for demand in demands(index, chosen, step)
        if index.asks_ledger(demand.condition)
    )
