"""The plan on which scenarios of a campaign are played.

Only that campaign decides. Nobody is held out by chance, draws give the scenario's prize, and all
customers are in its arm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from ...compiler.operators.build import of
from ...compiler.plan import Campaign, Check, Eligibility, Plan, Reward, Step
from ...compiler.plan.demands import Index, residual
from ...compiler.plan.experiments import bounds
from ...compiler.plan.expressions import (
    AudienceValue,
    Constant,
    Expression,
    Operation,
    conjuncts,
)
from ...compiler.plan.steps import StepKey, steps_of
from ...compiler.scenarios.given import names_of_prize
from ..decide.braking.watchers import Watcher, watchers
from ..decide.claimers import Claimer, claimers
from ..decide.facts import named
from ..decide.received import Ranks
from ..decide.reversing.reversers import Reverser, reversers
from ..due.group_customers import steps_for_each
from .sending import checks_of_customer

_P = TypeVar("_P")
ClauseT = TypeVar("ClauseT", Eligibility, Check)

_NOBODY = Decimal(0)
_NEVER, _ALWAYS = Decimal("1e-12"), Decimal(1)
"""The chance of all tickets, and of none of them: 1 in 4,294,967,296 is the least that draws."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A plan of one campaign, and what deciding by it needs.

    `lenient` is the same plan without its conditions over past grants and wallets, as queries of a
    warehouse have it. `left` has these conditions by step, for the ledger to answer. `checks` are
    asked again of a message that goes out.
    """

    plan: Plan
    campaign: Campaign
    lenient: Plan
    left: dict[StepKey, tuple[Expression, ...]]
    ranks: Ranks
    claimers: tuple[Claimer, ...]
    reversers: tuple[Reverser, ...]
    watchers: tuple[Watcher, ...]
    for_each: dict[tuple[str, str], str]
    checks: tuple[Expression, ...]
    digest: str


def staged(plan: Plan, campaign: str, prize: str | None, arm: str | None = None) -> Stage:
    """The stage for scenarios of a campaign in which draws give that prize, to customers in that
    arm.
    """
    free = replace(named(plan.campaigns, campaign), holdout=_NOBODY, project_holdout=_NOBODY)
    chosen = _in_arm(_by_prize(free, prize), arm)
    alone = replace(plan, campaigns=(chosen,), seeded=False)
    left = {key: residual(alone, *key) for key, _, _ in steps_of(alone)}
    lenient = _lenient(alone) if any(left.values()) else alone
    return Stage(
        alone,
        chosen,
        lenient,
        left,
        Ranks(alone),
        claimers(alone),
        reversers(alone),
        watchers(alone),
        dict(steps_for_each(alone)),
        checks_of_customer(alone, chosen),
        f"{campaign} {prize} {arm}",
    )


# --- arms ---------------------------------------------------------------------------------------


def _in_arm(campaign: Campaign, arm: str | None) -> Campaign:
    """The campaign whose experiment has all customers in one arm."""
    experiment = campaign.experiment
    if experiment is None or arm is None:
        return campaign
    arms = tuple(
        replace(one, part=_ALWAYS if one.name == arm else _NOBODY) for one in experiment.arms
    )
    whole = replace(experiment, arms=arms)
    ends = ",".join(bounds(whole))
    return replace(_with_ends(campaign, ends), experiment=whole)


def _with_ends(part: _P, ends: str) -> _P:
    """The part of a plan, in which the arms' hashes end there."""
    match part:
        case Operation(operator="arm", arguments=(key, name, Constant() as old, *arms)):
            changed: Any = replace(part, arguments=(key, name, replace(old, value=ends), *arms))
            return changed  # type: ignore[no-any-return]  # of the type of `part`
        case tuple():
            return type(part)(_with_ends(one, ends) for one in part)
        case _:
            pass
    if not is_dataclass(part) or isinstance(part, type):
        return part
    inner = {one.name: getattr(part, one.name) for one in fields(part) if one.init}
    new = {name: _with_ends(value, ends) for name, value in inner.items()}
    differs = {name: value for name, value in new.items() if value is not inner[name]}
    made: Any = replace(part, **differs)
    return made  # type: ignore[no-any-return]  # of the type of `part`


# --- prizes -------------------------------------------------------------------------------------


def _by_prize(campaign: Campaign, prize: str | None) -> Campaign:
    if not campaign.draws:
        return campaign
    steps = (
        replace(step, reward=_drawing(step.reward, prize))
        if step.reward is not None and step.reward.draws
        else step
        for step in campaign.steps
    )
    return replace(campaign, steps=tuple(steps))


def _drawing(reward: Reward, prize: str | None) -> Reward:
    """The draw with all of the chance on the first branch that gives the prize."""

    chosen = next((one for one in reward.branches if prize in names_of_prize(one)), None)
    branches = (
        replace(one, chance=_ALWAYS if one is chosen else _NEVER) for one in reward.branches
    )
    return replace(reward, branches=tuple(branches))


# --- conditions over past grants ----------------------------------------------------------------


def _lenient(plan: Plan) -> Plan:
    (campaign,) = plan.campaigns
    index = Index(plan)

    def kept(condition: Expression) -> Iterator[Expression]:
        for part in conjuncts(condition):
            if not index.asks_ledger(part):
                yield part
            elif isinstance(part, AudienceValue):
                yield from kept(index.audiences[part.audience].condition)

    def joined(condition: Expression | None) -> Expression | None:
        parts = () if condition is None else tuple(kept(condition))
        if not parts:
            return None
        first, *more = parts
        for one in more:
            first = of("and", first, one)
        return first

    steps = tuple(_lenient_step(step, kept, joined) for step in campaign.steps)
    journey = campaign.journey
    if journey is not None:
        during = tuple(part for one in journey.during for part in kept(one))
        journey = replace(journey, during=during)
    eligibility = _each(campaign.eligibility, kept)
    checks = _each(campaign.checks, kept)
    made = replace(campaign, steps=steps, journey=journey, eligibility=eligibility, checks=checks)
    return replace(plan, campaigns=(made,))


def _each(
    clauses: tuple[ClauseT, ...], kept: Callable[[Expression], Iterator[Expression]]
) -> tuple[ClauseT, ...]:
    return tuple(replace(one, condition=part) for one in clauses for part in kept(one.condition))


def _lenient_step(
    step: Step,
    kept: Callable[[Expression], Iterator[Expression]],
    joined: Callable[[Expression | None], Expression | None],
) -> Step:
    trigger, follows = step.trigger, step.follows
    if trigger.where is not None:
        trigger = replace(trigger, where=joined(trigger.where))
    if follows is not None:
        follows = replace(follows, condition=joined(follows.condition))
    checks = _each(step.checks, kept)
    return replace(step, trigger=trigger, follows=follows, checks=checks)
