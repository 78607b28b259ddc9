"""Exact arithmetic in SQL: `+ - * /` as `compiler/operators/python_meaning.py` defines them.

A decimal has 18 digits before the point and 10 after. The exact product of two fits in 38
digits, which every engine has. A result that fits by the sizes of its operands is not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from sqlglot import exp

from ...plan.types import DECIMAL, DECIMAL_DIGITS, DECIMAL_SCALE, INTEGER, IntegerType
from .context import SqlContext
from .dialect import Operation
from .literals import constant
from .terms import (
    INTEGER_WHOLE,
    WHOLE,
    WIDEST,
    Term,
    all_true,
    any_true,
    decimal_type,
    number,
    operand,
)

_SHORT = 10
_NARROW = 18


def add(context: SqlContext, left: Term, right: Term) -> Term:
    """`left + right`."""
    own = _native(context, "add", left, right)
    return own or _sum(context, exp.Add, left, right)


def subtract(context: SqlContext, left: Term, right: Term) -> Term:
    """`left - right`."""
    own = _native(context, "subtract", left, right)
    return own or _sum(context, exp.Sub, left, right)


def _native(context: SqlContext, operation: Operation, left: Term, right: Term) -> Term | None:
    """The operation as the engine's own function does it, where it has one."""
    written = context.dialect.arithmetic(operation, left, right)
    if written is None:
        return None
    if _are_integers(left, right) and operation != "divide":
        return Term(written, INTEGER, True, INTEGER_WHOLE)
    scales = {"multiply": left.scale + right.scale, "divide": DECIMAL_SCALE}
    scale = min(scales.get(operation, max(left.scale, right.scale)), DECIMAL_SCALE)
    return Term(written, DECIMAL, True, WHOLE, scale)


def _sum(context: SqlContext, kind: type[exp.Binary], left: Term, right: Term) -> Term:
    whole = max(left.whole, right.whole) + 1
    scale = max(left.scale, right.scale)
    expression = kind(
        this=_wide(context, left, right, whole + scale), expression=_next(context, left, right)
    )
    return _fitted(context, expression, (left, right), whole, scale)


def multiply(context: SqlContext, left: Term, right: Term) -> Term:
    """`left * right`, rounded where more than ten digits may follow the point."""
    own = _native(context, "multiply", left, right)
    if own is not None:
        return own
    whole, scale = left.whole + right.whole, left.scale + right.scale
    expression = exp.Mul(
        this=_wide(context, left, right, whole + scale), expression=_next(context, left, right)
    )
    return _fitted(context, expression, (left, right), whole, scale)


def negate(context: SqlContext, value: Term) -> Term:
    """`-value`; there is one 64-bit integer that has no negative."""
    own = context.dialect.arithmetic("negate", value)
    if own is not None:
        return Term(own, value.type, True, value.whole, value.scale)
    negative: exp.Expr = exp.Neg(this=operand(value.expression))
    if _are_integers(value) and value.whole >= INTEGER_WHOLE:
        return Term(context.dialect.integer_or_unknown(negative), value.type, True, value.whole)
    return Term(negative, value.type, value.optional, value.whole, value.scale)


def divide(context: SqlContext, left: Term, right: Term) -> Term:
    """`left / right`, rounded half-even to ten digits; by zero it is unknown."""
    own = _native(context, "divide", left, right)
    if own is not None:
        return own
    inverse = _exact_inverse(context, right)
    if inverse is not None:
        return multiply(context, left, inverse)
    return _checked(context, _ratio(context, left, right), DECIMAL_SCALE)


def mean(context: SqlContext, total: Term, count: Term) -> Term:
    """A sum through a count; unknown over nothing, and of 64-bit integers too large a decimal."""
    own = _native(context, "divide", total, count)
    if own is not None:
        return own
    ratio = _ratio(context, total, count)
    if _are_integers(total):
        ratio = context.dialect.cast_or_unknown(
            ratio, decimal_type(WHOLE + DECIMAL_SCALE, DECIMAL_SCALE)
        )
    return Term(ratio, DECIMAL, True, WHOLE, DECIMAL_SCALE)


def _ratio(context: SqlContext, left: Term, right: Term) -> exp.Expr:
    """Both as whole numbers, such that their quotient is the result in units of the last digit."""
    digits = DECIMAL_SCALE + right.scale
    tail = max(left.whole + digits - context.dialect.widest_integer, 0)
    numerator = _units(context, left, digits - tail)
    denominator = _units(context, right, right.scale)
    units = context.dialect.let(
        {"dividend": numerator, "divisor": denominator},
        lambda bound: _unless_zero(right, bound[1], _quotient(context, bound[0], bound[1], tail)),
    )
    return context.dialect.of_units(units, DECIMAL_SCALE)


def _exact_inverse(context: SqlContext, right: Term) -> Term | None:
    """The inverse of a constant, if it is a short decimal: `/ 100` becomes `* 0.01`."""
    if not isinstance(right.value, int | Decimal) or right.value == 0:
        return None
    with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
        inverse = Decimal(1) / Decimal(right.value)
        if inverse * Decimal(right.value) != 1 or inverse != round(inverse, DECIMAL_SCALE):
            return None
        return constant(context.dialect, inverse.normalize() + Decimal("0.0"))


def _units(context: SqlContext, value: Term, digits: int) -> exp.Expr:
    """A number times 10^`digits` as a wide integer; nothing of it follows the point then."""
    own = context.dialect.units(value, digits)
    if own is not None:
        return own
    first = min(value.scale, digits)
    raised = value.expression
    if first:
        power = constant(context.dialect, 10**first)
        narrow = _wide(context, value, power, value.whole + value.scale + power.whole)
        raised = exp.Mul(this=narrow, expression=power.expression)
    wide = context.dialect.wide_integer(raised)
    rest = digits - first
    return exp.Mul(this=wide, expression=_power(context, rest)) if rest else wide


def _power(context: SqlContext, digits: int) -> exp.Expr:
    """A power of ten, which may be too large for a 64-bit integer."""
    if context.dialect.sizes_decimals:  # and takes any literal without a point for one of scale 0
        return number(10**digits)
    return context.dialect.decimal(Decimal(10**digits))


def _unless_zero(right: Term, bottom: exp.Expr, quotient: exp.Expr) -> exp.Expr:
    """NULL where the divisor is zero (`NULLIF` would have DuckDB compute the divisor twice)."""
    if right.value is not None and right.value != 0:
        return quotient
    sure = exp.NEQ(this=bottom.copy(), expression=number(0))
    return exp.Case().when(sure, quotient)


def _quotient(context: SqlContext, top: exp.Expr, bottom: exp.Expr, tail: int) -> exp.Expr:
    """The quotient of wide integers, half-even; of the numerator, `tail` zeros are to come yet.

    Long division in two strokes keeps the numerator within the widest integer.
    """
    dialect = context.dialect
    quotient = dialect.whole_quotient(top.copy(), bottom.copy())
    remainder = dialect.remainder(top.copy(), bottom.copy())
    if tail:
        zeros = _power(context, tail)
        rest = exp.Mul(this=operand(remainder), expression=zeros.copy())
        begun = exp.Mul(this=operand(quotient), expression=zeros)
        more = dialect.whole_quotient(rest.copy(), bottom.copy())
        quotient = exp.Add(this=begun, expression=operand(more))
        remainder = dialect.remainder(rest, bottom.copy())

    def nearest(bound: Sequence[exp.Expr]) -> exp.Expr:
        (cut,) = bound
        double = exp.Mul(this=exp.Abs(this=remainder), expression=number(2))
        whole = exp.Abs(this=bottom.copy())
        odd = exp.NEQ(this=dialect.remainder(cut.copy(), number(2)), expression=number(0))
        up = any_true(
            exp.GT(this=double, expression=whole),
            all_true(exp.EQ(this=double.copy(), expression=whole.copy()), odd),
        )
        negative = exp.NEQ(
            this=exp.Paren(this=exp.LT(this=top.copy(), expression=number(0))),
            expression=exp.Paren(this=exp.LT(this=bottom.copy(), expression=number(0))),
        )
        step = exp.Case().when(negative, number(-1)).else_(number(1))
        return exp.Add(this=cut.copy(), expression=exp.Case().when(up, step).else_(number(0)))

    return dialect.let({"quotient": quotient}, nearest)


def _are_integers(*terms: Term) -> bool:
    return all(isinstance(term.type, IntegerType) for term in terms)


def _wide(context: SqlContext, left: Term, right: Term, digits: int) -> exp.Expr:
    """The left operand, cast wide enough for a result of so many digits.

    Engines type the sum of two short literals as a 32-bit integer. They type the product of two
    decimals by the digits of its operands.
    """
    sizes = [term.whole + term.scale for term in (left, right)]
    if max(sizes) <= _SHORT and not left.scale and not right.scale:
        return exp.cast(left.expression, exp.DataType.Type.BIGINT)
    if context.dialect.sizes_decimals:
        return _sized(left, right)
    constants = left.value is not None and right.value is not None
    if not _are_integers(left, right) and (constants or max(sizes) <= _NARROW < digits):
        return context.dialect.wide_decimal(left.expression, left.scale)
    return operand(left.expression)


def _next(context: SqlContext, left: Term, right: Term) -> exp.Expr:
    """The right operand."""
    return _sized(right, left) if context.dialect.sizes_decimals else operand(right.expression)


def _sized(term: Term, other: Term) -> exp.Expr:
    """An operand with no more digits than it needs, where the result has the digits of both."""
    if _are_integers(term) and not _are_integers(other) and term.value is None:
        return exp.cast(term.expression, decimal_type(max(term.whole, 1), 0))
    return operand(term.expression)


def _fitted(
    context: SqlContext, expression: exp.Expr, terms: tuple[Term, Term], whole: int, scale: int
) -> Term:
    """The result of an operation, rounded and checked where its size shows that it may need it."""
    optional = any(term.optional for term in terms)
    if _are_integers(*terms):
        if whole < INTEGER_WHOLE:
            return Term(expression, INTEGER, optional, whole)
        return Term(context.dialect.integer_or_unknown(expression), INTEGER, True, INTEGER_WHOLE)
    spills = whole + scale > WIDEST
    if scale > DECIMAL_SCALE:
        expression = context.dialect.round_even(expression, DECIMAL_SCALE)
        whole, scale = whole + 1, DECIMAL_SCALE
    if spills or whole > WHOLE:
        return _checked(context, expression, scale)
    return Term(expression, DECIMAL, optional, whole, scale)


def _checked(context: SqlContext, expression: exp.Expr, scale: int) -> Term:
    fitting = context.dialect.decimal_or_unknown(expression, decimal_type(WHOLE + scale, scale))
    return Term(fitting, DECIMAL, True, WHOLE, scale)
