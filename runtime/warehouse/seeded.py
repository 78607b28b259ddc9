"""Queries that draw: the driver binds the seeds as parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ...compiler.plan import Plan
from ...compiler.plan.chance import Seeds
from ..decide.drawing import seed_of
from .contract import Answer, Warehouse


class Seeded(Protocol):
    """A query, and the campaigns whose seeds it takes, by the names of its parameters."""

    @property
    def sql(self) -> str:
        """The query's text."""

    @property
    def seeds(self) -> Mapping[str, str]:
        """Empty if it takes none."""


def ask(warehouse: Warehouse, plan: Plan, query: Seeded, seeds: Seeds) -> Answer:
    """Run a query, with the seeds that it takes bound by the driver."""
    if not query.seeds:
        return warehouse.ask(query.sql)
    campaigns = {campaign.name: campaign for campaign in plan.campaigns}
    found = {name: seed_of(plan, campaigns[of], seeds) for name, of in query.seeds.items()}
    values = {name: seed for name, seed in found.items() if seed is not None}
    return warehouse.ask(query.sql, values=values)
