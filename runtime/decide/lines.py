"""The lines of a decision: amounts, benefits, and offers until one of their choices is claimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from ...compiler.plan import (
    CHOICE,
    Benefit,
    BenefitLine,
    CashLine,
    ChoiceLine,
    Plan,
    Reward,
    RewardLine,
    WalletLine,
)
from ...compiler.plan.arithmetic import rounded
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.types import minor_unit
from ...compiler.plan.values import Value
from .decisions import Choice, Line, Option
from .expiry import expires_at, returns
from .facts import Facts, evaluate, named


def choice_line(plan: Plan, line: ChoiceLine, expires: datetime | None, *, back: bool) -> Line:
    """Return an offer's line, valued at the most that can be chosen. `back`: see `Line.returns`."""
    options = tuple(_option(named(plan.benefits, name)) for name in line.options)
    choice = Choice(line.count, line.worth, options)
    return Line(
        CHOICE, line.value, plan.currency, line.cost, None, expires, returns=back, choice=choice
    )


def _option(benefit: Benefit) -> Option:
    back = bool(benefit.returns)
    return Option(benefit.name, benefit.value, benefit.cost, benefit.expires_after, back)


def with_price(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Move the prices of an offer into its choice: they are paid when the offer is claimed."""
    if len(lines) < 2 or lines[0].choice is None:
        return lines
    offer, *paid = lines
    prices = tuple((line.reward, -int(line.amount)) for line in paid)
    return (replace(offer, choice=replace(lines[0].choice, prices=prices)),)


def lines_of(
    plan: Plan, reward: Reward | None, lines: Iterable[RewardLine], facts: Facts
) -> tuple[Line, ...] | None:
    """Return all of the lines; `None` if one has no valid amount, since a bundle is given whole."""
    found = [_line(plan, reward, line, facts) for line in lines]
    whole = tuple(line for line in found if line is not None)
    return with_price(whole) if len(whole) == len(found) else None


def _line(plan: Plan, reward: Reward | None, line: RewardLine, facts: Facts) -> Line | None:
    """Return one line; `None` if its amount is unknown or not positive."""
    if isinstance(line, BenefitLine):
        return benefit_line(plan, reward, line, facts.clock)
    if isinstance(line, ChoiceLine):
        return offer_line(plan, reward, line, facts.clock)
    amount = amount_of(line, facts)
    return None if amount is None else amount_line(reward, line, amount, facts.clock)


def benefit_line(plan: Plan, reward: Reward | None, line: BenefitLine, clock: WallClock) -> Line:
    """Return the line of a benefit, with its value and its cost to the budget."""
    benefit = named(plan.benefits, line.benefit)
    expires = expires_at(reward, benefit.expires_after, clock)
    back = returns(reward, own=benefit.returns)
    name = benefit.name
    return Line(name, benefit.value, plan.currency, benefit.cost, name, expires, returns=back)


def offer_line(plan: Plan, reward: Reward | None, line: ChoiceLine, clock: WallClock) -> Line:
    """Return the line of an offer, from which the recipient has yet to choose."""
    expires = expires_at(reward, line.expires_after, clock)
    return choice_line(plan, line, expires, back=returns(reward, own=True))


def amount_line(
    reward: Reward | None, line: WalletLine | CashLine, amount: Decimal, clock: WallClock
) -> Line:
    """Return a line of wallet units, which cost nothing, or of money, which costs its amount."""
    expires = expires_at(reward, None, clock)
    match line:
        case WalletLine():
            return wallet_line(line, amount, expires)
        case CashLine():
            back = returns(reward, own=None)
            return Line("cash", amount, line.currency, amount, None, expires, returns=back)
        case _:
            assert_never(line)


def wallet_line(line: WalletLine, amount: Decimal, expires: datetime | None) -> Line:
    """Return a line of wallet units: given (positive), or paid or taken (negative)."""
    signed = amount if line.does == "give" else -amount
    expires = expires if line.does == "give" else None
    drains = line.does == "take"
    return Line(line.wallet, signed, line.wallet, Decimal(0), None, expires, drains)


def amount_of(line: WalletLine | CashLine, facts: Facts) -> Decimal | None:
    """Evaluate a line's amount: whole units of a wallet, or money in minor units, capped."""
    return amount_from(line, evaluate(line.amount, facts))


def amount_from(line: WalletLine | CashLine, value: Value | None) -> Decimal | None:
    """Round and cap the value of a line's amount; `None` if it is unknown or not positive."""
    if not isinstance(value, int | Decimal):
        return None
    scale = 0 if isinstance(line, WalletLine) else minor_unit(line.currency)
    amount = rounded(Decimal(value), scale)
    if amount is not None and isinstance(line, CashLine) and line.cap is not None:
        amount = min(amount, line.cap)
    return amount if amount is not None and amount > 0 else None
