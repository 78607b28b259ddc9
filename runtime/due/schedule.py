"""What is due: the instants of a schedule, and the stretch of time of an event trigger.

All of it is computed from the plan and the two ends of a period; no clock is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    Campaign,
    DailyTrigger,
    EventTrigger,
    FestivalTrigger,
    MonthlyTrigger,
    OnceTrigger,
    Opening,
    Plan,
    Trigger,
)
from ...compiler.plan.calendar import INSTANT, at_clock, days_in_month, first_moment
from ...compiler.plan.calendar_ends import is_decidable
from ...compiler.plan.due import Due
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import running
from ..decide.facts import named
from ..decide.reference import is_open

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)


def due(
    plan: Plan, campaign: str, start: datetime, end: datetime, late_table: str | None = None
) -> Due:
    """What of a campaign falls into [start, end] (aware instants), inside its active period.

    Of a schedule the instants, in order; of an event trigger the period itself, which is empty
    (`start` past `end`) where the campaign is not active in it. `late_table` is handed on.
    """
    chosen = named(plan.campaigns, campaign)
    first, last = clipped(chosen, start, end)
    trigger = chosen.steps[0].trigger
    if isinstance(trigger, EventTrigger):
        return Due(first, last, late_table=late_table)
    return Due(first, last, tuple(instants(plan, trigger, first, last)))


def clipped(campaign: Campaign, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The period inside the active one, in UTC; the first past the second where it is empty."""
    first = start if campaign.active_from is None else max(start, campaign.active_from)
    last = end if campaign.active_to is None else min(end, campaign.active_to)
    return first.astimezone(UTC), last.astimezone(UTC)


def instants(plan: Plan, trigger: Trigger, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants (UTC, in order) at which a schedule fires in [start, end]; of events, none.

    A clock time that is shown twice counts the first time; one that is skipped counts as much
    later as the gap is long; where a whole day was skipped that is the next day's instant, once.
    """
    zone = ZoneInfo(plan.time_zone)
    match trigger:
        case EventTrigger():
            found: Iterable[datetime] = ()
        case DailyTrigger(weekday, at, opening):
            days = (day for day in _days(zone, start, end) if weekday in (None, day.weekday()))
            found = _opened(opening, zone, days, at)
        case MonthlyTrigger(number, at, opening):
            days = (day for day in _days(zone, start, end) if day.day == _of_month(day, number))
            found = _opened(opening, zone, days, at)
        case OnceTrigger(instant):
            found = (instant.astimezone(UTC),)
        case FestivalTrigger(festival, at):
            own = (holiday.day for holiday in plan.holidays if holiday.festival == festival)
            found = _opened(None, zone, sorted(own), at)
        case _:
            assert_never(trigger)
    yield from dict.fromkeys(instant for instant in found if start <= instant <= end)


def start_of_day(zone: ZoneInfo, instant: datetime) -> datetime:
    """The first moment (UTC) of the day that the zone's calendar shows at an instant."""
    return first_moment(zone, instant.astimezone(zone).date())


def end_of_day(zone: ZoneInfo, instant: datetime) -> datetime:
    """The last microsecond (UTC) of the day that the zone's calendar shows at an instant."""
    return first_moment(zone, instant.astimezone(zone).date() + timedelta(days=1)) - INSTANT


def parse_instant(text: str, zone: ZoneInfo, end_of_day: bool = False) -> datetime:
    """The instant (UTC) that a person wrote.

    With an offset or `Z` that very instant; without, on the zone's clock; a date is its first
    moment, or with `end_of_day` its last microsecond. Anything else is `CannotRun`.
    """
    written = _WRITTEN.fullmatch(text.strip())
    try:
        if written is None:
            raise ValueError(text)
        instant = _read(written, zone, end_of_day)
    except OverflowError as error:
        raise CannotRun(diagnose(running.INSTANT_BEYOND, None, text=text)) from error
    except ValueError as error:
        problem = diagnose(running.INSTANT_UNREADABLE, None, text=text, zone=zone.key)
        raise CannotRun(problem) from error
    if not is_decidable(instant):
        raise CannotRun(diagnose(running.INSTANT_BEYOND, None, text=text))
    return instant


def _read(written: re.Match[str], zone: ZoneInfo, end_of_day: bool) -> datetime:
    day = date.fromisoformat(written["day"])
    if written["clock"] is None:
        if end_of_day:
            return first_moment(zone, day + timedelta(days=1)) - INSTANT
        return first_moment(zone, day)
    local = datetime.combine(day, time.fromisoformat(_six_digits(written["clock"])))
    if written["offset"] is None:
        return at_clock(zone, local)
    offset = written["offset"].upper()
    return datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC)


def _six_digits(clock: str) -> str:
    """Python reads three or six digits of a second; people write what they like."""
    whole, point, part = clock.partition(".")
    return f"{whole}.{part:0<6}" if point else whole


def _days(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[date]:
    """Every date of the zone that [start, end] touches, and one more at each end.

    The one more is for a skipped clock time, which may count on the following date.
    """
    if start > end:
        return
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _of_month(day: date, number: int | None) -> int:
    return days_in_month(day.year, day.month) if number is None else number


def _opened(
    opening: Opening | None, zone: ZoneInfo, days: Iterable[date], at: time
) -> Iterator[datetime]:
    fired = (at_clock(zone, datetime.combine(day, at)) for day in days)
    yield from (instant for instant in fired if is_open(zone, opening, instant))
