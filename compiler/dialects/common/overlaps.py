"""Where clocks of a zone show a time twice, and whether that can matter to what is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...plan import calendar
from ...plan.values import Length
from .context import SqlContext

MOST = {
    "minute": 5_260_000_000,
    "hour": 87_700_000,
    "day": 3_660_000,
    "week": 522_000,
    "month": 120_000,
    "year": 10_000,
}
"""Somewhat more than ten thousand years, which is as long as the calendar runs."""


@lru_cache(maxsize=256)
def overlaps(zone: str, start: datetime, end: datetime) -> tuple[int, ...]:
    """By how many seconds clocks of the zone are put back between two instants (aware, UTC)."""
    clock, start = ZoneInfo(zone), start - timedelta(days=2)
    found: dict[int, None] = {}
    moment, offset = start, start.astimezone(clock).utcoffset()
    while moment < end + timedelta(days=2):
        moment += timedelta(days=1)
        later = moment.astimezone(clock).utcoffset()
        if offset is not None and later is not None and later < offset:
            found[int((offset - later).total_seconds())] = None
        offset = later
    return tuple(sorted(found))


ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""As far as clocks' changes are looked for."""

_REACH = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 31, "year": 366}


def reach(length: Length) -> timedelta:
    """At least as long as the duration, wherever it begins."""
    return timedelta(days=min(length.count, MOST[length.unit]) * _REACH[length.unit] + 2)


def at_clock(
    context: SqlContext,
    zone: str,
    clock: exp.Expr,
    bounds: tuple[datetime, datetime] | None = None,
) -> exp.Expr:
    """The instant at which a wall clock of the zone shows this, if known within the bounds."""
    return context.dialect.instant(zone, clock, overlaps(zone, *(bounds or ALWAYS)))


def within(nows: tuple[datetime, datetime], length: timedelta) -> tuple[datetime, datetime]:
    """All that lies so far before or after them; of what is out of all bounds, what is in."""
    first, last = ALWAYS
    return (
        nows[0] - min(length, nows[0] - first) if nows[0] > first else nows[0],
        nows[1] + min(length, last - nows[1]) if nows[1] < last else nows[1],
    )


def ends(
    context: SqlContext, nows: tuple[datetime, datetime], length: Length, sign: int
) -> tuple[datetime, datetime]:
    """So much later or earlier than the first and the last now."""
    first, last = ALWAYS
    if first <= nows[0] <= nows[1] <= last:
        zone = ZoneInfo(context.zone)
        start, end = (calendar.shift(zone, now, length, sign) for now in nows)
        if first <= start <= end <= last:
            return start, end
    return within(nows, reach(length))
