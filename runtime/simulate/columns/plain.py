"""The campaigns that are decided by columns: only caps bear on what becomes of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ....compiler.plan import (
    BenefitLine,
    Campaign,
    CashLine,
    EventTrigger,
    Plan,
    Reward,
    RewardLine,
    Schedule,
    Step,
    TimerTrigger,
    WalletBalance,
    WalletLine,
    WalletTrigger,
)
from ....compiler.plan.demands import residual
from ....compiler.plan.steps import steps_of
from ....compiler.rewards.lines import lines_of_campaign
from ...decide.received import campaigns_asked_about

_OF_CAMPAIGN = frozenset(
    (
        *("name", "label", "owner", "goal", "active_from", "active_to", "eligibility", "checks"),
        *("steps", "shares", "when_exhausted", "quiet_hours", "message_caps", "holdout"),
        *("priority", "policies", "appeal", "settled_days", "settled_working", "origin"),
        *("renamed", "late_events", "catch_up", "while_paused", "target", "peak", "measures"),
    )
)
_OF_STEP = frozenset(
    ("name", "trigger", "reward", "messages", "charges", "origin", "checks", "label")
)
_OF_REWARD = frozenset(
    ("branches", "recipient", "deliver_on", "expires_after", "origin", "returns", "asks")
)
"""Clauses that a plain campaign may have, or that are asked about below."""


def plain_campaigns(plan: Plan) -> frozenset[str]:
    """The plain campaigns that share nothing with one that is not.

    A plain campaign has one step. Its grants go to the customer of the occasion and are whole at
    once: nothing is claimed, redeemed, returned or taken back. No other decision asks about them.
    """
    asked = _asked_about(plan)
    wallets = not _wallets_matter(plan)
    returning = frozenset(one.name for one in plan.benefits if one.returns or one.codes is not None)
    plain = {
        one.name
        for one in plan.campaigns
        if one.name not in asked and _is_plain(one, returning, wallets=wallets)
    }
    while True:
        others = {name for one in plan.campaigns if one.name not in plain for name in _minded(one)}
        linked = {
            one.name
            for one in plan.campaigns
            if one.name in plain and not others.isdisjoint((*_charged(one), *one.message_caps))
        }
        if not linked:
            return frozenset(plain)
        plain -= linked


def _charged(campaign: Campaign) -> Iterator[str]:
    return (charge.account for step in campaign.steps for charge in step.charges)


def _minded(campaign: Campaign) -> Iterator[str]:
    """The accounts that may refuse one of its decisions."""
    yield from _charged(campaign)
    if any(_says_only(step) for step in campaign.steps):
        yield from campaign.message_caps


def _says_only(step: Step) -> bool:
    """Whether it says something and gives nothing, so that a cap of messages may refuse it."""
    return step.reward is None and bool(step.messages)


def _asked_about(plan: Plan) -> frozenset[str]:
    """The campaigns that ask about past grants, and those that are asked about."""
    found: set[str] = set()
    for key, _, _ in steps_of(plan):
        conditions = residual(plan, *key)
        if conditions:
            found |= {key.campaign, *campaigns_asked_about(plan, conditions)}
    return frozenset(found)


def _wallets_matter(plan: Plan) -> bool:
    """Whether it matters how much is in a wallet: somebody asks, waits or pays."""
    lines = [line for one in plan.campaigns for line in lines_of_campaign(one)]
    return (
        any(isinstance(one, WalletBalance) for one in plan.features)
        or any(isinstance(step.trigger, WalletTrigger) for _, _, step in steps_of(plan))
        or any(isinstance(line, WalletLine) and line.does != "give" for line in lines)
    )


def _is_plain(campaign: Campaign, returning: frozenset[str], *, wallets: bool) -> bool:
    if len(campaign.steps) > 1 or _says_more(campaign, _OF_CAMPAIGN):
        return False
    (step,) = campaign.steps
    if _says_more(step, _OF_STEP) or campaign.when_exhausted.action != "stop":
        return False
    may_refuse = _says_only(step) and campaign.message_caps
    rewarded = step.reward is None or _is_whole(step.reward, returning, wallets=wallets)
    return _is_own_occasion(step) and rewarded and not may_refuse


def _says_more(clauses: Campaign | Step | Reward, known: frozenset[str]) -> bool:
    """Whether it has a clause that is not among the known ones.

    So a clause that the language gets later is not plain until somebody has thought about it.
    """
    others = (one for one in fields(clauses) if one.name not in known)
    return any(getattr(clauses, one.name) not in (one.default, ()) for one in others)


def _is_own_occasion(step: Step) -> bool:
    """Whether each decision is one of its own, whatever became of others."""
    trigger = step.trigger
    if isinstance(trigger, EventTrigger):
        pattern = trigger.pattern
        return trigger.task is None and (pattern is None or not pattern.crosses_several)
    return isinstance(trigger, Schedule | TimerTrigger)


def _is_whole(reward: Reward, returning: frozenset[str], *, wallets: bool) -> bool:
    """Whether nothing becomes of what the customer is given that the caps would notice."""
    if reward.recipient is not None or reward.returns or _says_more(reward, _OF_REWARD):
        return False
    lines = [line for branch in reward.branches for line in branch.lines]
    return all(_is_final(line, returning, wallets=wallets) for line in lines)


def _is_final(line: RewardLine, returning: frozenset[str], *, wallets: bool) -> bool:
    match line:
        case BenefitLine(benefit=benefit):
            return benefit not in returning
        case WalletLine():
            return wallets
        case _:
            return isinstance(line, CashLine)
