"""Checks of range for engines that have no arithmetic which gives NULL instead of an error."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from ...plan.arithmetic import INTEGER_MAX, INTEGER_MIN
from .terms import all_true, number, operand


def fits(value: exp.Expr, type_: exp.DataType) -> exp.Expr:
    """Whether a number (simple, as it is written twice) is in the range of BIGINT or DECIMAL."""
    sizes = [int(size.name) for size in type_.expressions]
    if not sizes:
        return exp.Between(this=value, low=number(INTEGER_MIN), high=number(INTEGER_MAX))
    digits, scale = sizes
    limit = number(format(Decimal(10) ** (digits - scale), "f"))
    return all_true(
        exp.GT(this=value, expression=exp.Neg(this=limit)),
        exp.LT(this=value.copy(), expression=limit.copy()),
    )


def with_left(operation: exp.Expr, type_: exp.DataType) -> exp.Expr:
    """A unary or binary operation whose first operand is of this type."""
    first = operation.this
    inner = first.this if isinstance(first, exp.Paren) else first
    operation.set("this", exp.cast(inner, type_))
    return operation


def is_even_tie(value: exp.Expr, scale: int) -> exp.Expr:
    """Whether a decimal lies just between two of so many digits, and nearer to zero is the even.

    Of its size in units of the last digit, the rest of a division by two is one half.
    """
    units = exp.Mul(this=operand(value), expression=number(10**scale)) if scale else value
    rest = exp.Mod(this=exp.Paren(this=exp.Abs(this=units)), expression=number(2))
    return exp.EQ(this=rest, expression=number("0.5"))
