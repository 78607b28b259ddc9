"""Triggers: when a step fires."""

from __future__ import annotations

from datetime import time
from typing import assert_never

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..check.festivals import KNOWN_FESTIVALS
from ..check.scope import Scope
from ..codes import logic, names
from ..codes import types as words
from ..plan import EventTable
from ..plan.calendar import at_clock
from . import patterns
from .declarations import rule
from .rewards import day_of_month

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def triggering_event(c: Context, node: tree.Trigger) -> EventTable | None:
    """The event of an event trigger, where there is such an event."""
    if not isinstance(node.form, tree.OnEvent):
        return None
    return c.events.get(node.form.event.text)


def trigger(c: Context, node: tree.Trigger) -> plan.Trigger | None:
    """The trigger; `None` after a mistake, which is reported."""
    opening = _opening(c, node.opening) if node.opening else None
    at = origin(node.span)
    match node.form:
        case tree.OnEvent(name, where, awaited):
            event = c.events.get(name.text)
            if event is None:
                known = suggestions(name.text, c.events)
                c.report(names.UNKNOWN_DECLARATION, name, kind=names.EVENT, name=name.text, **known)
                return None
            condition = rule(c, where, Scope(event=event, bare=True)) if where else None
            group = pattern = None
            if awaited is not None:
                patterns.report_foreign(c, awaited, where, condition)
                group, pattern = patterns.awaited(c, awaited, event)
            return plan.EventTrigger(event.name, condition, opening, at, group, pattern=pattern)
        case tree.Every(day, clock):
            weekday = None if day == "day" else WEEKDAYS.index(day)
            return plan.DailyTrigger(weekday, clock.value, opening, at)
        case tree.Monthly(day, clock):
            number = None if day is None else day_of_month(c, day)
            return plan.MonthlyTrigger(number, clock.value, opening, at)
        case tree.Once(instant):
            return plan.OnceTrigger(at_clock(c.zone, instant.value), at, opening=opening)
        case tree.OnFestival(name, clock):
            if name.text not in KNOWN_FESTIVALS:
                known = suggestions(name.text, KNOWN_FESTIVALS)
                c.report(
                    names.UNKNOWN_DECLARATION, name, kind=names.FESTIVAL, name=name.text, **known
                )
                return None
            return plan.FestivalTrigger(name.text, clock.value, at, opening=opening)
        case _:
            assert_never(node.form)


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
