"""The outcomes that a scenario can name, and which of them a campaign can come to."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import Campaign, Plan
from ..rewards.table import kind_of

_REVERSALS = frozenset(
    {"reversed", "partly_reversed", "already_reversed", "kept", "nothing_due", "names_nothing"}
    | {"of_another"}
)
_CLAIMS = frozenset(
    {"unknown", "not_yours", "not_offered", "already_claimed", "other_choice", "too_early"}
    | {"expired", "insufficient_balance", "out_of_stock", "reversed"}
)
_OF_DECISIONS = frozenset(
    {"held_out", "already_inside", "over_limit", "insufficient_balance", "out_of_stock"}
    | {"over_budget", "waitlisted", "reached", "left", "reversed", "paused"}
)

OUTCOMES = _OF_DECISIONS | _CLAIMS | _REVERSALS
"""All that a scenario may name. Grants are named by what they give, ineligible customers by why."""

PAUSED = "paused"
"""The outcome of what comes after a brake of the campaign was tripped; no coverage asks for it."""

MOMENTS = frozenset({"reached", "left"})
"""The outcomes of steps that give nothing, but mark a moment."""


def possible_outcomes(plan: Plan, campaign: Campaign) -> frozenset[str]:
    """The outcomes that the campaign can come to when nothing is late."""
    return frozenset(_of_decisions(plan, campaign)) | frozenset(_of_events(campaign))


def _of_decisions(plan: Plan, campaign: Campaign) -> Iterator[str]:
    ids = {charge.account for step in campaign.steps for charge in step.charges}
    for account in plan.accounts:
        if account.id in ids | {*campaign.message_caps}:
            yield account.refusal
    if campaign.brakes:
        yield PAUSED
    if campaign.holds_out:
        yield "held_out"
    if campaign.journey is not None and campaign.journey.one_at_a_time:
        yield "already_inside"
    if campaign.when_exhausted.action == "waitlist":
        yield "waitlisted"
    codes = {one.name for one in plan.benefits if one.codes is not None}
    for step in campaign.steps:
        if step.gives_nothing:
            leaves = step.follows is not None and step.follows.leaves
            yield "left" if leaves else "reached"
        for branch in () if step.reward is None else step.reward.branches:
            for line in branch.lines:
                kind = kind_of(line)
                if kind.does(line) != "give":
                    yield "insufficient_balance"
                if kind.wallet(line) is not None:
                    yield "over_limit"
                if codes.intersection(kind.benefits(line)):
                    yield "out_of_stock"


def _of_events(campaign: Campaign) -> Iterator[str]:
    if campaign.reversal is not None:
        yield from _REVERSALS
    if any(step.reward is not None and step.reward.claims for step in campaign.steps):
        yield from _CLAIMS
