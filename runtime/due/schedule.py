"""The instants of a schedule, and the period of an event trigger; the texts of instants.

They follow from the plan and the two ends of a period; no clock is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, EnteringTrigger, Plan, TimerTrigger
from ...compiler.plan.calendar import INSTANT, at_clock, first_moment
from ...compiler.plan.calendar_ends import is_decidable
from ...compiler.plan.due import Again, Due
from ...compiler.plan.steps import step_of
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import running
from ..decide.facts import named

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Late:
    """Events that came late: from `since` on, their keys by event in tables, as `Again` has it."""

    since: datetime
    tables: tuple[tuple[str, str], ...]


def due(
    plan: Plan,
    campaign: str,
    start: datetime,
    end: datetime,
    late_table: str | None = None,
    *,
    step: str | None = None,
    late_since: datetime | None = None,
    late: Late | None = None,
    entered: datetime | None = None,
) -> Due:
    """The work of a step (see `step_of`) in [start, end], inside its campaign's active period.

    Instants are aware.

    For a schedule these are its instants, in order; with `late` also those before `start`, if its
    trigger waits for customers to enter something. For an event trigger it is the period; `start`
    is after `end` if the campaign is not active in it. For a timer too, but one that follows an
    event fires after that period as well. `late_table` and `late_since` are passed on.

    A later step of a journey is not bound to the active period, which holds for entries. These are
    read from `entered` on, or from the beginning of the campaign or the period.
    """
    chosen, zone = named(plan.campaigns, campaign), ZoneInfo(plan.time_zone)
    asked = step_of(chosen, step)
    if asked.follows is not None:
        since = entered or chosen.active_from or start
        entries = due(plan, campaign, since, end, step=chosen.steps[0].name)
        return Due(
            start.astimezone(UTC), end.astimezone(UTC), late_table=late_table, entries=entries
        )
    first, last = clipped(chosen, start, end)
    trigger = asked.trigger
    if isinstance(trigger, TimerTrigger):
        last = end.astimezone(UTC) if trigger.follows_event else last
        return Due(first, last, late_table=late_table, late_since=late_since)
    if trigger.event is not None:
        return Due(first, last, late_table=late_table)
    found = tuple(trigger.instants(zone, plan.holidays, first, last))
    again = None
    if late is not None and isinstance(trigger, EnteringTrigger):
        earlier = clipped(chosen, late.since, min(start, end + INSTANT) - INSTANT)
        instants = tuple(trigger.instants(zone, plan.holidays, *earlier))
        again = Again(instants, late.tables) if instants else None
    return Due(first, last, found, again=again)


def clipped(campaign: Campaign, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the part of a period that is active, in UTC; its start is after its end if empty."""
    first = start if campaign.active_from is None else max(start, campaign.active_from)
    last = end if campaign.active_to is None else min(end, campaign.active_to)
    return first.astimezone(UTC), last.astimezone(UTC)


def start_of_day(zone: ZoneInfo, instant: datetime) -> datetime:
    """Return the first moment (UTC) of an instant's local day."""
    return first_moment(zone, instant.astimezone(zone).date())


def end_of_day(zone: ZoneInfo, instant: datetime) -> datetime:
    """Return the last microsecond (UTC) of an instant's local day."""
    return first_moment(zone, instant.astimezone(zone).date() + timedelta(days=1)) - INSTANT


def parse_instant(text: str, zone: ZoneInfo, end_of_day: bool = False) -> datetime:
    """Return the instant (UTC) that a person wrote.

    Without an offset or `Z` it is local to the zone. A date means its first moment, or with
    `end_of_day` its last microsecond. Raise `CannotRun` for anything else.
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
    """Pad fractions of a second to six digits, which Python 3.11 expects."""
    whole, point, part = clock.partition(".")
    return f"{whole}.{part:0<6}" if point else whole
