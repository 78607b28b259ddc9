"""A row of the table of rewards: the questions that every kind of line answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from ..plan.types import ValueType
from ..plan.values import Value
from .payouts import Goods, Payout

LineT = TypeVar("LineT")

Does = Literal["give", "pay", "take"]
"""A line is given, is the price of the other lines, or is taken as far as there is any."""

Label = tuple[str | None, ...]
"""The words of a line in `reward.label`, with `None` for an amount that only data know."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[LineT]):
    """One row: a kind of reward line. Each column but the first four is a function of a line.

    Words and names:

    - `line`: its class in the plan. `examples`: lines of the kind, as a file writes them.
    - `offers`: whether the recipient has yet to choose, by a claim.
    - `by_hand`: the line that somebody names at `ledger grant`, such as `20 cash`: a number, if
      there is one, and a word. `None` if they are not of this kind.
    - `name`: the ledger's name for it. `currency`: that of its amount; a wallet's name for units.
    - `label`: the words that messages show.

    Effects:

    - `benefits`: the benefits of which it can give one, at once or by a claim.
    - `wallet`: the wallet it touches; without one, somebody outside the ledger hands it out.
    - `does`: see `Does`.
    - `cost`: its cost to the budget; `None` if that depends on the customer.

    Meaning, of `line.amount` where the plan's line has one:

    - `amount_type`: the type that the expression must have. `open_ended`: whether it is money
      without an upper bound.
    - `python`: the amount for an evaluated expression; `None` if it gives nothing. A line without
      an expression has its own value. `sql_column.py` has the same as a term of SQL.
    - `payout`: the line's value for the recipient, of an amount.

    `faults`: numbers of the line that make no sense. The compiler reports them with a position.
    """

    line: type[LineT]
    examples: tuple[str, ...]
    offers: bool
    by_hand: Callable[[Decimal | None, str, Goods], Payout | None]
    name: Callable[[LineT], str]
    currency: Callable[[LineT, Goods], str]
    label: Callable[[LineT, Goods], Label]
    benefits: Callable[[LineT], tuple[str, ...]]
    wallet: Callable[[LineT], str | None]
    does: Callable[[LineT], Does]
    cost: Callable[[LineT, Goods], Decimal | None]
    amount_type: Callable[[LineT, Goods], ValueType | None]
    open_ended: Callable[[LineT], bool]
    python: Callable[[LineT, Value | None, Goods], Decimal | None]
    payout: Callable[[LineT, Decimal, Goods], Payout]
    faults: Callable[[LineT], Iterable[str]]
