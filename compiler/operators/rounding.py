"""Whole numbers of a number: `floor(x)` or `rounded down` and the like, and `per 100 CNY of`.

In Python; `sql_rounding.py` has them in SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from types import MappingProxyType

from ..plan.calendar import WallClock
from . import python_meaning

MODES: Mapping[str, str] = MappingProxyType(
    {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "round": ROUND_HALF_UP}
)
"""The keys of operators that round, each with its mode; halves go up, away from zero."""


def rounded(key: str, value: int | Decimal) -> int:
    """The whole number of a number, by the operator's mode."""
    return int(Decimal(value).to_integral_value(MODES[key]))


def floor(_: WallClock, value: int | Decimal) -> int:
    """`rounded down`: the largest whole number that is not above it."""
    return rounded("floor", value)


def ceil(_: WallClock, value: int | Decimal) -> int:
    """`rounded up`: the smallest whole number that is not below it."""
    return rounded("ceil", value)


def half_up(_: WallClock, value: int | Decimal) -> int:
    """`rounded half up`: the nearest whole number; of halves the one away from zero."""
    return rounded("round", value)


def whole_times(clock: WallClock, value: int | Decimal, unit: int | Decimal) -> int | None:
    """The largest number of whole units that is not above the value.

    It is unknown without a unit above zero, or where the quotient is too large.
    """
    quotient = python_meaning.divide(clock, value, unit) if unit > 0 else None
    if quotient is None:
        return None
    times = floor(clock, quotient)
    # The quotient is rounded to ten digits, and may have come to the next whole number.
    product = python_meaning.multiply(clock, times, unit)
    return times - 1 if product is not None and product > value else times
