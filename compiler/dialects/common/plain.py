"""For engines that have no FILTER, no TRY and no way to name a value within an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from ...plan.arithmetic import INTEGER_MAX, INTEGER_MIN
from .terms import number, operand

if TYPE_CHECKING:
    from .dialect import Dialect

Limit = Callable[[int], exp.Expr]
"""How an engine writes a whole number of any size."""


def let_written_out(
    values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
) -> exp.Expr:
    """`Dialect.let` with each value written wherever the body uses it."""
    # A body copies what it uses again, so the first use may take what was given.
    return body(tuple(values.values()))


def filtered_inside(aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
    """An aggregate over a CASE that is NULL, and so not counted, where the condition is not met."""
    inner = aggregate.this
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [_where(looked, one) for one in inner.expressions])
    else:
        aggregate.set("this", _where(looked, inner))
    return aggregate


def _where(looked: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case().when(looked.copy(), value.copy())


def within_limits(value: exp.Expr, type_: exp.DataType, write: Limit = number) -> exp.Expr:
    """A number, or NULL where BIGINT or DECIMAL of this size cannot hold it; it is written once.

    What is too large is first made the limit, which the NULLIFs then take away. A NULL stays one,
    whether the engine's LEAST passes over it or not.
    """
    sizes = [int(size.name) for size in type_.expressions]
    if sizes:
        high = int(Decimal(10) ** (sizes[0] - sizes[1]))
        low = -high
    else:
        low, high = INTEGER_MIN - 1, INTEGER_MAX + 1
    below = exp.Least(this=value, expressions=[write(high)])
    between = exp.Greatest(this=below, expressions=[write(low)])
    above = exp.Nullif(this=between, expression=write(high))
    return exp.Nullif(this=above, expression=write(low))


def rounded_by_rest(dialect: Dialect, value: exp.Expr, scale: int) -> exp.Expr:
    """`Dialect.round_even` for an engine whose ROUND always rounds halves away from zero.

    Divide a value halfway between two neighbours by two units of the last digit. The remainder
    is half a unit exactly if the neighbour closer to zero is even.
    """
    two, half = (Decimal(one).scaleb(-scale) for one in ("2", "0.5"))

    def rounded(bound: Sequence[exp.Expr]) -> exp.Expr:
        (one,) = bound
        rest = exp.Mod(this=exp.Abs(this=one.copy()), expression=dialect.decimal(two))
        tie = exp.EQ(this=exp.Paren(this=rest), expression=dialect.decimal(half))
        cut = exp.Trunc(this=one.copy(), decimals=number(scale))
        nearest = exp.Round(this=one.copy(), decimals=number(scale))
        return exp.Case().when(tie, cut).else_(nearest)

    return dialect.let({"value": value}, rounded)


def exact_quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """The exact quotient of wide integers, for engines that round the quotient of decimals."""
    rest = exp.Mod(this=operand(left.copy()), expression=operand(right.copy()))
    whole = exp.Sub(this=operand(left), expression=exp.Paren(this=rest))
    return exp.Div(this=exp.Paren(this=whole), expression=operand(right), typed=True)


def known_or(values: Sequence[exp.Expr], otherwise: exp.Expr) -> list[exp.Expr]:
    """The values, each replaced where it is NULL."""
    return [exp.Coalesce(this=one, expressions=[otherwise.copy()]) for one in values]


LARGEST_EXPRESSION = 20_000
"""Parts of an expression in which values stand written out again and again: then it is too deep."""


def is_too_large(expression: exp.Expr) -> bool:
    """Whether writing values out has made more of the expression than an engine reads."""
    return any(place >= LARGEST_EXPRESSION for place, _ in enumerate(expression.walk()))
