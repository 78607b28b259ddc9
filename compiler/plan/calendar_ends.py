"""The ends of the calendar: the same for every warehouse, every line and every command."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ...dsl.years import YEARS

FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 31)
"""A date is one of these or lies between them; an instant, up to the first moment of the last.

A day is left free at each end because zones move an instant by up to 14 hours.
"""

FIRST_INSTANT, LAST_INSTANT = (
    datetime(end.year, end.month, end.day, tzinfo=UTC) for end in (FIRST_DAY, LAST_DAY)
)
"""The first and the last instant (aware) of the calendar."""

FIRST_DECIDED = datetime(YEARS[0], 1, 1, tzinfo=UTC)
LAST_DECIDED = datetime(YEARS[-1], 12, 31, tzinfo=UTC)
"""Decisions are taken between these, in the years of dates in campaigns: the longest duration, a
hundred years, is left at each end."""


def has_date(day: date) -> bool:
    """Whether a date is in the calendar."""
    return FIRST_DAY <= day <= LAST_DAY


def has_instant(instant: datetime) -> bool:
    """Whether an instant (aware) is in the calendar."""
    return FIRST_INSTANT <= instant <= LAST_INSTANT


def is_decidable(instant: datetime) -> bool:
    """Whether a decision may be taken at an instant (aware)."""
    return FIRST_DECIDED <= instant <= LAST_DECIDED
