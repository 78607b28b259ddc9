"""Rewards on DuckDB: branches, bundles, amounts to the minor unit, caps."""

from decimal import Decimal

import pytest
from campaigner.compiler.plan import WhenExhausted

from .asking import agreed, january, shown
from .plans import (
    by,
    campaign,
    cash,
    coffee,
    event,
    give,
    is_,
    on_order,
    op,
    plan,
    points,
    ride,
)
from .shop import ANN, Shop, order


@pytest.mark.parametrize(
    ("amount", "cap", "expected"),
    [
        ("2.50", None, "0.12"),
        ("7.50", None, "0.38"),
        ("1000.00", "49.99", "49.99"),
        ("0.10", None, None),
        ("0.00", "50", None),
        ("-100.00", "50", None),
    ],
)
def test_cash_is_rounded_half_even_and_capped(
    amount: str, cap: str | None, expected: str | None
) -> None:
    share = op("multiply", is_(Decimal("0.05")), event("amount"))
    gift = plan(campaign(on_order(), give(coffee(), cash(share, cap))))
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", amount)])
    found = agreed(gift, shop, january(gift))
    assert [str(one.lines[1].amount) for one in found] == ([expected] if expected else [])
    rows = shown(gift, shop, january(gift))
    assert [str(one[4]) for one in rows] == (["30.00", expected] if expected else [])


def test_branches_and_bundles_are_all_or_nothing() -> None:
    reward = by(
        (op("greater", event("quantity"), is_(5)), [coffee(), points(event("quantity"))]),
        (op("less", event("quantity"), is_(3)), [points(event("quantity")), ride()]),
    )
    gift = plan(campaign(on_order(), reward))
    shop = Shop(
        [ANN],
        [
            order(f"o{index}", "ann", f"2026-01-0{index + 1}T10:00+08:00", quantity=quantity)
            for index, quantity in enumerate([6, 4, 2, 0, -1, None])
        ],
    )
    found = agreed(gift, shop, january(gift))
    assert [[line.reward for line in one.lines] for one in found] == [
        ["coffee", "points"],
        ["points", "ride"],
    ]
    rows = [(row[1], row[3], row[4], row[5]) for row in shown(gift, shop, january(gift))]
    assert rows == [
        ("o0", "coffee", Decimal(30), "CNY"),
        ("o0", "points", Decimal(6), "points"),
        ("o2", "points", Decimal(2), "points"),
        ("o2", "ride", Decimal(20), "CNY"),
    ]


def test_an_unknown_amount_is_not_the_cap() -> None:
    share = op("divide", event("amount"), event("quantity"))
    gift = plan(campaign(on_order(), give(cash(share, "5.00"))))
    orders = [
        order(f"o{index}", "ann", f"2026-01-0{index + 1}T10:00+08:00", quantity=quantity)
        for index, quantity in enumerate([None, 0, 30, 1])
    ]
    found = agreed(gift, Shop([ANN], orders), january(gift))
    assert [str(one.lines[0].amount) for one in found] == ["3.33", "5.00"]


def test_the_bundle_for_an_exhausted_budget() -> None:
    exhausted = WhenExhausted("reward", (coffee(), points(event("quantity"))))
    gift = plan(campaign(on_order(), give(ride()), when_exhausted=exhausted))
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", quantity=7)])
    (found,) = agreed(gift, shop, january(gift))
    assert [str(line.amount) for line in found.fallback] == ["30", "7"]
