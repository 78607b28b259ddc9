"""Whether a reward may go to a recipient who is not the customer that the rules looked at."""

from __future__ import annotations

from dataclasses import dataclass

from ...compiler.plan import CustomerField, Plan, Reward
from ...compiler.plan.calendar import World
from ...compiler.plan.values import Value
from .facts import Row, holds


class Recipients:
    """What a reward asks of them."""

    def __init__(self, plan: Plan, reward: Reward) -> None:
        self._asks = tuple(check.condition for check in reward.asks)
        fields = (one for one in plan.features if isinstance(one, CustomerField))
        self._fields = {one.id: one.field for one in fields} if self._asks else {}

    def let(self, row: Row | None, world: World) -> bool:
        """Whether it may go to the customer of that row; never to one whom nobody knows."""
        if row is None:
            return False
        facts = FieldFacts({id_: row[field] for id_, field in self._fields.items()}, world)
        return all(holds(condition, facts) for condition in self._asks)


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A customer of whom nothing is asked but fields (`facts.Facts`)."""

    fields: Row
    world: World

    def feature(self, id_: str) -> Value | None:
        """A field of the customer."""
        return self.fields[id_]

    def event(self, name: str) -> Value | None:
        """Nothing that asks for one gets here."""
        raise LookupError(f"{name} is of an event, and a recipient is asked for fields alone")

    row = stage = event

    def audience(self, name: str) -> bool:
        """Nothing that asks for one gets here."""
        raise LookupError(f"{name} is an audience, and a recipient is asked for fields alone")
