"""The number of customers in each stage of a lifecycle at an instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ...compiler.plan import Plan
from ...compiler.plan.chance import NO_SEEDS
from ..due.readings import count_customers
from ..preview.counting import Counting
from ..preview.groups import Group, asking, groups_of
from ..warehouse.bad_rows import sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse


@dataclass(frozen=True, slots=True)
class StageSize:
    """The customers of one stage."""

    stage: str
    label: str
    customers: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The stages of a lifecycle with their customers. `outside`: all others of the warehouse."""

    lifecycle: str
    stages: tuple[StageSize, ...]
    outside: int


def sizes(
    plan: Plan, warehouse: Warehouse, bad_share: float, names: Collection[str], at: datetime
) -> tuple[Sizes, ...]:
    """Count the customers in the stages of the named lifecycles.

    Raise `Unfit` (a `CannotRun`) if the warehouse does not match the catalog.
    """
    found = sound(warehouse, plan, used_events(plan), bad_share)
    plan = found.opened(warehouse)
    groups = tuple(one for one in groups_of(plan) if _lifecycle(one) in names)
    asked, dues = asking(plan, groups, at)
    counts = Counting(asked, warehouse, NO_SEEDS).counts(dues) if dues else {}
    everybody = count_customers(plan, warehouse)
    made = []
    for name in names:
        stages = tuple(
            StageSize(one.name.partition(".")[2], one.label, counts[one.key][-1])
            for one in groups
            if _lifecycle(one) == name
        )
        made.append(Sizes(name, stages, everybody - sum(one.customers for one in stages)))
    return tuple(made)


def _lifecycle(group: Group) -> str | None:
    return group.name.partition(".")[0] if group.kind == "stage" else None
