"""The names of the multiples of an amount, see `firings.multiple_text`."""

from __future__ import annotations

from sqlglot import exp

from ...dialects.common.dialect import Dialect
from ...dialects.common.terms import number, text
from ...plan import Pattern
from ...plan.triggers import digits_after_point
from ...plan.types import INTEGER


def multiple_text(dialect: Dialect, pattern: Pattern, reached: exp.Expr) -> list[exp.Expr]:
    """The pieces of a multiple's name. `reached` is how often the amount is in it.

    The amount's digits after the point are counted by themselves, so that 64 bits are enough.
    """
    if not pattern.crosses_several:
        return [dialect.value_text(reached, INTEGER)]
    digits = digits_after_point(pattern.amount)
    one, amount = 10**digits, int(pattern.amount.scaleb(digits))
    if not digits:
        product = exp.Mul(this=reached, expression=number(amount))
        return [dialect.value_text(product, INTEGER)]
    rest = exp.Mul(
        this=exp.Paren(this=dialect.remainder(reached.copy(), number(one))),
        expression=number(amount),
    )
    full = exp.Mul(
        this=exp.Paren(this=dialect.whole_quotient(reached.copy(), number(one))),
        expression=number(amount),
    )
    whole = exp.Add(this=full, expression=dialect.whole_quotient(exp.Paren(this=rest), number(one)))
    ending = exp.Add(
        this=dialect.remainder(exp.Paren(this=rest.copy()), number(one)), expression=number(one)
    )
    shown = exp.Substring(
        this=dialect.value_text(ending, INTEGER), start=number(2), length=number(digits)
    )
    return [dialect.value_text(whole, INTEGER), text("."), shown]
