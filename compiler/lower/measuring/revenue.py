"""Revenue: a sum of totals and counts of events, each times a fixed factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, find_column, folded, origin
from ...check.literals import money, type_words
from ...codes import names
from ...codes import types as type_codes
from ...codes.measuring import measures as words
from ...plan.expressions import Expression
from ...plan.types import DECIMAL_SCALE, DecimalType, IntegerType, MoneyType
from .events import event_named, where_of


@dataclass(frozen=True, slots=True)
class _Product:
    """A factor, and the aggregate that it multiplies, if any. `money`: the factor is an amount."""

    factor: Decimal
    money: bool = False
    of: tree.Aggregate | None = None


def revenue_parts(c: Context, node: tree.Expression) -> tuple[plan.RevenuePart, ...] | None:
    """The parts of a revenue; `None` after a mistake, which is reported."""
    products = _products(c, node)
    if products is None:
        return None
    parts = [_part(c, node, one) for one in products]
    return None if None in parts else cast(tuple[plan.RevenuePart, ...], tuple(parts))


def _products(c: Context, node: tree.Expression) -> list[_Product] | None:
    """The node as a sum of products; `None` if it is none, which is reported."""
    match node:
        case tree.Number(value):
            return [_Product(value)]
        case tree.Percent(value):
            return [_Product(value.scaleb(-2))]
        case tree.Money():
            amount = _money(c, node)
            return None if amount is None else [_Product(amount, money=True)]
        case tree.Negative(inner):
            found = _products(c, inner)
            return None if found is None else _negated(found)
        case tree.Aggregate(function, history, distinct) if (
            function in ("sum", "count") and not distinct and not history.received
        ):
            if history.window is not None:
                _refused(c, history.window)
                return None
            return [_Product(Decimal(1), of=node)]
        case tree.Arithmetic(first, rest):
            return _arithmetic(c, node, first, rest)
        case _:
            _refused(c, node)
            return None


def _money(c: Context, node: tree.Money) -> Decimal | None:
    if node.currency != c.currency:
        found, text = MoneyType(node.currency), folded(node.span)
        c.report(words.NO_REVENUE, node, text=text, type=type_words(found), currency=c.currency)
        return None
    return money(c, node)


def _arithmetic(
    c: Context,
    node: tree.Arithmetic,
    first: tree.Expression,
    rest: Sequence[tuple[str, tree.Expression]],
) -> list[_Product] | None:
    total = _products(c, first)
    for sign, operand in rest:
        other = _products(c, operand)
        if total is None or other is None:
            return None
        match sign:
            case "+":
                total = [*total, *other]
            case "-":
                total = [*total, *_negated(other)]
            case "*":
                total = list(_multiplied(total, other)) if _is_fixed(total, other) else None
            case _:
                total = None
        if total is None:
            _refused(c, node)
            return None
    return total


def _negated(found: list[_Product]) -> list[_Product]:
    return [replace(one, factor=-one.factor) for one in found]


def _is_fixed(left: list[_Product], right: list[_Product]) -> bool:
    """Whether one side is a number that needs no event, and no two amounts are multiplied."""
    fixed = any(all(one.of is None for one in side) for side in (left, right))
    amounts = [any(one.money for one in side) for side in (left, right)]
    return fixed and not all(amounts)


def _multiplied(left: list[_Product], right: list[_Product]) -> Iterator[_Product]:
    for one in left:
        for other in right:
            yield _Product(one.factor * other.factor, one.money or other.money, one.of or other.of)


def _refused(c: Context, node: tree.Node) -> None:
    c.report(words.NO_SUM_OF_EVENTS, node, text=folded(node.span))


def _part(c: Context, node: tree.Expression, product: _Product) -> plan.RevenuePart | None:
    if product.of is None:
        _refused(c, node)
        return None
    if product.factor.as_tuple().exponent < -DECIMAL_SCALE:  # type: ignore[operator]
        _refused(c, node)
        return None
    asked = _asked(c, product.of)
    if asked is None:
        return None
    event, field, where, is_money = asked
    if is_money == product.money:
        found = MoneyType(c.currency) if is_money else IntegerType()
        c.report(
            words.NO_REVENUE,
            product.of,
            text=folded(product.of.span),
            type=type_words(found),
            currency=c.currency,
        )
        return None
    return plan.RevenuePart(event, field, where, product.factor, origin(product.of.span))


def _asked(
    c: Context, node: tree.Aggregate
) -> tuple[str, str | None, Expression | None, bool] | None:
    """The event, its field, the condition on it, and whether the total is money."""
    history = node.history
    event = event_named(c, history.event)
    if event is None:
        return None
    where = where_of(c, history.where, event)
    if where is None and history.where is not None:
        return None
    if node.function == "count":
        if history.field is not None:
            event_, field = history.event.text, history.field.text
            c.report(type_codes.COUNT_FIELD, history, event=event_, field=field)
            return None
        return event.name, None, where, False
    if history.field is None:
        _refused(c, node)
        return None
    column = find_column(event.fields, history.field.text)
    if column is None:
        _unknown(c, history.field, event)
        return None
    match column.type:
        case MoneyType(currency) if currency == c.currency:
            return event.name, column.name, where, True
        case IntegerType() | DecimalType():
            return event.name, column.name, where, False
        case _:
            type_, text = type_words(column.type), folded(node.span)
            c.report(words.NO_REVENUE, node, text=text, type=type_, currency=c.currency)
            return None


def _unknown(c: Context, field: tree.Name, event: plan.EventTable) -> None:
    known = suggestions(field.text, (column.name for column in event.fields))
    c.report(names.UNKNOWN_FIELD, field, owner=event.name, name=field.text, **known)
