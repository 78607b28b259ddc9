"""Literals of the tree as constants of the plan, and the words for types in messages."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Phrase
from ..codes import types as words
from ..plan.arithmetic import INTEGER_MAX
from ..plan.calendar import at_clock
from ..plan.expressions import Constant
from ..plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DECIMAL_SCALE,
    DURATION,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    MoneyType,
    ValueType,
    minor_unit,
)
from ..plan.values import Length, Value, encode
from .context import Context, folded, origin

Literal = (
    tree.Number
    | tree.Percent
    | tree.Money
    | tree.Duration
    | tree.DateLiteral
    | tree.TimestampLiteral
    | tree.TimeLiteral
    | tree.Boolean
    | tree.Text
)


def constant(c: Context, node: Literal) -> Constant | None:
    """The literal as a constant; `None` if it is out of range, which is reported."""
    match node:
        case tree.Number():
            return _number(node)
        case tree.Percent(value):
            return _literal(node, DECIMAL, _hundredth(value))
        case tree.Money():
            amount = money(c, node)
            return None if amount is None else _literal(node, MoneyType(node.currency), amount)
        case tree.Duration(count, unit):
            return _literal(node, DURATION, Length(count, unit))
        case tree.DateLiteral(value):
            return _literal(node, DATE, value)
        case tree.TimestampLiteral(value):
            return _literal(node, TIMESTAMP, at_clock(c.zone, value))
        case tree.TimeLiteral(value):
            return _literal(node, TIME, value)
        case tree.Boolean(value):
            return _literal(node, BOOLEAN, value)
        case tree.Text(value):
            return _literal(node, TEXT, value)
        case _:
            assert_never(node)


def money(c: Context, node: tree.Money) -> Decimal | None:
    """An amount that its currency can pay out; anything finer is reported."""
    digits = minor_unit(node.currency)
    if node.amount != round(node.amount, digits):
        nearest = round(node.amount, digits) or Decimal(1).scaleb(-digits)
        fix = f"{nearest:f} {node.currency}"
        text = folded(node.span)
        c.report(words.TOO_FINE, node, text=text, currency=node.currency, fix=fix)
        return None
    return round(node.amount, digits)


def whole(c: Context, node: tree.Number) -> int:
    """A count of things: a whole number above zero; anything else is reported, and counts as 1."""
    if node.whole and 0 < node.value <= INTEGER_MAX:
        return int(node.value)
    fix = str(max(1, round(min(node.value, Decimal(INTEGER_MAX)))))
    c.report(words.NOT_WHOLE, node, text=folded(node.span), fix=fix)
    return 1


def _number(node: tree.Number) -> Constant:
    """A whole number or a decimal; the parser has seen to it that it is in bounds."""
    if node.whole:
        return _literal(node, INTEGER, int(node.value))
    return _literal(node, DECIMAL, node.value.normalize())


def _hundredth(value: Decimal) -> Decimal:
    """A percentage as a part of one, to the digits that every engine keeps."""
    part = value / 100
    kept = round(part, DECIMAL_SCALE)
    return part if part == kept else kept


def _literal(node: tree.Node, type_: ValueType, value: Value) -> Constant:
    return Constant(type_, encode(value), origin(node.span))


def type_words(type_: ValueType) -> Phrase:
    """A type in a marketer's words."""
    match type_.kind:
        case "integer":
            return words.INTEGER
        case "decimal":
            return words.DECIMAL
        case "money":
            return words.MONEY
        case "duration":
            return words.DURATION
        case "date":
            return words.DATE
        case "timestamp":
            return words.TIMESTAMP
        case "time":
            return words.TIME
        case "boolean":
            return words.BOOLEAN
        case "text":
            return words.TEXT
        case "enum":
            return words.ENUM
        case _:
            assert_never(type_.kind)
