"""Whole numbers of a number in SQL, as `rounding.py` has them in Python.

Only `Dialect.round_even` is needed: the whole number nearest to a number is one off at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from ..dialects.common import numbers
from ..dialects.common.context import SqlContext
from ..dialects.common.literals import constant
from ..dialects.common.terms import INTEGER_WHOLE, Term, all_true, number, operand
from ..plan.types import DECIMAL, DECIMAL_SCALE, INTEGER
from .sql_meaning import compared

Steps = Callable[[Term, Term], list[tuple[exp.Expr, int]]]
"""For a number and the whole number nearest to it: conditions, and how far off it then is."""


def floor(context: SqlContext, value: Term) -> Term:
    """`rounded down`."""
    return _stepped(context, value, lambda x, near: [(compared(context, exp.GT, near, x), -1)])


def ceil(context: SqlContext, value: Term) -> Term:
    """`rounded up`."""
    return _stepped(context, value, lambda x, near: [(compared(context, exp.LT, near, x), 1)])


def half_up(context: SqlContext, value: Term) -> Term:
    """`rounded half up`: `round_even` differs at halves that are above an even number."""
    zero = constant(context.dialect, 0)

    def steps(x: Term, near: Term) -> list[tuple[exp.Expr, int]]:
        rest = numbers.subtract(context, x, near)
        sides = ((exp.GT, Decimal("0.5"), 1), (exp.LT, Decimal("-0.5"), -1))
        return [
            (
                all_true(
                    compared(context, exp.EQ, rest, constant(context.dialect, half)),
                    compared(context, side, replace(x, expression=x.expression.copy()), zero),
                ),
                step,
            )
            for side, half, step in sides
        ]

    return _stepped(context, value, steps)


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


def _stepped(context: SqlContext, value: Term, steps: Steps) -> Term:
    dialect, whole = context.dialect, min(value.whole + 1, INTEGER_WHOLE)
    if not value.scale:
        return Term(_integer(value.expression), INTEGER, value.optional, whole)

    def stepped(x: exp.Expr, near: exp.Expr) -> exp.Expr:
        exact = replace(value, expression=x.copy(), value=None)
        nearest = Term(near.copy(), DECIMAL, value.optional, whole)
        chosen, found = exp.Case(), _integer(near)
        for holds, step in steps(exact, nearest):
            chosen = chosen.when(holds, _plus(found, step))
        return chosen.else_(found)

    written = dialect.let(
        {"exact": value.expression},
        lambda outer: dialect.let(
            {"nearest": dialect.round_even(outer[0].copy(), 0)},
            lambda inner: stepped(outer[0], inner[0]),
        ),
    )
    return Term(written, INTEGER, value.optional, whole)


def _integer(value: exp.Expr) -> exp.Expr:
    """A whole number as an integer; a decimal has 18 digits before the point, so it always fits."""
    return exp.cast(value.copy(), exp.DataType.Type.BIGINT)


def _plus(value: exp.Expr, step: int) -> exp.Expr:
    kind = exp.Add if step > 0 else exp.Sub
    return kind(this=operand(value.copy()), expression=number(abs(step)))


def _copy(term: Term) -> Term:
    return replace(term, expression=term.expression.copy())
