"""`5% of event.amount as cash up to 50 CNY`: money, which costs the budget its amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ..plan import CASH as NAME
from ..plan import CashLine
from ..plan.types import MoneyType, minor_unit
from ..plan.values import Value
from .kind import Kind
from .money import positive
from .payouts import Goods, Payout


def _by_hand(number: Decimal | None, word: str, goods: Goods) -> Payout | None:
    if number is None or word != NAME or number != round(number, minor_unit(goods.currency)):
        return None
    return Payout(NAME, number, goods.currency, number)


def _python(line: CashLine, value: Value | None, _: Goods) -> Decimal | None:
    return positive(value, minor_unit(line.currency), line.cap)


def _payout(line: CashLine, amount: Decimal, _: Goods) -> Payout:
    return Payout(NAME, amount, line.currency, amount)


def _faults(line: CashLine) -> Iterator[str]:
    if line.cap is not None and line.cap <= 0:
        yield "it gives at most nothing"


CASH = Kind(
    line=CashLine,
    examples=(
        "5% of event.amount as cash up to 50 CNY",
        "event.amount as cash",
        "event.amount / 3 as cash rounded down",
    ),
    offers=False,
    by_hand=_by_hand,
    name=lambda _: NAME,
    currency=lambda line, _: line.currency,
    label=lambda line, _: (None, f" {line.currency}"),
    benefits=lambda _: (),
    wallet=lambda _: None,
    does=lambda _: "give",
    cost=lambda _, __: None,
    amount_type=lambda line, _: MoneyType(line.currency),
    open_ended=lambda line: line.cap is None,
    python=_python,
    payout=_payout,
    faults=_faults,
)
