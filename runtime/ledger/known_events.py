"""The events that a ledger knows: their customers, and those that a run has read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol


class KnownEvents(Protocol):
    """The part of a ledger that knows events by name and key."""

    def event_customers(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The customers of these events (name, key), as far as they were decided."""

    def events_read(self, event: str) -> Iterator[str]:
        """The keys of the events that a run has read, sorted."""

    def mark_seen(self, event: str, occurrences: Iterable[str]) -> None:
        """Add keys to them."""
