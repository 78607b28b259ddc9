"""Compliance checks on a recipient who is not the customer of the decision.

A decision checks the recipient's own fields, which the warehouse has in one row. Checks of
histories, stages, the ledger or the clock are made for the recipient at delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .. import plan
from ..check.context import Context
from ..plan.expressions import (
    CLOCKED,
    AudienceValue,
    Constant,
    Expression,
    FeatureValue,
    Operation,
    conjuncts,
)
from ..plan.steps import checks_of


def with_demands(
    c: Context, campaigns: tuple[plan.Campaign, ...], audiences: tuple[plan.Audience, ...]
) -> tuple[plan.Campaign, ...]:
    """The campaigns, with what their recipients are asked."""
    conditions = {one.name: one.condition for one in audiences}
    return tuple(_with_demands(c, one, conditions) for one in campaigns)


def _with_demands(
    c: Context, campaign: plan.Campaign, audiences: Mapping[str, Expression]
) -> plan.Campaign:
    steps = tuple(_step_with_demands(c, campaign, step, audiences) for step in campaign.steps)
    return campaign if steps == campaign.steps else replace(campaign, steps=steps)


def _step_with_demands(
    c: Context, campaign: plan.Campaign, step: plan.Step, audiences: Mapping[str, Expression]
) -> plan.Step:
    if step.reward is None or step.reward.recipient is None:
        return step
    parts = (
        (check, _of_fields(c, part, audiences))
        for check in checks_of(campaign, step)
        for part in conjuncts(check.condition)
    )
    asks = tuple(replace(check, condition=part) for check, part in parts if part is not None)
    return replace(step, reward=replace(step.reward, asks=asks))


def _of_fields(
    c: Context, condition: Expression, audiences: Mapping[str, Expression]
) -> Expression | None:
    """The condition on a customer's fields alone, audiences written out; nothing if it is none."""
    match condition:
        case Constant():
            return condition
        case FeatureValue():
            found = isinstance(c.features[condition.feature], plan.CustomerField)
            return condition if found else None
        case AudienceValue():
            return _of_fields(c, audiences[condition.audience], audiences)
        case Operation() if condition.operator not in CLOCKED:
            arguments = [_of_fields(c, one, audiences) for one in condition.arguments]
            known = tuple(one for one in arguments if one is not None)
            whole = len(known) == len(arguments)
            return replace(condition, arguments=known) if whole else None
        case _:
            return None
