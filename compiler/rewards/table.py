"""The table of rewards: one row per kind of reward line.

The checks, every dialect of SQL, the reference, the event path, runs and explanations read this
table; nobody else knows what a kind means. Adding a kind is adding a class of the plan and a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ..plan import RewardLine
from ..plan.values import Value
from .benefit import BENEFIT
from .cash import CASH
from .choice import CHOICE
from .kind import Kind
from .payouts import Goods, Payout
from .wallet import WALLET

KINDS: tuple[Kind[Any], ...] = (BENEFIT, WALLET, CASH, CHOICE)
"""The rows. `Any`: each takes lines of its own class, which `kind_of` sees to."""

_BY_LINE: Mapping[type, Kind[Any]] = MappingProxyType({row.line: row for row in KINDS})


def kind_of(line: RewardLine) -> Kind[Any]:
    """The row of a line."""
    return _BY_LINE[type(line)]


def payout(line: RewardLine, value: Value | None, goods: Goods) -> Payout | None:
    """The value of a line for one recipient; `None` if it gives nothing.

    `value` is that of the line's expression, or an amount that was made of it.
    """
    row = kind_of(line)
    amount = row.python(line, value, goods)
    return None if amount is None else row.payout(line, amount, goods)


def by_hand(number: Decimal | None, word: str, goods: Goods) -> Payout | None:
    """The value that somebody names at `ledger grant`; `None` if there is no such reward."""
    found = (row.by_hand(number, word, goods) for row in KINDS)
    return next((one for one in found if one is not None), None)
