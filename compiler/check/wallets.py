"""Campaigns that wait for wallets: they form no circle, and somebody fills what they wait for.

A campaign that a wallet fires may fill another one, which fires the next. So that every decision
ends, no wallet may lead back to itself. Prices and deductions do not break a circle: a wallet that
was emptied comes from below again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...dsl import tree
from .. import plan
from ..codes import logic
from ..plan import WalletTrigger
from ..plan.expressions import where
from ..rewards.lines import filled_by
from .context import Context


def report_wallets(c: Context, campaigns: Sequence[plan.Campaign]) -> None:
    """Report wallets in a circle, wallets that nothing fills, and rewards that go elsewhere."""
    filled = {wallet for campaign in campaigns for wallet in filled_by(campaign)}
    fills: dict[str, dict[str, plan.Campaign]] = {}
    for campaign, step, trigger in _waiting(campaigns):
        if trigger.wallet not in filled and _all_lowered(c, campaigns):
            c.report(logic.WALLET_NEVER_FILLED, where(trigger.origin), wallet=trigger.wallet)
        if step.reward is not None and step.reward.recipient is not None:
            c.report(logic.WALLET_OF_ANOTHER, where(step.reward.origin), wallet=trigger.wallet)
        for wallet in filled_by(campaign):
            fills.setdefault(trigger.wallet, {}).setdefault(wallet, campaign)
    _report_circles(c, campaigns, fills)


def _waiting(
    campaigns: Sequence[plan.Campaign],
) -> list[tuple[plan.Campaign, plan.Step, WalletTrigger]]:
    return [
        (campaign, step, step.trigger)
        for campaign in campaigns
        for step in campaign.steps
        if isinstance(step.trigger, WalletTrigger)
    ]


def _all_lowered(c: Context, campaigns: Sequence[plan.Campaign]) -> bool:
    """Whether no campaign was left out for a mistake: one of those may be who fills the wallet."""
    return len(campaigns) == len(c.symbols.campaigns)


def _report_circles(
    c: Context,
    campaigns: Sequence[plan.Campaign],
    fills: Mapping[str, Mapping[str, plan.Campaign]],
) -> None:
    """Report each circle once, at the first of its triggers."""
    found: set[frozenset[str]] = set()
    for campaign, _, trigger in _waiting(campaigns):
        way = _way_back(trigger.wallet, fills)
        if way is None or frozenset(way) in found:
            continue
        found.add(frozenset(way))
        steps = [
            f"{wallet} → {_name(fills[wallet][after])} → {after}"
            for wallet, after in zip(way, (*way[1:], way[0]), strict=True)
        ]
        circle, name = ", ".join(steps), _name(campaign)
        c.report(logic.WALLET_CIRCLE, where(trigger.origin), name=name, circle=circle)


def _way_back(
    wallet: str, fills: Mapping[str, Mapping[str, plan.Campaign]]
) -> tuple[str, ...] | None:
    """Return the shortest way from a wallet to itself, without its end; `None` if there is none."""
    ways: list[tuple[str, ...]] = [(wallet,)]
    seen = {wallet}
    while ways:
        way, *ways = ways
        for after in fills.get(way[-1], {}):
            if after == wallet:
                return way
            if after not in seen:
                seen.add(after)
                ways.append((*way, after))
    return None


def _name(campaign: plan.Campaign) -> str:
    return campaign.renamed or campaign.name


def report_lateness(c: Context, node: tree.Campaign, trigger: plan.Trigger) -> bool:
    """Whether lateness has no meaning, as the trigger waits for a wallet; reports its clauses."""
    if not isinstance(trigger, WalletTrigger):
        return False
    for clause in node.clauses:
        if isinstance(clause, tree.LateWithin):
            c.report(logic.WALLET_NEVER_LATE, clause, clause=f"{clause.of} within")
    return True
