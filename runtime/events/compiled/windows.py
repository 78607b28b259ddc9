"""The slice of a track that a window reaches, by a function that is made once for each window.

`stretch_of` has the meaning, and serves windows of all kinds. For `last …` this saves 7 of 24 µs a
line of `bench/stream.py`, which asks 2.3 features over 1.6 windows. Days are subtracted from the
instant, with the difference of the zone's offsets at both ends. Nothing is hashed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ....compiler.plan import BeforeEventWindow, LastWindow, Window
from ....compiler.plan.calendar import INSTANT, shift
from ....compiler.plan.values import Length
from ...decide.facts import moment
from .frame import Frame
from .history import Track

Reach = Callable[[Track, Frame], tuple[int, int]]
"""The first index of a track within a window, and the one after the last."""

Start = Callable[[datetime], datetime]
"""The first instant of a window that ends at an instant."""


class Windows:
    """Makes the functions. Equal windows share the start of one decision."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._starts: dict[Window, tuple[int, Start]] = {}

    def reach(self, window: Window | None) -> Reach:
        """Return the function of a window; `None` is all that happened so far."""
        match window:
            case None:
                return _so_far
            case BeforeEventWindow():
                return _before
            case LastWindow():
                return self._last(window)
            case _:
                return lambda track, f: _within(window, track, f)

    def _last(self, window: LastWindow) -> Reach:
        number, start = self._starts.setdefault(
            window, (len(self._starts), start_of(window, self._zone))
        )

        def last(track: Track, f: Frame) -> tuple[int, int]:
            ats, now, starts = track.ats, f.now, f.starts
            since = starts.get(number)
            if since is None:
                since = starts[number] = start(now)
            end = bisect_right(ats, now) if ats and ats[-1] > now else len(ats)
            return bisect_left(ats, since, 0, end), end

        return last


def start_of(window: LastWindow, zone: ZoneInfo) -> Start:
    """Return the function for the first instant within `last …`, as `stretch_of` has it."""
    length = Length(window.count, window.unit)

    def plain(now: datetime) -> datetime:
        return shift(zone, now, length, -1) + INSTANT

    match window.unit:
        case "day" | "week":
            days = window.count * (7 if window.unit == "week" else 1)
            if days > timedelta.max.days:
                return plain
            return _days_before(zone, timedelta(days), plain)
        case _:
            return plain


def _days_before(zone: ZoneInfo, days: timedelta, plain: Start) -> Start:
    """Return the function for days on a zone's clock.

    A day has 24 hours but for the difference of the zone's offsets at both ends.
    """
    utc = timedelta(0)

    def before(now: datetime) -> datetime:
        try:
            local = now.astimezone(zone)
            offset, earlier = local.utcoffset() or utc, zone.utcoffset(local - days) or utc
            back = days if earlier == offset else days + earlier - offset
            return now - back + INSTANT
        except OverflowError:
            return plain(now)

    return before


def _so_far(track: Track, f: Frame) -> tuple[int, int]:
    ats, now = track.ats, f.now
    return 0, bisect_right(ats, now) if ats and ats[-1] > now else len(ats)


def _before(track: Track, f: Frame) -> tuple[int, int]:
    return 0, track.before(moment(f.e))


def _within(window: Window, track: Track, f: Frame) -> tuple[int, int]:
    stretch = f.stretch(window)
    return (0, 0) if stretch is None else track.part(stretch)
