"""Statements that draw: the driver binds the seeds that they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ...compiler.plan import Plan
from ...compiler.plan.chance import Seeds
from ..decide.drawing import seed_of
from .contract import Answer, Warehouse


class Seeded(Protocol):
    """A statement, and the campaigns whose seeds it takes, by the names of its parameters."""

    @property
    def sql(self) -> str:
        """Its text."""

    @property
    def seeds(self) -> Mapping[str, str]:
        """Empty where it takes none."""


def ask(warehouse: Warehouse, plan: Plan, query: Seeded, seeds: Seeds) -> Answer:
    """Ask the warehouse, whose driver binds the seeds that the query takes."""
    if not query.seeds:
        return warehouse.ask(query.sql)
    campaigns = {campaign.name: campaign for campaign in plan.campaigns}
    found = {name: seed_of(plan, campaigns[of], seeds) for name, of in query.seeds.items()}
    values = {name: seed for name, seed in found.items() if seed is not None}
    return warehouse.ask(query.sql, values=values)
