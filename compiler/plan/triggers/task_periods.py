"""The periods of tasks: of the calendar in the project's zone, or all of time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from ..calendar import WallClock, first_day, first_moment
from .events import TaskPeriod

ONCE = "once"
"""The occurrence of a task that is done once for all."""

_LENGTHS: tuple[TaskPeriod | None, ...] = (None, "day", "week", "month", "once")


def longer(one: TaskPeriod | None, other: TaskPeriod | None) -> TaskPeriod:
    """The longer of two periods; all of time if neither task has one."""
    return max(one, other, key=_LENGTHS.index) or "once"


def period_of(zone: ZoneInfo, period: TaskPeriod, at: datetime) -> str:
    """The period of an instant as an occurrence: its first day, or `once`."""
    if period == "once":
        return ONCE
    return first_day(period, WallClock(at, zone).today).isoformat()


def reached_back(
    zone: ZoneInfo, periods: Collection[TaskPeriod], times: int, start: datetime
) -> datetime | None:
    """The first instant (UTC) of the periods of `start`, taken so many times one after another.

    Weeks and months overlap, so that a month begins in a week that begins in the month before.
    `None` if one of them is all of time.
    """
    if "once" in periods:
        return None
    for _ in range(times if periods else 0):
        day = WallClock(start, zone).today
        start = min(first_moment(zone, first_day(one, day)) for one in periods if one != "once")
    return start
