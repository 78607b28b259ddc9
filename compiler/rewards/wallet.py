"""`10 points`: units of a wallet, which are given, paid as a price, or taken."""

from __future__ import annotations

from decimal import Decimal

from ..plan import WalletLine
from ..plan.types import INTEGER
from ..plan.values import Value
from .kind import Kind, Label
from .money import positive
from .payouts import Goods, Payout


def _by_hand(number: Decimal | None, word: str, goods: Goods) -> Payout | None:
    if number is None or word not in goods.wallets or number != round(number):
        return None
    return Payout(word, number, word, Decimal(0))


def _label(line: WalletLine, _: Goods) -> Label:
    return () if line.does == "pay" else (None, f" {line.wallet}")


def _python(_: WalletLine, value: Value | None, __: Goods) -> Decimal | None:
    return positive(value, 0)


def _payout(line: WalletLine, amount: Decimal, _: Goods) -> Payout:
    gives = line.does == "give"
    return Payout(
        line.wallet,
        amount if gives else -amount,
        line.wallet,
        Decimal(0),
        lasts=gives,
        refunds=False,
        drains=line.does == "take",
    )


WALLET = Kind(
    line=WalletLine,
    examples=(
        "10 points",
        "event.quantity points",
        "event.amount / 10 CNY points rounded down",
        "5 points per 100 CNY of event.amount",
    ),
    offers=False,
    by_hand=_by_hand,
    name=lambda line: line.wallet,
    currency=lambda line, _: line.wallet,
    label=_label,
    benefits=lambda _: (),
    wallet=lambda line: line.wallet,
    does=lambda line: line.does,
    cost=lambda _, __: Decimal(0),
    amount_type=lambda _, __: INTEGER,
    open_ended=lambda _: False,
    python=_python,
    payout=_payout,
    faults=lambda _: (),
)
