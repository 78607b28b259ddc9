"""Windows of histories: their ends as columns, and the conditions on past instants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Dialect
from ..dialects.common.overlaps import ALWAYS, at_clock, reach, within
from ..dialects.common.terms import Term, all_true, any_true, column, operand
from ..operators.sql_time import shifted
from ..plan import (
    BeforeEventWindow,
    CalendarWindow,
    LastWindow,
    Opening,
    SinceWindow,
    Window,
    calendar,
)
from ..plan.demands import Key
from ..plan.expressions import without_origins
from ..plan.types import TEXT, TIMESTAMP
from ..plan.values import Length
from .ctes import Relation, Script, Task
from .translate import Scope, value

_SHORTEST_MONTH = 28
_NEEDED_DAYS = {"day": 2, "week": 15, "month": 63, "quarter": 190, "year": 740}


def calendar_reach(unit: str) -> timedelta:
    """At least as long as this unit and the one before it."""
    return timedelta(days=_NEEDED_DAYS[unit])


def earliest(nows: tuple[datetime, datetime], window: Window | None) -> datetime | None:
    """An instant before all that the window can hold, where there is one."""
    match window:
        case LastWindow(count, unit):
            back = reach(Length(count, unit))
            return nows[0] - back if back < nows[0] - ALWAYS[0] else None
        case CalendarWindow(unit):
            return nows[0] - calendar_reach(unit)
        case SinceWindow() | BeforeEventWindow() | None:
            return None
        case _:
            assert_never(window)


def bound_key(window: Window, end: str) -> Key:
    """The key under which the `start` or the `end` of a window is found."""
    # Two windows of one meaning have one bound, wherever they were written.
    if isinstance(window, SinceWindow):
        window = SinceWindow(without_origins(window.start))
    return ("bound", f"{window!r} {end}")


def with_bounds(script: Script, relation: Relation, windows: Iterable[Window]) -> Relation:
    """The relation with a column for each end of the windows that it does not have yet."""
    task, scope = script.task, relation.scope(script.task)
    columns: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    there: dict[Key, Term] = {}
    for window in dict.fromkeys(windows):
        for end, written in _bounds(window, scope).items():
            key = bound_key(window, end)
            if key in relation.terms:
                continue
            optional = isinstance(window, SinceWindow)
            if isinstance(written, exp.Column):
                there[key] = Term(column(written.name), TIMESTAMP, optional=optional)
                continue
            name = task.names.give(key, _name(window, end))
            columns.append(exp.alias_(written, name))
            terms[key] = Term(column(name), TIMESTAMP, optional=optional)
    relation = replace(relation, terms={**relation.terms, **there})
    if not columns:
        return relation
    made = script.add("windows", relation.select(task, columns), "where the windows begin and end")
    return relation.after(made, terms)


def known_bounds(window: Window, context: SqlContext) -> dict[Key, Term]:
    """The ends of a window that rests upon the instant alone, where that is a literal."""
    return {
        bound_key(window, end): Term(written, TIMESTAMP, optional=False)
        for end, written in _bounds(window, Scope(context, {})).items()
    }


def _name(window: Window, end: str) -> str:
    match window:
        case LastWindow(count, unit):
            return f"last_{count}_{unit}_{end}"
        case CalendarWindow(unit, previous):
            return f"{'previous' if previous else 'this'}_{unit}_{end}"
        case BeforeEventWindow() | SinceWindow():
            return f"since_{end}"
        case _:
            assert_never(window)


def _bounds(window: Window, scope: Scope) -> dict[str, exp.Expr]:
    """The instants that a window begins and (where it is not now) ends at."""
    context = scope.context
    match window:
        case LastWindow(count, unit):
            now = Term(context.now.copy(), TIMESTAMP, optional=False)
            return {"start": shifted(context, now, Length(count, unit), -1)}
        case CalendarWindow(unit, previous):
            first = _first_moment(context, unit, 0)
            if not previous:
                return {"start": first}
            return {"start": _first_moment(context, unit, 1), "end": first}
        case SinceWindow(start):
            return {"start": instant_of(context, value(start, scope))}
        case BeforeEventWindow():
            return {}
        case _:
            assert_never(window)


def _first_moment(context: SqlContext, unit: calendar.CalendarUnit, before: int) -> exp.Expr:
    """The first moment of the unit that now is in, or of the one before."""
    wish = f"{'previous' if before else 'this'}_{unit}_start"
    known = context.literal(wish, wish, lambda clock: calendar_start(clock, unit, before))
    if known is not None:
        return known
    clock = context.dialect.clock(context.zone, context.now.copy())
    first = context.dialect.truncated(unit, clock)
    if before:
        length = Length(3, "month") if unit == "quarter" else _unit(unit)
        first = context.dialect.moved(first, length, -1)
    bounds = None
    if context.nows is not None:
        bounds = within(context.nows, calendar_reach(unit))
    return at_clock(context, context.zone, first, bounds)


def calendar_start(clock: calendar.WallClock, unit: calendar.CalendarUnit, before: int) -> datetime:
    """The first moment (UTC) of the unit of a decision, or of the one before it."""
    first = calendar.first_day(unit, clock.today)
    if before:
        first = calendar.first_day(unit, first - timedelta(days=1))
    return calendar.first_moment(clock.zone, first)


def _unit(unit: str) -> Length:
    match unit:
        case "day" | "week" | "month" | "year":
            return Length(1, unit)
        case _:
            raise ValueError(f"{unit} is no unit of the calendar")


def instant_of(context: SqlContext, term: Term) -> exp.Expr:
    """An instant itself, a date's first moment."""
    if term.type == TIMESTAMP:
        return term.expression
    if isinstance(term.value, date):
        return context.dialect.timestamp(calendar.first_moment(ZoneInfo(context.zone), term.value))
    midnight = context.dialect.midnight(term.expression)
    return at_clock(context, context.zone, midnight)


def inside(
    task: Task, window: Window | None, relation: Relation, past: exp.Expr, key: exp.Expr | None
) -> exp.Expr | None:
    """The condition that something at the instant `past`, no later than now, is in the window.

    `key` is the past event's, to tell which of two at one instant was first.
    """

    def bound(end: str) -> exp.Expr:
        term = relation.terms[bound_key(window, end)] if window else None
        if term is None:
            raise LookupError("no window, no end of it")
        if isinstance(term.expression, exp.Column):
            return column(term.expression.name, relation.name)
        return term.expression.copy()

    match window:
        case None:
            return None
        case LastWindow():
            return exp.GT(this=past, expression=bound("start"))
        case CalendarWindow(_, previous):
            begun = exp.GTE(this=past, expression=bound("start"))
            if not previous:
                return begun
            return all_true(begun, exp.LT(this=past.copy(), expression=bound("end")))
        case SinceWindow():
            return exp.GTE(this=past, expression=bound("start"))
        case BeforeEventWindow():
            return _before(task, relation, past, key)
        case _:
            assert_never(window)


def reaching(
    dialect: Dialect, windows: Sequence[Window | None], relation: Relation, past: exp.Expr
) -> exp.Expr | None:
    """The condition that the instant `past` is in the union of these windows.

    `None` if one of them is unbounded.
    """
    keys = [bound_key(window, "start") for window in dict.fromkeys(windows) if window is not None]
    starts = [relation.terms[key].expression.name for key in keys if key in relation.terms]
    if len(starts) < len(set(windows)):
        return None
    every = [column(name, relation.name) for name in dict.fromkeys(starts)]
    return exp.GTE(this=past, expression=dialect.earliest(every))


def _before(
    task: Task, relation: Relation, past: exp.Expr, key: exp.Expr | None
) -> exp.Expr | None:
    if key is None or task.due.instants:
        return None
    now = column(relation.terms["event", "at"].expression.name, relation.name)
    own = column(relation.terms["event", "key"].expression.name, relation.name)
    sooner = exp.LT(this=operand(task.dialect.ordered(key, TEXT)), expression=own)
    same = all_true(exp.EQ(this=past.copy(), expression=now.copy()), sooner)
    return any_true(exp.LT(this=past, expression=now), same)


def day_of_month(
    context: SqlContext, day: int, clock: time, days_after: int = 0, months_after: int = 0
) -> exp.Expr:
    """The instant of a clock time on that day of the month that now is in, or some days after it.

    `months_after`: of the month that is so many after it. A day that the month does not have is its
    last.
    """
    dialect = context.dialect
    first = dialect.truncated("month", dialect.clock(context.zone, context.now.copy()))
    today = context.today.copy()
    if months_after:
        first = dialect.date_of(dialect.moved(first, Length(months_after, "month"), +1))
        today = first.copy()
    chosen = dialect.moved_date(first, Length(day - 1, "day"), +1)
    if day > _SHORTEST_MONTH:
        chosen = dialect.least([chosen, dialect.last_of_month(today)])
    shown = dialect.midnight(chosen)
    if days_after:
        shown = dialect.moved(shown, Length(days_after, "day"), +1)
    minutes = clock.hour * 60 + clock.minute
    if minutes:
        shown = dialect.moved(shown, Length(minutes, "minute"), +1)
    bounds = None
    if context.nows is not None:
        far = max(calendar_reach("month"), reach(Length(months_after + 2, "month")))
        bounds = within(context.nows, far if months_after else calendar_reach("month"))
    return at_clock(context, context.zone, shown, bounds)


def is_open(context: SqlContext, opening: Opening) -> exp.Expr:
    """Whether now is in its month's opening window: see `plan.triggers.is_open`."""
    start = day_of_month(context, opening.from_day, opening.from_time)
    end = day_of_month(context, opening.to_day, time(), days_after=1)
    return all_true(
        exp.GTE(this=context.now.copy(), expression=start),
        exp.LT(this=context.now.copy(), expression=end),
    )
