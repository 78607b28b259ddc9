"""Schedules: each kind says on which days, or at which instants, it fires."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..calendar import at_clock, days_in_month, first_day, local_clock
from ..expressions import Origin, unless
from .opening import Opening, is_open


@dataclass(frozen=True, slots=True)
class Holiday:
    """A festival's day, known to the plan so that no engine needs a calendar."""

    festival: str
    day: date
    provisional: bool


class Schedule(ABC):
    """A trigger that no event fires: see the head of the package."""

    __slots__ = ()

    event: ClassVar[None] = None
    where: ClassVar[None] = None
    group: ClassVar[None] = None
    pattern: ClassVar[None] = None
    task: ClassVar[None] = None
    is_keyed: ClassVar[bool] = True
    opening: Opening | None

    @property
    def once(self) -> datetime | None:
        """Its one instant; `None` if it repeats."""
        return None

    @property
    def festivals(self) -> tuple[str, ...]:
        """The festivals on whose days it fires."""
        return ()

    @property
    def is_daily(self) -> bool:
        """Whether it fires on each day of its opening."""
        return False

    def instants(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[datetime]:
        """Yield the instants (UTC, in order, each once) in [start, end], inside the opening."""
        found = (
            instant
            for instant in self._all(zone, holidays, start, end)
            if start <= instant <= end and is_open(zone, self.opening, instant)
        )
        before: datetime | None = None
        for instant in found:
            if instant != before:
                yield instant
            before = instant

    def may_fire(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> bool:
        """Whether it has an instant in [start, end]."""
        return any(True for _ in self.instants(zone, holidays, start, end))

    def broken(self) -> Iterator[str]:
        """Yield each of its numbers that no calendar has, in words."""
        return iter(())

    @abstractmethod
    def clocks(self, zone: ZoneInfo) -> frozenset[time]:
        """The times that a clock of the zone shows when it fires."""

    @abstractmethod
    def _all(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[datetime]:
        """Yield the instants in order: those in [start, end], some beyond it, some twice."""


class _OnDays(Schedule):
    """A schedule that fires at one time of some days.

    A clock time that is shown twice means the first time. A skipped clock time is moved by the
    length of the gap. If a whole day is skipped, that is the next day's instant.
    """

    __slots__ = ()

    at: time

    @abstractmethod
    def falls_on(self, day: date, holidays: Sequence[Holiday]) -> bool:
        """Whether it fires on a local date."""

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """The one time, of days without a gap."""
        return frozenset({self.at})

    def _all(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[datetime]:
        days = self._days(zone, holidays, start, end)
        yield from (at_clock(zone, datetime.combine(day, self.at)) for day in days)

    def _days(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[date]:
        """Yield, in order, the days on which it falls, of those that [start, end] touches."""
        day, last = _touched(zone, start, end)
        while day <= last and start <= end:
            if self.falls_on(day, holidays):
                yield day
            day += timedelta(days=1)


def _touched(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[date, date]:
    """The first and the last local date that [start, end] touches, and one more at each end.

    The extra dates are for skipped clock times, which may move to the next date.
    """
    day, one = start.astimezone(zone).date(), timedelta(days=1)
    return day - one, end.astimezone(zone).date() + one


@dataclass(frozen=True, slots=True)
class DailyTrigger(_OnDays):
    """Every day, or every `weekday` (0 is Monday), at a time of the project's zone."""

    weekday: int | None
    at: time
    opening: Opening | None
    origin: Origin
    kind: Literal["daily"] = "daily"

    @property
    def is_daily(self) -> bool:
        """Whether it has no weekday."""
        return self.weekday is None

    def falls_on(self, day: date, _: Sequence[Holiday]) -> bool:
        """Whether the day is the weekday."""
        return self.weekday in (None, day.weekday())

    def broken(self) -> Iterator[str]:
        """A weekday is 0 to 6."""
        if self.weekday is not None and self.weekday not in range(7):
            yield f"weekday {self.weekday}"


@dataclass(frozen=True, slots=True)
class MonthlyTrigger(_OnDays):
    """On a day of every month (months without it are skipped), or (`None`) on the last one."""

    day: int | None
    at: time
    opening: Opening | None
    origin: Origin
    kind: Literal["monthly"] = "monthly"

    def falls_on(self, day: date, _: Sequence[Holiday]) -> bool:
        """Whether the day has the number, or is the last of its month."""
        return day.day == (self.day or days_in_month(day.year, day.month))

    def broken(self) -> Iterator[str]:
        """A day of a month is 1 to 31."""
        if self.day is not None and self.day not in range(1, 32):
            yield f"day {self.day} of a month"


@dataclass(frozen=True, slots=True)
class NthTrigger(_OnDays):
    """On the `nth` (1 to 4, `None` for the last) `weekday` of every month or quarter.

    Without `weekday`, on the nth or the last day.
    """

    nth: int | None
    weekday: int | None
    of: Literal["month", "quarter"]
    at: time
    opening: Opening | None
    origin: Origin
    kind: Literal["nth"] = "nth"

    def falls_on(self, day: date, _: Sequence[Holiday]) -> bool:
        """Whether so many of its kind have come in the period, or no other comes."""
        if self.weekday not in (None, day.weekday()):
            return False
        step = 1 if self.weekday is None else 7
        first = first_day(self.of, day)
        if self.nth is None:
            return first_day(self.of, day + timedelta(days=step)) != first
        return (day - first).days // step == self.nth - 1

    def broken(self) -> Iterator[str]:
        """The nth is 1 to 4, a weekday 0 to 6."""
        if self.nth is not None and self.nth not in range(1, 5):
            yield f"number {self.nth} of a {self.of}"
        if self.weekday is not None and self.weekday not in range(7):
            yield f"weekday {self.weekday}"


@dataclass(frozen=True, slots=True)
class WeeksTrigger(_OnDays):
    """On a weekday of every so many `weeks`, before and after the one of `first`, a Monday."""

    weeks: int
    weekday: int
    first: date
    at: time
    opening: Opening | None
    origin: Origin
    kind: Literal["weeks"] = "weeks"

    def falls_on(self, day: date, _: Sequence[Holiday]) -> bool:
        """Whether it is the weekday of a week that counts."""
        since = (first_day("week", day) - self.first).days // 7
        return day.weekday() == self.weekday and since % self.weeks == 0

    def broken(self) -> Iterator[str]:
        """Weeks are at least 1, a weekday is 0 to 6, and weeks begin on Mondays."""
        if self.weeks < 1:
            yield f"every {self.weeks} weeks"
        if self.weekday not in range(7):
            yield f"weekday {self.weekday}"
        if self.first.weekday() != 0:
            yield f"a week that begins on {self.first}"


_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourlyTrigger(Schedule):
    """Whenever the zone's clock shows `minute` after an hour, twice in an hour shown twice."""

    minute: int
    opening: Opening | None
    origin: Origin
    kind: Literal["hourly"] = "hourly"

    @property
    def is_daily(self) -> bool:
        """Whether it fires on each day: it does."""
        return True

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """Its minute of each hour."""
        return frozenset(time(hour, self.minute) for hour in range(24))

    def broken(self) -> Iterator[str]:
        """A minute is 0 to 59."""
        if self.minute not in range(60):
            yield f"minute {self.minute}"

    def _all(
        self, zone: ZoneInfo, _: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[datetime]:
        hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while hour <= end:
            # The clock may be set forward or back once within the hour.
            shown = {self._after(zone, hour, hour), self._after(zone, hour, hour + _HOUR)}
            yield from sorted(at for at in shown if self._shows(zone, at) and at < hour + _HOUR)
            hour += _HOUR

    def _after(self, zone: ZoneInfo, hour: datetime, clock: datetime) -> datetime:
        """The moment in an hour at which a clock shows the minute that is set as at `clock`."""
        offset = local_clock(zone, clock) - clock.replace(tzinfo=None)
        local = hour.replace(tzinfo=None) + offset
        wanted = local.replace(minute=self.minute, second=0)
        return hour + (wanted - local) % _HOUR

    def _shows(self, zone: ZoneInfo, at: datetime) -> bool:
        local = local_clock(zone, at)
        return (local.minute, local.second) == (self.minute, 0)


@dataclass(frozen=True, slots=True)
class OnceTrigger(Schedule):
    """At one instant, in UTC."""

    at: datetime
    origin: Origin
    kind: Literal["once"] = "once"
    opening: Opening | None = unless(None)

    @property
    def once(self) -> datetime:
        """Its one instant."""
        return self.at

    def clocks(self, zone: ZoneInfo) -> frozenset[time]:
        """The time that the zone's clock shows then."""
        return frozenset({self.at.astimezone(zone).time()})

    def _all(
        self, _: ZoneInfo, __: Sequence[Holiday], ___: datetime, ____: datetime
    ) -> Iterator[datetime]:
        yield self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class FestivalTrigger(_OnDays):
    """On the days that the plan has for a festival."""

    festival: str
    at: time
    origin: Origin
    kind: Literal["festival"] = "festival"
    opening: Opening | None = unless(None)

    @property
    def festivals(self) -> tuple[str, ...]:
        """The one festival."""
        return (self.festival,)

    def falls_on(self, day: date, holidays: Sequence[Holiday]) -> bool:
        """Whether the plan has the day for the festival."""
        return day in self._of(holidays)

    def _days(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[date]:
        touched = _touched(zone, start, end)
        yield from (day for day in self._of(holidays) if touched[0] <= day <= touched[1])

    def _of(self, holidays: Sequence[Holiday]) -> list[date]:
        return sorted({one.day for one in holidays if one.festival == self.festival})
