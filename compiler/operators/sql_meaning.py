"""The meaning of each operator in SQL; `sql_column.py` says which is whose.

A function takes the context of the decision and a term per operand. It returns a term whose
expression is NULL if an operand is NULL. `translate.py` then handles unknown results for the
whole table. Functions of rows marked `own` take operands that may be NULL and handle them.
Arithmetic is in `compiler/dialects/common/numbers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from ..dialects.common import days, numbers
from ..dialects.common.context import SqlContext
from ..dialects.common.terms import Term, all_true, any_true, is_null, operand, text
from ..plan.chance import joined
from ..plan.experiments import HASHED
from ..plan.types import (
    BOOLEAN,
    TEXT,
    DecimalType,
    IntegerType,
    MoneyType,
    ValueType,
)
from .folding import pairs
from .sql_hashes import digits_of, hashed_text

Meaning = Callable[..., Term]
"""`(context, *terms) -> term`."""

add, subtract, multiply = numbers.add, numbers.subtract, numbers.multiply
divide, negate = numbers.divide, numbers.negate

_DAYS_WHOLE = 7


def _truth(expression: exp.Expr) -> Term:
    return Term(expression, BOOLEAN, optional=False)


def compared(context: SqlContext, kind: type[exp.Binary], left: Term, right: Term) -> exp.Expr:
    """A comparison of two values, of numbers by what they are worth."""
    first, second = context.dialect.alike([left, right])
    if isinstance(left.type, IntegerType | DecimalType | MoneyType):
        first = context.dialect.ordered(
            first, right.type if isinstance(left.type, IntegerType) else left.type
        )
    return context.dialect.compared(kind, first, second)


def _compared(context: SqlContext, kind: type[exp.Binary], left: Term, right: Term) -> Term:
    if left.since is not None and isinstance(right.value, int):
        known = days.compared(context, kind, left.since, right.value)
        if known is not None:
            return _truth(known)
    return _truth(compared(context, kind, left, right))


# --- logic and comparison -----------------------------------------------------------------------


def all_of(_: SqlContext, *terms: Term) -> Term:
    """`and`."""
    return _truth(all_true(*(term.expression for term in terms)))


def any_of(_: SqlContext, *terms: Term) -> Term:
    """`or`."""
    return _truth(any_true(*(term.expression for term in terms)))


def negation(_: SqlContext, term: Term) -> Term:
    """`not`."""
    inner = term.expression.unnest()
    if isinstance(inner, exp.Not):
        return _truth(inner.this)
    return _truth(exp.Not(this=operand(term.expression)))


def holds(_: SqlContext, term: Term) -> Term:
    """A boolean by itself."""
    return _truth(term.expression)


def is_known(_: SqlContext, term: Term) -> Term:
    """`is known`."""
    return _truth(exp.Not(this=is_null(term.expression)))


def equal(context: SqlContext, left: Term, right: Term) -> Term:
    """`=`."""
    return _compared(context, exp.EQ, left, right)


def not_equal(context: SqlContext, left: Term, right: Term) -> Term:
    """`!=`."""
    return _compared(context, exp.NEQ, left, right)


def less(context: SqlContext, left: Term, right: Term) -> Term:
    """`<`."""
    return _compared(context, exp.LT, left, right)


def at_most(context: SqlContext, left: Term, right: Term) -> Term:
    """`<=`."""
    return _compared(context, exp.LTE, left, right)


def greater(context: SqlContext, left: Term, right: Term) -> Term:
    """`>`."""
    return _compared(context, exp.GT, left, right)


def at_least(context: SqlContext, left: Term, right: Term) -> Term:
    """`>=`."""
    return _compared(context, exp.GTE, left, right)


def one_of(context: SqlContext, term: Term, *choices: Term) -> Term:
    """`in`: SQL's own is true over a NULL among the choices when another one fits; ours is not."""

    def listed(expressions: Sequence[exp.Expr]) -> exp.Expr:
        found = [replace(one, expression=e) for one, e in zip(choices, expressions, strict=True)]
        first, *others = context.dialect.alike([term, *found])
        type_ = _widest(term, *choices)
        if isinstance(type_, IntegerType | DecimalType | MoneyType):
            first = context.dialect.ordered(first, type_)
        choice, *more = dict.fromkeys(others)
        if not more:
            # DuckDB 2.0 takes `CASE WHEN … THEN 'a' END IN ('a')` for true whatever the condition.
            return context.dialect.compared(exp.EQ, first, choice)
        return context.dialect.among(first, [choice, *more])

    return _truth(_unless_null(context, choices, listed))


def _widest(*terms: Term) -> ValueType:
    """The common type of numbers: decimal if any is."""
    return next((one.type for one in terms if not isinstance(one.type, IntegerType)), terms[0].type)


def contains(context: SqlContext, text: Term, part: Term) -> Term:
    """`contains`."""
    return _truth(context.dialect.contains(text.expression, part.expression))


def starts_with(context: SqlContext, text: Term, part: Term) -> Term:
    """`starts with`."""
    return _truth(context.dialect.starts_with(text.expression, part.expression))


def arm(context: SqlContext, customer: Term, experiment: Term, ends: Term, *arms: Term) -> Term:
    """The arm of a customer: the first before whose end the hash comes, else the last."""
    begin = text(joined(HASHED, str(experiment.value), ""))
    hashed = digits_of(context.dialect, hashed_text(context.dialect, begin, customer.expression))
    *first, last = arms
    if not first:
        return last

    def chosen(bound: Sequence[exp.Expr]) -> exp.Expr:
        case = exp.Case()
        for one, end in zip(first, str(ends.value).split(","), strict=False):
            comes_before = exp.LT(this=bound[0].copy(), expression=text(end))
            case = case.when(comes_before, one.expression)
        return case.else_(last.expression)

    return Term(context.dialect.let({"hashed": hashed}, chosen), last.type, optional=False)


def folded(context: SqlContext, text: Term, kept: Term) -> Term:
    """A text for `ignoring case`; the letters that matter are a literal."""
    old, new = pairs(kept.value if isinstance(kept.value, str) else "")
    if not old:
        return text
    return Term(context.dialect.translated(text.expression, old, new), TEXT, text.optional)


# --- choosing -----------------------------------------------------------------------------------


def _unless_null(
    context: SqlContext, terms: Sequence[Term], body: Callable[[Sequence[exp.Expr]], exp.Expr]
) -> exp.Expr:
    """NULL as soon as one of the terms is: for what SQL computes from the others alone.

    Each term is computed once, or an author's nested `min` would double at every level.
    """
    if not any(term.optional for term in terms):
        return body([term.expression for term in terms])

    def guarded(bound: Sequence[exp.Expr]) -> exp.Expr:
        doubtful = [one for one, term in zip(bound, terms, strict=True) if term.optional]
        nulls = any_true(*(is_null(one.copy()) for one in doubtful))
        return exp.Case().when(nulls, exp.Null()).else_(body(bound))

    named = {f"operand_{index}": term.expression for index, term in enumerate(terms)}
    return context.dialect.let(named, guarded)


def _chosen(expression: exp.Expr, terms: Sequence[Term]) -> Term:
    return Term(
        expression,
        terms[0].type,
        any(term.optional for term in terms),
        max(term.whole for term in terms),
        max(term.scale for term in terms),
    )


def _each_once(terms: Sequence[Term]) -> list[Term]:
    """Without repetitions: DuckDB 2.0 cannot copy a plan in which LEAST names a column twice."""
    return list({term.expression: term for term in terms}.values())


def first_known(context: SqlContext, *terms: Term) -> Term:
    """`a else b`."""
    first, *others = context.dialect.alike(terms)
    return _chosen(exp.Coalesce(this=first, expressions=others), terms)


def least(context: SqlContext, *terms: Term) -> Term:
    """`min(a, b)`."""
    return _extreme(context, _each_once(terms), context.dialect.least)


def greatest(context: SqlContext, *terms: Term) -> Term:
    """`max(a, b)`."""
    return _extreme(context, _each_once(terms), context.dialect.greatest)


def _extreme(
    context: SqlContext, terms: Sequence[Term], choose: Callable[[Sequence[exp.Expr]], exp.Expr]
) -> Term:
    def chosen(expressions: Sequence[exp.Expr]) -> exp.Expr:
        found = [replace(one, expression=e) for one, e in zip(terms, expressions, strict=True)]
        first, *others = context.dialect.alike(found)
        return choose([context.dialect.ordered(first, _widest(*terms)), *others])

    if context.dialect.least_is_strict:
        return _chosen(chosen([term.expression for term in terms]), terms)
    return _chosen(_unless_null(context, terms, chosen), terms)
