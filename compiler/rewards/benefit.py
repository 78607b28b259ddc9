"""`coffee`: one of a benefit, which is worth the same for everybody."""

from __future__ import annotations

from decimal import Decimal

from ..plan import Benefit, BenefitLine
from ..plan.values import Value
from .kind import Kind, Label
from .payouts import Goods, Payout


def _by_hand(number: Decimal | None, word: str, goods: Goods) -> Payout | None:
    benefit = goods.benefits.get(word)
    return None if benefit is None or number is not None else _one_of(benefit, goods)


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


def _cost(line: BenefitLine, goods: Goods) -> Decimal:
    """The cost of one; 0 of a benefit whose declaration has a mistake."""
    benefit = goods.benefits.get(line.benefit)
    return Decimal(0) if benefit is None else benefit.cost


def _python(line: BenefitLine, _: Value | None, goods: Goods) -> Decimal:
    return goods.benefits[line.benefit].value


def _payout(line: BenefitLine, _: Decimal, goods: Goods) -> Payout:
    return _one_of(goods.benefits[line.benefit], goods)


BENEFIT = Kind(
    line=BenefitLine,
    examples=("coffee",),
    offers=False,
    by_hand=_by_hand,
    name=lambda line: line.benefit,
    currency=lambda _, goods: goods.currency,
    label=_label,
    benefits=lambda line: (line.benefit,),
    wallet=lambda _: None,
    does=lambda _: "give",
    cost=_cost,
    amount_type=lambda _: None,
    open_ended=lambda _: False,
    python=_python,
    payout=_payout,
    faults=lambda _: (),
)
