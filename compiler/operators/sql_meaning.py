"""What each operator means in SQL: the column `sql` of `table.py`.

A function gets the world of the decision and a term for each operand, and gives a term whose
expression is NULL where an operand is: what unknown does then is for `translate.py` to see to,
once for the whole table. The rows that say `own` get operands that may be NULL and give what they
mean all the same. Arithmetic stands in `compiler/dialects/common/numbers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from ..dialects.common import days, numbers
from ..dialects.common.overlaps import MOST, at_clock, ends
from ..dialects.common.terms import Term, all_true, any_true, is_null, is_simple, operand
from ..dialects.common.world import World
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
"""`(world, *terms) -> term`."""

add, subtract, multiply = numbers.add, numbers.subtract, numbers.multiply
divide, negate = numbers.divide, numbers.negate

_DAYS_WHOLE = 7


def _truth(expression: exp.Expr) -> Term:
    return Term(expression, BOOLEAN, optional=False)


def compared(world: World, kind: type[exp.Binary], left: Term, right: Term) -> exp.Expr:
    """A comparison of two values, of numbers by what they are worth."""
    first, second = world.dialect.alike([left, right])
    if isinstance(left.type, IntegerType | DecimalType | MoneyType):
        first = world.dialect.ordered(
            first, right.type if isinstance(left.type, IntegerType) else left.type
        )
    return world.dialect.compared(kind, first, second)


def _compared(world: World, kind: type[exp.Binary], left: Term, right: Term) -> Term:
    if left.since is not None and isinstance(right.value, int):
        known = days.compared(world, kind, left.since, right.value)
        if known is not None:
            return _truth(known)
    return _truth(compared(world, kind, left, right))


# --- logic and comparison -----------------------------------------------------------------------


def all_of(_: World, *terms: Term) -> Term:
    """`and`."""
    return _truth(all_true(*(term.expression for term in terms)))


def any_of(_: World, *terms: Term) -> Term:
    """`or`."""
    return _truth(any_true(*(term.expression for term in terms)))


def negation(_: World, term: Term) -> Term:
    """`not`."""
    inner = term.expression.unnest()
    if isinstance(inner, exp.Not):
        return _truth(inner.this)
    return _truth(exp.Not(this=operand(term.expression)))


def holds(_: World, term: Term) -> Term:
    """A boolean by itself."""
    return _truth(term.expression)


def is_known(_: World, term: Term) -> Term:
    """`is known`."""
    return _truth(exp.Not(this=is_null(term.expression)))


def equal(world: World, left: Term, right: Term) -> Term:
    """`=`."""
    return _compared(world, exp.EQ, left, right)


def not_equal(world: World, left: Term, right: Term) -> Term:
    """`!=`."""
    return _compared(world, exp.NEQ, left, right)


def less(world: World, left: Term, right: Term) -> Term:
    """`<`."""
    return _compared(world, exp.LT, left, right)


def at_most(world: World, left: Term, right: Term) -> Term:
    """`<=`."""
    return _compared(world, exp.LTE, left, right)


def greater(world: World, left: Term, right: Term) -> Term:
    """`>`."""
    return _compared(world, exp.GT, left, right)


def at_least(world: World, left: Term, right: Term) -> Term:
    """`>=`."""
    return _compared(world, exp.GTE, left, right)


def one_of(world: World, term: Term, *choices: Term) -> Term:
    """`in`: SQL's own is true over a NULL among the choices when another one fits; ours is not."""

    def listed(expressions: Sequence[exp.Expr]) -> exp.Expr:
        found = [replace(one, expression=e) for one, e in zip(choices, expressions, strict=True)]
        first, *others = world.dialect.alike([term, *found])
        type_ = _widest(term, *choices)
        if isinstance(type_, IntegerType | DecimalType | MoneyType):
            first = world.dialect.ordered(first, type_)
        choice, *more = dict.fromkeys(others)
        if not more:
            # DuckDB 2.0 takes `CASE WHEN … THEN 'a' END IN ('a')` for true whatever the condition.
            return world.dialect.compared(exp.EQ, first, choice)
        return world.dialect.among(first, [choice, *more])

    return _truth(_unless_null(world, choices, listed))


def _widest(*terms: Term) -> ValueType:
    """Of numbers: decimal as soon as one is."""
    return next((one.type for one in terms if not isinstance(one.type, IntegerType)), terms[0].type)


def contains(world: World, text: Term, part: Term) -> Term:
    """`contains`."""
    return _truth(world.dialect.contains(text.expression, part.expression))


def starts_with(world: World, text: Term, part: Term) -> Term:
    """`starts with`."""
    return _truth(world.dialect.starts_with(text.expression, part.expression))


# --- choosing -----------------------------------------------------------------------------------


def _unless_null(
    world: World, terms: Sequence[Term], body: Callable[[Sequence[exp.Expr]], exp.Expr]
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
    return world.dialect.let(named, guarded)


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


def first_known(world: World, *terms: Term) -> Term:
    """`a else b`."""
    first, *others = world.dialect.alike(terms)
    return _chosen(exp.Coalesce(this=first, expressions=others), terms)


def least(world: World, *terms: Term) -> Term:
    """`min(a, b)`."""
    return _extreme(world, _each_once(terms), world.dialect.least)


def greatest(world: World, *terms: Term) -> Term:
    """`max(a, b)`."""
    return _extreme(world, _each_once(terms), world.dialect.greatest)


def _extreme(
    world: World, terms: Sequence[Term], choose: Callable[[Sequence[exp.Expr]], exp.Expr]
) -> Term:
    def chosen(expressions: Sequence[exp.Expr]) -> exp.Expr:
        found = [replace(one, expression=e) for one, e in zip(terms, expressions, strict=True)]
        first, *others = world.dialect.alike(found)
        return choose([world.dialect.ordered(first, _widest(*terms)), *others])

    if world.dialect.least_is_strict:
        return _chosen(chosen([term.expression for term in terms]), terms)
    return _chosen(_unless_null(world, terms, chosen), terms)


# --- dates and instants -------------------------------------------------------------------------


def shifted(world: World, term: Term, length: Length, sign: int) -> exp.Expr:
    """The date or instant so much later (1) or earlier (-1)."""
    known = _of_the_schedule(world, term, length, sign)
    if known is not None:
        return known
    length = Length(min(length.count, MOST[length.unit]), length.unit)
    if not isinstance(term.type, TimestampType):
        return _shifted_date(world, term.expression, length, sign)
    if length.unit in ("minute", "hour"):
        return world.dialect.moved(term.expression, length, sign)
    clock = world.dialect.clock(world.zone, term.expression)
    bounds = None
    if world.nows is not None and term.expression == world.now:
        bounds = ends(world, world.nows, length, sign)
    return at_clock(world, world.zone, world.dialect.moved(clock, length, sign), bounds)


def _of_the_schedule(world: World, term: Term, length: Length, sign: int) -> exp.Expr | None:
    """So much later or earlier than now or today, where that stands beside the instants."""
    which = "next" if sign > 0 else "last"
    wish = f"{which}_{length.count}_{length.unit}{'s' * (length.count != 1)}"
    if term.expression == world.now:
        return world.literal(
            (wish, "now"), wish, lambda at: calendar.shift(at.zone, at.now, length, sign)
        )
    if term.expression == world.today:
        return world.literal(
            (wish, "today"),
            f"{wish}_date",
            lambda at: calendar.shift_date(at.today, length, sign),
        )
    return None


def _shifted_date(world: World, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
    match length.unit:
        case "minute":
            length = Length(length.count // 1440, "day")
        case "hour":
            length = Length(length.count // 24, "day")
        case _:
            pass
    return world.dialect.moved_date(day, length, sign)


def _length(term: Term) -> Length:
    if not isinstance(term.value, Length):
        raise TypeError("a duration is always written out")
    return term.value


def _now(world: World, like: Term) -> Term:
    """Now or today, whichever the term can be compared with."""
    if isinstance(like.type, TimestampType):
        return Term(world.now.copy(), TIMESTAMP, optional=False)
    return Term(world.today.copy(), DATE, optional=False)


def date_of(world: World, instant: Term) -> Term:
    """The date of an instant on the project's clock."""
    return Term(_day(world, instant), DATE, instant.optional)


def _day(world: World, term: Term) -> exp.Expr:
    if not isinstance(term.type, TimestampType):
        return term.expression
    if term.expression == world.now:
        return world.today.copy()
    clock = world.dialect.clock(world.zone, term.expression)
    return world.dialect.date_of(clock)


def later(world: World, start: Term, length: Term) -> Term:
    """`start + length`."""
    return Term(shifted(world, start, _length(length), +1), start.type, start.optional)


def earlier(world: World, start: Term, length: Term) -> Term:
    """`start - length`."""
    return Term(shifted(world, start, _length(length), -1), start.type, start.optional)


def within_last(world: World, value: Term, length: Term) -> Term:
    """`within last 30 days`: (now - length, now]."""
    now = _now(world, value)
    start = shifted(world, now, _length(length), -1)
    return _truth(
        all_true(
            exp.GT(this=operand(value.expression), expression=operand(start)),
            exp.LTE(this=operand(value.expression.copy()), expression=now.expression),
        )
    )


def within_next(world: World, value: Term, length: Term) -> Term:
    """`within next 7 days`: (now, now + length]."""
    now = _now(world, value)
    end = shifted(world, now, _length(length), +1)
    return _truth(
        all_true(
            exp.GT(this=operand(value.expression), expression=now.expression),
            exp.LTE(this=operand(value.expression.copy()), expression=operand(end)),
        )
    )


def days_since(world: World, value: Term) -> Term:
    """`days since`: calendar days on the project's clock."""
    counted = world.dialect.days_between(_day(world, value), world.today.copy())
    term = Term(counted, INTEGER, value.optional, _DAYS_WHOLE)
    is_instant = isinstance(value.type, TimestampType) and is_simple(value.expression)
    return replace(term, since=value.expression) if is_instant else term


def anniversary_today(world: World, value: Term) -> Term:
    """`anniversary of … is today`; 29 February is the 28th in years without one."""
    day, today = _day(world, value), world.today
    dialect = world.dialect
    last = dialect.day_of_month(dialect.last_of_month(today.copy()))
    same_month = exp.EQ(this=dialect.month(day), expression=dialect.month(today.copy()))
    clipped = dialect.least([dialect.day_of_month(day.copy()), last])
    same_day = exp.EQ(this=dialect.day_of_month(today.copy()), expression=clipped)
    return _truth(all_true(same_month, same_day))
