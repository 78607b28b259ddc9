"""The rows that a batch writes, collected while it decides."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...decide.decisions import Line
from ..brakes.tripping import Pause

WHOLE = -1
"""The `line` of an entry about a whole decision."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows to write. Each is a tuple in the column order of its table in the schema.

    `left`: instances of journeys that ended, by campaign, customer and occurrence, with when.
    `pauses`: what a brake on spend brought about.
    """

    decisions: list[tuple[object, ...]] = field(default_factory=list)
    grants: list[tuple[object, ...]] = field(default_factory=list)
    postings: list[tuple[int, int, int]] = field(default_factory=list)
    outbox: list[tuple[object, ...]] = field(default_factory=list)
    touches: list[tuple[object, ...]] = field(default_factory=list)
    amendments: list[tuple[object, ...]] = field(default_factory=list)
    due: list[tuple[str, int, int]] = field(default_factory=list)
    pattern_events: list[tuple[object, ...]] = field(default_factory=list)
    journeys: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    left: list[tuple[str, str, str, str]] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)


def something_becomes(line: Line) -> bool:
    """Whether the expiry of a line must be settled: offers, points, and returning value."""
    return (
        line.returns
        or line.choice is not None
        or (line.reward == line.currency and line.amount > 0)
    )


class OutboxRows:
    """The outbox rows of one decision, numbered on each channel from 0."""

    __slots__ = ("_counts", "number", "rows")

    def __init__(self, number: int) -> None:
        self.number = number
        self.rows: list[tuple[object, ...]] = []
        self._counts: dict[str, int] = {}

    def next(self, channel: str) -> int:
        """Return the number of the next row on a channel."""
        return self._counts.get(channel, 0)

    def add(
        self, channel: str, kind: str, body: str, deliver_at: str, reason: str | None = None
    ) -> None:
        """Add a row on a channel; with a `reason` it is suppressed at once."""
        n = self._counts.get(channel, 0)
        self._counts[channel] = n + 1
        state = "waiting" if reason is None else "suppressed"
        self.rows.append((self.number, channel, n, kind, body, deliver_at, state, reason))
