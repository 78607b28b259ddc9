"""Known values in SQL, and values as text."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import assert_never

from sqlglot import exp

from ...plan.types import (
    DECIMAL,
    INTEGER,
    BooleanType,
    DateType,
    DecimalType,
    DurationType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    TimeType,
    ValueType,
)
from ...plan.values import Length, Value
from .dialect import Dialect
from .terms import Term, number, operand, text


def constant(dialect: Dialect, value: int | Decimal) -> Term:
    """A number of the author's; a decimal keeps its point, whatever its value."""
    whole, _, fraction = format(value, "f").removeprefix("-").partition(".")
    digits, scale = len(whole.lstrip("0")), len(fraction)
    if isinstance(value, Decimal):
        return Term(dialect.decimal(value), DECIMAL, False, digits, scale, value)
    return Term(number(value), INTEGER, False, digits, 0, value)


def literal(dialect: Dialect, known: Value) -> exp.Expr:
    """A known value in SQL; an instant as a zoneless timestamp in UTC."""
    match known:
        case bool():
            return exp.Boolean(this=known)
        case int() | Decimal():
            return constant(dialect, known).expression
        case str():
            return text(known)
        case datetime():
            return dialect.timestamp(known)
        case date():
            return dialect.date(known)
        case time():
            return dialect.time(known)
        case Length(count, unit):
            return text(f"{count} {unit}")
        case _:
            assert_never(known)


def as_text(dialect: Dialect, term: Term) -> exp.Expr:
    """A value as `values.encode` writes it; NULL where it is unknown."""
    type_: ValueType = term.type
    match type_:
        case TextType() | EnumType() | DurationType():
            return term.expression
        case BooleanType():
            yes, no = exp.EQ(this=operand(term.expression), expression=exp.true()), text("no")
            known = exp.Case().when(yes, text("yes"))
            negative = exp.EQ(this=operand(term.expression.copy()), expression=exp.false())
            return known.when(negative, no)
        case TimestampType():
            return dialect.instant_text(term.expression)
        case IntegerType() | DecimalType() | MoneyType() | DateType() | TimeType():
            return dialect.value_text(term.expression, type_)
        case _:
            assert_never(type_)
