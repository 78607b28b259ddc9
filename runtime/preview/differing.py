"""Two plans over one warehouse: who enters and leaves audiences, who is inside of journeys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.demands import Index
from ...compiler.plan.expressions import Expression, Operation, conjuncts
from ...compiler.plan.types import BOOLEAN
from ...compiler.sql.campaign import candidates_query
from ..decide.journeys.inside import place_of
from ..ledger.holders import Holding
from ..warehouse.bad_rows import sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse
from .groups import Group, asking, group_key, groups_of

Kind = Literal["stage", "audience", "campaign"]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many are in an audience or a stage, or could be reached by a campaign, before and after.

    `None`: there is no such thing on that side. `entering` and `leaving` are keys, in order.
    """

    kind: Kind
    name: str
    before: int | None
    after: int | None
    entering: tuple[str, ...]
    leaving: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtStep:
    """The customers inside of a journey whose last step is this one.

    `stranded`: the new plan neither has the step nor says what becomes of them.
    """

    campaign: str
    step: str
    customers: int
    stranded: bool


Wanted = Callable[[Kind, str], bool]


def moved(
    old: Plan,
    new: Plan,
    warehouse: Warehouse,
    at: datetime,
    wanted: Wanted,
    bad_share: Decimal | None,
) -> tuple[Moved, ...]:
    """The customers who enter and leave at an instant, of each group that is `wanted`.

    Each plan is asked as a run asks it: without bad rows of the warehouse.
    """
    before = dict(members(old, warehouse, at, wanted, bad_share))
    after = dict(members(new, warehouse, at, wanted, bad_share))
    names = dict.fromkeys((*before, *after))
    nobody: frozenset[str] = frozenset()
    found = []
    for kind, name in names:
        was, is_now = before.get((kind, name)), after.get((kind, name))
        entering = (is_now or nobody) - (was or nobody)
        leaving = (was or nobody) - (is_now or nobody)
        before_, after_ = (None if one is None else len(one) for one in (was, is_now))
        keys = tuple(sorted(entering)), tuple(sorted(leaving))
        found.append(Moved(kind, name, before_, after_, *keys))
    return tuple(found)


def members(
    plan: Plan, warehouse: Warehouse, at: datetime, wanted: Wanted, bad_share: Decimal | None
) -> Iterator[tuple[tuple[Kind, str], frozenset[str]]]:
    """Yield the customers at an instant of each group that is `wanted`, by kind and name.

    A campaign's are those whom it could reach. A campaign that asks nothing of a customer
    alone has no group.
    """
    opened = sound(warehouse, plan, used_events(plan), bad_share).opened(warehouse)
    for kind, name, group in _groups(opened):
        if wanted(kind, name):
            asked, dues = asking(opened, (group,), at)
            only = replace(asked, campaigns=asked.campaigns[-1:])
            name_ = group.key.campaign
            due, dialect = dues[group.key], warehouse.dialect.name
            query = candidates_query(only, name_, due, dialect, in_order=False)
            place = query.columns.index("customer")
            rows = warehouse.ask(query.sql).rows()
            yield (kind, name), frozenset(str(row[place]) for row in rows)


def _groups(plan: Plan) -> Iterator[tuple[Kind, str, Group]]:
    """Stages, audiences, and of each campaign all that a customer alone answers."""
    groups = groups_of(plan)
    for group in groups:
        yield group.kind, group.name, group
    index = Index(plan)
    for campaign in plan.campaigns:
        parts = [part for part in _parts(campaign) if _is_of_customer(index, part)]
        if parts:
            whole = parts[0] if len(parts) == 1 else Operation("and", tuple(parts), BOOLEAN, False)
            key = group_key(len(groups))
            group = Group("audience", campaign.name, campaign.label, key, whole, campaign.origin)
            yield "campaign", campaign.name, group


def _parts(campaign: Campaign) -> Iterable[Expression]:
    for one in campaign.eligibility:
        yield from conjuncts(one.condition)


def _is_of_customer(index: Index, condition: Expression) -> bool:
    """Whether it is asked of the customer alone, not of an event or of the ledger."""
    asks_event = any(kind == "event" for kind, _ in index.closure([condition]))
    return not asks_event and not index.asks_ledger(condition)


# --- journeys -----------------------------------------------------------------------------------


def inside(
    old: Plan, new: Plan, ledger: Holding, now: datetime, wanted: Iterable[str]
) -> tuple[AtStep, ...]:
    """Where customers are in the journeys of these campaigns of the old plan."""
    after = {campaign.name: campaign for campaign in new.campaigns}
    found: list[AtStep] = []
    names = set(wanted)
    for campaign in old.campaigns:
        if campaign.journey is None or campaign.name not in names:
            continue
        zone = ZoneInfo(old.time_zone)
        places = (place_of(campaign, zone, one.steps, now) for one in ledger.inside(campaign.name))
        steps = Counter(one.step for one in places if one is not None and one.state == "inside")
        known = _known(after.get(campaign.name))
        found += [
            AtStep(campaign.name, step, count, step not in known)
            for step, count in sorted(steps.items())
        ]
    return tuple(found)


def _known(campaign: Campaign | None) -> frozenset[str]:
    if campaign is None:
        return frozenset()
    removed = () if campaign.journey is None else campaign.journey.removed
    return frozenset((*(step.name for step in campaign.steps), *removed))
