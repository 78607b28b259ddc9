"""Instants as text: UTC in a fixed width, so that text sorts like time."""

from __future__ import annotations

from datetime import UTC, datetime

from ..kept import unreadable


def instant_text(at: datetime) -> str:
    """Format an aware instant: `2026-01-10T02:00:00.000000Z`."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def instant(text: str) -> datetime:
    """Parse an instant; the inverse of `instant_text`. Raise `CannotRun` if the text is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise unreadable() from error
    if found.tzinfo is None:
        raise unreadable()
    return found
