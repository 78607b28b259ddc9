"""The customers of an audience or of a stage: asked as campaigns of their own are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ...compiler.plan import Campaign, Eligibility, Plan
from ...compiler.plan.demands import Demand, Index, demands
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import (
    AudienceValue,
    Constant,
    Expression,
    Operation,
    Origin,
    StageValue,
)
from ...compiler.plan.steps import UNNAMED, StepKey
from ...compiler.plan.types import BOOLEAN, EnumType
from ...compiler.sql.everybody import asking_everybody

_PREFIX = "group_"


@dataclass(frozen=True, slots=True)
class Group:
    """An audience, or a stage of a lifecycle: `retail.growing`. `key` is its step in a query."""

    kind: Literal["audience", "stage"]
    name: str
    label: str
    key: StepKey
    condition: Expression
    origin: Origin


def group_key(number: int) -> StepKey:
    """The step under which a group is asked for."""
    return StepKey(f"{_PREFIX}{number}", UNNAMED)


def groups_of(plan: Plan) -> tuple[Group, ...]:
    """All stages, lifecycle by lifecycle, then all audiences."""
    found: list[Group] = []

    def add(
        kind: Literal["audience", "stage"], name: str, label: str, one: Expression, at: Origin
    ) -> None:
        key = group_key(len(found))
        found.append(Group(kind, name, label, key, one, at))

    for lifecycle in plan.lifecycles:
        words = tuple(stage.name for stage in lifecycle.stages)
        type_ = EnumType(words)
        value = StageValue(lifecycle.name, type_, optional=True)
        for stage in lifecycle.stages:
            there = Operation("equal", (value, Constant(type_, stage.name)), BOOLEAN, False)
            add("stage", f"{lifecycle.name}.{stage.name}", stage.label, there, stage.origin)
    for audience in plan.audiences:
        there_ = AudienceValue(audience.name)
        add("audience", audience.name, audience.label, there_, audience.origin)
    return tuple(found)


def asking(plan: Plan, groups: tuple[Group, ...], at: datetime) -> tuple[Plan, dict[StepKey, Due]]:
    """The plan with a campaign for each group, and their work: everybody at an instant."""
    campaigns = tuple(_campaign(one, at) for one in groups)
    dues = {one.key: Due(at, at, (at,)) for one in groups}
    return replace(plan, campaigns=(*plan.campaigns, *campaigns)), dues


def conditions_of(plan: Plan, group: Group, at: datetime) -> tuple[Demand, ...]:
    """The conditions of a group, as the query counts them."""
    campaign = _campaign(group, at)
    return demands(Index(plan), campaign, campaign.steps[0])


def _campaign(group: Group, at: datetime) -> Campaign:
    asked = Eligibility(group.kind, group.condition, group.origin)
    return asking_everybody(group.key.campaign, group.name, at, group.origin, eligibility=(asked,))
