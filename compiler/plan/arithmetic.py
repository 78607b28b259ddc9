"""The limits of numbers, and how a result is held within them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext

from .types import DECIMAL_DIGITS, DECIMAL_SCALE

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

NUMBER_LIMIT = Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_SCALE)
"""A decimal or an amount of money is smaller than this in size, or it is unknown."""

LARGEST = NUMBER_LIMIT - 1
"""In a condition, a decimal or an amount that would be too large counts as this much."""


def in_range(value: int | Decimal) -> int | Decimal | None:
    """The number, or unknown where it does not fit: 64 bits, or `NUMBER_LIMIT`."""
    if isinstance(value, Decimal):
        return rounded(value, DECIMAL_SCALE)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Half-even to `scale` digits after the point; unknown where it is too large a number."""
    with localcontext(Context(prec=8 * DECIMAL_DIGITS, rounding=ROUND_HALF_EVEN)):
        try:
            fine = -int(value.as_tuple().exponent) > scale
            result = value.quantize(Decimal(1).scaleb(-scale)) if fine else value
        except InvalidOperation:
            return None
        return result if abs(result) < NUMBER_LIMIT else None


def bounded(value: int | Decimal) -> int | Decimal:
    """The number; past the limits of its type, the limit."""
    if isinstance(value, Decimal):
        found = rounded(value, DECIMAL_SCALE)
        return LARGEST.copy_sign(value) if found is None else found
    return min(max(value, INTEGER_MIN), INTEGER_MAX)
