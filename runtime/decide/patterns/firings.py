"""Patterns of a trigger: which events of one customer fire, and as which occurrence.

An occurrence says which firing of the customer it is, and not at which event. A late event may move
a firing to another event, and it remains the same one. An event that crosses several multiples of a
sum fires once, as the highest of them; `Firing.times` is how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from itertools import accumulate, count, groupby
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from ....compiler.operators.rounding import whole_times
from ....compiler.plan import Campaign, EventTrigger, Pattern, Trigger
from ....compiler.plan.arithmetic import bounded
from ....compiler.plan.calendar import WallClock, first_day
from ....compiler.plan.data import CANCELLED
from ....compiler.plan.triggers import TIMES, digits_after_point
from ....compiler.plan.types import DECIMAL_DIGITS
from ....compiler.plan.values import Value
from ..facts import Row, moment
from .cancelled import counted_at
from .counting import counts, first_within, looking_back


class Counted(NamedTuple):
    """An event that counts: its time and key, its day, and what it adds (`None` for a count).

    `cancelled`: since when it is cancelled; `None` if it is not.
    """

    at: datetime
    key: str
    day: date
    value: Value | None
    cancelled: datetime | None = None


class Streak(NamedTuple):
    """The first event of a day, with how many days in a row there are so far.

    `number`: of the days that follow one another, whether their events were cancelled or not.
    """

    first: Counted
    length: int
    number: int


class Firing(NamedTuple):
    """An event that fires. `times`: how many multiples it crossed."""

    at: datetime
    key: str
    occurrence: str
    times: int = 1


def with_times(row: Row, firing: Firing) -> Row:
    """The event's row as its decision reads it: with how many multiples it crossed."""
    return {**row, TIMES: firing.times}


@dataclass(frozen=True, slots=True)
class PatternWatch:
    """A trigger that waits for a pattern, with the rules by which events count."""

    campaign: Campaign
    trigger: EventTrigger
    pattern: Pattern
    zone: ZoneInfo

    def counted(self, row: Row) -> Counted | None:
        """The event as far as it counts; `None` if it does not."""
        if not counts(self.campaign, self.trigger, self.zone, row):
            return None
        field = self.pattern.field
        value = None if field is None else row[field]
        if field is not None and value is None:
            return None
        at, key = moment(row)
        cancelled = row.get(CANCELLED)
        since = cancelled if isinstance(cancelled, datetime) else None
        return Counted(at, key, WallClock(at, self.zone).today, value, since)

    def firings(self, rows: Iterable[Row]) -> list[Firing]:
        """Return those of a customer's events that fire, in order."""
        counted, pattern = self._in_order(rows), self.pattern
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
        counted = [one for one in self._in_order(rows) if one[:2] <= upto]
        if not counted:
            return 0
        each, last = self.pattern.each, counted[-1]
        if each is not None:
            first = first_day(each, last.day)
            counted = [one for one in counted if first_day(each, one.day) == first]
        if self.pattern.of == "days_in_a_row":
            return self._streaks(counted)[-1].length
        return self._measure(counted_at(counted[self._first(counted, last) :], upto[0]))

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
        more = looking_back(pattern.within) if pattern.each is None else f" each {pattern.each}"
        return f"{'every' if pattern.every else 'reaching'} {_plain(pattern.amount)}{of}{more}"

    def _in_order(self, rows: Iterable[Row]) -> list[Counted]:
        """Return the events that count, in the order of (time, key)."""
        counted = (one for row in rows if (one := self.counted(row)) is not None)
        return sorted(counted, key=lambda one: one[:2])

    def _highest(self, counted: Sequence[Counted]) -> Iterator[Firing]:
        """Yield the events at which the highest measure so far comes to the next amount."""
        pattern, last = self.pattern, 0
        for one, measure in zip(counted, self._running(counted), strict=True):
            if not pattern.every:
                multiple = int(measure >= pattern.amount)
            else:
                multiple = self._multiple(measure)
            if multiple > last:
                name = multiple_text(multiple, pattern.amount) if pattern.every else "1"
                yield Firing(one.at, one.key, name, multiple - last)
            last = max(last, multiple)

    def _multiple(self, measure: Decimal | int) -> int:
        """Return how many multiples a measure holds; 0 if there are too many to count."""
        pattern = self.pattern
        amount = int(pattern.amount) if isinstance(measure, int) else pattern.amount
        if not pattern.crosses_several:
            return int(measure // amount)
        clock = WallClock(datetime.min.replace(tzinfo=UTC), self.zone)
        return whole_times(clock, bounded(measure), amount) or 0

    def _running(self, counted: Sequence[Counted]) -> Iterator[Decimal | int]:
        """Return the measure up to each event, without counting all of them again each time.

        If some are cancelled later, it can fall, and is counted anew with each.
        """
        if any(one.cancelled is not None for one in counted):
            upto = ((counted[:number], one.at) for number, one in enumerate(counted, 1))
            return (self._measure(counted_at(some, at)) for some, at in upto)
        return self._growing(counted)

    def _growing(self, counted: Sequence[Counted]) -> Iterator[Decimal | int]:
        """Return the measure up to each event, where none is cancelled."""
        match self.pattern.of:
            case "times":
                return iter(range(1, len(counted) + 1))
            case "sum":
                return self._sums(counted)
            case "different":
                return _different(one.value for one in counted)
            case "days" | "days_in_a_row":
                return _different(one.day for one in counted)
            case _:
                assert_never(self.pattern.of)

    @staticmethod
    def _sums(counted: Sequence[Counted]) -> Iterator[Decimal | int]:
        """Return the exact sum up to each event."""
        with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
            values = (one.value for one in counted)
            numbers = (one for one in values if isinstance(one, int | Decimal))
            return iter(list(accumulate(numbers)))

    def _measure(self, counted: Sequence[Counted]) -> Decimal | int:
        """Return the measure of all of them; 0 of none."""
        *_, measure = (0, *self._growing(counted))
        return measure

    def _from_below(self, counted: Sequence[Counted]) -> Iterator[Counted]:
        """Yield the events at which the measure of the window comes to the amount from below."""
        was_enough = False
        for number, one in enumerate(counted, 1):
            first = self._first(counted, one)
            inside = counted_at(counted[first:number], one.at)
            is_enough = self._measure(inside) >= self.pattern.amount
            if is_enough and not was_enough:
                yield one
            was_enough = is_enough

    def _in_a_row(self, counted: Sequence[Counted]) -> Iterator[Counted]:
        """Yield the first events of the days on which a streak is long enough for once more."""
        amount, highest = int(self.pattern.amount), dict[int, int]()
        for first, length, number in self._streaks(counted):
            multiple = length // amount if self.pattern.every else int(length >= amount)
            if multiple > highest.get(number, 0):
                highest[number] = multiple
                yield first

    @staticmethod
    def _streaks(counted: Sequence[Counted]) -> list[Streak]:
        """Return the first event of each day, with the streak so far."""
        found: list[Streak] = []
        stay = all(one.cancelled is None for one in counted)
        for place, one in enumerate(counted, 1):
            if found and one.day == found[-1].first.day:
                continue
            follows = bool(found) and one.day == found[-1].first.day + timedelta(days=1)
            number = 1 + (found[-1].number if found else 0) - follows
            if stay:
                length = 1 + (found[-1].length if follows else 0)
            else:
                days = {other.day for other in counted_at(counted[:place], one.at)}
                length = next(n for n in count(1) if one.day - timedelta(days=n) not in days)
            found.append(Streak(one, length, number))
        return found

    def _first(self, counted: Sequence[Counted], last: Counted) -> int:
        return first_within(self.zone, self.pattern.within, counted, last.at)


def _numbered(events: Iterable[Counted]) -> list[Firing]:
    """Return firings whose occurrence is their number."""
    return [Firing(one.at, one.key, str(number)) for number, one in enumerate(events, 1)]


def _different(values: Iterable[Value | None]) -> Iterator[int]:
    """Yield how many different values there are up to each."""
    seen: set[Value | None] = set()
    for value in values:
        seen.add(value)
        yield len(seen)


def multiple_text(multiple: int, amount: Decimal) -> str:
    """The name of a multiple, with the digits after the point that the amount needs: `25.0`."""
    digits = digits_after_point(amount)
    with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
        return f"{multiple * amount:.{digits}f}"


def _plain(amount: Decimal) -> str:
    """An amount as the file may write it: `10`, `12.5`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pattern_of(campaign: Campaign, trigger: Trigger, zone: ZoneInfo) -> PatternWatch | None:
    """Return the watch of a trigger that waits for a pattern; `None` for any other trigger."""
    if not isinstance(trigger, EventTrigger) or trigger.pattern is None:
        return None
    return PatternWatch(campaign, trigger, trigger.pattern, zone)
