"""Instants as a ledger keeps them: text in UTC of one width, so that it sorts as time does."""

from __future__ import annotations

from datetime import UTC, datetime


def instant_text(at: datetime) -> str:
    """`2026-01-10T02:00:00.000000Z`; `at` is aware."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def instant(text: str) -> datetime:
    """The other way; aware, in UTC."""
    return datetime.fromisoformat(text)
