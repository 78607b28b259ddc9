"""Triggers: when a step fires."""

from __future__ import annotations

from datetime import date, time
from typing import assert_never

from ...dsl import tree
from ...dsl.codes import literals
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..check.expressions import stage_is
from ..check.festivals import KNOWN_FESTIVALS
from ..check.histories import is_wallet
from ..check.literals import whole
from ..check.scope import Scope
from ..codes import logic, moves, names, schedules
from ..codes import types as words
from ..plan import EventTable
from ..plan.calendar import at_clock, first_day
from ..plan.expressions import AudienceValue, Expression, Origin
from ..plan.triggers import Repeating
from . import patterns
from .declarations import rule
from .rewards import day_of_month
from .timers import starting_event, timer

WHICH = ("first", "second", "third", "fourth")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def triggering_event(c: Context, node: tree.Trigger) -> EventTable | None:
    """The event of an event trigger or a timer, where there is such an event."""
    match node.form:
        case tree.OnEvent(event):
            return c.events.get(event.text)
        case tree.Timer(moment=moment):
            return starting_event(c, moment)
        case _:
            return None


def trigger(c: Context, node: tree.Trigger, start: date | None) -> plan.Trigger | None:
    """The trigger; `None` after a mistake, which is reported.

    `start`: the first day on which the campaign is active.
    """
    opening = _opening(c, node.opening) if node.opening else None
    at = origin(node.span)
    match node.form:
        case tree.OnEvent():
            return _on_event(c, node.form, opening, at)
        case tree.Every(day, clock):
            return plan.DailyTrigger(_weekday(day), clock.value, opening, at)
        case tree.Monthly(number, clock):
            return plan.MonthlyTrigger(day_of_month(c, number), clock.value, opening, at)
        case tree.Nth("last", "day", "month", clock):
            return plan.MonthlyTrigger(None, clock.value, opening, at)
        case tree.Nth(which, day, of, clock):
            nth = None if which == "last" else 1 + WHICH.index(which)
            return plan.NthTrigger(nth, _weekday(day), of, clock.value, opening, at)
        case tree.Hourly(minute):
            if minute > 59:
                c.report(literals.NOT_A_TIME, node.form, found=f":{minute}")
                return None
            return plan.HourlyTrigger(minute, opening, at)
        case tree.EveryWeeks():
            return _weeks(c, node.form, start, opening, at)
        case tree.Once(instant):
            return plan.OnceTrigger(at_clock(c.zone, instant.value), at, opening=opening)
        case tree.OnFestival(name, clock):
            festivals = {*KNOWN_FESTIVALS, *c.festivals}
            if name.text not in festivals:
                known = suggestions(name.text, festivals)
                c.report(
                    names.UNKNOWN_DECLARATION, name, kind=names.FESTIVAL, name=name.text, **known
                )
                return None
            return plan.FestivalTrigger(name.text, clock.value, at, opening=opening)
        case tree.WhenBalance(wallet, amount):
            enough = whole(c, amount)
            fires = plan.WalletTrigger(wallet.text, enough, opening, at)
            return fires if is_wallet(c, wallet) else None
        case tree.Timer():
            return timer(c, node.form, opening, at)
        case tree.Entering():
            return _entering(c, node, node.form, start, opening)
        case _:
            assert_never(node.form)


def _entering(
    c: Context,
    node: tree.Trigger,
    form: tree.Entering,
    start: date | None,
    opening: plan.Opening | None,
) -> plan.Trigger | None:
    """The schedule that waits for customers to enter, or to leave; `None` after a mistake."""
    inner = tree.Trigger(form.schedule, None, span=form.schedule.span)
    schedule, condition = trigger(c, inner, start), _moved(c, form.of)
    lasting = form.lasting
    if isinstance(schedule, plan.OnceTrigger):
        c.report(moves.ONCE, form.schedule, text=folded(form.schedule.span))
        return None
    if lasting is not None and lasting.count < 1:
        c.report(moves.FOR_NO_TIME, lasting, text=folded(lasting.span))
        return None
    if condition is None or schedule is None or not isinstance(schedule, Repeating):
        return None
    span = None if lasting is None else plan.Span(lasting.count, lasting.unit)
    at = origin(node.span)
    return plan.EnteringTrigger(
        schedule, condition, form.leaving, at, lasting=span, opening=opening
    )


def _moved(c: Context, of: tree.StageRef | tree.Name) -> Expression | None:
    """The condition of being in the stage or the audience; `None` after a mistake."""
    if isinstance(of, tree.StageRef):
        return stage_is(c, of, (of,))
    if of.text not in c.symbols.audiences:
        known = suggestions(of.text, c.symbols.audiences)
        c.report(names.UNKNOWN_DECLARATION, of, kind=names.AUDIENCE, name=of.text, **known)
        return None
    return AudienceValue(of.text, origin=origin(of.span))


def _on_event(
    c: Context, node: tree.OnEvent, opening: plan.Opening | None, at: Origin
) -> plan.EventTrigger | None:
    """The trigger of an event; `None` after a mistake."""
    name, event = node.event.text, c.events.get(node.event.text)
    if event is None:
        known = suggestions(name, c.events)
        c.report(names.UNKNOWN_DECLARATION, node.event, kind=names.EVENT, name=name, **known)
        return None
    condition = rule(c, node.where, Scope(event=event, bare=True)) if node.where else None
    group = pattern = None
    if node.pattern is not None:
        patterns.report_foreign(c, node.pattern, node.where, condition)
        group, pattern = patterns.awaited(c, node.pattern, event)
    return plan.EventTrigger(event.name, condition, opening, at, group, pattern=pattern)


def _weekday(day: str) -> int | None:
    """0 for Monday; `None` for any day."""
    return None if day == "day" else WEEKDAYS.index(day)


def _weeks(
    c: Context, node: tree.EveryWeeks, start: date | None, opening: plan.Opening | None, at: Origin
) -> plan.Trigger | None:
    """The schedule of every so many weeks; `None` after a mistake."""
    length, day = node.length, node.day
    if length.unit != "week" or length.count < 1:
        c.report(schedules.NO_WEEKS, length, text=folded(length.span))
    if day.text not in WEEKDAYS:
        c.report(schedules.NO_WEEKDAY, day, name=day.text, **suggestions(day.text, WEEKDAYS))
    if start is None:
        c.report(schedules.WEEKS_WITHOUT_START, node, text=folded(node.span))
    if length.unit != "week" or length.count < 1 or day.text not in WEEKDAYS or start is None:
        return None
    first, weekday = first_day("week", start), WEEKDAYS.index(day.text)
    return plan.WeeksTrigger(length.count, weekday, first, node.at.value, opening, at)


def report_no_group(c: Context, node: tree.Reward, fires: plan.Trigger) -> None:
    """Report `to each` where the trigger waits for no group."""
    each = next((one for one in node.modifiers if isinstance(one, tree.RewardToEach)), None)
    if each is not None and fires.group is None:
        c.report(logic.EACH_OF_NOBODY, each)


def _opening(c: Context, node: tree.OpenMonthly) -> plan.Opening:
    first, last = day_of_month(c, node.from_day), day_of_month(c, node.to_day)
    if last < first:
        start, end = folded(node.from_day.span), folded(node.to_day.span)
        c.report(words.BACKWARDS, node, start=f"day {start}", end=f"day {end}")
    return plan.Opening(first, node.from_time.value if node.from_time else time(0), last)
