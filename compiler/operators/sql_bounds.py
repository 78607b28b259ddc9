"""Arithmetic of conditions in SQL: a result past a limit is that limit, see `python_meaning.py`.

An operation gives NULL where its result is too large, and the signs of its operands say which
limit it passed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp

from ..dialects.common import numbers
from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Dialect, Operation
from ..dialects.common.literals import constant
from ..dialects.common.terms import Term, all_true, any_true, is_null
from ..plan.arithmetic import INTEGER_MAX, INTEGER_MIN, LARGEST
from ..plan.types import DECIMAL, INTEGER, IntegerType
from .sql_meaning import compared

Signs = Callable[..., tuple[exp.Expr, exp.Expr]]
"""For operands that overflow: whether the result is above the limits, and whether below."""


def add(context: SqlContext, left: Term, right: Term) -> Term:
    """`left + right`."""
    return _bounded(context, "bounded_add", numbers.add, _of_sum, left, right)


def subtract(context: SqlContext, left: Term, right: Term) -> Term:
    """`left - right`."""
    return _bounded(context, "bounded_subtract", numbers.subtract, _of_difference, left, right)


def multiply(context: SqlContext, left: Term, right: Term) -> Term:
    """`left * right`."""
    return _bounded(context, "bounded_multiply", numbers.multiply, _of_product, left, right)


def divide(context: SqlContext, left: Term, right: Term) -> Term:
    """`left / right`; by zero it is unknown."""
    found = _bounded(context, "bounded_divide", numbers.divide, _of_product, left, right)
    by_constant = right.value is not None and right.value != 0
    return found if by_constant else replace(found, optional=True)


def negate(context: SqlContext, value: Term) -> Term:
    """`-value`."""
    return _bounded(context, "bounded_negate", numbers.negate, _of_negative, value)


def total(dialect: Dialect, sum_: Term, type_: exp.DataType) -> Term:
    """An exact sum, which is never NULL, as this type; past a limit it is the limit."""
    context = SqlContext(dialect, "UTC", exp.null(), exp.null())
    zero = constant(dialect, 0)
    wide = replace(sum_, expression=sum_.expression.copy(), type=DECIMAL)
    above = compared(context, exp.GTE, wide, zero)
    fitting = replace(sum_, expression=dialect.cast_or_unknown(sum_.expression, type_))
    return _with_limits(dialect, fitting, above, exp.Not(this=exp.Paren(this=above.copy())))


def within(context: SqlContext, value: Term) -> Term:
    """The value, NULL where it is a limit."""
    high, low = _limits(context.dialect, value)

    def told(bound: Sequence[exp.Expr]) -> exp.Expr:
        one = replace(value, expression=bound[0].copy())
        above = compared(context, exp.LT, replace(one, expression=bound[0].copy()), high)
        below = compared(context, exp.GT, one, low)
        return exp.Case().when(all_true(above, below), bound[0].copy())

    written = context.dialect.let({"value": value.expression}, told)
    return replace(value, expression=written, optional=True, value=None)


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand (simple) of an operation whose result is too large."""

    context: SqlContext
    term: Term
    bound: exp.Expr

    @property
    def is_integer(self) -> bool:
        """Whether it may be larger than any decimal."""
        return isinstance(self.term.type, IntegerType)

    @property
    def known(self) -> tuple[exp.Expr, ...]:
        """The condition that it is not NULL, where it can be."""
        return (exp.Not(this=is_null(self.bound.copy())),) if self.term.optional else ()

    def is_(self, kind: type[exp.Binary]) -> exp.Expr:
        """How it compares with zero."""
        zero = constant(self.context.dialect, 0)
        return compared(self.context, kind, replace(self.term, expression=self.bound.copy()), zero)


def _of_sum(left: _Operand, right: _Operand) -> tuple[exp.Expr, exp.Expr]:
    # Both have one sign, or one is an integer that is larger than any decimal.
    first, other = (right, left) if right.is_integer and not left.is_integer else (left, right)
    return (
        all_true(first.is_(exp.GTE), *other.known),
        all_true(first.is_(exp.LT), *other.known),
    )


def _of_difference(left: _Operand, right: _Operand) -> tuple[exp.Expr, exp.Expr]:
    above, below = _of_sum(left, right)
    return (below, above) if right.is_integer and not left.is_integer else (above, below)


def _of_product(left: _Operand, right: _Operand) -> tuple[exp.Expr, exp.Expr]:
    # Zero makes no product too large, and no quotient known.
    def both(first: type[exp.Binary], second: type[exp.Binary]) -> exp.Expr:
        return all_true(left.is_(first), right.is_(second))

    return (
        any_true(both(exp.GT, exp.GT), both(exp.LT, exp.LT)),
        any_true(both(exp.GT, exp.LT), both(exp.LT, exp.GT)),
    )


def _of_negative(value: _Operand) -> tuple[exp.Expr, exp.Expr]:
    return value.is_(exp.LT), value.is_(exp.GT)


def _bounded(
    context: SqlContext,
    name: Operation,
    operation: Callable[..., Term],
    signs: Signs,
    *terms: Term,
) -> Term:
    optional = any(term.optional for term in terms)
    sure = [replace(term, optional=False) for term in terms]
    plain = operation(context, *sure)
    if not plain.optional or not _may_pass(name, plain, terms):
        return replace(plain, optional=optional or plain.optional)
    dialect = context.dialect
    own = dialect.arithmetic(name, *terms)
    if own is not None:
        return replace(plain, expression=own, optional=optional)

    def chosen(bound: Sequence[exp.Expr]) -> exp.Expr:
        found = [
            replace(term, expression=one.copy()) for term, one in zip(sure, bound, strict=True)
        ]
        seen = [_Operand(context, term, one) for term, one in zip(terms, bound, strict=True)]
        return _with_limits(dialect, operation(context, *found), *signs(*seen)).expression

    places = ("left", "right")
    named = {place: one.expression for place, one in zip(places, terms, strict=False)}
    return replace(plain, expression=dialect.let(named, chosen), optional=optional)


def _may_pass(name: Operation, plain: Term, terms: Sequence[Term]) -> bool:
    """Whether the result may pass a limit: no quotient does by a whole number."""
    if name != "bounded_divide":
        return True
    return not isinstance(terms[1].type, IntegerType) or terms[0].whole > plain.whole


def _with_limits(dialect: Dialect, plain: Term, above: exp.Expr, below: exp.Expr) -> Term:
    high, low = _limits(dialect, plain)
    value, top, bottom = dialect.alike([plain, high, low])
    limit = exp.Case().when(above, top, copy=False).when(below, bottom, copy=False)
    return replace(plain, expression=exp.Coalesce(this=value, expressions=[limit]))


def _limits(dialect: Dialect, plain: Term) -> tuple[Term, Term]:
    """The largest and the smallest number of the type."""
    if isinstance(plain.type, IntegerType):
        type_ = dialect.type_of(INTEGER)
        high, low = (constant(dialect, one) for one in (INTEGER_MAX, INTEGER_MIN))
        return (
            replace(high, expression=exp.Cast(this=high.expression, to=type_)),
            replace(low, expression=exp.Cast(this=low.expression, to=type_.copy())),
        )
    scaled = LARGEST.quantize(Decimal(1).scaleb(-plain.scale))
    return constant(dialect, scaled), constant(dialect, -scaled)
