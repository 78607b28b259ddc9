"""Actions: from a rule that fires to its decision. Constant parts are computed once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from ....compiler.plan import Account, Plan, Reward, RewardLine
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.chance import NO_SEEDS, Seeds, threshold, ticket
from ....compiler.plan.demands import kept_fields
from ....compiler.plan.expressions import Constant, Expression
from ....compiler.plan.values import decode, encode
from ....compiler.rewards.payouts import Goods, goods_of
from ....compiler.rewards.table import payout
from ...decide.deciding import counted, share_of, text_of, times_of
from ...decide.decisions import Decision, Identity, Line
from ...decide.drawing import arm_in, is_held_out, seed_of
from ...decide.expiry import deliver_at
from ...decide.facts import Row
from ...decide.lines import bundle, by_times, is_timeless, line_of, with_price
from ...decide.recipients import Recipients
from .code import Code, Function
from .frame import Frame
from .rules import Rule

Bundle = Callable[[Frame], tuple[Line, ...] | None]

Offer = tuple[str, str, tuple[Line, ...]]
"""A campaign, its step, and what it would give."""

Plain = tuple[str, str, tuple[Line, ...], Mapping[str, str]]
"""An offer, and the empty mapping that is `keys` and `values` of all its decisions."""

_new = tuple.__new__
_ANY = WallClock(datetime.min.replace(tzinfo=UTC), ZoneInfo("UTC"))
"""A placeholder: these lines are the same at any time."""


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One alternative of a rule's reward. `rank` is the rule's place in the order of decisions.

    `offer` is the reward if it is constant, otherwise `None`. `plain` is `None` unless the whole
    decision is constant but for customer, key and instant.
    """

    rank: int
    decider: Decider
    bundle: Bundle
    offer: Offer | None
    plain: Plain | None

    def offer_for(self, f: Frame) -> Offer | None:
        """Return the reward for a frame; `None` if an amount of it is unknown or not positive."""
        if self.offer is not None:
            return self.offer
        lines = self.bundle(f)
        return None if lines is None else (*self.decider.name, lines)

    def decision(self, f: Frame) -> Decision | None:
        """Return the decision; `None` without a recipient or a valid amount."""
        lines = self.bundle(f)
        return None if lines is None else self.decider.decision(f, lines)


class Decider:
    """Makes the decisions of one rule.

    `actions` are its reward's alternatives with their conditions.

    `accounts` are those that count by a field.
    """

    __slots__ = (
        "_campaign",
        "_fallback",
        "_has_arms",
        "_has_times",
        "_is_held_out",
        "_is_later",
        "_is_plain",
        "_keys",
        "_none",
        "_recipient",
        "_recipients",
        "_reward",
        "_seed",
        "_step",
        "_values",
        "actions",
        "name",
    )

    def __init__(
        self,
        code: Code,
        plan: Plan,
        rule: Rule,
        accounts: Sequence[Account],
        seeds: Seeds = NO_SEEDS,
    ) -> None:
        campaign, step = rule.campaign, rule.step
        reward = step.reward
        self._campaign = campaign
        self._step = step
        self._reward = reward
        draws = reward is not None and reward.draws
        self._seed = seed_of(plan, campaign, seeds) if draws else None
        self.name = (campaign.name, step.name)
        self._is_held_out = campaign.holds_out
        self._has_arms = campaign.experiment is not None and bool(campaign.experiment.arms)
        self._is_later = reward is not None and reward.deliver_on is not None
        self._recipient = None if reward is None else _maybe(code, reward.recipient)
        self._recipients = None if reward is None else Recipients(plan, reward)
        lines = campaign.when_exhausted.lines
        self._fallback = _bundle(code, plan, reward, lines) if lines else None
        self._keys = kept_fields(accounts, campaign, step)
        wanted = {value.name: value.value for message in step.messages for value in message.values}
        self._values = [(name, code.value(wanted[name])) for name in sorted(wanted)]
        pattern = step.trigger.pattern
        self._has_times = pattern is not None and pattern.crosses_several
        self._is_plain = not (
            self._is_held_out
            or self._has_arms
            or self._is_later
            or self._recipient
            or self._fallback
            or self._keys
            or self._values
            or campaign.shares
            or self._has_times
        )
        self._none: Mapping[str, str] = {}
        self.actions = tuple(self._made(code, plan, rule.rank))

    def _made(
        self, code: Code, plan: Plan, rank: int
    ) -> Iterator[tuple[Expression | None, Action]]:
        if self._reward is None:
            yield None, self._action(rank, Fixed(()))
            return
        branches = self._reward.branches
        made = [_bundle(code, plan, self._reward, branch.lines) for branch in branches]
        odds = [threshold(branch.chance) for branch in branches if branch.chance is not None]
        if odds:
            yield None, self._action(rank, partial(self._drawn, odds, made))
            return
        for branch, each in zip(branches, made, strict=True):
            yield branch.condition, self._action(rank, each)

    def _action(self, rank: int, bundle: Bundle) -> Action:
        if not isinstance(bundle, Fixed):
            return Action(rank, self, bundle, None, None)
        offer = (*self.name, bundle.lines)
        return Action(rank, self, bundle, offer, (*offer, self._none) if self._is_plain else None)

    def _drawn(
        self, odds: Sequence[str], bundles: Sequence[Bundle], f: Frame
    ) -> tuple[Line, ...] | None:
        """Return the prize that the customer draws at this event; `None` for none."""
        drawn = ticket(*self.name, f.customer, f.occurrence, self._seed)
        won = bisect_right(odds, drawn)
        return bundles[won](f) if won < len(bundles) else None

    @property
    def is_for_others(self) -> bool:
        """Whether the event names the recipient."""
        return self._recipient is not None

    def recipient(self, f: Frame) -> str | None:
        """Return the recipient; `None` if the event names nobody."""
        if self._recipient is None:
            return f.customer
        return text_of(self._recipient(f, f.e, f.c, f.now))

    def decision(self, f: Frame, lines: tuple[Line, ...]) -> Decision | None:
        """Return the decision to give these lines; `None` without an allowed recipient."""
        customer = f.customer
        if self._is_plain:
            # As the constructors do, without two calls of Python: half the time.
            (campaign, step), now, none = self.name, f.now, self._none
            identity = _new(Identity, (campaign, step, customer, f.occurrence))
            # fmt: off
            fields = (
                identity, customer, now, False, lines, (), now,
                None, none, none, None, False, None, False, None,
            )
            # fmt: on
            return _new(Decision, fields)
        recipient: str | None = customer
        if self._recipient is not None and self._recipients is not None:
            recipient = self.recipient(f)
            row = None if recipient is None else f.history.customers.get(recipient)
            if not self._recipients.let(row, f.clock):
                return None
        if recipient is None:
            return None
        held_out = self._is_held_out and is_held_out(self._campaign, customer)
        return Decision(
            Identity(*self.name, recipient, f.occurrence),
            customer,
            f.now,
            held_out,
            lines,
            () if self._fallback is None else self._fallback(f) or (),
            deliver_at(self._reward, f.clock) if self._is_later else f.now,
            share_of(self._campaign, f) if self._campaign.shares else None,
            {name: text_of(counted(name, f)) for name in self._keys} if self._keys else {},
            self._texts(f) if self._values else {},
            times=times_of(self._step, f) if self._has_times else None,
            arm=arm_in(self._campaign, customer, held_out=held_out) if self._has_arms else None,
        )

    def _texts(self, f: Frame) -> dict[str, str]:
        seen = {name: value(f, f.e, f.c, f.now) for name, value in self._values}
        return {name: encode(value) for name, value in seen.items() if value is not None}


def plain_decisions(actions: Iterable[Action], customer: str, row: Row) -> list[Decision]:
    """Return the decisions of plain actions, as `Decider.decision` makes them.

    A frame and two calls of Python are a third of the time of such an event.
    """
    now, key = row["at"], row["key"]
    found: list[Decision] = []
    for action in actions:
        plain = action.plain
        if plain is not None:
            campaign, step, lines, none = plain
            identity = _new(Identity, (campaign, step, customer, key))
            # fmt: off
            fields = (
                identity, customer, now, False, lines, (), now,
                None, none, none, None, False, None, False, None,
            )
            # fmt: on
            found.append(_new(Decision, fields))
    return found


@dataclass(frozen=True, slots=True)
class Fixed:
    """A constant bundle."""

    lines: tuple[Line, ...]

    def __call__(self, _: Frame) -> tuple[Line, ...]:
        """The lines."""
        return self.lines


def _bundle(code: Code, plan: Plan, reward: Reward | None, lines: Sequence[RewardLine]) -> Bundle:
    """Return a function for all of the lines; it returns `None` if one has no valid amount."""
    goods = goods_of(plan)
    makers = [_maker(code, goods, reward, line) for line in lines]
    fixed = tuple(maker for maker in makers if isinstance(maker, Line))
    if len(fixed) == len(makers):
        return Fixed(with_price(fixed))

    def whole(f: Frame) -> tuple[Line, ...] | None:
        return bundle([maker if isinstance(maker, Line) else maker(f) for maker in makers])

    return whole


def _maker(
    code: Code, goods: Goods, reward: Reward | None, line: RewardLine
) -> Line | Callable[[Frame], Line | None]:
    """Return a constant line, or a function that computes it."""
    if line.amount is not None and not isinstance(line.amount, Constant):
        return _computed(goods, reward, line, code.value(line.amount))
    known = None if line.amount is None else decode(line.amount.type, line.amount.value)
    one = payout(line, known, goods)
    if one is None:
        return lambda _: None
    if is_timeless(reward, one):
        return line_of(reward, one, _ANY)
    return lambda f: line_of(reward, one, f.clock)


def _computed(
    goods: Goods, reward: Reward | None, line: RewardLine, value: Function
) -> Callable[[Frame], Line | None]:
    times = by_times(line)

    def made(f: Frame) -> Line | None:
        one = payout(line, value(f, f.e, f.c, f.now), goods)
        if one is None:
            return None
        clock = _ANY if is_timeless(reward, one) else f.clock
        return line_of(reward, one, clock, times=times)

    return made


def _maybe(code: Code, expression: Expression | None) -> Function | None:
    return None if expression is None else code.value(expression)
