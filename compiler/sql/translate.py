"""Expressions of a plan as SQL, through the table of meaning.

A value (`value`) is NULL where it is unknown; conditions are never NULL as values. Where SQL takes
NULL for false anyway (`condition`: in WHERE, WHEN and FILTER, below AND and OR), nothing is written
to make sure of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import assert_never

from sqlglot import exp

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...dsl.diagnostics.source import Place
from ..codes import sql
from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Dialect
from ..dialects.common.literals import constant as number_constant
from ..dialects.common.literals import literal
from ..dialects.common.terms import Term, all_true, any_true
from ..operators import table
from ..operators.sql_column import sql_of
from ..plan.demands import Key, key_of
from ..plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    RowValue,
    StageValue,
    may_be_unknown,
)
from ..plan.types import (
    DATE,
    TIMESTAMP,
)
from ..plan.values import decode


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the values of one SELECT are found; `answers` are columns of conditions."""

    context: SqlContext
    terms: Mapping[Key, Term]
    answers: Mapping[Expression, exp.Expr] = field(default_factory=dict)

    def also(self, terms: Mapping[Key, Term]) -> Scope:
        """The same with more (or other) terms."""
        return replace(self, terms={**self.terms, **terms})


def value(expression: Expression, scope: Scope) -> Term:
    """The expression as a value, NULL where it is unknown."""
    match expression:
        case Constant():
            return constant(scope.context.dialect, expression)
        case Clock():
            now = expression.which == "now"
            clock = scope.context.now if now else scope.context.today
            return Term(clock.copy(), TIMESTAMP if now else DATE, optional=False)
        case Operation():
            return _operation(expression, scope)
        case FeatureValue() | EventValue() | RowValue() | StageValue() | AudienceValue():
            key = key_of(expression)
            found = scope.terms[key] if key else None
            if found is None:
                raise LookupError(f"no column for {key}")
            optional = may_be_unknown(expression)
            return replace(found, expression=found.expression.copy(), optional=optional)
        case _:
            assert_never(expression)


def _operation(operation: Operation, scope: Scope) -> Term:
    row = _row(operation)
    try:
        terms = [value(argument, scope) for argument in operation.arguments]
    except CannotRun as error:
        # How much fits differs a little between one campaign's query and that of all, so the place
        # is the outermost comparison or value rather than the first operation that is too deep.
        if error.diagnostic.code is sql.TOO_DEEP_FOR_DIALECT and not _joins(operation):
            raise _too_deep(operation, scope.context.dialect) from None
        raise
    if _joins(operation):
        terms = [replace(term, expression=_or_false(term)) for term in terms]
    result = _sayable(operation, sql_of(row)(scope.context, *terms), scope.context.dialect)
    if row.unknown == "false" and any(term.optional for term in terms):
        sure = exp.Coalesce(this=result.expression, expressions=[exp.false()])
        result = replace(result, expression=sure)
    optional = operation.optional and result.optional
    return result.as_type(operation.type, optional=optional)


def _sayable(operation: Operation, result: Term, dialect: Dialect) -> Term:
    """The result, if the engine can read it; else `CannotRun`, with the place of the operation."""
    if dialect.is_too_deep(result.expression):
        raise _too_deep(operation, dialect)
    return result


def _joins(operation: Operation) -> bool:
    """Whether it joins conditions, which a statement may take apart."""
    return operation.operator in ("and", "or", "not")


def _too_deep(operation: Operation, dialect: Dialect) -> CannotRun:
    origin = operation.origin
    place = None
    if origin is not None:
        end = origin.column + max(len(origin.text), 1)
        place = Place(origin.file, origin.line, origin.column, origin.line, end)
    return CannotRun(diagnose(sql.TOO_DEEP_FOR_DIALECT, place, name=dialect.name))


def _row(operation: Operation) -> table.Operator:
    types = tuple(argument.type for argument in operation.arguments)
    row = table.find(operation.operator, types)
    if row is None:
        raise LookupError(f"the table of meaning has no {operation.operator} over {types}")
    return row


def _or_false(term: Term) -> exp.Expr:
    if not term.optional:
        return term.expression
    return exp.Coalesce(this=term.expression, expressions=[exp.false()])


def condition(expression: Expression, scope: Scope) -> exp.Expr:
    """The expression where NULL counts as false."""
    if scope.answers and expression in scope.answers:
        return scope.answers[expression].copy()
    if not isinstance(expression, Operation):
        return value(expression, scope).expression
    match expression.operator:
        case "and":
            return all_true(*(condition(one, scope) for one in expression.arguments))
        case "or":
            return any_true(*(condition(one, scope) for one in expression.arguments))
        case _:
            row = _row(expression)
            if row.unknown != "false":
                return value(expression, scope).expression
            terms = [value(argument, scope) for argument in expression.arguments]
            return sql_of(row)(scope.context, *terms).expression


# --- constants and text -------------------------------------------------------------------------


def constant(dialect: Dialect, expression: Constant) -> Term:
    """A literal of the author's, never as pasted text."""
    known = decode(expression.type, expression.value)
    if isinstance(known, int | Decimal) and not isinstance(known, bool):
        return replace(number_constant(dialect, known), type=expression.type)
    written = literal(dialect, known)
    return Term(written, expression.type, optional=False, value=known)
