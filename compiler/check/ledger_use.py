"""Rewards and shares must not read the ledger, not even through an audience or a stage.

The warehouse computes rewards. Only eligibility may depend on past grants and wallets, since a run
checks it again against the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .. import plan
from ..codes import types as words
from ..plan import LedgerFeature
from ..plan.expressions import (
    AudienceValue,
    Expression,
    FeatureValue,
    Origin,
    StageValue,
    walk,
    where,
)
from .context import Context


def report_asking(
    c: Context,
    lifecycles: tuple[plan.Lifecycle, ...],
    audiences: tuple[plan.Audience, ...],
    campaigns: tuple[plan.Campaign, ...],
) -> None:
    """Report rewards and shares that would need the ledger to be known."""
    conditions = {
        **{one.name: tuple(stage.condition for stage in one.stages) for one in lifecycles},
        **{one.name: (one.condition,) for one in audiences},
    }
    asking = _asking(c, conditions)
    for campaign in campaigns:
        for expression, at in _settled_early(campaign):
            if _asks(c, expression, asking):
                c.report(words.RECEIVED_ELSEWHERE, where(at))
        for share in campaign.shares:
            if share.audience in asking:
                c.report(words.RECEIVED_ELSEWHERE, where(share.origin))


def _asking(c: Context, conditions: Mapping[str, tuple[Expression, ...]]) -> frozenset[str]:
    """The audiences and lifecycles that ask, themselves or through others that they name."""
    named_by: dict[str, list[str]] = {}
    found: list[str] = []
    for name, parts in conditions.items():
        if any(_asks(c, part, frozenset()) for part in parts):
            found.append(name)
        for node in (node for part in parts for node in walk(part)):
            match node:
                case AudienceValue(other) | StageValue(other):
                    named_by.setdefault(other, []).append(name)
                case _:
                    continue
    asking: set[str] = set()
    while found:
        name = found.pop()
        if name not in asking:
            asking.add(name)
            found.extend(named_by.get(name, ()))
    return frozenset(asking)


def _settled_early(campaign: plan.Campaign) -> Iterator[tuple[Expression, Origin]]:
    """The expressions of rewards, each with its place."""
    for step in campaign.steps:
        if step.reward is None:
            continue
        for branch in step.reward.branches:
            if branch.condition is not None:
                yield branch.condition, branch.condition.origin or step.reward.origin
            for line in branch.lines:
                if line.amount is not None:
                    yield line.amount, line.origin
        if step.reward.recipient is not None:
            yield step.reward.recipient, step.reward.origin


def _asks(c: Context, expression: Expression, asking: Collection[str]) -> bool:
    for node in walk(expression):
        match node:
            case FeatureValue() if isinstance(c.features[node.feature], LedgerFeature):
                return True
            case AudienceValue() if node.audience in asking:
                return True
            case StageValue() if node.lifecycle in asking:
                return True
            case _:
                continue
    return False
