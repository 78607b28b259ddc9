"""Timers of one customer: the latest, the next, and the event that ended one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..decide.facts import CustomerRows, Row, moment
from ..decide.patterns.timers import Timer, TimerWatch
from .clauses import Clause, as_text, clause

_YEARS = timedelta(days=800)
"""More than the time between two anniversaries, those of 29 February among them."""


def latest_timer(
    watch: TimerWatch, customer: str, row: Row, rows: CustomerRows, at: datetime
) -> Timer | None:
    """The customer's latest timer up to an instant; `None` if there was none."""
    found = (one for one in _timers(watch, customer, row, rows, at) if one.at <= at)
    return max(found, default=None, key=lambda one: (one.at, one.occurrence))


def next_timer(
    watch: TimerWatch, customer: str, row: Row, rows: CustomerRows, at: datetime
) -> Timer | None:
    """The customer's first timer after an instant; `None` if none is known by then."""
    found = (one for one in _timers(watch, customer, row, rows, at) if one.at > at)
    known = (one for one in found if one.row is None or moment(one.row)[0] <= at)
    return min(known, default=None, key=lambda one: (one.at, one.occurrence))


def _timers(
    watch: TimerWatch, customer: str, row: Row, rows: CustomerRows, at: datetime
) -> Iterator[Timer]:
    event = watch.trigger.event
    if event is None:
        first, last = datetime.min + _YEARS, datetime.max - _YEARS
        shown = min(max(at.replace(tzinfo=None), first), last).replace(tzinfo=at.tzinfo)
        if watch.trigger.moment.of == "anniversary":
            yield from watch.of_customer(customer, row, shown - _YEARS, shown + _YEARS)
        else:
            beginning, end = (one.replace(tzinfo=at.tzinfo) for one in (datetime.min, datetime.max))
            yield from watch.of_customer(customer, row, beginning, end)
        return
    for one in rows.events(event, customer):
        timer = watch.of_event(customer, one)
        if timer is not None:
            yield timer


def ended_by(watch: TimerWatch, timer: Timer, rows: CustomerRows) -> Row | None:
    """The event that ended a timer; `None` if none did."""
    unless = watch.trigger.unless
    others = () if unless is None else rows.events(unless.event, timer.customer)
    return watch.ended_by(timer, others)


def timer_values(watch: TimerWatch, timer: Timer, row: Row) -> dict[str, str]:
    """The moment from which a timer is measured, and its own instant, in the project's zone."""
    trigger, zone = watch.trigger, watch.zone
    own = {"timer": timer.at.astimezone(zone).isoformat()}
    field = trigger.moment.field or ""
    if timer.row is None or trigger.event is None:
        return {field: as_text(row[field]), **own}
    started, key = moment(timer.row)
    values = {trigger.event: key, f"{trigger.event}.at": started.astimezone(zone).isoformat()}
    if field:
        values[f"{trigger.event}.{field}"] = as_text(timer.row[field])
    return {**values, **own}


def unless_clause(watch: TimerWatch, timer: Timer | None, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the clause of the event that ends a timer, if its trigger names one."""
    unless = watch.trigger.unless
    if unless is None:
        return
    ends = None if timer is None else ended_by(watch, timer, rows)
    if ends is None:
        held = None if timer is None else True
        yield clause(watch.trigger.origin, held, depth=1, text=unless.origin.text)
        return
    at, key = moment(ends)
    shown = at.astimezone(watch.zone).isoformat()
    values = {unless.event: key, f"{unless.event}.at": shown}
    yield clause(watch.trigger.origin, False, values, depth=1, text=unless.origin.text)
