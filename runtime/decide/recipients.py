"""Rewards to somebody other than the customer: check compliance for the recipient."""

from __future__ import annotations

from dataclasses import dataclass

from ...compiler.plan import CustomerField, Plan, Reward
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.expressions import FeatureValue, walk
from ...compiler.plan.values import Value
from .facts import Row, holds


class Recipients:
    """The conditions that a reward sets for its recipients."""

    def __init__(self, plan: Plan, reward: Reward) -> None:
        self._asks = tuple(check.condition for check in reward.asks)
        nodes = (node for condition in self._asks for node in walk(condition))
        asked = {node.feature for node in nodes if isinstance(node, FeatureValue)}
        fields = (one for one in plan.features if isinstance(one, CustomerField))
        self._fields = {one.id: one.field for one in fields if one.id in asked}

    def let(self, row: Row | None, clock: WallClock) -> bool:
        """Whether the reward may go to the customer of that row; `None` is an unknown customer."""
        if row is None:
            return False
        facts = FieldFacts({id_: row[field] for id_, field in self._fields.items()}, clock)
        return all(holds(condition, facts) for condition in self._asks)


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """Facts (`facts.Facts`) that hold the fields of a customer and nothing else."""

    fields: Row
    clock: WallClock

    def feature(self, id_: str) -> Value | None:
        """A field of the customer."""
        return self.fields[id_]

    def event(self, name: str) -> Value | None:
        """Unreachable: recipient checks use no event fields."""
        raise LookupError(f"{name} is of an event, and a recipient is asked for fields alone")

    row = stage = event

    def audience(self, name: str) -> bool:
        """Unreachable: recipient checks use no audiences."""
        raise LookupError(f"{name} is an audience, and a recipient is asked for fields alone")
