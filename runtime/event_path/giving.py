"""From a rule that acts to its decision. What is the same for every event is made once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ...compiler.chance import threshold
from ...compiler.expressions import Constant, Expression
from ...compiler.meaning import World
from ...compiler.plan import (
    Account,
    BenefitLine,
    CashLine,
    ChoiceLine,
    Plan,
    Reward,
    RewardLine,
    WalletLine,
)
from ...compiler.values import decode, encode
from ..decisions import Decision, Identity, Line
from ..ends import deliver_at
from ..facts import moment, named
from ..offers import with_price
from ..reference import (
    amount_from,
    amount_line,
    benefit_line,
    is_held_out,
    key_fields,
    offer_line,
    share_of,
    text_of,
    ticket_of,
)
from .code import Code, Function
from .frame import Frame
from .rules import Rule

Bundle = Callable[[Frame], tuple[Line, ...] | None]

_ANY = World(datetime.min.replace(tzinfo=UTC), ZoneInfo("UTC"))
"""The world of what is the same at any time."""


class Giver:
    """Makes the decisions of one rule. `counted`: accounts that count by an event's field."""

    __slots__ = (
        "_branches",
        "_campaign",
        "_fallback",
        "_is_held_out",
        "_is_later",
        "_keys",
        "_name",
        "_odds",
        "_recipient",
        "_reward",
        "_step",
        "_values",
    )

    def __init__(self, code: Code, plan: Plan, rule: Rule, counted: Sequence[Account]) -> None:
        campaign, step = rule.campaign, rule.step
        reward = step.reward
        self._campaign = campaign
        self._step = step
        self._reward = reward
        self._name = (campaign.name, step.name)
        self._is_held_out = campaign.holdout > 0
        self._is_later = reward is not None and reward.deliver_on is not None
        self._recipient = None if reward is None else _maybe(code, reward.recipient)
        branches = () if reward is None else reward.branches
        self._branches = tuple(
            (_maybe(code, branch.condition), _bundle(code, plan, reward, branch.lines))
            for branch in branches
        )
        self._odds = [threshold(one.chance) for one in branches if one.chance is not None]
        lines = campaign.when_exhausted.lines
        self._fallback = _bundle(code, plan, reward, lines) if lines else None
        self._keys = key_fields(counted, step)
        wanted = {value.name: value.value for message in step.messages for value in message.values}
        self._values = [(name, code.value(wanted[name])) for name in sorted(wanted)]

    def lines(self, f: Frame) -> tuple[Line, ...] | None:
        """What it gives; nothing where the reward comes to nothing."""
        if self._reward is None:
            return ()
        if self._odds:
            return self._drawn(f)
        for condition, bundle in self._branches:
            if condition is None or condition(f, f.e, f.c, f.now):
                return bundle(f)
        return None

    def _drawn(self, f: Frame) -> tuple[Line, ...] | None:
        """The prize that the customer draws at this event."""
        _, occurrence = moment(f.e)
        ticket = ticket_of(self._campaign, self._step, f.customer, occurrence)
        won = bisect_right(self._odds, ticket)
        return self._branches[won][1](f) if won < len(self._branches) else None

    def decision(self, f: Frame, occurrence: str) -> Decision | None:
        """The decision; nothing where there is no recipient, or the reward comes to nothing."""
        lines = self.lines(f)
        if lines is None:
            return None
        customer = f.customer
        recipient: str | None = customer
        if self._recipient is not None:
            recipient = text_of(self._recipient(f, f.e, f.c, f.now))
        if recipient is None:
            return None
        return Decision(
            Identity(*self._name, recipient, occurrence),
            customer,
            f.now,
            self._is_held_out and is_held_out(self._campaign, self._step, customer),
            lines,
            () if self._fallback is None else self._fallback(f) or (),
            deliver_at(self._reward, f.world) if self._is_later else f.now,
            share_of(self._campaign, f) if self._campaign.shares else None,
            {name: text_of(f.e[name]) for name in self._keys} if self._keys else {},
            self._texts(f) if self._values else {},
        )

    def _texts(self, f: Frame) -> dict[str, str]:
        seen = {name: value(f, f.e, f.c, f.now) for name, value in self._values}
        return {name: encode(value) for name, value in seen.items() if value is not None}


def _bundle(code: Code, plan: Plan, reward: Reward | None, lines: Sequence[RewardLine]) -> Bundle:
    """Lines that are given together, or not at all where one of them comes to nothing."""
    makers = [_maker(code, plan, reward, line) for line in lines]
    fixed = tuple(maker for maker in makers if isinstance(maker, Line))
    if len(fixed) == len(makers):
        return lambda _: fixed

    def whole(f: Frame) -> tuple[Line, ...] | None:
        made = [maker if isinstance(maker, Line) else maker(f) for maker in makers]
        lines = tuple(line for line in made if line is not None)
        return with_price(lines) if len(lines) == len(made) else None

    return whole


def _maker(
    code: Code, plan: Plan, reward: Reward | None, line: RewardLine
) -> Line | Callable[[Frame], Line | None]:
    """A line that is always the same, or how it is made."""
    after = None if reward is None else reward.expires_after
    if isinstance(line, BenefitLine):
        if after is None and named(plan.benefits, line.benefit).expires_after is None:
            return benefit_line(plan, reward, line, _ANY)
        return lambda f: benefit_line(plan, reward, line, f.world)
    if isinstance(line, ChoiceLine):
        return lambda f: offer_line(plan, reward, line, f.world)
    if after is None and isinstance(line.amount, Constant):
        value = decode(line.amount.type, line.amount.value)
        amount = amount_from(line, value)
        return (lambda _: None) if amount is None else amount_line(reward, line, amount, _ANY)
    return _computed(code, reward, line)


def _computed(
    code: Code, reward: Reward | None, line: WalletLine | CashLine
) -> Callable[[Frame], Line | None]:
    value = code.value(line.amount)

    def made(f: Frame) -> Line | None:
        amount = amount_from(line, value(f, f.e, f.c, f.now))
        return None if amount is None else amount_line(reward, line, amount, f.world)

    return made


def _maybe(code: Code, expression: Expression | None) -> Function | None:
    return None if expression is None else code.value(expression)
