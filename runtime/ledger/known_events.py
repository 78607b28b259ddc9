"""What a ledger knows of events: whose they are, and which a run has looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol


class KnownEvents(Protocol):
    """A ledger that knows events by their names and keys."""

    def event_customers(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Whose each of these events (its name, its key) is, if anything was decided about it."""

    def seen(self, event: str) -> Iterator[str]:
        """The keys of those events that a run has looked at, sorted."""

    def mark_seen(self, event: str, occurrences: Iterable[str]) -> None:
        """Adds to them."""
