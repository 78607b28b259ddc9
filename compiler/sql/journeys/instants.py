"""Instants of a journey: when a step on a timer comes, and until when a step can come."""

from __future__ import annotations

from datetime import time, timedelta

from sqlglot import exp

from ...dialects.common.context import SqlContext
from ...dialects.common.overlaps import at_clock, ends, within
from ...dialects.common.terms import Term
from ...operators.sql_time import shifted
from ...plan import DayAfterStep, Deadline, Span, SpanAfterStep
from ...plan.types import DATE, TIMESTAMP
from ...plan.values import Length
from ..windows import day_of_month


def instant_after(context: SqlContext, trigger: SpanAfterStep | DayAfterStep) -> exp.Expr:
    """The instant of a step on a timer. Now is the moment of the step that it is measured from."""
    if isinstance(trigger, DayAfterStep):
        return day_of_month(context, trigger.day, trigger.at, months_after=trigger.months)
    if trigger.at is None:
        return _later(context, trigger.span)
    return _at_clock(context, trigger.span, trigger.at)


def deadline(context: SqlContext, by: Deadline) -> exp.Expr:
    """The instant up to which a step can come: see `is_in_time`.

    Now is the moment of the step that the deadline is measured from.
    """
    if by.at is not None:
        return context.dialect.timestamp(by.at)
    if by.span is not None:
        return _later(context, by.span)
    return day_of_month(context, 1, time(), months_after=(by.months or 0) + 1)


def is_in_time(by: Deadline, moment: exp.Expr, until: exp.Expr) -> exp.Expr:
    """The condition that a moment is not past a deadline; a month ends before the next begins."""
    before = exp.LTE if by.months is None else exp.LT
    return before(this=moment, expression=until)


def _later(context: SqlContext, span: Span) -> exp.Expr:
    now = Term(context.now.copy(), TIMESTAMP, optional=False)
    return shifted(context, now, Length(span.count, span.unit), +1)


def _at_clock(context: SqlContext, span: Span, clock: time) -> exp.Expr:
    """The instant of a clock time on the day so many days, weeks or months later."""
    dialect = context.dialect
    today = Term(context.today.copy(), DATE, optional=False)
    length = Length(span.count, span.unit)
    shown = dialect.midnight(shifted(context, today, length, +1))
    minutes = clock.hour * 60 + clock.minute
    if minutes:
        shown = dialect.moved(shown, Length(minutes, "minute"), +1)
    bounds = None
    if context.nows is not None:
        bounds = within(ends(context, context.nows, length, +1), timedelta(days=2))
    return at_clock(context, context.zone, shown, bounds)
