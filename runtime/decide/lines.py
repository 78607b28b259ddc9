"""The lines of a decision: the table of rewards, with the instants at which each line ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...compiler.plan import Plan, Reward, RewardLine
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.expressions import Constant, EventValue, walk
from ...compiler.plan.triggers import TIMES
from ...compiler.rewards.payouts import Payout, goods_of
from ...compiler.rewards.table import payout
from .decisions import Line
from .expiry import expires_at, returns
from .facts import Facts, evaluate


def lines_of(
    plan: Plan, reward: Reward | None, lines: Iterable[RewardLine], facts: Facts
) -> tuple[Line, ...] | None:
    """Return all of the lines; `None` if one has no valid amount, since a bundle is given whole."""
    made = []
    for line in lines:
        one = payout_for(plan, line, facts)
        made.append(
            None if one is None else line_of(reward, one, facts.clock, times=by_times(line))
        )
    return bundle(made)


def payout_for(plan: Plan, line: RewardLine, facts: Facts) -> Payout | None:
    """Return the value of one line; `None` if its amount is unknown or not positive."""
    value = None if line.amount is None else evaluate(line.amount, facts)
    return payout(line, value, goods_of(plan))


def line_of(reward: Reward | None, one: Payout, clock: WallClock, *, times: bool = False) -> Line:
    """Return the decision's line of what is given, with the instant at which it expires.

    `times`: see `by_times`.
    """
    expires = expires_at(reward, one.expires_after, clock) if one.lasts else None
    back = one.refunds and returns(reward, own=one.returns)
    return Line(
        one.reward,
        one.amount,
        one.currency,
        one.cost,
        one.benefit,
        expires,
        one.drains,
        back,
        one.choice,
        times,
    )


def by_times(line: RewardLine) -> bool:
    """Whether the amount rests on how many multiples of a pattern the event crossed."""
    if line.amount is None or isinstance(line.amount, Constant):
        return False
    return any(isinstance(one, EventValue) and one.field == TIMES for one in walk(line.amount))


def is_timeless(reward: Reward | None, one: Payout) -> bool:
    """Whether the line is the same at any time."""
    period = one.expires_after if reward is None else reward.expires_after or one.expires_after
    return period is None or not one.lasts


def bundle(lines: Sequence[Line | None]) -> tuple[Line, ...] | None:
    """Return the lines of a bundle; `None` if one is missing.

    The prices of an offer are moved into its choice: they are paid when the offer is claimed.
    """
    whole = tuple(line for line in lines if line is not None)
    return with_price(whole) if len(whole) == len(lines) else None


def with_price(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Move the prices of an offer into its choice."""
    if len(lines) < 2 or lines[0].choice is None:
        return lines
    offer, *paid = lines
    prices = tuple((line.reward, -int(line.amount)) for line in paid)
    return (replace(offer, choice=replace(lines[0].choice, prices=prices)),)
