"""Whole numbers of a number in SQL, as `rounding.py` has them in Python.

A decimal has 18 digits before the point, so its whole number is a 64-bit integer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from ..dialects.common import numbers
from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Operation
from ..dialects.common.literals import constant
from ..dialects.common.terms import INTEGER_WHOLE, Term, number, operand
from ..plan.types import DECIMAL_SCALE, INTEGER, IntegerType
from .sql_meaning import compared


def floor(context: SqlContext, value: Term) -> Term:
    """`rounded down`, `floor(a)`."""
    return _whole(context, "floor", exp.Floor, value)


def ceil(context: SqlContext, value: Term) -> Term:
    """`rounded up`, `ceil(a)`."""
    return _whole(context, "ceil", exp.Ceil, value)


def half_up(context: SqlContext, value: Term) -> Term:
    """`rounded half up`, `round(a)`: engines round an exact decimal half away from zero."""
    return _whole(context, "half_up", exp.Round, value)


def _whole(context: SqlContext, operation: Operation, kind: type[exp.Func], value: Term) -> Term:
    if isinstance(value.type, IntegerType):
        return replace(value, value=None, since=None)
    written = context.dialect.arithmetic(operation, value)
    if written is None:
        written = exp.cast(kind(this=value.expression), context.dialect.type_of(INTEGER))
    return Term(written, INTEGER, value.optional, min(value.whole + 1, INTEGER_WHOLE))


def whole_times(context: SqlContext, value: Term, unit: Term) -> Term:
    """`per 100 CNY of …`."""
    quotient = numbers.divide(context, value, unit)
    times = floor(context, quotient)
    if quotient.scale >= DECIMAL_SCALE:
        times = _corrected(context, times, value, unit)
    if isinstance(unit.value, int | Decimal) and unit.value > 0:
        return times
    above = compared(context, exp.GT, _copy(unit), constant(context.dialect, 0))
    chosen = exp.Case().when(above, times.expression)
    return replace(times, expression=chosen, optional=True)


def _corrected(context: SqlContext, times: Term, value: Term, unit: Term) -> Term:
    def fewer(bound: Sequence[exp.Expr]) -> exp.Expr:
        (found,) = bound
        product = numbers.multiply(context, replace(times, expression=found.copy()), _copy(unit))
        over = compared(context, exp.GT, product, _copy(value))
        return exp.Case().when(over, _plus(found, -1)).else_(found.copy())

    corrected = context.dialect.let({"times": times.expression}, fewer)
    return replace(times, expression=corrected)


def _plus(value: exp.Expr, step: int) -> exp.Expr:
    kind = exp.Add if step > 0 else exp.Sub
    return kind(this=operand(value.copy()), expression=number(abs(step)))


def _copy(term: Term) -> Term:
    return replace(term, expression=term.expression.copy())
