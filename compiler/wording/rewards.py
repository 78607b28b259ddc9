"""Rewards in words: lines, bundles, branches, draws, offers and prices."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import (
    Benefit,
    BenefitLine,
    Branch,
    CashLine,
    ChoiceLine,
    DeliveryDay,
    Reward,
    RewardLine,
    Span,
    WalletLine,
    WhenExhausted,
)
from ..plan.expressions import Constant, Expression, Origin
from ..rewards.lines import lines_of
from ..rewards.table import kind_of
from .clauses import Clause
from .conditions import events_of, said, value
from .names import Names, spaced
from .values import Words, listed, money, number, percent, span


def bundle(names: Names, lines: tuple[RewardLine, ...]) -> Words:
    """A bundle: what is given, then what is taken, then its price."""
    given = [_line(names, one) for one in lines if kind_of(one).does(one) == "give"]
    taken = [_line(names, one) for one in lines if kind_of(one).does(one) == "take"]
    prices = [_line(names, one) for one in lines if kind_of(one).does(one) == "pay"]
    if taken:
        given.append(Phrase("wording.taken", lines=listed(taken, "and")))
    told = listed(given, "and") if given else Phrase("wording.nothing")
    if not prices:
        return told
    return Phrase("wording.for_price", bundle=told, price=listed(prices, "and"))


def _line(names: Names, line: RewardLine) -> Words:
    match line:
        case BenefitLine(benefit=name, amount=None):
            return benefit(names, names.index.benefits[name])
        case BenefitLine(benefit=name, amount=amount, cap=cap):
            found = names.index.benefits[name]
            most = found.value
            return Phrase(
                "wording.computed_benefit",
                benefit=names.benefit(name),
                form=form(found.form),
                amount=_amount(names, amount),
                cap=money(most if cap is None else min(most, cap), names.plan.currency),
            )
        case WalletLine(wallet=wallet, amount=amount):
            return Phrase("wording.units", count=value(names, amount), wallet=wallet)
        case CashLine(amount=amount, cap=None):
            return Phrase("wording.cash", amount=value(names, amount))
        case CashLine(amount=amount, cap=Decimal() as most, currency=currency):
            told = value(names, amount)
            return Phrase("wording.cash_up_to", amount=told, cap=money(most, currency))
        case ChoiceLine():
            return _choice(names, line)
        case _:
            raise TypeError(f"{type(line).__name__} has no words")


def _amount(names: Names, amount: Expression | None) -> Words:
    return "" if amount is None else value(names, amount)


def _choice(names: Names, line: ChoiceLine) -> Words:
    options = [benefit(names, names.index.benefits[one]) for one in line.options]
    told = Phrase("wording.choice", count=number(line.count), options=listed(options, "comma"))
    if line.worth is None:
        return told
    worth = money(line.worth, names.plan.currency)
    return Phrase("wording.choice_worth", choice=told, worth=worth)


def benefit(names: Names, one: Benefit) -> Words:
    """A benefit with its form and its value."""
    worth = money(one.value, names.plan.currency)
    told = names.benefit(one.name)
    return Phrase("wording.benefit", benefit=told, form=form(one.form), worth=worth)


def form(name: str) -> Words:
    """The kind of a benefit."""
    match name:
        case "cash":
            return Phrase("wording.form_cash")
        case "coupon":
            return Phrase("wording.form_coupon")
        case "digital":
            return Phrase("wording.form_digital")
        case "physical":
            return Phrase("wording.form_physical")
        case "service":
            return Phrase("wording.form_service")
        case _:
            return spaced(name)


def reward_clauses(names: Names, reward: Reward, step: str | None) -> Iterator[Clause]:
    """The sentences of a reward: its branches, then whose it is, and when."""
    for condition, origin in _branches(names, reward):
        yield Clause("reward", condition, origin, step)
    if reward.each:
        yield Clause("recipient", Phrase("wording.to_each"), reward.origin, step)
    if reward.recipient is not None:
        who = Phrase("wording.to_another", who=value(names, reward.recipient))
        yield Clause("recipient", who, reward.origin, step)
    for check in reward.asks:
        asked = Phrase("wording.recipient_must", condition=said(names, check.condition))
        yield Clause("recipient", asked, check.origin, step)
    if reward.deliver_on is not None:
        yield Clause("delivery", _delivery(reward.deliver_on), reward.origin, step)
    yield from _endings(names, reward, step)
    if reward.claims is not None:
        claims = reward.claims
        inner = names.of_event(claims.event).of_itself()
        told = Phrase(
            "wording.claimed_by",
            events=events_of(inner, claims.event, claims.where),
            field=inner.field_of(claims.event, claims.field),
        )
        yield Clause("claim", told, claims.origin, step)


def _branches(names: Names, reward: Reward) -> Iterator[tuple[Phrase, Origin]]:
    before = Decimal(0)
    for place, branch in enumerate(reward.branches):
        origin = branch.lines[0].origin if branch.lines else reward.origin
        told = bundle(names, branch.lines)
        if branch.chance is not None:
            odds = percent(branch.chance - before)
            before = branch.chance
            yield _drawn(names, branch, odds, told), origin
        elif branch.condition is not None:
            condition = said(names, branch.condition)
            yield Phrase("wording.reward_when", condition=condition, bundle=told), origin
        elif place:
            yield Phrase("wording.reward_otherwise", bundle=told), origin
        else:
            yield Phrase("wording.reward", bundle=told), origin
    if 0 < before < 1:
        rest = Phrase("wording.drawn", odds=percent(1 - before), bundle=Phrase("wording.nothing"))
        yield rest, reward.origin


def _drawn(names: Names, branch: Branch, odds: str, told: Words) -> Phrase:
    if branch.condition is None:
        return Phrase("wording.drawn", odds=odds, bundle=told)
    condition = said(names, branch.condition)
    return Phrase("wording.drawn_when", odds=odds, bundle=told, condition=condition)


def _delivery(on: DeliveryDay) -> Phrase:
    day = str(on.day)
    match on.months:
        case 0:
            return Phrase("wording.delivered_this_month", day=day)
        case 1:
            return Phrase("wording.delivered_next_month", day=day)
        case months:
            return Phrase("wording.delivered_later_month", day=day, months=number(months))


def _endings(names: Names, reward: Reward, step: str | None) -> Iterator[Clause]:
    """How long what it gives is valid, and whether its value then returns to the budget."""
    lines = tuple(lines_of(reward))
    if reward.expires_after is not None:
        told = Phrase("wording.valid_for", span=span(reward.expires_after))
        if all(kind_of(one).offers for one in lines if kind_of(one).does(one) == "give"):
            told = Phrase("wording.open_for", span=span(reward.expires_after))
        yield Clause("expiry", told, reward.origin, step)
    if reward.returns:
        yield Clause("returns", Phrase("wording.returns"), reward.origin, step)
    yield from benefit_endings(names, lines, step, covered=reward.expires_after is not None)


def benefit_endings(
    names: Names, lines: tuple[RewardLine, ...], step: str | None, *, covered: bool
) -> Iterator[Clause]:
    """How long the benefits of these lines are valid; `covered`: their reward says that."""
    seen: set[str] = set()
    for line in lines:
        if isinstance(line, ChoiceLine) and not covered:
            told = Phrase("wording.open_for", span=span(line.expires_after))
            yield Clause("expiry", told, line.origin, step)
        for name in kind_of(line).benefits(line):
            one = names.index.benefits[name]
            if name in seen:
                continue
            seen.add(name)
            if one.expires_after is not None and not (covered and isinstance(line, BenefitLine)):
                yield Clause("expiry", _valid(names, name, one.expires_after), one.origin, step)
            if one.returns and not covered:
                told = Phrase("wording.benefit_returns", benefit=names.benefit(name))
                yield Clause("returns", told, one.origin, step)
            if one.codes is not None:
                told = Phrase("wording.has_code", benefit=names.benefit(name))
                yield Clause("delivery", told, one.origin, step)


def _valid(names: Names, name: str, length: Span) -> Phrase:
    return Phrase("wording.benefit_valid", benefit=names.benefit(name), span=span(length))


def exhausted(names: Names, when: WhenExhausted, at: Origin) -> Iterator[Clause]:
    """The effect of a budget that is used up."""
    match when.action:
        case "stop":
            yield Clause("exhausted", Phrase("wording.exhausted_stop"), at)
        case "waitlist":
            yield Clause("exhausted", Phrase("wording.exhausted_waitlist"), at)
        case "reward":
            told = Phrase("wording.exhausted_reward", bundle=bundle(names, when.lines))
            yield Clause("exhausted", told, when.lines[0].origin if when.lines else at)
            yield from benefit_endings(names, when.lines, None, covered=False)
        case _:
            assert_never(when.action)


def costs_something(names: Names, lines: tuple[RewardLine, ...]) -> bool:
    """Whether a bundle may cost the budget something."""
    return any(_costs(names, one) for one in lines)


def _costs(names: Names, line: RewardLine) -> bool:
    match line:
        case BenefitLine(benefit=name, amount=amount):
            return amount is not None or names.index.benefits[name].cost > 0
        case ChoiceLine(cost=cost):
            return cost > 0
        case CashLine(amount=Constant(value=text)):
            return Decimal(text) > 0
        case CashLine():
            return True
        case WalletLine():
            return False
        case _:
            assert_never(line)
