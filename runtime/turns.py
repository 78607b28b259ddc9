"""What time itself does along a run: what has ended is settled, then who waits is served.

Both happen as a run begins, at the first moment of every day that turns in it, and as it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..compiler.meaning import at_clock
from ..compiler.plan import Benefit, BenefitLine, ChoiceLine, Plan, Reward, RewardLine, WalletLine
from .decisions import Result
from .ends import returns
from .facts import named
from .ledger.contract import Ledger

MOST = timedelta(days=366)
"""A run that takes up what lies further back serves once for all of that."""


class Turns:
    """The days of a run; a plan that keeps no waiting list and lets nothing end has none.

    `ended`: how many offers, grants and lots of points have ended in it.
    """

    def __init__(self, plan: Plan, digest: str, ledger: Ledger, start: datetime) -> None:
        self.ended = 0
        self._plan = plan
        self._digest = digest
        self._ledger = ledger
        self._zone = ZoneInfo(plan.time_zone)
        self._serves = any(
            campaign.when_exhausted.action == "waitlist" for campaign in plan.campaigns
        )
        self._stops = self._serves or lets_something_end(plan)
        self._day = self._day_of(start)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def begin(self, at: datetime) -> list[Result]:
        """Serves those for whom a cap was raised or something came back since the last run."""
        return self._pass(at)

    def has_turned(self, at: datetime) -> bool:
        """Whether a day has begun by `at` on which nothing was looked at yet."""
        return self._stops and self._day_of(at) > self._day

    def turn(self, at: datetime) -> Iterator[Result]:
        """The first moment of every day up to that of `at`: its accounts are full."""
        self._day = max(self._day, self._day_of(at) - MOST)
        while self.has_turned(at):
            self._day += timedelta(days=1)
            midnight = at_clock(self._zone, datetime.combine(self._day, time())).astimezone(UTC)
            yield from self._pass(midnight)

    def end(self, at: datetime) -> Iterator[Result]:
        """The days that are left up to `at`, and `at` itself."""
        yield from self.turn(at)
        before = self.ended
        self.ended += len(self._ledger.expire(at))
        if self._serves and self.ended > before:
            yield from self._ledger.serve(self._plan, self._digest, at)

    def _pass(self, at: datetime) -> list[Result]:
        self.ended += len(self._ledger.expire(at))
        return self._ledger.serve(self._plan, self._digest, at) if self._serves else []


def lets_something_end(plan: Plan) -> bool:
    """Whether the plan gives anything of which something becomes when it ends."""
    for campaign in plan.campaigns:
        for step in campaign.steps:
            if step.reward is None:
                continue
            lines = [line for branch in step.reward.branches for line in branch.lines]
            lines += campaign.when_exhausted.lines
            if any(_ends(plan, step.reward, line) for line in lines):
                return True
    return False


def _ends(plan: Plan, reward: Reward, line: RewardLine) -> bool:
    match line:
        case ChoiceLine():
            return True
        case WalletLine():
            return reward.expires_after is not None
        case BenefitLine(name):
            benefit: Benefit = named(plan.benefits, name)
            ends = reward.expires_after is not None or benefit.expires_after is not None
            return ends and returns(reward, own=benefit.returns)
        case _:
            return reward.expires_after is not None and returns(reward, own=None)
