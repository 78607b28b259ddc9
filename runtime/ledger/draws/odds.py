"""The draws of a plan, with their odds, as the ledger stores them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ....compiler.plan import Branch, Plan, Reward, RewardLine
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.chance import Seeds, seed_digest, threshold
from ....compiler.plan.expressions import Constant
from ....compiler.plan.values import Value
from ....compiler.rewards.table import kind_of
from ...decide.drawing import seed_of
from ...decide.lines import lines_of
from ..batches.books import bundle
from ..drawn import Draw, Prize


def draws_of(plan: Plan, seeds: Seeds) -> Iterator[Draw]:
    """Yield every step that draws, with the digest of its seed."""
    for campaign in plan.campaigns:
        if campaign.draws:
            seed = seed_of(plan, campaign, seeds)
            yield from _steps(plan, campaign.name, None if seed is None else seed_digest(seed))


def draws_without(plan: Plan) -> Iterator[Draw]:
    """Yield every step that draws, without seeds."""
    for campaign in plan.campaigns:
        yield from _steps(plan, campaign.name, None)


def _steps(plan: Plan, campaign: str, digest: str | None) -> Iterator[Draw]:
    for step in next(one for one in plan.campaigns if one.name == campaign).steps:
        reward = step.reward
        if reward is not None and reward.draws:
            prizes = tuple(_prize(plan, reward, branch) for branch in reward.branches)
            yield Draw(campaign, step.name, digest, prizes)


def _prize(plan: Plan, reward: Reward, branch: Branch) -> Prize:
    below = threshold(branch.chance or Decimal(1))
    if not all(_is_fixed(line) for line in branch.lines):
        names = [kind_of(line).name(line) for line in branch.lines]
        offers = kind_of(branch.lines[0]).offers
        return Prize(below, "", tuple((name, None) for name in (names[:1] if offers else names)))
    lines = lines_of(plan, reward, branch.lines, _Nobody(WallClock(_NEVER, ZoneInfo("UTC"))))
    if lines is None:
        return Prize(below, _NOTHING, ())
    kept = bundle(lines, plan.currency)
    told = tuple(
        (name, None if line.benefit or line.choice or line.drains else much)
        for line, (name, _, much, _, _) in zip(lines, kept.lines, strict=True)
    )
    return Prize(below, kept.content, told)


_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_NOTHING = "nothing"
"""The content of a prize without a valid amount; no decision has it."""


def _is_fixed(line: RewardLine) -> bool:
    return line.amount is None or isinstance(line.amount, Constant)


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Facts for computing what is the same for everybody; every lookup fails."""

    clock: WallClock

    def feature(self, id_: str) -> Value | None:
        """Raise `LookupError`."""
        raise LookupError(id_)

    def event(self, name: str) -> Value | None:
        """Raise `LookupError`."""
        raise LookupError(name)

    def row(self, name: str) -> Value | None:
        """Raise `LookupError`."""
        raise LookupError(name)

    def stage(self, lifecycle: str) -> str | None:
        """Raise `LookupError`."""
        raise LookupError(lifecycle)

    def audience(self, name: str) -> bool:
        """Raise `LookupError`."""
        raise LookupError(name)
