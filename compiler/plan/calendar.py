"""The calendar: instants, wall clocks and dates, and how far a length of time reaches."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from .values import Length

INSTANT = timedelta(microseconds=1)
"""The smallest step of time: a period that begins after T begins at T + INSTANT."""


CalendarUnit = Literal["day", "week", "month", "quarter", "year"]

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WallClock:
    """The decision's instant (aware, UTC) and the project's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The decision's date in the project's zone."""
        return local_clock(self.zone, self.now).date()


def at_clock(zone: ZoneInfo, local: datetime) -> datetime:
    """The instant at which a wall clock of `zone` shows `local` (no zone in it).

    Shown twice (clocks go back): the first. Never shown (clocks go forward): as much later as the
    gap is long, so 02:30 in a gap of one hour is 03:30.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC, fold=0)


def local_clock(zone: ZoneInfo, instant: datetime) -> datetime:
    """The local time of `zone` at an instant (naive)."""
    try:
        return instant.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return instant.replace(tzinfo=None)


def shift(zone: ZoneInfo, instant: datetime, length: Length, sign: int) -> datetime:
    """The instant so much earlier (-1) or later (+1): calendar units on the zone's clock."""
    match length.unit:
        case "minute" | "hour":
            minutes = length.count * (60 if length.unit == "hour" else 1)
            try:
                return instant + sign * timedelta(minutes=minutes)
            except OverflowError:
                return _LAST if sign > 0 else _FIRST
        case "day" | "week":
            weeks = length.count if length.unit == "week" else 0
            try:
                # Days added to a time that has a zone move its wall clock.
                days = sign * timedelta(days=length.count - weeks, weeks=weeks)
                return (instant.astimezone(zone) + days).astimezone(UTC)
            except OverflowError:
                return _shift_date(zone, instant, length, sign)
        case _:
            return _shift_date(zone, instant, length, sign)


def _shift_date(zone: ZoneInfo, instant: datetime, length: Length, sign: int) -> datetime:
    local = local_clock(zone, instant)
    day = shift_date(local.date(), length, sign)
    return at_clock(zone, datetime.combine(day, local.time()))


def shift_date(day: date, length: Length, sign: int) -> date:
    """The date so much earlier or later; a day that the month does not have is its last.

    Hours and minutes count as whole days only (24 hours are one day).
    """
    try:
        return _moved(day, length, sign)
    except (OverflowError, ValueError):
        return date.max if sign > 0 else date.min


def _moved(day: date, length: Length, sign: int) -> date:
    match length.unit:
        case "minute":
            return day + sign * timedelta(days=length.count // 1440)
        case "hour":
            return day + sign * timedelta(days=length.count // 24)
        case "day":
            return day + sign * timedelta(days=length.count)
        case "week":
            return day + sign * timedelta(weeks=length.count)
        case "month" | "year":
            months = length.count * (12 if length.unit == "year" else 1)
            index = day.year * 12 + day.month - 1 + sign * months
            year, month = divmod(index, 12)
            return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def first_moment(zone: ZoneInfo, day: date) -> datetime:
    """The instant at which a day begins in a zone."""
    return at_clock(zone, datetime.combine(day, time()))


def first_day(unit: CalendarUnit, day: date) -> date:
    """The first day of the week (a Monday), month, quarter or year that `day` is in."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            assert_never(unit)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return monthrange(year, month)[1]
