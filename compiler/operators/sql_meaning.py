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
from ..dialects.common.overlaps import MOST, at_clock, ends
from ..dialects.common.terms import Term, all_true, any_true, is_null, is_simple, operand
from ..plan import calendar
from ..plan.types import (
    BOOLEAN,
    DATE,
    INTEGER,
    TIMESTAMP,
    DecimalType,
    IntegerType,
    MoneyType,
    TimestampType,
    ValueType,
)
from ..plan.values import Length

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


# --- dates and instants -------------------------------------------------------------------------


def shifted(context: SqlContext, term: Term, length: Length, sign: int) -> exp.Expr:
    """The date or instant so much later (1) or earlier (-1)."""
    known = _of_the_schedule(context, term, length, sign)
    if known is not None:
        return known
    length = Length(min(length.count, MOST[length.unit]), length.unit)
    if not isinstance(term.type, TimestampType):
        return _shifted_date(context, term.expression, length, sign)
    if length.unit in ("minute", "hour"):
        return context.dialect.moved(term.expression, length, sign)
    clock = context.dialect.clock(context.zone, term.expression)
    bounds = None
    if context.nows is not None and term.expression == context.now:
        bounds = ends(context, context.nows, length, sign)
    return at_clock(context, context.zone, context.dialect.moved(clock, length, sign), bounds)


def _of_the_schedule(context: SqlContext, term: Term, length: Length, sign: int) -> exp.Expr | None:
    """Now or today shifted by a length, computed beforehand; `None` for other terms."""
    which = "next" if sign > 0 else "last"
    wish = f"{which}_{length.count}_{length.unit}{'s' * (length.count != 1)}"
    if term.expression == context.now:
        return context.literal(
            (wish, "now"), wish, lambda at: calendar.shift(at.zone, at.now, length, sign)
        )
    if term.expression == context.today:
        return context.literal(
            (wish, "today"),
            f"{wish}_date",
            lambda at: calendar.shift_date(at.today, length, sign),
        )
    return None


def _shifted_date(context: SqlContext, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
    match length.unit:
        case "minute":
            length = Length(length.count // 1440, "day")
        case "hour":
            length = Length(length.count // 24, "day")
        case _:
            pass
    return context.dialect.moved_date(day, length, sign)


def _length(term: Term) -> Length:
    if not isinstance(term.value, Length):
        raise TypeError("a duration is always written out")
    return term.value


def _now(context: SqlContext, like: Term) -> Term:
    """Now or today, whichever the term can be compared with."""
    if isinstance(like.type, TimestampType):
        return Term(context.now.copy(), TIMESTAMP, optional=False)
    return Term(context.today.copy(), DATE, optional=False)


def date_of(context: SqlContext, instant: Term) -> Term:
    """The date of an instant on the project's clock."""
    return Term(_day(context, instant), DATE, instant.optional)


def _day(context: SqlContext, term: Term) -> exp.Expr:
    if not isinstance(term.type, TimestampType):
        return term.expression
    if term.expression == context.now:
        return context.today.copy()
    clock = context.dialect.clock(context.zone, term.expression)
    return context.dialect.date_of(clock)


def later(context: SqlContext, start: Term, length: Term) -> Term:
    """`start + length`."""
    return Term(shifted(context, start, _length(length), +1), start.type, start.optional)


def earlier(context: SqlContext, start: Term, length: Term) -> Term:
    """`start - length`."""
    return Term(shifted(context, start, _length(length), -1), start.type, start.optional)


def within_last(context: SqlContext, value: Term, length: Term) -> Term:
    """`within last 30 days`: (now - length, now]."""
    now = _now(context, value)
    start = shifted(context, now, _length(length), -1)
    return _truth(
        all_true(
            exp.GT(this=operand(value.expression), expression=operand(start)),
            exp.LTE(this=operand(value.expression.copy()), expression=now.expression),
        )
    )


def within_next(context: SqlContext, value: Term, length: Term) -> Term:
    """`within next 7 days`: (now, now + length]."""
    now = _now(context, value)
    end = shifted(context, now, _length(length), +1)
    return _truth(
        all_true(
            exp.GT(this=operand(value.expression), expression=now.expression),
            exp.LTE(this=operand(value.expression.copy()), expression=operand(end)),
        )
    )


def days_since(context: SqlContext, value: Term) -> Term:
    """`days since`: calendar days on the project's clock."""
    counted = context.dialect.days_between(_day(context, value), context.today.copy())
    term = Term(counted, INTEGER, value.optional, _DAYS_WHOLE)
    is_instant = isinstance(value.type, TimestampType) and is_simple(value.expression)
    return replace(term, since=value.expression) if is_instant else term


def anniversary_today(context: SqlContext, value: Term) -> Term:
    """`anniversary of … is today`; 29 February is the 28th in years without one."""
    day, today = _day(context, value), context.today
    dialect = context.dialect
    last = dialect.day_of_month(dialect.last_of_month(today.copy()))
    same_month = exp.EQ(this=dialect.month(day), expression=dialect.month(today.copy()))
    clipped = dialect.least([dialect.day_of_month(day.copy()), last])
    same_day = exp.EQ(this=dialect.day_of_month(today.copy()), expression=clipped)
    return _truth(all_true(same_month, same_day))
