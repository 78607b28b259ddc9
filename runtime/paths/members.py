"""The customers of audiences and stages as relations of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ...compiler.behaviour.sides import BOTH, FIRST, SECOND, sizes_query
from ...compiler.plan import Plan
from ...compiler.plan.demands import Index
from ...compiler.sql.campaign import candidates_query
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..codes import behaviour as codes
from ..preview.groups import Group, asking
from ..warehouse.bad_rows import sound
from ..warehouse.check import with_cancelling
from ..warehouse.contract import Warehouse

_VIEW = "campaigner_group_"


@dataclass(frozen=True, slots=True)
class Sides:
    """An open warehouse whose customers are on sides. `views` are its audiences, two at most.

    `sizes` are the customers of each; `both` are in both audiences, and on no side.
    """

    plan: Plan
    views: tuple[str, ...]
    sizes: tuple[int, ...]
    both: int
    warnings: tuple[Diagnostic, ...]


def opened(
    warehouse: Warehouse,
    plan: Plan,
    groups: Sequence[Group],
    events: Iterable[str],
    at: datetime,
    share: Decimal | None,
) -> Sides:
    """Open the warehouse without bad rows, for these events, with the groups as of an instant.

    Raise `CannotRun` for a group that asks past grants, and `Unfit` as `sound` does.
    """
    index = Index(plan)
    conditions = [one.condition for one in groups]
    for group in groups:
        if index.asks_ledger(group.condition):
            raise CannotRun(diagnose(codes.GROUP_ASKS_LEDGER, None, name=group.name))
    read = {*events, *index.events_read(conditions), *index.pasts_read(conditions)}
    checked = sound(warehouse, plan, with_cancelling(plan, read), share)
    found = checked.opened(warehouse)
    views = []
    for number, group in enumerate(groups):
        asked, dues = asking(found, (group,), at)
        only = replace(asked, campaigns=asked.campaigns[-1:])
        name = group.key.campaign
        dialect = warehouse.dialect.name
        query = candidates_query(only, name, dues[group.key], dialect, in_order=False)
        views.append(f"{_VIEW}{number}")
        warehouse.view(views[-1], query.sql)
    asked_sizes = sizes_query(found, at, views, warehouse.dialect.name)
    sizes = {int(side): int(n) for side, n in warehouse.ask(asked_sizes.sql).rows()}
    order = (FIRST, SECOND)[: max(1, len(groups))]
    both = sizes.get(BOTH, 0)
    counts = tuple(sizes.get(side, 0) for side in order)
    return Sides(found, tuple(views), counts, both, checked.warnings)
