"""Amounts of money: rounded half-even to the smallest unit, at most a cap."""

from __future__ import annotations

from decimal import Decimal

from ..plan.arithmetic import rounded
from ..plan.values import Value


def positive(value: Value | None, scale: int, cap: Decimal | None = None) -> Decimal | None:
    """A value with `scale` digits after the point; `None` if it is unknown or not above 0."""
    if not isinstance(value, int | Decimal):
        return None
    amount = rounded(Decimal(value), scale)
    if amount is not None and cap is not None:
        amount = min(amount, cap)
    return amount if amount is not None and amount > 0 else None
