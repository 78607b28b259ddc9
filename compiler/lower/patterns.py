"""Patterns: what a trigger waits for among the events of one customer, and groups of customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, find_column, folded
from ..check.literals import money, type_words, whole
from ..codes import logic, names
from ..codes import types as words
from ..plan import Column, EventTable
from ..plan.expressions import Expression, of_the_event_alone
from ..plan.triggers import is_nameable
from ..plan.types import (
    BooleanType,
    DateType,
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
)

_GROUPED: Mapping[str, Literal["customers", "times"]] = MappingProxyType(
    {"customers": "customers", "times": "times"}
)
_DIFFERENT = TextType | EnumType | IntegerType | BooleanType | DateType


def awaited(
    c: Context, node: tree.Pattern, event: EventTable
) -> tuple[plan.Group | None, plan.Pattern | None]:
    """The group, or the pattern; neither after a mistake, which is reported."""
    if _are_apart(c, node):
        return None, None
    if node.key is not None:
        return _group(c, node, event), None
    return None, _pattern(c, node, event)


def _group(c: Context, node: tree.Pattern, event: EventTable) -> plan.Group | None:
    """The group of `reaching … per FIELD`; `None` after a mistake, which is reported."""
    count, of = node.amount, None if node.of is None else _GROUPED.get(node.of.text)
    if node.key is None or node.of is None or not isinstance(count, tree.Number):
        return None
    if of is None:
        c.report(names.UNKNOWN_COUNTED, node.of, name=node.of.text)
        return None
    number, field = whole(c, count), _field(c, node.key, event)
    if field is None:
        return None
    if not isinstance(field.type, TextType | EnumType | IntegerType):
        c.report(words.NO_GROUP_KEY, node.key, name=field.name, type=type_words(field.type))
        return None
    return plan.Group(number, of, field.name, _span(node.within))


def _pattern(c: Context, node: tree.Pattern, event: EventTable) -> plan.Pattern | None:
    """The pattern of one customer's events; `None` after a mistake, which is reported."""
    measured = _measured(c, node, event)
    if measured is None:
        return None
    of, amount, field = measured
    return plan.Pattern(of, amount, field, node.every, _span(node.within), node.each)


_Of = Literal["times", "sum", "different", "days", "days_in_a_row"]


def _measured(
    c: Context, node: tree.Pattern, event: EventTable
) -> tuple[_Of, Decimal, str | None] | None:
    match node:
        case tree.Pattern(amount=tree.Duration() as days, in_a_row=row):
            if not days.count:
                c.report(words.NOT_WHOLE, node.amount, text=folded(node.amount.span), fix="7 days")
            return "days_in_a_row" if row else "days", Decimal(days.count), None
        case tree.Pattern(of=None, field=tree.Name() as name):
            return _sum(c, node, name, event)
        case tree.Pattern(amount=tree.Number() as count, of=tree.Name("times"), field=None):
            return "times", Decimal(whole(c, count)), None
        case tree.Pattern(
            amount=tree.Number() as count, of=tree.Name("different"), field=tree.Name() as name
        ):
            field = _field(c, name, event)
            if field is None:
                return None
            if not isinstance(field.type, _DIFFERENT):
                c.report(words.NOT_DIFFERENT, name, name=field.name, type=type_words(field.type))
                return None
            return "different", Decimal(whole(c, count)), field.name
        case tree.Pattern(of=tree.Name("customers") as of, field=None):
            c.report(words.CUSTOMERS_OF_NO_GROUP, of)
            return None
        case _:
            c.report(names.UNKNOWN_COUNTED, node.of or node, name=_pattern_words(node))
            return None


def _pattern_words(node: tree.Pattern) -> str:
    return " ".join(one.text for one in (node.of, node.field) if one is not None)


def _sum(
    c: Context, node: tree.Pattern, name: tree.Name, event: EventTable
) -> tuple[_Of, Decimal, str] | None:
    field = _field(c, name, event)
    if field is None:
        return None
    value: Decimal | None
    match node.amount, field.type:
        case tree.Money() as amount, MoneyType(currency) if currency == amount.currency:
            value = money(c, amount)
            if value is None:
                return None
        case tree.Number() as amount, IntegerType() if amount.whole:
            value = amount.value
        case tree.Number() as amount, DecimalType():
            value = amount.value
        case _:
            value = None
    if value is None or value <= 0:
        amount_text, type_ = folded(node.amount.span), type_words(field.type)
        c.report(words.NOT_REACHED, node.amount, text=amount_text, name=field.name, type=type_)
        return None
    if node.every and not is_nameable(value):
        c.report(words.MULTIPLES_TOO_FINE, node.amount, text=folded(node.amount.span))
        return None
    return "sum", value, field.name


def _field(c: Context, name: tree.Name, event: EventTable) -> Column | None:
    field = find_column(event.fields, name.text)
    if field is None:
        known = suggestions(name.text, (one.name for one in event.fields))
        c.report(names.UNKNOWN_FIELD, name, owner=event.name, name=name.text, **known)
    return field


def _span(node: tree.Duration | None) -> plan.Span | None:
    return None if node is None else plan.Span(node.count, node.unit)


def _are_apart(c: Context, node: tree.Pattern) -> bool:
    """Whether parts of it cannot stand together, which is reported."""
    written = dict(_parts(node))
    for first, second in _APART:
        if first in written and second in written:
            c.report(words.NOT_TOGETHER, node, first=written[first], second=written[second])
            return True
    return False


_APART = (
    ("every", "within"),
    ("in a row", "within"),
    ("in a row", "each"),
    ("each", "within"),
    ("each", "per"),
    ("different", "per"),
)


def _parts(node: tree.Pattern) -> Iterator[tuple[str, str]]:
    if node.every:
        yield "every", "every"
    if node.of is not None and node.of.text == "different":
        yield "different", "different"
    if node.key is not None:
        yield "per", f"per {node.key.text}"
    if node.in_a_row:
        yield "in a row", "in a row"
    if node.each is not None:
        yield "each", f"each {node.each}"
    if node.within is not None:
        yield "within", f"within {folded(node.within.span)}"


def report_foreign(
    c: Context, pattern: tree.Pattern, node: tree.Expression | None, where: Expression | None
) -> None:
    """Report a condition that reads more than the event: other events are counted by it too."""
    if node is not None and where is not None and not of_the_event_alone(where):
        code = logic.PATTERN_BY_OTHERS if pattern.key is None else logic.GROUP_BY_OTHERS
        c.report(code, node, text=folded(node.span))
