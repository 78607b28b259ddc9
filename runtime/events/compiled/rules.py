"""A plan's event triggers as rules: one for each step, with a flat list of conditions.

A condition is an expression that must hold, or an opening window. The active period becomes two
comparisons with `now`. An audience that is a conjunction is replaced by its parts. So conditions
that campaigns share compare equal, wherever they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ....compiler.operators.build import of
from ....compiler.plan import AllDoneTrigger, Audience, Campaign, EventTrigger, Opening, Plan, Step
from ....compiler.plan.demands import Index
from ....compiler.plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    Expression,
    Operation,
    conjuncts,
)
from ....compiler.plan.steps import checks_of, eligibility_of, in_turn
from ....compiler.plan.types import TIMESTAMP
from ....compiler.plan.values import encode

Condition = Expression | Opening


@dataclass(frozen=True, slots=True)
class Rule:
    """A step and its conditions. `rank` is its place in the order of decisions."""

    rank: int
    campaign: Campaign
    step: Step
    event: str
    conditions: tuple[Condition, ...]


def rules_of(plan: Plan) -> tuple[Rule, ...]:
    """Return the rules, ranked by priority (highest first), then by name, then in their turn.

    Later steps of journeys are left out: the walk of `runtime.events.stepping` finds them.
    """
    audiences = {audience.name: audience for audience in plan.audiences}
    found = [
        (campaign, step)
        for campaign in sorted(plan.campaigns, key=lambda each: (-each.priority, each.name))
        for step in in_turn(campaign)
    ]
    return tuple(
        Rule(rank, campaign, step, step.trigger.event, tuple(_all(campaign, step, audiences)))
        for rank, (campaign, step) in enumerate(found)
        if isinstance(step.trigger, EventTrigger | AllDoneTrigger) and step.follows is None
    )


def without_ledger(
    plan: Plan, rules: Sequence[Rule]
) -> tuple[tuple[Rule, ...], dict[int, tuple[Expression, ...]]]:
    """Return the rules without their conditions over past grants, and these by rank."""
    index = Index(plan)
    kept, left = [], {}
    for rule in rules:
        asking = tuple(
            condition
            for condition in rule.conditions
            if not isinstance(condition, Opening) and index.asks_ledger(condition)
        )
        others = tuple(one for one in rule.conditions if one not in asking)
        kept.append(replace(rule, conditions=others))
        if asking:
            left[rule.rank] = asking
    return tuple(kept), left


def _all(campaign: Campaign, step: Step, audiences: Mapping[str, Audience]) -> Iterator[Condition]:
    trigger = step.trigger
    yield from _active(campaign)
    if trigger.opening is not None:
        yield trigger.opening
    demands = [clause.condition for clause in eligibility_of(campaign, step)]
    demands += [check.condition for check in checks_of(campaign, step)]
    if trigger.where is not None:
        demands.append(trigger.where)
    for demand in demands:
        yield from parts(demand, audiences)


def _active(campaign: Campaign) -> Iterator[Expression]:
    """Yield the comparisons of the active period, both ends included."""
    if campaign.active_from is not None:
        yield of("at_least", Clock("now", TIMESTAMP), _instant(campaign.active_from))
    if campaign.active_to is not None:
        yield of("at_most", Clock("now", TIMESTAMP), _instant(campaign.active_to))


def _instant(at: datetime) -> Constant:
    return Constant(TIMESTAMP, encode(at))


def parts(condition: Expression, audiences: Mapping[str, Audience]) -> Iterator[Expression]:
    """Yield a condition's conjuncts, normalised so that equal ones compare equal."""
    for part in conjuncts(condition):
        if isinstance(part, AudienceValue):
            yield from parts(audiences[part.audience].condition, audiences)
        else:
            yield _turned(part)


_TURNED = {"less": "greater", "at_most": "at_least"}


def _turned(condition: Expression) -> Expression:
    """Write `a <= b` of two non-constants as `b >= a`, so that both forms compare equal."""
    match condition:
        case Operation(operator, (left, right)) if operator in _TURNED:
            if not isinstance(right, Constant):
                return of(_TURNED[operator], right, left)
    return condition
