"""When to try again: twice as long each time, and not everybody at once."""

from __future__ import annotations

from datetime import timedelta

from .channels.sending import drawn

FIRST = 2.0
"""Seconds after the first attempt that failed, at most; twice that after the next."""
LONGEST = 6 * 3600.0
"""Seconds, however often it has failed."""
LONGEST_ASKED = 24 * 3600.0
"""Seconds that a receiver may ask to be left alone; it is tried again then, whatever it asked."""


def delay(key: str, failed: int) -> timedelta:
    """How long to wait after `failed` attempts (1 or more) at the row of this key.

    The jitter is drawn from the key and the attempt: from half of the time to all of it, and the
    same on every machine.
    """
    most = min(FIRST * 2.0 ** min(failed - 1, 30), LONGEST)
    return timedelta(seconds=most * (0.5 + 0.5 * drawn(f"{key} {failed}")))


def asked_for(seconds: float) -> timedelta:
    """A receiver's `Retry-After`, as far as it is believed."""
    return timedelta(seconds=min(seconds, LONGEST_ASKED))
