"""The events that a ledger knows: whose they are, which a run has read, how far a source was read.

A source is a stream of events in parts: the partitions of a topic, or one part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a part of a source was read.

    `next` is the first message that is not decided. `remembered`, at most `next`, is the first one
    that a worker must read again after a crash: the warehouse did not have its event yet.
    """

    next: int
    remembered: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A step of a source's reader, by part: the offsets `before`, as it knows them, and `after`.

    A part that was never read has no offset before.
    """

    source: str
    before: Mapping[int, int]
    after: Mapping[int, Offset]


class KnownEvents(Protocol):
    """The part of a ledger that knows events by name and key."""

    def event_customers(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The customers of these events (name, key), as far as they were decided."""

    def events_read(self, event: str) -> Iterator[str]:
        """The keys of the events that a run has read, sorted."""

    def was_read(self, event: str, occurrence: str) -> bool:
        """Whether a run has read the event of this key."""

    def hides(self) -> Callable[[str, str], str]:
        """A keyed hash of a name and a private value, of this ledger alone."""

    def mark_seen(self, event: str, occurrences: Iterable[str]) -> None:
        """Add keys to them."""

    def offsets(self, source: str) -> dict[int, Offset]:
        """How far each part of the source was read."""

    def move(self, moved: Moved) -> None:
        """Store new offsets. Raise `CannotRun` if another reader has moved one meanwhile."""
