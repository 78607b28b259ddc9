"""SQL on its way: expressions with what the lowering needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from ...plan.types import DECIMAL_DIGITS, DECIMAL_SCALE, ValueType
from ...plan.values import Value

INTEGER_WHOLE = 19
"""Digits before the point of a 64-bit integer."""

WHOLE = DECIMAL_DIGITS - DECIMAL_SCALE
"""Digits before the point of a decimal or an amount of money."""

WIDEST = 38
"""Digits of the largest decimal that every engine has."""


@dataclass(frozen=True, slots=True)
class Term:
    """An SQL expression of a plan's type.

    Instants are zoneless timestamps in UTC. A number is below 10^`whole` in size and has at most
    `scale` digits after the point. `value` is that of a constant, `since` the instant of `days
    since` it.
    """

    expression: exp.Expr
    type: ValueType
    optional: bool
    whole: int = 0
    scale: int = 0
    value: Value | None = None
    since: exp.Expr | None = None

    def as_type(self, type_: ValueType, *, optional: bool) -> Term:
        """The same expression as a value of this type."""
        return replace(self, type=type_, optional=optional, value=None)


def text(value: str) -> exp.Literal:
    """A piece of text, quoted by the dialect."""
    return exp.Literal.string(value)


def number(value: int | str) -> exp.Expr:
    """A number as it is written."""
    written = str(value)
    if written.startswith("-"):
        return exp.Neg(this=exp.Literal.number(written[1:]))
    return exp.Literal.number(written)


def column(name: str, relation: str | None = None) -> exp.Column:
    """A column of a CTE; quoted where its name needs it."""
    return exp.column(name, table=relation)


def decimal_type(digits: int, scale: int) -> exp.DataType:
    """`DECIMAL(digits, scale)`."""
    sizes = [exp.DataTypeParam(this=exp.Literal.number(size)) for size in (digits, scale)]
    return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=sizes)


def all_true(*parts: exp.Expr) -> exp.Expr:
    """The conditions joined by AND, as few parentheses as they need."""
    first, *others = (exp.Paren(this=one) if isinstance(one, exp.Or) else one for one in parts)
    for other in others:
        first = exp.And(this=first, expression=other)
    return first


def any_true(*parts: exp.Expr) -> exp.Expr:
    """The conditions joined by OR."""
    first, *others = (exp.Paren(this=one) if isinstance(one, exp.And) else one for one in parts)
    for other in others:
        first = exp.Or(this=first, expression=other)
    return first


def is_null(expression: exp.Expr) -> exp.Expr:
    """`expression IS NULL`."""
    return exp.Is(this=operand(expression), expression=exp.Null())


def is_simple(expression: exp.Expr) -> bool:
    """Whether writing the expression twice costs nothing."""
    inner = expression.this if isinstance(expression, exp.Neg) else expression
    return isinstance(inner, exp.Column | exp.Literal | exp.Identifier)


def operand(expression: exp.Expr) -> exp.Expr:
    """The expression with parentheses around it, where it needs them as part of a larger one."""
    loose = exp.Binary | exp.Unary | exp.Between | exp.In | exp.Interval
    tight = exp.Paren | exp.Dot
    if isinstance(expression, loose) and not isinstance(expression, tight):
        return exp.Paren(this=expression)
    return expression
