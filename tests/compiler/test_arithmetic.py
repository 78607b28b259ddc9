"""Arithmetic without entering contexts gives the digits that it gives within them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators import python_meaning as meaning
from campaigner.compiler.plan import arithmetic
from campaigner.compiler.plan.arithmetic import INTEGER_MAX, INTEGER_MIN, LARGEST, NUMBER_LIMIT
from campaigner.compiler.plan.calendar import WallClock
from campaigner.compiler.plan.types import DECIMAL_DIGITS, DECIMAL_SCALE
from hypothesis import given
from hypothesis import strategies as st

NOW = WallClock(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))

digits = st.lists(st.integers(0, 9), min_size=1, max_size=DECIMAL_DIGITS + 4).map(tuple)
decimals = st.builds(
    lambda sign, some, exponent: Decimal((sign, some, exponent)),
    st.integers(0, 1),
    digits,
    st.integers(-24, 8),
)
whole = st.one_of(st.integers(-20, 20), st.integers(INTEGER_MIN, INTEGER_MAX))
numbers = st.one_of(decimals, whole, st.sampled_from([LARGEST, -LARGEST, Decimal("-0.00")]))


def plainly_rounded(value: Decimal, scale: int) -> Decimal | None:
    with localcontext(Context(prec=8 * DECIMAL_DIGITS, rounding=ROUND_HALF_EVEN)):
        try:
            fine = -int(value.as_tuple().exponent) > scale
            result = value.quantize(Decimal(1).scaleb(-scale)) if fine else value
        except InvalidOperation:
            return None
        return result if abs(result) < NUMBER_LIMIT else None


def plainly_in_range(value: int | Decimal) -> int | Decimal | None:
    if isinstance(value, Decimal):
        return plainly_rounded(value, DECIMAL_SCALE)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def plainly(operate: Callable[..., Any], *numbers: Any, wide: int = 2) -> int | Decimal | None:
    with localcontext(Context(prec=wide * DECIMAL_DIGITS)):
        return plainly_in_range(operate(*numbers))


def same(one: object, other: object) -> bool:
    """Whether two numbers have the same type, digits and exponent."""
    return type(one) is type(other) and str(one) == str(other)


@given(decimals, st.integers(0, DECIMAL_SCALE))
def test_rounding_keeps_the_same_digits(value: Decimal, scale: int) -> None:
    assert same(arithmetic.rounded(value, scale), plainly_rounded(value, scale))


@pytest.mark.parametrize("text", ["1.5", "1.50", "1.500", "2.5e3", "-0.0", "-0.001", "0.005", "0"])
@pytest.mark.parametrize("scale", range(DECIMAL_SCALE + 1))
def test_a_short_number_keeps_its_digits(text: str, scale: int) -> None:
    value = Decimal(text)
    assert same(arithmetic.rounded(value, scale), plainly_rounded(value, scale))


@given(numbers, numbers)
def test_each_operator_gives_what_it_gives_within_a_context(left: Any, right: Any) -> None:
    assert same(meaning.add(NOW, left, right), plainly(operator.add, left, right))
    assert same(meaning.subtract(NOW, left, right), plainly(operator.sub, left, right))
    assert same(meaning.multiply(NOW, left, right), plainly(operator.mul, left, right))
    assert same(meaning.negate(NOW, left), plainly(operator.neg, left))
    if right != 0:
        quotient = plainly(lambda a, b: Decimal(a) / Decimal(b), left, right, wide=4)
        assert same(meaning.divide(NOW, left, right), quotient)


@given(numbers)
def test_no_context_of_a_thread_matters(value: int | Decimal) -> None:
    expected = meaning.multiply(NOW, value, Decimal("1.23"))
    with localcontext(Context(prec=1, traps=[])):
        assert same(meaning.multiply(NOW, value, Decimal("1.23")), expected)
