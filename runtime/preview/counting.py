"""The customers that are left after each clause, of all campaigns in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...compiler.plan import Plan
from ...compiler.plan.chance import Seeds
from ...compiler.plan.demands import Index
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import Origin
from ...compiler.plan.steps import StepKey
from ...compiler.sql.all.funnel import customers_left, funnel, parts
from ..warehouse.contract import Warehouse
from ..warehouse.seeded import ask

SELECTS = 100
"""The most lists of keys in one statement."""

Unit = Literal["customers", "decisions"]


@dataclass(frozen=True, slots=True)
class Line:
    """A clause, and how many are left after it. `lost` by it; `None` of the first line.

    `kind` is that of `explain.funnel.Kind`, `granted` or `reached`. `policy`: of compliance.
    `account`: of a cap. `keys` are the first customers who are left.
    """

    kind: str
    origin: Origin
    left: int
    of: Unit = "customers"
    lost: int | None = None
    policy: str | None = None
    account: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counting:
    """The parameters of the counting query."""

    plan: Plan
    warehouse: Warehouse
    seeds: Seeds

    def counts(self, dues: Mapping[StepKey, Due]) -> dict[StepKey, list[int]]:
        """The customers of each step who met no condition, one, two and so on."""
        found: dict[StepKey, list[int]] = {key: [] for key in dues}
        for part in parts(Index(self.plan), dues):
            asked = funnel(self.plan, part, self.warehouse.dialect.name)
            (row,) = ask(self.warehouse, self.plan, asked.query, self.seeds).rows()
            for (key, _), count in zip(asked.counts, row, strict=True):
                found[key].append(int(count))
        return found

    def keys(
        self, dues: Mapping[StepKey, Due], counts: Mapping[StepKey, Sequence[int]], most: int | None
    ) -> dict[tuple[StepKey, int], tuple[str, ...]]:
        """The first customers of each of these counts, by their keys; `None`: all of them."""
        wanted = [
            (key, place)
            for key, each in counts.items()
            for place, count in enumerate(each)
            if count and key in dues
        ]
        found: dict[tuple[StepKey, int], list[str]] = {one: [] for one in wanted}
        for first in range(0, len(wanted), SELECTS):
            some = wanted[first : first + SELECTS]
            own = {key: dues[key] for key, _ in some}
            asked = customers_left(self.plan, own, some, most, self.warehouse.dialect.name)
            for place, customer in ask(self.warehouse, self.plan, asked.query, self.seeds).rows():
                found[asked.of[int(place)]].append(str(customer))
        return {one: tuple(sorted(each)) for one, each in found.items()}
