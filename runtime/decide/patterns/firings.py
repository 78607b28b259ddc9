"""Patterns of a trigger: which events of one customer fire, and as which occurrence.

An occurrence says which firing of the customer it is, and not at which event. A late event may move
a firing to another event, and it remains the same one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, EventTrigger, Pattern, Trigger
from ....compiler.plan.calendar import WallClock, first_day, shift
from ....compiler.plan.triggers import is_open
from ....compiler.plan.values import Length, Value
from ..active import is_active
from ..facts import Row, holds, moment
from .groups import EventFacts


class Counted(NamedTuple):
    """An event that counts: its time and key, its day, and what it adds (`None` for a count)."""

    at: datetime
    key: str
    day: date
    value: Value | None


class Firing(NamedTuple):
    """An event that fires. `times`: how many multiples it has crossed, else 1."""

    at: datetime
    key: str
    occurrence: str
    times: int


@dataclass(frozen=True, slots=True)
class PatternWatch:
    """A trigger that waits for a pattern, with the rules by which events count."""

    campaign: Campaign
    trigger: EventTrigger
    pattern: Pattern
    zone: ZoneInfo

    def counted(self, row: Row) -> Counted | None:
        """The event as far as it counts; `None` if it does not."""
        now, key = moment(row)
        if not is_active(self.campaign, now) or not is_open(self.zone, self.trigger.opening, now):
            return None
        clock = WallClock(now, self.zone)
        if not holds(self.trigger.where, EventFacts(row, clock)):
            return None
        field = self.pattern.field
        value = None if field is None else row[field]
        if field is not None and value is None:
            return None
        return Counted(now, key, clock.today, value)

    def firings(self, rows: Iterable[Row]) -> list[Firing]:
        """Return those of a customer's events that fire, in order."""
        counted = [one for row in rows if (one := self.counted(row)) is not None]
        counted.sort(key=lambda one: one[:2])
        pattern = self.pattern
        if pattern.of == "days_in_a_row":
            return _numbered(self._in_a_row(counted))
        if pattern.within is not None:
            return _numbered(self._from_below(counted))
        if pattern.each is None:
            return list(self._highest(counted))
        each = pattern.each
        return [
            one._replace(occurrence=f"{first} {one.occurrence}" if pattern.every else str(first))
            for first, some in groupby(counted, lambda one: first_day(each, one.day))
            for one in self._highest(list(some))
        ]

    def reached(self, rows: Iterable[Row], upto: tuple[datetime, str]) -> Decimal | int:
        """Return the measure at an event, whether it counts or not: (time, key) is `upto`."""
        counted = [one for row in rows if (one := self.counted(row)) is not None]
        counted = sorted(one for one in counted if one[:2] <= upto)
        if not counted:
            return 0
        each, last = self.pattern.each, counted[-1]
        if each is not None:
            first = first_day(each, last.day)
            counted = [one for one in counted if first_day(each, one.day) == first]
        if self.pattern.of == "days_in_a_row":
            return self._streaks(counted)[-1][1]
        return self._measure(counted[self._first(counted, last) :])

    @property
    def text(self) -> str:
        """The pattern in the words of the file."""
        pattern = self.pattern
        of = {
            "times": " times",
            "sum": f" of {pattern.field}",
            "different": f" different {pattern.field}",
            "days": " days",
            "days_in_a_row": " days in a row",
        }[pattern.of]
        more = "" if pattern.each is None else f" each {pattern.each}"
        if pattern.within is not None:
            many = "s" if pattern.within.count != 1 else ""
            more = f" within {pattern.within.count} {pattern.within.unit}{many}"
        return f"{'every' if pattern.every else 'reaching'} {_plain(pattern.amount)}{of}{more}"

    def _highest(self, counted: Sequence[Counted]) -> Iterator[Firing]:
        """Yield the events at which the highest measure so far comes to the next amount."""
        amount, last = self.pattern.amount, 0
        for number, one in enumerate(counted, 1):
            multiple = int(self._measure(counted[:number]) // amount)
            if multiple > last and (self.pattern.every or not last):
                name = _plain(multiple * amount) if self.pattern.every else "1"
                yield Firing(one.at, one.key, name, multiple - last)
            last = max(last, multiple)

    def _from_below(self, counted: Sequence[Counted]) -> Iterator[Counted]:
        """Yield the events at which the measure of the window comes to the amount from below."""
        was_enough = False
        for number, one in enumerate(counted, 1):
            first = self._first(counted, one)
            is_enough = self._measure(counted[first:number]) >= self.pattern.amount
            if is_enough and not was_enough:
                yield one
            was_enough = is_enough

    def _in_a_row(self, counted: Sequence[Counted]) -> Iterator[Counted]:
        """Yield the first events of the days on which a streak is long enough."""
        amount = self.pattern.amount
        for one, length in self._streaks(counted):
            if length % amount == 0 if self.pattern.every else length == amount:
                yield one

    @staticmethod
    def _streaks(counted: Sequence[Counted]) -> list[tuple[Counted, int]]:
        """Return the first event of each day, with how many days in a row there are so far."""
        found: list[tuple[Counted, int]] = []
        for one in counted:
            if not found:
                found.append((one, 1))
            elif one.day != found[-1][0].day:
                is_next = one.day == found[-1][0].day + timedelta(days=1)
                found.append((one, found[-1][1] + 1 if is_next else 1))
        return found

    def _first(self, counted: Sequence[Counted], last: Counted) -> int:
        """Return the index of the first event that `within` reaches, looking back from `last`."""
        within = self.pattern.within
        if within is None:
            return 0
        since = shift(self.zone, last.at, Length(within.count, within.unit), -1)
        return bisect_right(counted, since, key=lambda one: one.at)

    def _measure(self, counted: Sequence[Counted]) -> Decimal | int:
        match self.pattern.of:
            case "times":
                return len(counted)
            case "different":
                return len({one.value for one in counted})
            case "days" | "days_in_a_row":
                return len({one.day for one in counted})
            case "sum":
                return sum((Decimal(str(one.value)) for one in counted), Decimal(0))
            case _:
                assert_never(self.pattern.of)


def _numbered(events: Iterable[Counted]) -> list[Firing]:
    """Return firings whose occurrence is their number."""
    return [Firing(one.at, one.key, str(number), 1) for number, one in enumerate(events, 1)]


def _plain(amount: Decimal) -> str:
    """A multiple as text: `10`, `12.5`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pattern_of(campaign: Campaign, trigger: Trigger, zone: ZoneInfo) -> PatternWatch | None:
    """Return the watch of a trigger that waits for a pattern; `None` for any other trigger."""
    if not isinstance(trigger, EventTrigger) or trigger.pattern is None:
        return None
    return PatternWatch(campaign, trigger, trigger.pattern, zone)
