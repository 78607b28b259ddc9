"""Retries: exponential backoff with jitter."""

from __future__ import annotations

from datetime import timedelta

from .channels.sending import drawn

FIRST = 2.0
"""The most seconds after the first failed attempt; doubled after each further one."""
LONGEST = 6 * 3600.0
"""The most seconds, however often it has failed."""
LONGEST_ASKED = 24 * 3600.0
"""The most seconds of a receiver's `Retry-After`."""


def delay(key: str, failed: int) -> timedelta:
    """Return the delay after `failed` attempts (1 or more) of the row with this key.

    The jitter is derived from the key and the attempt, between half of the time and all of it. It
    is the same on every machine.
    """
    most = min(FIRST * 2.0 ** min(failed - 1, 30), LONGEST)
    return timedelta(seconds=most * (0.5 + 0.5 * drawn(f"{key} {failed}")))


def asked_for(seconds: float) -> timedelta:
    """Return a receiver's `Retry-After`, limited to `LONGEST_ASKED`."""
    return timedelta(seconds=min(seconds, LONGEST_ASKED))
