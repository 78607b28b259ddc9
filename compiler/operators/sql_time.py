"""The meaning of operators on dates and instants in SQL, for the column `sql` of `table.py`.

Terms and results are as in `sql_meaning.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.overlaps import MOST, at_clock, ends
from ..dialects.common.terms import Term, all_true, any_true, is_null, is_simple, number, operand
from ..plan import calendar
from ..plan.types import BOOLEAN, DATE, INTEGER, TIMESTAMP, TimestampType
from ..plan.values import Length

_DAYS_WHOLE = 7


def _truth(expression: exp.Expr) -> Term:
    return Term(expression, BOOLEAN, optional=False)


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


def days_until(context: SqlContext, value: Term) -> Term:
    """`days until`: calendar days on the project's clock."""
    counted = context.dialect.days_between(context.today.copy(), _day(context, value))
    return Term(counted, INTEGER, value.optional, _DAYS_WHOLE)


def anniversary_within(context: SqlContext, value: Term, length: Term) -> Term:
    """`anniversary of … within next 7 days`, by the days of the year of today and of the end.

    A length of less than a day has no days, and one of 366 days has every anniversary.
    """
    span = _length(length)
    if span.count < _DAY[span.unit]:
        return _truth(exp.false())
    if span.count >= _EVERY_DAY[span.unit]:
        return _truth(exp.Not(this=is_null(value.expression)))
    today = Term(context.today.copy(), DATE, optional=False)
    end = shifted(context, today, span, +1)
    own = context.dialect.anniversary(_day(context, value), context.today.copy(), end)
    if own is not None:
        return _truth(own)
    places = {
        "anniversary": _day_of_year(context, _day(context, value)),
        "first_day": _reached(context, context.today.copy()),
        "last_day": _reached(context, end),
    }
    return _truth(context.dialect.let(places, _is_between))


_DAY = {"minute": 1440, "hour": 24, "day": 1, "week": 1, "month": 1, "year": 1}
"""From how many of a unit on a length is a day."""

_EVERY_DAY = {"minute": 527_040, "hour": 8_784, "day": 366, "week": 53, "month": 13, "year": 2}
"""From how many of a unit on a length is more than the longest time between two anniversaries."""


def _is_between(bound: Sequence[exp.Expr]) -> exp.Expr:
    """Whether a day of the year is after the first and up to the last, which may be next year's."""
    day, first, last = bound
    after = exp.GT(this=day.copy(), expression=first.copy())
    before = exp.LTE(this=day.copy(), expression=last.copy())
    this_year = exp.GT(this=last.copy(), expression=first.copy())
    next_year = exp.LTE(this=last.copy(), expression=first.copy())
    return any_true(
        all_true(this_year, after, before),
        all_true(next_year, any_true(after.copy(), before.copy())),
    )


def _day_of_year(context: SqlContext, day: exp.Expr) -> exp.Expr:
    """229 for 29 February: a number that grows with the days of a year."""
    hundreds = exp.Mul(this=context.dialect.month(day), expression=number(100))
    return exp.Add(this=hundreds, expression=context.dialect.day_of_month(day.copy()))


def _reached(context: SqlContext, day: exp.Expr) -> exp.Expr:
    """The largest day of the year that has its anniversary by this day of its year."""
    dialect = context.dialect
    last = dialect.day_of_month(dialect.last_of_month(day.copy()))
    ends = all_true(
        exp.EQ(this=dialect.month(day.copy()), expression=number(2)),
        exp.EQ(this=dialect.day_of_month(day.copy()), expression=last),
    )
    return exp.Case().when(ends, number(229)).else_(_day_of_year(context, day.copy()))
