"""Questions about many events or customers at once, whose names a session keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import count

from ...due.known import Name
from ...warehouse.rows import Kept, WarehouseRows
from ..concerns import Event, name_of


class Asking:
    """Gives sessions texts to ask for, each time under a new name."""

    def __init__(self) -> None:
        self._numbers = count()

    def keep(self, rows: WarehouseRows, texts: Collection[str]) -> Kept:
        """Give a session texts to ask for."""
        # The number has a fixed width, so that no name is part of another.
        kept = Kept(f"campaigner_asked_{next(self._numbers):09}")
        rows.warehouse.keep(kept.name, sorted(texts))
        return kept

    def owners(
        self, rows: WarehouseRows, events: Sequence[Event], kinds: Collection[str]
    ) -> dict[Name, list[str]]:
        """Return the customers whom the warehouse has each event of, of those of some kinds."""
        found: dict[Name, list[str]] = {
            name_of(event): [] for event in events if event.name in kinds
        }
        by_kind: dict[str, list[str]] = defaultdict(list)
        for kind, key in found:
            by_kind[kind].append(key)
        for kind, keys in sorted(by_kind.items()):
            for key, customer in rows.owners(kind, self.keep(rows, keys)):
                found[kind, key].append(customer)
        return found
