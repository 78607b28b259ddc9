"""The warehouse's tables at the edge: names quoted, every column cast to its exact type."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.overlaps import ALWAYS, overlaps
from ..dialects.common.terms import INTEGER_WHOLE, WHOLE, Term, column, decimal_type
from ..plan import Column
from ..plan.types import (
    DECIMAL_SCALE,
    INTEGER,
    TEXT,
    TIMESTAMP,
    DecimalType,
    IntegerType,
    MoneyType,
    ValueType,
    minor_unit,
)


def table(name: str) -> exp.Table:
    """A table of the warehouse: `name`, `schema.name` or `catalog.schema.name`."""
    *rest, own = name.split(".")
    schema = rest.pop() if rest else None
    return exp.table_(own, db=schema, catalog=".".join(rest) or None, quoted=True)


def source(name: str) -> exp.Column:
    """A column as the warehouse calls it."""
    return exp.column(name, quoted=True)


def key_text(dialect: Dialect, name: str) -> exp.Expr:
    """A key as text, whatever the warehouse keeps it as."""
    return dialect.read(source(name), TEXT)


def typed(
    dialect: Dialect, field: Column, between: tuple[datetime, datetime] | None = None
) -> exp.Expr:
    """A field's column as the exact type of the plan; instants in UTC.

    `between`: only instants in this stretch are asked for (aware, UTC).
    """
    cast = dialect.read(source(field.column), field.type)
    if field.type != TIMESTAMP or field.zone in (None, "UTC"):
        return cast
    return dialect.instant(field.zone, cast, overlaps(field.zone, *(between or ALWAYS)))


def term(name: str, type_: ValueType, *, optional: bool) -> Term:
    """A column of a CTE as a term: as large as its type allows."""
    return sized(column(name), type_, optional=optional)


def sized(expression: exp.Expr, type_: ValueType, *, optional: bool) -> Term:
    """An expression that is as large as a column of its type can be."""
    whole, scale = digits(type_)
    return Term(expression, type_, optional, whole, scale)


def renamed(term: Term, name: str, relation: str | None = None) -> Term:
    """The same value as a column of another name, or of another relation."""
    return replace(term, expression=column(name, relation))


def sum_type(dialect: Dialect, type_: ValueType) -> exp.DataType:
    """The SQL type of a sum of such values, within the limits of numbers."""
    whole, scale = digits(type_)
    if isinstance(type_, IntegerType):
        return dialect.type_of(INTEGER)
    return decimal_type(whole + scale, scale)


def digits(type_: ValueType) -> tuple[int, int]:
    """Digits before and after the point of the values that a column of a type holds."""
    match type_:
        case IntegerType():
            return INTEGER_WHOLE, 0
        case MoneyType(currency):
            return WHOLE, minor_unit(currency)
        case DecimalType():
            return WHOLE, DECIMAL_SCALE
        case _:
            return 0, 0
