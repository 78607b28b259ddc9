"""The limits of numbers, and how a result is held within them.

Contexts are made once and called by name: entering one with `localcontext`, twice an operation,
took six times as long as the arithmetic. They are never the current context of a thread.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from .types import DECIMAL_DIGITS, DECIMAL_SCALE

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

NUMBER_LIMIT = Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_SCALE)
"""A decimal or an amount of money is smaller than this in size, or it is unknown."""

LARGEST = NUMBER_LIMIT - 1
"""In a condition, a decimal or an amount that would be too large counts as this much."""

EXACT = Context(prec=2 * DECIMAL_DIGITS)
"""Sums and products of two numbers within the limits are exact."""

QUOTIENT = Context(prec=4 * DECIMAL_DIGITS)
"""Twice the digits, so that the one rounding that counts is the one to the scale."""

_ROUNDING = Context(prec=8 * DECIMAL_DIGITS, rounding=ROUND_HALF_EVEN)
_MINUS_LIMIT = NUMBER_LIMIT.copy_negate()
_UNITS = tuple(Decimal((0, (1,), -scale)) for scale in range(DECIMAL_SCALE + 1))


def in_range(value: int | Decimal) -> int | Decimal | None:
    """The number, or unknown where it does not fit: 64 bits, or `NUMBER_LIMIT`."""
    if isinstance(value, Decimal):
        return rounded(value, DECIMAL_SCALE)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Half-even to `scale` digits after the point; unknown where it is too large a number.

    A value with fewer digits after the point keeps those.
    """
    unit = _UNITS[scale]
    result = value
    if not value.same_quantum(unit):
        try:
            result = _ROUNDING.quantize(value, unit)
        except InvalidOperation:
            return None
        if result == value and result.compare_total_mag(value) < 0:
            result = value
    return result if _MINUS_LIMIT < result < NUMBER_LIMIT else None


def bounded(value: int | Decimal) -> int | Decimal:
    """The number; past the limits of its type, the limit."""
    if isinstance(value, Decimal):
        found = rounded(value, DECIMAL_SCALE)
        return LARGEST.copy_sign(value) if found is None else found
    return min(max(value, INTEGER_MIN), INTEGER_MAX)
