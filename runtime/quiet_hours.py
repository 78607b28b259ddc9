"""Quiet hours: the first instant at which a message may be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..compiler.plan import QuietHours
from ..compiler.plan.calendar import at_clock


def first_allowed(zone: ZoneInfo, quiet: Sequence[QuietHours], at: datetime) -> datetime | None:
    """Return the first instant from `at` on outside of all quiet hours; `None` if there is none.

    Hours are local to the project's zone, start included, end excluded; a span whose ends are equal
    is empty. `None` also if they end past the calendar's last day, or at instants that the zone
    cannot show.
    """
    try:
        return _pushed(zone, quiet, at)
    except OverflowError:
        return None


def _pushed(zone: ZoneInfo, quiet: Sequence[QuietHours], at: datetime) -> datetime | None:
    # Each push ends one span; after two rounds of all of them the clock has gone around.
    for _ in range(2 * len(quiet) + 1):
        holding = next((span for span in quiet if _holds(span, zone, at)), None)
        if holding is None:
            return at
        at = _end(holding, zone, at)
    return None


def _holds(span: QuietHours, zone: ZoneInfo, at: datetime) -> bool:
    clock = at.astimezone(zone).time()
    if span.start <= span.end:
        return span.start <= clock < span.end
    return clock >= span.start or clock < span.end


def _end(span: QuietHours, zone: ZoneInfo, at: datetime) -> datetime:
    local = at.astimezone(zone)
    day = local.date() if local.time() < span.end else local.date() + timedelta(days=1)
    end = datetime.combine(day, span.end)
    first = at_clock(zone, end)
    # Where the clocks go back the end is shown twice, and the first may be past already.
    return first if first > at else end.replace(tzinfo=zone, fold=1).astimezone(at.tzinfo)
