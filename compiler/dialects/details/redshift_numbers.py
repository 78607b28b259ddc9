"""Exact arithmetic in Redshift, where types of operands decide how many digits a result keeps."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from ...plan.types import DECIMAL_SCALE, IntegerType
from ..common import plain
from ..common.dialect import Dialect, Operation
from ..common.terms import INTEGER_WHOLE, WHOLE, WIDEST, Term, decimal_type, number, operand, text

_BIGINT = exp.DataType(this=exp.DataType.Type.BIGINT)
_DOUBLE = exp.DataType(this=exp.DataType.Type.DOUBLE)

_PRODUCT = 999_999_999_900_000_000
"""From here on a product is unknown: nearer to 10^18 a floating-point number does not decide."""

_WHOLE_PRODUCT = 9_223_372_036_000_000_000
"""The same limit for the product of two integers."""

_QUOTIENT = Decimal(10) ** 26
"""Units that a quotient has less of, or is unknown: with more digits it could not be scaled."""


def arithmetic(dialect: Dialect, operation: Operation, *terms: Term) -> exp.Expr | None:
    """`+`, `-`, `*` and the sign; `None` if the plain operation is exact."""
    first = terms[0]
    if all(isinstance(term.type, IntegerType) for term in terms):
        return _of_integers(operation, *terms)
    if operation == "negate":
        return exp.Neg(this=operand(first.expression))
    if operation == "multiply":
        return _product(dialect, first, terms[1])
    kind = exp.Add if operation == "add" else exp.Sub
    result = kind(this=_narrow(first), expression=operand(_narrow(terms[1])))
    if max(term.whole for term in terms) < WHOLE:
        return result
    return plain.within_limits(result, decimal_type(WHOLE, 0))


def _of_integers(operation: Operation, *terms: Term) -> exp.Expr | None:
    sizes = [term.whole for term in terms]
    whole = sum(sizes) if operation == "multiply" else max(sizes) + 1
    if whole < INTEGER_WHOLE:
        return None
    first, *others = (term.expression for term in terms)
    if operation == "multiply":
        product = exp.Mul(this=operand(first.copy()), expression=operand(others[0].copy()))
        return exp.Case().when(_is_below(first, others[0], _WHOLE_PRODUCT), product)
    wide = exp.cast(first, decimal_type(INTEGER_WHOLE, 0))
    if operation == "negate":
        result: exp.Expr = exp.Neg(this=wide)
    else:
        kind = exp.Add if operation == "add" else exp.Sub
        result = kind(this=wide, expression=operand(others[0]))
    return exp.cast(plain.within_limits(result, _BIGINT), _BIGINT)


def _narrow(term: Term) -> exp.Expr:
    """The number as a decimal of as many digits as it can have, and no more."""
    if term.value is not None:
        return operand(term.expression.copy())
    return exp.cast(term.expression.copy(), decimal_type(term.whole + term.scale, term.scale))


def _is_below(left: exp.Expr, right: exp.Expr, limit: int) -> exp.Expr:
    """Whether the product is smaller in size, as a floating-point number sees it."""
    sides = (exp.cast(one.copy(), _DOUBLE.copy()) for one in (left, right))
    size = exp.Mul(this=next(sides), expression=next(sides))
    return exp.LT(this=exp.Abs(this=size), expression=number(limit))


def _product(dialect: Dialect, left: Term, right: Term) -> exp.Expr:
    scale = left.scale + right.scale
    if left.whole + right.whole + scale < WIDEST:
        product: exp.Expr = exp.Mul(this=_narrow(left), expression=operand(_narrow(right)))
        if scale > DECIMAL_SCALE:
            product = dialect.round_even(product, DECIMAL_SCALE)
    else:
        product = _product_of_parts(dialect, left, right)
    if left.whole + right.whole <= WHOLE:
        return product
    fits = _is_below(left.expression, right.expression, _PRODUCT)
    return exp.Case().when(fits, product)


def _product_of_parts(dialect: Dialect, left: Term, right: Term) -> exp.Expr:
    """The product as a sum of four: integer and fractional parts, each by each.

    No partial product has too many digits. Only the product of the fractional parts exceeds the
    scale of the result. It is rounded half-even: the last digit kept is taken from the sum of
    all parts.
    """
    tops, tails = [_before(left), _before(right)], [_after(left), _after(right)]
    coarse = exp.cast(exp.Mul(this=tops[0], expression=tops[1]), decimal_type(WHOLE, 0))
    crossed = (
        exp.Mul(this=tops[0].copy(), expression=tails[1]),
        exp.Mul(this=tails[0], expression=tops[1].copy()),
    )
    fine = exp.Mul(this=tails[0].copy(), expression=tails[1].copy())
    middle: exp.Expr = exp.Add(this=coarse, expression=crossed[0])
    middle = exp.Paren(this=exp.Add(this=middle, expression=crossed[1]))
    unit, half = (dialect.decimal(Decimal(one).scaleb(-DECIMAL_SCALE)) for one in ("1", "0.5"))
    two = dialect.decimal(Decimal(2).scaleb(-DECIMAL_SCALE))
    cut = exp.Trunc(this=fine, decimals=number(DECIMAL_SCALE))
    nearest = exp.Round(this=fine.copy(), decimals=number(DECIMAL_SCALE))
    size = exp.Abs(this=fine.copy())
    tie = exp.EQ(this=exp.Mod(this=size, expression=unit), expression=half)
    digit = exp.Paren(this=exp.Add(this=middle.copy(), expression=cut.copy()))
    even = exp.EQ(this=exp.Mod(this=digit, expression=two), expression=number(0))
    rounded = exp.Case().when(exp.And(this=tie, expression=even), cut).else_(nearest)
    return exp.Add(this=middle, expression=rounded)


def _before(term: Term) -> exp.Expr:
    """The integer part."""
    whole = exp.Trunc(this=term.expression.copy()) if term.scale else term.expression.copy()
    return exp.cast(whole, decimal_type(max(term.whole, 1), 0))


def _after(term: Term) -> exp.Expr:
    """The fractional part, with the sign of the value."""
    if not term.scale:
        return number(0)
    rest = exp.Sub(
        this=operand(term.expression.copy()), expression=exp.Trunc(this=term.expression.copy())
    )
    return exp.cast(rest, decimal_type(term.scale, term.scale))


def units(dialect: Dialect, value: Term, digits: int) -> exp.Expr:
    """The digits of a number, without the point and with zeros behind, as an integer."""
    shown: exp.Expr = exp.cast(_narrow(value), dialect.text_type())
    if value.scale:
        shown = exp.func("REPLACE", shown, text("."), text(""))
    more = digits - value.scale
    if more:
        shown = dialect.joined(shown, text("0" * more))
    return exp.cast(shown, decimal_type(WIDEST, 0))


def of_units(dialect: Dialect, wide: exp.Expr, scale: int) -> exp.Expr:
    """The decimal; `whole_quotient` has left no more digits than fit."""
    narrow = exp.cast(wide, decimal_type(WIDEST - scale - 1, 0))
    return exp.Mul(this=narrow, expression=dialect.decimal(Decimal(1).scaleb(-scale)))


def whole_quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """NULL where it has too many digits to go on with."""
    sides = (exp.Abs(this=exp.cast(one.copy(), _DOUBLE.copy())) for one in (left, right))
    most = exp.Mul(this=number(format(_QUOTIENT, "f")), expression=number("0.999999"))
    size, divisor = next(sides), next(sides)
    fits = exp.LT(this=size, expression=exp.Mul(this=divisor, expression=exp.Paren(this=most)))
    exact = exp.cast(plain.exact_quotient(left, right), decimal_type(WIDEST, 0))
    return exp.Case().when(fits, exact)
