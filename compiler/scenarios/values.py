"""The fields that a scenario gives, as typed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label, Phrase
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.tree import scenarios as nodes
from ..check.literals import type_words
from ..codes import scenarios as codes
from ..plan import Column
from ..plan.types import (
    BooleanType,
    DateType,
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    TimeType,
    minor_unit,
)
from ..plan.values import Value, decode
from .reader import Reader

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Not a value of the field's type."""


_UNFIT = _Unfit()


def given_values(
    reader: Reader, fields: nodes.Fields, columns: Sequence[Column], of: Phrase
) -> dict[str, Value | None]:
    """The values of the fields, by name; values that do not fit their columns are reported."""
    known = {column.name: column for column in columns}
    found: dict[str, Value | None] = {}
    first: dict[str, tree.Name] = {}
    for one in fields:
        name = one.name.text
        if name not in known:
            values = {"name": name, "of": of, **suggestions(name, known)}
            reader.report(codes.FIELD_UNKNOWN, one.name, **values)
        elif name in first:
            label = Label(first[name].span.place, codes.DECLARED_FIRST)
            reader.report(codes.GIVEN_TWICE, one.name, label, name=f"`{name}`")
        else:
            first[name] = one.name
            value = _value(reader, one.value, known[name])
            if isinstance(value, _Unfit) or not _in_range(value, known[name]):
                reader.report(codes.VALUE_UNFIT, one.value, **_expected(one, known[name]))
            else:
                found[name] = value
    return found


def _expected(field: nodes.GivenField, column: Column) -> dict[str, str | Phrase]:
    text = " ".join(field.value.span.text.split())
    values: dict[str, str | Phrase] = {"name": column.name, "found": text}
    values["type"] = type_words(column.type)
    if isinstance(column.type, MoneyType):
        values["example"] = f"`30 {column.type.currency}`"
    elif isinstance(column.type, EnumType):
        values["example"] = ", ".join(f"`{one}`" for one in column.type.values[:8])
    elif column.minimum is not None or column.maximum is not None:
        values["example"] = f"`{column.minimum or '~'}` – `{column.maximum or '~'}`"
    return values


def _value(reader: Reader, node: nodes.GivenValue, column: Column) -> Value | _Unfit | None:
    if isinstance(node, tree.Name) and node.text == UNKNOWN:
        return None if column.optional else _UNFIT
    match column.type:
        case IntegerType() | DecimalType() | MoneyType():
            return _amount(node, column)
        case TextType():
            return node.value if isinstance(node, tree.Text) else _UNFIT
        case EnumType(values):
            word = node.value if isinstance(node, tree.Text) else None
            word = node.text if isinstance(node, tree.Name) else word
            return word if word in values else _UNFIT
        case BooleanType():
            return node.value if isinstance(node, tree.Boolean) else _UNFIT
        case TimeType():
            return node.value if isinstance(node, tree.TimeLiteral) else _UNFIT
        case DateType():
            if isinstance(node, nodes.Distance) and node.at is None:
                return reader.day(reader.distance(node))
            return node.value if isinstance(node, tree.DateLiteral) else _UNFIT
        case TimestampType():
            if isinstance(node, nodes.Distance):
                return reader.distance(node)
            if isinstance(node, tree.DateLiteral | tree.TimestampLiteral):
                return reader.instant(node)
            return _UNFIT
        case _:
            return _UNFIT


def _amount(node: nodes.GivenValue, column: Column) -> Value | _Unfit:
    sign = 1
    if isinstance(node, nodes.MinusAmount):
        sign, node = -1, node.amount
    match column.type, node:
        case IntegerType(), tree.Number(value, True):
            return sign * int(value)
        case DecimalType(), tree.Number(value):
            return sign * value
        case DecimalType(), tree.Percent(value):
            return sign * value / 100
        case MoneyType(currency), tree.Money(amount, own) if own == currency:
            fits = amount == round(amount, minor_unit(currency))
            return sign * round(amount, minor_unit(currency)) if fits else _UNFIT
        case _:
            return _UNFIT


def _in_range(value: Value | None, column: Column) -> bool:
    """Whether a value lies in the range that the catalog gives."""
    if value is None:
        return True
    for bound, sign in ((column.minimum, 1), (column.maximum, -1)):
        if bound is None:
            continue
        end = decode(column.type, bound)
        lower, upper = (end, value) if sign > 0 else (value, end)
        if isinstance(lower, int | Decimal) and isinstance(upper, int | Decimal):
            if lower > upper:
                return False
        elif str(lower) > str(upper):
            return False
    return True
