"""The events that are known to come, and how many of them are read for at once."""

from __future__ import annotations

from collections.abc import Sequence

from ..concerns import Event

AHEAD = 10_000
"""The most events that are read ahead."""

ROWS = 200_000
"""The most past events that are read at once: some 150 MB of an order with five fields."""

FEWEST = 2_000
"""Reading fewer than two batches ahead saves nothing."""


def coming(expected: Sequence[Event], events: Sequence[Event], most: int) -> Sequence[Event]:
    """Return a batch with those that are expected after it, at most so many; or the batch alone."""
    if most < FEWEST:
        return events
    ids = {id(event) for event in events}
    first = next((n for n, one in enumerate(expected) if id(one) in ids), None)
    if first is None:
        return events
    found = expected[first : first + most]
    return found if len(found) > len(events) else events
