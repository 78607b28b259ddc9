"""Schedules: each kind says on which days, or at which instants, it fires."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..calendar import at_clock, days_in_month
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
        days = (day for day in _days(zone, start, end) if self.falls_on(day, holidays))
        yield from (at_clock(zone, datetime.combine(day, self.at)) for day in days)


def _days(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[date]:
    """Yield every local date that [start, end] touches, and one more at each end.

    The extra dates are for skipped clock times, which may move to the next date.
    """
    if start > end:
        return
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


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
    """On a day of every month (months without it are skipped), or (nothing) on the last one."""

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
        return any(one.festival == self.festival and one.day == day for one in holidays)
