"""Rewards: what a step gives, to whom and when."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal, assert_never

from ...dsl import tree
from .. import plan
from ..check.context import Context, folded, origin
from ..check.expressions import check
from ..check.literals import whole
from ..check.operations import paid
from ..check.scope import Scope
from ..codes import logic, names
from ..codes import money as money_words
from ..codes import types as words
from ..plan.chance import threshold
from ..plan.expressions import Expression, where
from ..rewards.table import kind_of
from .amounts import money, points, points_per
from .choices import choice, claims
from .declarations import in_currency, is_computed, known_benefit, once, rule

MAX_DAY = 31
HUNDRED = 100


def reward(c: Context, owner: str, node: tree.Reward, scope: Scope) -> plan.Reward:
    """The reward clause of a campaign; amounts and branches do not ask the ledger."""
    inside = replace(scope, asks_ledger=False)
    once(c, owner, tuple(one for one in node.modifiers if not isinstance(one, tree.Limit)))
    recipient: Expression | None = None
    each: tree.RewardToEach | None = None
    deliver: plan.DeliveryDay | None = None
    expires: plan.Span | None = None
    returns: bool | None = None
    claimed: plan.Claims | None = None
    for modifier in node.modifiers:
        match modifier:
            case tree.RewardTo(expression):
                recipient = check(c, expression, inside)
            case tree.RewardToEach():
                each = modifier
            case tree.DeliverOn(day, months):
                deliver = plan.DeliveryDay(day_of_month(c, day), months_later(c, months))
            case tree.ClaimedOn():
                claimed = claims(c, modifier)
            case tree.ExpiresAfter(duration, returns):
                expires = plan.Span(duration.count, duration.unit)
            case tree.Limit() | tree.First():
                pass  # caps are accounts: lower_budgets.py
            case _:
                assert_never(modifier)
    branches = _branches(c, node.form, inside)
    if recipient is not None and each is not None:
        c.report(names.CLAUSE_TWICE, each, clause="to", name=owner)
    if recipient is not None or each is not None:
        report_others_price(c, tuple(line for one in branches for line in one.lines))
    return plan.Reward(
        branches,
        recipient,
        deliver,
        expires,
        origin(node.span),
        returns,
        each is not None,
        claimed,
    )


def report_others_price(c: Context, lines: tuple[plan.RewardLine, ...]) -> None:
    """Report a price among the lines of a reward that goes to another customer."""
    for line in lines:
        if kind_of(line).does(line) == "pay":
            c.report(money_words.PRICE_OF_ANOTHER, where(line.origin))
            return


def day_of_month(c: Context, node: tree.Number) -> int:
    """1 to 31; anything else is reported."""
    if node.whole and 1 <= node.value <= MAX_DAY:
        return int(node.value)
    c.report(words.BAD_DAY, node, text=folded(node.span))
    return 1


def months_later(c: Context, node: tree.Number) -> int:
    """How many months after: 0 is the month of the event itself."""
    if node.whole and node.value == 0:
        return 0
    return whole(c, node)


def _branches(
    c: Context,
    form: tree.Bundle | tree.RewardBy | tree.RewardDraw | tree.Take,
    scope: Scope,
) -> tuple[plan.Branch, ...]:
    match form:
        case tree.Bundle():
            return (plan.Branch(None, bundle(c, form, scope)),)
        case tree.RewardBy():
            return _by(c, form, scope)
        case tree.RewardDraw():
            return _draw(c, form, scope)
        case tree.Take(amount, wallet, rounding):
            value = points(c, amount, wallet, rounding, scope, given=False)
            taken = _wallet(c, form, wallet, value, "take")
            return () if taken is None else (plan.Branch(None, (taken,)),)
        case _:
            assert_never(form)


def _by(c: Context, form: tree.RewardBy, scope: Scope) -> tuple[plan.Branch, ...]:
    branches: list[plan.Branch] = []
    price = _price(c, form.price, scope)
    if not form.branches:
        c.report(logic.EMPTY_REWARD, form, word="by", example="otherwise: 10 points")
    for branch in form.branches:
        if branches and branches[-1].condition is None:
            c.report(logic.BRANCH_AFTER_OTHERWISE, branch)
            break
        lines = bundle(c, branch.bundle, scope) + price
        if branch.condition is None:
            branches.append(plan.Branch(None, lines))
            continue
        condition = rule(c, branch.condition, scope)
        if condition is not None:
            branches.append(plan.Branch(condition, lines))
    return tuple(branches)


def _draw(c: Context, form: tree.RewardDraw, scope: Scope) -> tuple[plan.Branch, ...]:
    """The prizes in their order, each with the odds of all up to it."""
    branches: list[plan.Branch] = []
    taken = Decimal(0)
    price = _price(c, form.price, scope)
    if not form.prizes:
        c.report(logic.EMPTY_REWARD, form, word="draw", example="rest: 10 points")
    for prize in form.prizes:
        if branches and form.prizes[len(branches) - 1].odds is None:
            c.report(logic.PRIZE_AFTER_REST, prize)
            break
        upto = Decimal(1) if prize.odds is None else taken + prize.odds.value / HUNDRED
        if taken <= 1 and threshold(upto) == threshold(taken):
            c.report(logic.NEVER_DRAWN, prize.odds or prize, text=folded(prize.span))
        taken = upto
        lines = bundle(c, prize.bundle, scope) + price
        branches.append(plan.Branch(None, lines, upto))
    odds = sum((one.odds.value for one in form.prizes if one.odds is not None), Decimal(0))
    if odds > HUNDRED:
        c.report(money_words.ODDS_OVER, form, percent=f"{odds.normalize():f}")
    return tuple(branches)


def bundle(c: Context, node: tree.Bundle, scope: Scope) -> tuple[plan.RewardLine, ...]:
    """The lines of a bundle; what is wrong in one is reported, and that line left out."""
    lines: list[plan.RewardLine] = []
    given: set[str] = set()
    for line in node.lines:
        lowered = _line(c, line, scope)
        if lowered is None:
            continue
        name = kind_of(lowered).name(lowered)
        if name in given:
            c.report(names.TWICE_IN_LIST, line, name=name)
            continue
        given.add(name)
        lines.append(lowered)
    return (*lines, *_price(c, node.price, scope))


def _price(c: Context, node: tree.Price | None, scope: Scope) -> tuple[plan.WalletLine, ...]:
    """The price, as the last line of the reward that it buys."""
    if node is None:
        return ()
    value = points(c, node.amount, node.wallet, node.rounding, scope, given=False)
    line = _wallet(c, node, node.wallet, value, "pay")
    return () if line is None else (line,)


def _line(c: Context, node: tree.RewardLine, scope: Scope) -> plan.RewardLine | None:
    match node:
        case tree.BenefitReward(name):
            known = known_benefit(c, name) and not is_computed(c, name)
            return plan.BenefitLine(name.text, origin(node.span)) if known else None
        case tree.WalletReward(amount, wallet, rounding):
            value = points(c, amount, wallet, rounding, scope, given=True)
            return _wallet(c, node, wallet, value, "give")
        case tree.PerReward(wallet=wallet):
            return _wallet(c, node, wallet, points_per(c, node, scope), "give")
        case tree.CashReward():
            return _computed(c, node, scope)
        case tree.Choice():
            return choice(c, node)
        case _:
            assert_never(node)


def _wallet(
    c: Context,
    node: tree.Node,
    wallet: tree.Name,
    value: Expression | None,
    does: Literal["give", "pay", "take"],
) -> plan.WalletLine | None:
    if value is None:
        return None
    return plan.WalletLine(wallet.text, paid(c, value), origin(node.span), does)


def _computed(
    c: Context, node: tree.CashReward, scope: Scope
) -> plan.CashLine | plan.BenefitLine | None:
    name = node.form.text
    if name != plan.CASH and name not in c.symbols.benefits:
        c.report(names.UNKNOWN_CASH, node.form, name=name)
        return None
    cap: Decimal | None = in_currency(c, node.cap) if node.cap else None
    amount = money(c, node.amount, node.rounding, scope)
    if amount is None or (node.cap and cap is None):
        return None
    if name == plan.CASH:
        return plan.CashLine(paid(c, amount), cap, c.currency, origin(node.span))
    benefit = c.benefits.get(name)
    if benefit is not None and not benefit.computed:
        c.report(money_words.VALUE_IS_FIXED, node.form, name=name)
        return None
    return plan.BenefitLine(name, origin(node.span), amount=paid(c, amount), cap=cap)
