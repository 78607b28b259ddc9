"""The calendar: on a line of time, the period in which each campaign is active."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ....compiler.plan import Campaign, Plan
from ....compiler.plan.calendar import local_clock
from ....compiler.wording.names import Names

_MOST_TICKS = 13


@dataclass(frozen=True, slots=True)
class Bar:
    """The part of the line that a campaign is active in, in percent of it."""

    campaign: Campaign
    left: float
    width: float
    open_start: bool
    open_end: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month, and its place on the line in percent."""

    left: float
    day: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Bars in the order of their beginnings, and the months under them."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def calendar(names: Names, plan: Plan) -> Calendar:
    """The calendar of a plan; campaigns without a beginning or an end reach to its edges."""
    known = [
        local_clock(names.zone, at).replace(tzinfo=UTC)
        for one in plan.campaigns
        for at in (one.active_from, one.active_to)
        if at is not None
    ]
    if not known:
        return Calendar(tuple(Bar(one, 0, 100, True, True) for one in plan.campaigns), ())
    start, end = min(known), max(known)
    if end - start < timedelta(days=1):
        end = start + timedelta(days=1)

    def place(at: datetime | None, edge: float) -> float:
        if at is None:
            return edge
        local = local_clock(names.zone, at).replace(tzinfo=UTC)
        return round((local - start) / (end - start) * 100, 2)

    bars = []
    for one in sorted(plan.campaigns, key=lambda one: (place(one.active_from, 0), one.name)):
        left, right = place(one.active_from, 0), place(one.active_to, 100)
        width = max(0.5, round(right - left, 2))
        bars.append(Bar(one, left, width, one.active_from is None, one.active_to is None))
    return Calendar(tuple(bars), _ticks(start, end))


def _ticks(start: datetime, end: datetime) -> tuple[Tick, ...]:
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    every = -(-months // (_MOST_TICKS - 1))
    # Steps that divide a year put a tick on each January.
    every = next((one for one in (1, 2, 3, 4, 6, 12) if one >= every), -(-every // 12) * 12)
    found = []
    for number in range(months + 1):
        year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
        if month % min(every, 12) or (every > 12 and year % (every // 12)):
            continue
        day = datetime(year, month + 1, 1, tzinfo=UTC)
        if start <= day <= end:
            found.append(Tick(round((day - start) / (end - start) * 100, 2), day.date()))
    return tuple(found)
