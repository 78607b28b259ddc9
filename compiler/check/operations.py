"""Typed operations: an operator found in the table, or one clear message why it does not fit."""

from __future__ import annotations

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Fix, Phrase
from ..codes import types as words
from ..operators.build import of, operation_of
from ..operators.table import BOUNDED, find
from ..plan import EventAggregate
from ..plan.expressions import (
    Constant,
    Expression,
    FeatureValue,
    Operation,
    Origin,
    may_be_unknown,
    where,
)
from ..plan.types import BOOLEAN, DateType, EnumType, MoneyType, TimestampType, ValueType
from .context import Context, folded, origin
from .fixes import with_currency
from .literals import type_words

COMPARED = {"equal", "not_equal", "less", "at_most", "greater", "at_least", "in"}


def operation(
    c: Context, node: tree.Node, key: str, words_: str, arguments: tuple[Expression, ...]
) -> Expression | None:
    """The operation of that key over the arguments; a misfit is reported at the node."""
    if key in COMPARED:
        arguments = _dates_together(arguments)
    types = tuple(argument.type for argument in arguments)
    row = find(key, types)
    if row is None:
        _misfit(c, node, words_, arguments)
        return None
    currencies = sorted({type_.currency for type_ in types if isinstance(type_, MoneyType)})
    if len(currencies) > 1:
        c.report(words.CURRENCIES, node, left=currencies[0], right=currencies[1])
        return None
    if key == "divide" and isinstance(arguments[1], Constant) and float(arguments[1].value) == 0:
        c.report(words.DIVISION_BY_ZERO, node, text=folded(node.span))
        return None
    return operation_of(row, arguments, origin(node.span))


def condition(c: Context, node: tree.Node, expression: Expression) -> Expression | None:
    """The expression as a condition: always known. A boolean that may be unknown counts as no."""
    if expression.type != BOOLEAN:
        text = folded(node.span)
        c.report(words.NOT_A_CONDITION, node, text=text, type=type_words(expression.type))
        return None
    found = decided(expression)
    return of("holds", found, at=origin(node.span)) if may_be_unknown(found) else found


def decided(expression: Expression) -> Expression:
    """The expression with the arithmetic of conditions."""
    if not isinstance(expression, Operation):
        return expression
    arguments = tuple(decided(argument) for argument in expression.arguments)
    row = find(BOUNDED.get(expression.operator, ""), tuple(argument.type for argument in arguments))
    if row is not None:
        return operation_of(row, arguments, expression.origin)
    if arguments == expression.arguments:
        return expression
    return of(expression.operator, *arguments, at=expression.origin)


def paid(c: Context, expression: Expression) -> Expression:
    """The expression as an amount to be given: a sum that passed a limit is unknown in it."""
    if isinstance(expression, Operation):
        arguments = tuple(paid(c, argument) for argument in expression.arguments)
        if arguments == expression.arguments:
            return expression
        return of(expression.operator, *arguments, at=expression.origin)
    if not isinstance(expression, FeatureValue):
        return expression
    feature = c.features[expression.feature]
    is_sum = isinstance(feature, EventAggregate) and feature.function == "sum"
    return of("within", expression, at=expression.origin) if is_sum else expression


def conjunction(parts: tuple[Expression, ...], at: Origin | None = None) -> Expression:
    """All of them, as one condition."""
    return parts[0] if len(parts) == 1 else of("and", *parts, at=at)


def expect(c: Context, node: tree.Node, expression: Expression, wanted: ValueType) -> bool:
    """Whether the expression is of the wanted type; if not, that is reported."""
    if expression.type == wanted:
        return True
    text = folded(node.span)
    expected, found = type_words(wanted), type_words(expression.type)
    c.report(words.WRONG_TYPE, node, expected=expected, text=text, type=found)
    return False


def _dates_together(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """An instant compared with a date is taken as its date in the project's zone."""
    kinds = {type(argument.type) for argument in arguments}
    if kinds != {DateType, TimestampType}:
        return arguments
    return tuple(
        of("date_of", one, at=one.origin) if isinstance(one.type, TimestampType) else one
        for one in arguments
    )


def _with_currency(number: Constant, currency: str) -> Fix | None:
    if number.origin is None:
        return None
    return with_currency(where(number.origin), number.origin.text, currency)


def _misfit(c: Context, node: tree.Node, sign: str, arguments: tuple[Expression, ...]) -> None:
    monies = [one for one in arguments if isinstance(one.type, MoneyType)]
    bare = [one for one in arguments if isinstance(one, Constant) and one.type.kind in _NUMBERS]
    if monies and bare and isinstance(monies[0].type, MoneyType):
        c.report_with(
            _with_currency(bare[0], monies[0].type.currency),
            words.NO_CURRENCY,
            node,
            money=_text(monies[0]),
            currency=monies[0].type.currency,
            number=_text(bare[0]),
        )
        return
    left, right = arguments[0].type, arguments[-1].type
    values: dict[str, str | Phrase] = {"operator": sign}
    values |= {"left": type_words(left), "right": type_words(right)}
    if isinstance(left, EnumType) and isinstance(arguments[-1], Constant) and left.values:
        values["fix"] = f"{_text(arguments[0])} {sign} {left.values[0]}"
    c.report(words.MISMATCH, node, **values)


_NUMBERS = ("integer", "decimal")


def _text(expression: Expression) -> str:
    return expression.origin.text if expression.origin else ""
