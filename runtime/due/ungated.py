"""The plan without the conditions that the ledger answers: they are asked at a decision's turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ...compiler.operators.build import of
from ...compiler.plan import Campaign, Check, Eligibility, EventTrigger, Plan, Step
from ...compiler.plan.demands import Index
from ...compiler.plan.expressions import AudienceValue, Expression, conjuncts
from ...compiler.plan.steps import followed_by

_Clause = TypeVar("_Clause", Eligibility, Check)


def ungated(plan: Plan) -> Plan:
    """Return the plan without the parts of conditions that ask for grants or wallets.

    These are the parts that `demands.residual` returns.
    """
    index = Index(plan)
    return replace(plan, campaigns=tuple(_campaign(index, one) for one in plan.campaigns))


def _campaign(index: Index, campaign: Campaign) -> Campaign:
    journey = campaign.journey
    if journey is not None:
        during = (_rest(index, one) for one in journey.during)
        journey = replace(journey, during=tuple(one for one in during if one is not None))
    return replace(
        campaign,
        eligibility=tuple(_clauses(index, campaign.eligibility)),
        checks=tuple(_clauses(index, campaign.checks)),
        steps=tuple(_step(index, one) for one in campaign.steps),
        journey=journey,
    )


def _clauses(index: Index, clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    for clause in clauses:
        rest = _rest(index, clause.condition)
        if rest is not None:
            yield replace(clause, condition=rest)


def _step(index: Index, step: Step) -> Step:
    trigger, follows = step.trigger, step.follows
    if isinstance(trigger, EventTrigger) and trigger.where is not None:
        trigger = replace(trigger, where=_rest(index, trigger.where))
    if follows is not None and follows.condition is not None:
        follows = replace(follows, condition=_rest(index, follows.condition))
    checks = tuple(_clauses(index, step.checks))
    return replace(step, trigger=trigger, follows=follows, checks=checks)


def _rest(index: Index, condition: Expression) -> Expression | None:
    """Return the parts of a condition that rules answer; `None` if there are none."""
    if not index.asks_ledger(condition):
        return condition
    kept = [one for one in _parts(index, condition) if not index.asks_ledger(one)]
    if len(kept) < 2:
        return kept[0] if kept else None
    return of("and", *kept)


def _parts(index: Index, condition: Expression) -> Iterator[Expression]:
    for part in conjuncts(condition):
        if isinstance(part, AudienceValue):
            yield from _parts(index, index.audiences[part.audience].condition)
        else:
            yield part


def alone(campaign: Campaign, step: Step) -> Campaign:
    """Return the journey with only what a run asks rules for before it asks the ledger of a step.

    That is the step, all steps before it, and the ends that are sure. Which steps keep others from
    being taken is the ledger's to say.
    """
    before = set(followed_by(campaign, step))
    steps = (
        one
        if one.follows is None
        else replace(one, follows=replace(one.follows, unless_reached=()))
        for one in campaign.steps
        if one.name in (*before, step.name) or _is_sure(campaign, one, before)
    )
    return replace(campaign, steps=tuple(steps))


def _is_sure(campaign: Campaign, other: Step, before: set[str]) -> bool:
    """Whether rules alone say that an instance may end with another step."""
    if other.follows is None or other.follows.unless_reached:
        return other.follows is None
    return before.issuperset(followed_by(campaign, other))
