"""Exact decimals in ClickHouse: of 38 digits at least, and with the scale that is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from ...plan.types import DECIMAL_SCALE, DecimalType, IntegerType, MoneyType, minor_unit
from ..common.terms import WHOLE, Term, decimal_type, number, operand, text

_DIGITS, _MOST = 38, 76
_READ_SCALE = 20
_UNSIGNED = 2**32
"""From here on a number that is written out has 64 bits and no sign."""


def decimal(scale: int, digits: int = _DIGITS) -> exp.DataType:
    """`Nullable(Decimal(38, scale))`."""
    return decimal_type(digits, scale)


def cast(value: exp.Expr, type_: exp.DataType) -> exp.Expr:
    """The value as this type, also where it was cast to a decimal of another size before."""
    return exp.Cast(this=value, to=type_)


def literal(value: Decimal) -> exp.Expr:
    """The decimal as it is written, which no float has been."""
    written = format(value, "f")
    scale = len(written.partition(".")[2])
    return exp.Anonymous(this="toDecimal128", expressions=[text(written), number(scale)])


def read(column: exp.Expr, type_: DecimalType | MoneyType) -> exp.Expr:
    """A column of numbers of any kind, rounded to the type's digits: a cast alone would cut it.

    The text of a binary float is the shortest decimal that names it.
    """
    scale = _scale(type_)
    shortest = exp.Anonymous(this="toString", expressions=[column])
    exact = cast(shortest, decimal(_READ_SCALE, _MOST))
    rounded = exp.Anonymous(this="round", expressions=[exact, number(scale)])
    return cast(rounded, decimal(scale))


def decimal_text(value: exp.Expr, type_: DecimalType | MoneyType) -> exp.Expr:
    """As text, with all digits of its type."""
    return exp.Anonymous(this="toDecimalString", expressions=[value, number(_scale(type_))])


def _scale(type_: DecimalType | MoneyType) -> int:
    return minor_unit(type_.currency) if isinstance(type_, MoneyType) else DECIMAL_SCALE


def half_even(value: exp.Expr, scale: int) -> exp.Expr:
    """Rounded, and as many digits wide as before."""
    return exp.Anonymous(this="roundBankers", expressions=[value, number(scale)])


def converted(value: exp.Expr, type_: exp.DataType) -> exp.Expr:
    """A number that fits as BIGINT or as a decimal of this scale, rounded half up."""
    if not type_.expressions:
        return cast(value, type_)
    scale = int(type_.expressions[1].name)
    rounded = exp.Anonymous(this="round", expressions=[value, number(scale)])
    return cast(rounded, decimal(scale))


def units(value: Term, digits: int) -> exp.Expr:
    """A number times 10^`digits` in 256 bits; with what follows its point it has 38 digits."""
    raised, first = value.expression, min(value.scale, digits)
    if first:
        raised = exp.Mul(this=operand(raised), expression=number(10**first))
    wide = exp.Anonymous(this="toInt256", expressions=[raised])
    if digits == first:
        return wide
    power = exp.Anonymous(this="toInt256", expressions=[text(str(10 ** (digits - first)))])
    return exp.Mul(this=wide, expression=power)


def wide_product(left: Term, right: Term) -> tuple[exp.Expr, exp.DataType] | None:
    """A product that may need more than 38 digits, rounded, and the type that it should fit."""
    whole, scale = left.whole + right.whole, left.scale + right.scale
    whole_numbers = all(isinstance(term.type, IntegerType) for term in (left, right))
    if whole_numbers or whole + scale <= _DIGITS:
        return None
    wide = cast(left.expression, decimal(left.scale, _MOST))
    product: exp.Expr = exp.Mul(this=wide, expression=operand(right.expression))
    kept = min(scale, DECIMAL_SCALE)
    if scale > kept:
        product = half_even(product, kept)
    return product, decimal_type(WHOLE + kept, kept)


def alike(terms: Sequence[Term]) -> list[exp.Expr]:
    """The operands, decimals of one scale where there are any among them, integers with a sign."""
    if not any(isinstance(term.type, DecimalType | MoneyType) for term in terms):
        return [_signed(term) for term in terms]
    scale = max(term.scale for term in terms)
    return [_at_scale(term, scale) for term in terms]


def _signed(term: Term) -> exp.Expr:
    """A number that is written out has no sign for ClickHouse, nor has a sum of such numbers."""
    large = isinstance(term.value, int) and term.value >= _UNSIGNED
    if large or isinstance(term.expression, exp.Add | exp.Mul):
        return cast(term.expression, exp.DataType(this=exp.DataType.Type.BIGINT))
    return term.expression


def _at_scale(term: Term, scale: int) -> exp.Expr:
    if isinstance(term.value, int | Decimal):
        return literal(Decimal(term.value).quantize(Decimal(1).scaleb(-scale)))
    if term.scale == scale and not isinstance(term.type, IntegerType):
        return term.expression
    return cast(term.expression, decimal(scale))
