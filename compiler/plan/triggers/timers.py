"""The trigger that waits for a moment: so long after or before something of the customer's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..calendar import at_clock, days_in_month, first_moment, local_clock, shift, shift_date
from ..expressions import Expression, Origin
from ..expressions import unless as left_out_unless
from ..value import Span
from ..values import Length
from .opening import Opening
from .schedules import Holiday


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment from which a timer is measured.

    - `event`: the instant of each `event`.
    - `event_field`: a date or an instant that each `event` carries in `field`.
    - `customer_field`: a date or an instant in the customer's `field`.
    - `anniversary`: the days of all years with month and day of the customer's `field`; of
      29 February the 28th in years without one.
    - `step`: the moment of the step `field` of the journey.

    The moment of a date is the first of its day.
    """

    of: Literal["event", "event_field", "customer_field", "anniversary", "step"]
    event: str | None
    field: str | None


@dataclass(frozen=True, slots=True)
class Unless:
    """An event of the customer that must not lie in (the starting event, the instant].

    In `where` a row's field is one of that event, an event's field one of the starting event.
    """

    event: str
    where: Expression | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """So long (`span`) before or after each `moment`; with `at`, at that clock time of the day.

    An instant that is not after its own event never fires, nor one at which the event does not
    meet `where`.

    Of a timer after an event the event must lie in the campaign's active period, and the timer may
    fire after it. Of every other moment the timer's own instant must lie in it.
    """

    span: Span
    before: bool
    moment: Moment
    at: time | None
    unless: Unless | None
    opening: Opening | None
    origin: Origin
    kind: Literal["timer"] = "timer"
    where: Expression | None = left_out_unless(None)

    group: ClassVar[None] = None
    pattern: ClassVar[None] = None
    task: ClassVar[None] = None
    is_keyed: ClassVar[bool] = True
    once: ClassVar[None] = None
    festivals: ClassVar[tuple[str, ...]] = ()
    is_daily: ClassVar[bool] = False

    @property
    def event(self) -> str | None:
        """The starting event; `None` if it is measured from a field of the customer."""
        return self.moment.event

    @property
    def events(self) -> tuple[str, ...]:
        """The events that it reads."""
        unless = () if self.unless is None else (self.unless.event,)
        return unless if self.event is None else (self.event, *unless)

    @property
    def follows_event(self) -> bool:
        """Whether its event, and not its own instant, must lie in the active period."""
        return self.moment.of == "event" and not self.before

    @property
    def length(self) -> Length:
        """The span as a length of the calendar."""
        return Length(self.span.count, self.span.unit)

    @property
    def sign(self) -> int:
        """1 if it is after its moment, -1 if before."""
        return -1 if self.before else 1

    def instant(self, zone: ZoneInfo, moment: date | datetime) -> datetime:
        """The instant (UTC) of the timer of a moment: a date, or an instant (aware, UTC)."""
        if self.at is not None:
            day = local_clock(zone, moment).date() if isinstance(moment, datetime) else moment
            later = shift_date(day, self.length, self.sign)
            return at_clock(zone, datetime.combine(later, self.at))
        start = moment if isinstance(moment, datetime) else first_moment(zone, moment)
        return shift(zone, start, self.length, self.sign)

    def days(
        self, zone: ZoneInfo, start: datetime, end: datetime
    ) -> Iterator[tuple[date, datetime]]:
        """Yield the days whose timers have their instants in [start, end], each with its own."""
        first, last = (local_clock(zone, one).date() for one in (start, end))
        margin = timedelta(days=5)
        day = _kept(shift_date(first, self.length, -self.sign), -margin)
        last = _kept(shift_date(last, self.length, -self.sign), margin)
        while day < last:
            instant = self.instant(zone, day)
            if start <= instant <= end:
                yield day, instant
            day += timedelta(days=1)

    def instants(self, *_: object) -> Iterator[datetime]:
        """None: each customer has others."""
        return iter(())

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """Its clock time, if it has one."""
        return frozenset() if self.at is None else frozenset({self.at})

    def may_fire(
        self, zone: ZoneInfo, _: Sequence[Holiday], start: datetime, end: datetime
    ) -> bool:
        """Whether a day on which it may fire lies in the opening."""
        if self.opening is None:
            return True
        if self.follows_event:
            end = shift(zone, end, self.length, +1)
        return self.opening.is_open_in(zone, start, end)

    def broken(self) -> Iterator[str]:
        """Yield what no timer has: a negative length, a clock time with hours or minutes."""
        if self.span.count < 0:
            yield f"{self.span.count} {self.span.unit}"
        if self.at is not None and self.span.unit in ("minute", "hour"):
            yield f"a clock time so many {self.span.unit}s away"


def anniversary(day: date, year: int) -> date:
    """The day of a year with month and day of another; of 29 February the 28th, if need be."""
    return date(year, day.month, min(day.day, days_in_month(year, day.month)))


def _kept(day: date, by: timedelta) -> date:
    """The date so much later, or the calendar's end."""
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta() else date.min
