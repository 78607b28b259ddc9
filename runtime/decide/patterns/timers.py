"""Timers: their instants, and the event that ends one. The meaning of `TimerTrigger`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, TimerTrigger, Trigger
from ....compiler.plan.calendar import WallClock, local_clock
from ....compiler.plan.triggers import is_open
from ....compiler.plan.triggers.timers import anniversary
from ....compiler.plan.values import Value
from ..active import is_active
from ..facts import Row, holds, moment
from .counting import EventFacts


class Timer(NamedTuple):
    """A timer of a customer.

    `at` is its instant, `row` that of the starting event, `None` for a field of the customer. `key`
    names it among all of its step: the event's key, or its day and the customer.
    """

    at: datetime
    customer: str
    occurrence: str
    key: str
    row: Row | None

    @property
    def turn(self) -> tuple[datetime, str, Row | None]:
        """Its instant, its occurrence and its starting event."""
        return self.at, self.occurrence, self.row


@dataclass(frozen=True, slots=True)
class TimerWatch:
    """A step's timers."""

    campaign: Campaign
    trigger: TimerTrigger
    zone: ZoneInfo

    def of_event(self, customer: str, row: Row) -> Timer | None:
        """The timer of a starting event; `None` if it never fires."""
        trigger, (started, key) = self.trigger, moment(row)
        start = started if trigger.moment.field is None else row[trigger.moment.field]
        if not isinstance(start, date):
            return None
        at = trigger.instant(self.zone, start)
        is_in = is_active(self.campaign, started if trigger.follows_event else at)
        if at <= started or not is_in or not is_open(self.zone, trigger.opening, at):
            return None
        if not holds(trigger.where, EventFacts(row, WallClock(at, self.zone))):
            return None
        return Timer(at, customer, key, key, row)

    def of_customer(
        self, customer: str, row: Row, start: datetime, end: datetime
    ) -> Iterator[Timer]:
        """Yield the timers of a customer's field with instants in [start, end]."""
        value = row[self.trigger.moment.field or ""]
        if not isinstance(value, date):
            return
        for day, at in self._days(value, start, end):
            is_in = is_active(self.campaign, at) and start <= at <= end
            if is_in and is_open(self.zone, self.trigger.opening, at):
                yield Timer(at, customer, str(day), f"{day} {customer}", None)

    def _days(self, value: date, start: datetime, end: datetime) -> Iterator[tuple[date, datetime]]:
        """Yield the days of a field, each with the instant of its timer."""
        day = local_clock(self.zone, value).date() if isinstance(value, datetime) else value
        if self.trigger.moment.of == "customer_field":
            yield day, self.trigger.instant(self.zone, value)
            return
        for other, at in self.trigger.days(self.zone, start, end):
            if other == anniversary(day, other.year):
                yield other, at

    def ended_by(self, timer: Timer, events: Iterable[Row]) -> Row | None:
        """The first of the customer's events that ends a timer; `None` if none does.

        `events` are those of the kind that `unless` names.
        """
        unless = self.trigger.unless
        if unless is None or timer.row is None:
            return None
        started, _ = moment(timer.row)
        for row in sorted(events, key=moment):
            if started < moment(row)[0] <= timer.at:
                facts = _BothFacts(timer.row, row, WallClock(timer.at, self.zone))
                if holds(unless.where, facts):
                    return row
        return None


@dataclass(frozen=True, slots=True)
class _BothFacts:
    """The facts of a starting event and of one that may end its timer."""

    started: Row
    other: Row
    clock: WallClock

    def event(self, name: str) -> Value | None:
        """A field of the starting event."""
        return self.started[name]

    def row(self, name: str) -> Value | None:
        """A field of the other."""
        return self.other[name]

    def feature(self, id_: str) -> Value | None:
        """Unreachable: these conditions read the two events alone."""
        raise LookupError(f"{id_} is of a customer, and two events are compared")

    stage = feature

    def audience(self, name: str) -> bool:
        """Unreachable: these conditions read the two events alone."""
        raise LookupError(f"{name} is of a customer, and two events are compared")


def timers_of(campaign: Campaign, trigger: Trigger, zone: ZoneInfo) -> TimerWatch | None:
    """The timers of a trigger; `None` for any other trigger."""
    return TimerWatch(campaign, trigger, zone) if isinstance(trigger, TimerTrigger) else None


def in_order(timers: Iterable[Timer]) -> Sequence[Timer]:
    """The timers in the order in which they are decided."""
    return sorted(timers, key=lambda one: (one.at.astimezone(UTC), one.occurrence, one.customer))
