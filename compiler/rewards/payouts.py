"""The value that a reward line has for one recipient, before the clock says when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..plan import Benefit, Plan, Span


@dataclass(frozen=True, slots=True)
class Goods:
    """Everything that a project has to give: money, its benefits by name, and its wallets."""

    currency: str
    benefits: Mapping[str, Benefit]
    wallets: frozenset[str] = frozenset()


def goods_of(plan: Plan) -> Goods:
    """The goods of a plan, without wallets: lines name these themselves."""
    return Goods(plan.currency, {benefit.name: benefit for benefit in plan.benefits})


@dataclass(frozen=True, slots=True)
class Option:
    """A benefit of an offer, with its value and cost in the project's currency.

    Once chosen it expires after `expires_after`. `returns`: whether its value then goes back to the
    accounts.
    """

    benefit: str
    value: Decimal
    cost: Decimal
    expires_after: Span | None
    returns: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice of an offer: `count` of the options, worth at most `worth` together.

    `worth` is `None` if there is no such limit. `prices` are pairs of a wallet and the units that
    the recipient pays when claiming.
    """

    count: int
    worth: Decimal | None
    options: tuple[Option, ...]
    prices: tuple[tuple[str, int], ...] = ()


class Payout(NamedTuple):
    """A line's value for one recipient. A tuple, because each computed line makes one.

    `reward` is the ledger's name for it, `amount` is in `currency` (a wallet's name for its units)
    and negative if it leaves a wallet. `cost` is charged to the budget.

    `lasts`: whether it can expire at all. It expires after `expires_after`, unless the reward
    states a period. `refunds`: whether its value can return to the accounts on expiry; it does as
    `returns` says, unless the reward says so. `drains`: as much is taken as there is.
    """

    reward: str
    amount: Decimal
    currency: str
    cost: Decimal
    benefit: str | None = None
    choice: Choice | None = None
    lasts: bool = True
    expires_after: Span | None = None
    refunds: bool = True
    returns: bool | None = None
    drains: bool = False
