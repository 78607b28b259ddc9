"""Campaigns that one worker must decide, because it sees all customers.

A worker knows the events of its own customers, and may be some thousand lines ahead of another one.
Decisions about one customer's events alone come out the same. So does what falls due for a customer
(schedules, timers, steps after others), since each worker decides it for its own. These do not:

- A group has customers of several workers.
- `catch up within` is measured from the next event, whosever it is.
- A wallet may fire when a waiting list is served, which the first worker does for all customers.
- A reward for somebody else is decided apart from that customer's own events.
- An offer or a returning benefit that ends gives limits back, and points that end can no longer be
  paid or taken back. The first worker to pass the end settles it for all customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from ....compiler.plan import Campaign, Plan, Reward, RewardLine, Step
from ....compiler.plan.campaigns import BenefitLine, CashLine, ChoiceLine, WalletLine
from ....compiler.plan.expressions import Origin, where
from ....compiler.plan.triggers import (
    AfterStep,
    AllDoneTrigger,
    EventTrigger,
    Schedule,
    TimerTrigger,
    Trigger,
    WalletTrigger,
)
from ....dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ...codes import events as words
from ...decide.expiry import returns
from ...decide.facts import named


def decided_together(plan: Plan) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each campaign that several workers cannot decide, with one reason."""
    spent = frozenset(_spent(plan))
    found = []
    for campaign in plan.campaigns:
        first = next(_reasons(plan, campaign, spent), None)
        if first is not None:
            reason, origin = first
            name = campaign.renamed or campaign.name
            place = where(origin)
            found.append(diagnose(words.TOGETHER, place, name=name, reason=reason))
    return tuple(found)


def _reasons(
    plan: Plan, campaign: Campaign, spent: frozenset[str]
) -> Iterator[tuple[Phrase, Origin]]:
    for step in campaign.steps:
        reason = _of_trigger(campaign, step.trigger)
        if reason is not None:
            yield reason, step.trigger.origin
        if step.reward is None:
            continue
        if step.reward.recipient is not None:
            yield words.OF_OTHERS, step.reward.origin
        for line in _lines(campaign, step):
            reason = _of_line(plan, campaign, step.reward, line, spent)
            if reason is not None:
                yield reason, line.origin


def _of_trigger(campaign: Campaign, trigger: Trigger) -> Phrase | None:
    match trigger:
        case EventTrigger(group=None) | AllDoneTrigger():
            return None
        case EventTrigger():
            return words.OF_GROUPS
        case WalletTrigger():
            return words.OF_WALLETS
        case TimerTrigger() | AfterStep() | Schedule():
            return None if campaign.catch_up is None else words.OF_CATCHING_UP
        case _:
            assert_never(trigger)


def _of_line(
    plan: Plan, campaign: Campaign, reward: Reward, line: RewardLine, spent: frozenset[str]
) -> Phrase | None:
    """Return the reason if something becomes of a line when it ends that decisions depend on."""
    match line:
        case CashLine():
            return None
        case ChoiceLine():
            return words.OF_ENDS
        case BenefitLine(benefit):
            own = named(plan.benefits, benefit)
            ends = reward.expires_after is not None or own.expires_after is not None
            return words.OF_ENDS if ends and returns(reward, own=own.returns) else None
        case WalletLine(wallet, does="give") if reward.expires_after is not None:
            is_taken = wallet in spent or campaign.reversal is not None
            return words.OF_POINTS if is_taken else None
        case WalletLine():
            return None
        case _:
            assert_never(line)


def _spent(plan: Plan) -> Iterator[str]:
    """Yield the wallets from which something is paid or taken."""
    for campaign in plan.campaigns:
        for step in campaign.steps:
            for line in _lines(campaign, step):
                if isinstance(line, WalletLine) and line.does != "give":
                    yield line.wallet


def _lines(campaign: Campaign, step: Step) -> Iterable[RewardLine]:
    branches = () if step.reward is None else step.reward.branches
    return (*(line for one in branches for line in one.lines), *campaign.when_exhausted.lines)
