"""`coffee`, `0.1% of event.amount as voucher`: one of a benefit, of its own or a computed value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ..plan import Benefit, BenefitLine
from ..plan.types import MoneyType, ValueType, minor_unit
from ..plan.values import Value
from .kind import Kind, Label
from .money import positive
from .payouts import Goods, Payout


def _by_hand(number: Decimal | None, word: str, goods: Goods) -> Payout | None:
    benefit = goods.benefits.get(word)
    if benefit is None or benefit.computed != (number is not None):
        return None
    one = _one_of(benefit, goods)
    if number is None:
        return one
    fits = number <= benefit.value and number == round(number, minor_unit(goods.currency))
    return one._replace(amount=number, cost=number) if fits else None


def _one_of(benefit: Benefit, goods: Goods) -> Payout:
    return Payout(
        benefit.name,
        benefit.value,
        goods.currency,
        benefit.cost,
        benefit.name,
        expires_after=benefit.expires_after,
        returns=benefit.returns,
    )


def _label(line: BenefitLine, goods: Goods) -> Label:
    benefit = goods.benefits.get(line.benefit)
    return (None if benefit is None else benefit.label,)


def _cost(line: BenefitLine, goods: Goods) -> Decimal | None:
    """The cost of one; 0 of a benefit whose declaration has a mistake."""
    if line.amount is not None:
        return None
    benefit = goods.benefits.get(line.benefit)
    return Decimal(0) if benefit is None else benefit.cost


def _python(line: BenefitLine, value: Value | None, goods: Goods) -> Decimal | None:
    if line.amount is None:
        return goods.benefits[line.benefit].value
    return positive(value, minor_unit(goods.currency), most(line, goods))


def most(line: BenefitLine, goods: Goods) -> Decimal:
    """The most that a computed line can be worth: its own cap, or that of the benefit."""
    value = goods.benefits[line.benefit].value
    return value if line.cap is None else min(line.cap, value)


def _payout(line: BenefitLine, amount: Decimal, goods: Goods) -> Payout:
    one = _one_of(goods.benefits[line.benefit], goods)
    return one if line.amount is None else one._replace(amount=amount, cost=amount)


def _type(line: BenefitLine, goods: Goods) -> ValueType | None:
    return None if line.amount is None else MoneyType(goods.currency)


def _faults(line: BenefitLine) -> Iterator[str]:
    if line.cap is not None and line.cap <= 0:
        yield "it gives at most nothing"


BENEFIT = Kind(
    line=BenefitLine,
    examples=("coffee", "0.1% of event.amount as voucher up to 5 CNY"),
    offers=False,
    by_hand=_by_hand,
    name=lambda line: line.benefit,
    currency=lambda _, goods: goods.currency,
    label=_label,
    benefits=lambda line: (line.benefit,),
    wallet=lambda _: None,
    does=lambda _: "give",
    cost=_cost,
    amount_type=_type,
    open_ended=lambda _: False,
    python=_python,
    payout=_payout,
    faults=_faults,
)
