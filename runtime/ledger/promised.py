"""`settled within N days`: rewards that were promised by a day and are not delivered yet.

A promise counts the days after the day of the grant, on the project's clock. An offer counts from
its claim, a grant from the waiting list from the day it was served. Working days are Monday to
Friday.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.calendar import at_clock

_DAY = timedelta(days=1)
_FRIDAY = 4
_WORKING = 5


@dataclass(frozen=True, slots=True)
class Overdue:
    """The rewards of a campaign that are late, whether they wait or were given up.

    `oldest`: when the oldest was granted. `since`: when its promise ended.
    """

    campaign: str
    count: int
    oldest: datetime
    since: datetime


class Promising(Protocol):
    """The ledger's part that knows promises of delivery."""

    def overdue(self, plan: Plan, at: datetime) -> Sequence[Overdue]:
        """The campaigns with rewards that should have been delivered before `at`."""

    def alert_overdue(self, plan: Plan, at: datetime) -> int:
        """Alert once of each reward that is late: one alert a campaign, of those that are new.

        The number of alerts. None is written unless the project has a channel for them.
        """


def last_day(granted: date, days: int, *, working: bool) -> date:
    """The last day on which a promise of so many days is kept."""
    if not working:
        return granted + timedelta(days=days)
    if days == 0:
        return granted
    start = granted - _DAY * max(0, granted.weekday() - _FRIDAY)
    weeks, rest = divmod(days, _WORKING)
    day = start + timedelta(weeks=weeks)
    for _ in range(rest):
        day += _DAY * (3 if day.weekday() == _FRIDAY else 1)
    return day


def kept_until(granted: datetime, campaign: Campaign, zone: ZoneInfo) -> datetime:
    """The first instant at which a grant's promise is broken."""
    day = granted.astimezone(zone).date()
    last = last_day(day, campaign.settled_days or 0, working=campaign.settled_working)
    return _midnight(last + _DAY, zone)


def broken_before(at: datetime, campaign: Campaign, zone: ZoneInfo) -> datetime | None:
    """The first instant of the grants whose promise still holds at `at`; `None` if all hold."""
    days = campaign.settled_days
    if days is None:
        return None
    today, working = at.astimezone(zone).date(), campaign.settled_working
    try:
        day = today - timedelta(days=days) - (timedelta(weeks=days // _WORKING + 1) * working)
        while last_day(day, days, working=working) < today:
            day += _DAY
        return _midnight(day, zone)
    except OverflowError:
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return at_clock(zone, datetime.combine(day, time()))
