"""Instants and periods as callers give them: text, dates, or datetimes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from .cli.arguments.instants import as_period, period_of_options, refuse_period_ahead
from .runtime.due.periods import At, Between

Instant = str | date | datetime
"""Text as the command line takes it, a date, or a datetime.

Without an offset it is on the project's clock. A date is its first moment, and as the end of a
period its last.
"""


def period_of(at: Instant | None, start: Instant | None, end: Instant | None, zone: str) -> Between:
    """The closed period; of `at` alone, that day up to it. `CannotRun` if it is none."""
    return as_period(work_of(at, start, end, zone), ZoneInfo(zone))


def work_of(
    at: Instant | None, start: Instant | None, end: Instant | None, zone: str
) -> At | Between:
    """The instant or period of a run. `TypeError` unless it is `at`, or `start` and `end`."""
    if (at is None) == (start is None and end is None) or (start is None) != (end is None):
        raise TypeError("give either `at`, or `start` and `end`")
    return period_of_options(_text(at), _text(start), _text(end), ZoneInfo(zone))


def refuse_ahead(when: At | Between, at: Instant | None, end: Instant | None, zone: str) -> None:
    """Raise `CannotRun` for what ends later than the clock; the end may be the current day."""
    refuse_period_ahead(when, _text(at), _text(end), ZoneInfo(zone), datetime.now(UTC))


def _text(instant: Instant | None) -> str | None:
    return instant.isoformat() if isinstance(instant, date) else instant
