"""Exact arithmetic in Spark.

Spark sizes a decimal result by its operands. Beyond 38 digits it drops fractional digits, down
to six. Results that may be that large are computed in units of the last digit, as `DECIMAL(38,
0)`, which has none to drop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from ...plan.types import DECIMAL_SCALE, IntegerType
from ..common.ranges import with_left
from ..common.terms import WHOLE, WIDEST, Term, decimal_type, number, operand

Let = Callable[[Mapping[str, exp.Expr], Callable[[Sequence[exp.Expr]], exp.Expr]], exp.Expr]

_KEPT = 6
"""Digits after the point that Spark never gives up."""

_SPARE = 3
"""Digits of a product beyond those of its factors: one of its own, a zero after each's point."""

_TRIED: Mapping[type[exp.Expr], str] = {
    exp.Add: "TRY_ADD",
    exp.Sub: "TRY_SUBTRACT",
    exp.Mul: "TRY_MULTIPLY",
}


def try_cast(value: exp.Expr, type_: exp.DataType) -> exp.Expr:
    """The value as this type, NULL where it does not fit."""
    return exp.TryCast(this=value, to=type_, safe=True)


def tried(operation: exp.Expr) -> exp.Expr:
    """An operation on 64-bit integers, NULL where the result is none."""
    bigint = exp.DataType(this=exp.DataType.Type.BIGINT)
    if isinstance(operation, exp.Neg):
        nothing = exp.cast(number(0), bigint)
        return exp.Anonymous(this="TRY_SUBTRACT", expressions=[nothing, operation.this])
    first = operation.this.unnest()
    if not isinstance(first, exp.Column | exp.Cast):
        operation = with_left(operation, bigint)
    parts = [operation.this.unnest(), operation.expression.unnest()]
    return exp.Anonymous(this=_TRIED[type(operation)], expressions=parts)


def product(let: Let, left: Term, right: Term) -> exp.Expr | None:
    """The product of two decimals, rounded; NULL on overflow.

    Return `None` if the plain operation is exact. `let` is that of the dialect.
    """
    if isinstance(left.type, IntegerType) and isinstance(right.type, IntegerType):
        return None
    scale = left.scale + right.scale
    if left.whole + right.whole + scale + _SPARE <= WIDEST:
        return None
    if scale <= _KEPT:
        factors = [_sized(left), _sized(right)]
        found: exp.Expr = exp.Anonymous(this="TRY_MULTIPLY", expressions=factors)
        return try_cast(found, decimal_type(WHOLE + scale, scale))
    found = exp.Anonymous(this="TRY_MULTIPLY", expressions=[_units(left), _units(right)])
    if scale > DECIMAL_SCALE:
        found = let({"product": found}, lambda bound: _rounded(bound[0], scale - DECIMAL_SCALE))
    kept = min(scale, DECIMAL_SCALE)
    return exp.cast(of_units(found, kept), decimal_type(WHOLE + kept, kept))


def _rounded(units: exp.Expr, spare: int) -> exp.Expr:
    """A whole number (simple) without so many of its last digits, rounded half-even."""
    # What would be rounded up to 39 digits is an error.
    limit = number(10**WIDEST - 5 * 10 ** (spare - 1))
    fits = exp.LT(this=exp.Abs(this=units.copy()), expression=limit)
    rounded = exp.func("BROUND", units.copy(), number(-spare))
    shorter = exp.Anonymous(this="TRY_DIVIDE", expressions=[rounded, number(10**spare)])
    return exp.Case().when(fits, shorter)


def _sized(term: Term) -> exp.Expr:
    """A factor; an integer as a decimal of as many digits as it has."""
    if not isinstance(term.type, IntegerType) or term.value is not None:
        return term.expression
    return exp.cast(term.expression, decimal_type(max(term.whole, 1), 0))


def _units(term: Term) -> exp.Expr:
    """A number as a whole one: how many of its last digit it is."""
    raised = term.expression
    if term.scale:
        raised = exp.Mul(this=operand(raised), expression=number(10**term.scale))
    return exp.cast(raised, decimal_type(WIDEST, 0))


def of_units(units: exp.Expr, scale: int) -> exp.Expr:
    """The decimal of so many (a whole number) of the last of `scale` digits; NULL if too large."""
    fitting = try_cast(units, decimal_type(WHOLE + scale, 0))
    return exp.Div(this=fitting, expression=number(10**scale))


def whole_quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """The quotient cut off; what has more digits than any decimal of the language is NULL."""
    rest = exp.Mod(this=operand(left.copy()), expression=operand(right.copy()))
    even = exp.Sub(this=operand(left), expression=operand(rest))
    found = exp.Anonymous(this="TRY_DIVIDE", expressions=[even, right])
    return try_cast(found, decimal_type(WHOLE + DECIMAL_SCALE, 0))
