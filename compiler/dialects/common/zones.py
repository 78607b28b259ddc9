"""When the clocks of a zone change, for engines that know no zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""As far as changes are looked for: before and after, clocks are as they are at these instants."""

_STEP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Change:
    """From `begins` (UTC, no zone in it) on, clocks are `seconds` before UTC (west of it: less).

    `clock_begins`: from this wall clock on; a clock time that is shown twice is of what was before,
    and so is one that is skipped.
    """

    begins: datetime
    clock_begins: datetime
    seconds: int


@lru_cache(maxsize=64)
def changes(zone: str) -> tuple[Change, ...]:
    """All changes of a zone's clocks, in order; the first is what they begin with."""
    clocks = ZoneInfo(zone)
    offset = _offset(clocks, FIRST)
    found = [Change(datetime.min, datetime.min, _seconds(offset))]
    for moment in _moments(clocks):
        before, offset = offset, _offset(clocks, moment)
        begins = moment.replace(tzinfo=None)
        found.append(Change(begins, begins + max(before, offset), _seconds(offset)))
    return tuple(found)


def _moments(clocks: ZoneInfo) -> Iterator[datetime]:
    """The instants at which the offset from UTC changes."""
    moment = FIRST
    while moment < LAST:
        later = moment + _STEP
        if _offset(clocks, moment) != _offset(clocks, later):
            yield _between(clocks, moment, later)
        moment = later


def _between(clocks: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of the new offset."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(clocks, middle) == _offset(clocks, before):
            before = middle
        else:
            after = middle
    return after


def _offset(clocks: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(clocks).utcoffset() or timedelta()


def _seconds(offset: timedelta) -> int:
    return offset // timedelta(seconds=1)
