"""Operators as Python code and as an index: the column `inline` of `table.py`.

The event path compiles conditions. It calls the function in the column `python` for most
operators. An operator that is one Python expression is written here as code. A comparison with a
constant also has a form for an index, which evaluates many conditions at once. A test compares
each form with the column `python`, value by value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import python_meaning

Code = Callable[[Sequence[ast.expr]], ast.expr]
"""Builds the code of an operation from the code of its operands, each evaluated once.

The caller handles unknown operands, except for rows marked `own`: their operands may be `None`.
"""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How sorted bounds answer `value OPERATOR bound`: those `before` or `after` a place hold.

    The place is where `bisect` on that `side` would put the value among the bounds.
    """

    side: Literal["left", "right"]
    hold: Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Inline:
    """The code, and how an index finds what holds where all operands but the first are constants.

    `same`: the operand is one of the constants, so a dictionary of them finds it.
    """

    code: Code
    index: Literal["same"] | Ladder | None = None


def _compare(operator: ast.cmpop) -> Code:
    return lambda operands: ast.Compare(operands[0], [operator], [operands[1]])


def _one_of(operands: Sequence[ast.expr]) -> ast.expr:
    choices = ast.Tuple(list(operands[1:]), ast.Load())
    return ast.Compare(operands[0], [ast.In()], [choices])


def _contains(operands: Sequence[ast.expr]) -> ast.expr:
    return ast.Compare(operands[1], [ast.In()], [operands[0]])


def _joined(operator: ast.boolop) -> Code:
    return lambda operands: (
        ast.BoolOp(operator, [_is_true(each) for each in operands])
        if len(operands) > 1
        else _is_true(operands[0])
    )


def _negation(operands: Sequence[ast.expr]) -> ast.expr:
    return ast.UnaryOp(ast.Not(), operands[0])


def _itself(operands: Sequence[ast.expr]) -> ast.expr:
    return operands[0]


def _is_known(operands: Sequence[ast.expr]) -> ast.expr:
    if isinstance(operands[0], ast.Constant):
        return ast.Constant(operands[0].value is not None)
    return ast.Compare(operands[0], [ast.IsNot()], [ast.Constant(None)])


def _is_true(operand: ast.expr) -> ast.expr:
    """A boolean that may be unknown as one that is not: only what is true holds."""
    match operand:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.Constant():
            return operand
        case _:
            return ast.Compare(operand, [ast.Is()], [ast.Constant(True)])


FORMS: Mapping[Callable[..., Any], Inline] = {
    python_meaning.all_of: Inline(_joined(ast.And())),
    python_meaning.any_of: Inline(_joined(ast.Or())),
    python_meaning.negation: Inline(_negation),
    python_meaning.holds: Inline(_itself),
    python_meaning.is_known: Inline(_is_known),
    python_meaning.equal: Inline(_compare(ast.Eq()), "same"),
    python_meaning.not_equal: Inline(_compare(ast.NotEq())),
    python_meaning.less: Inline(_compare(ast.Lt()), Ladder("right", "after")),
    python_meaning.at_most: Inline(_compare(ast.LtE()), Ladder("left", "after")),
    python_meaning.greater: Inline(_compare(ast.Gt()), Ladder("left", "before")),
    python_meaning.at_least: Inline(_compare(ast.GtE()), Ladder("right", "before")),
    python_meaning.one_of: Inline(_one_of, "same"),
    python_meaning.contains: Inline(_contains),
}
