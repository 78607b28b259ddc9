"""`choose 1 of coffee, ride`: an offer, which counts as the most that can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ..plan import CHOICE as NAME
from ..plan import Benefit, ChoiceLine
from ..plan.values import Value
from .kind import Kind, Label
from .payouts import Choice, Goods, Option, Payout


def _by_hand(_: Decimal | None, __: str, ___: Goods) -> None:
    """An offer is claimed by events, which a grant by hand has none of."""


def _label(line: ChoiceLine, goods: Goods) -> Label:
    known = (goods.benefits.get(one) for one in line.options)
    return (" / ".join(one.label for one in known if one is not None),)


def _python(line: ChoiceLine, _: Value | None, __: Goods) -> Decimal:
    return line.value


def _payout(line: ChoiceLine, amount: Decimal, goods: Goods) -> Payout:
    options = tuple(_option(goods.benefits[name]) for name in line.options)
    return Payout(
        NAME,
        amount,
        goods.currency,
        line.cost,
        choice=Choice(line.count, line.worth, options),
        expires_after=line.expires_after,
        returns=True,
    )


def _option(benefit: Benefit) -> Option:
    back = bool(benefit.returns)
    return Option(benefit.name, benefit.value, benefit.cost, benefit.expires_after, back)


def _faults(line: ChoiceLine) -> Iterator[str]:
    if not 0 < line.count <= len(line.options):
        yield f"{line.count} of {len(line.options)} can be chosen"


CHOICE = Kind(
    line=ChoiceLine,
    examples=("choose 1 of coffee, ride worth up to 60 CNY",),
    offers=True,
    by_hand=_by_hand,
    name=lambda _: NAME,
    currency=lambda _, goods: goods.currency,
    label=_label,
    benefits=lambda line: line.options,
    wallet=lambda _: None,
    does=lambda _: "give",
    cost=lambda line, _: line.cost,
    amount_type=lambda _, __: None,
    open_ended=lambda _: False,
    python=_python,
    payout=_payout,
    faults=_faults,
)
