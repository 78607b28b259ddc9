"""The contract of verification, and of what is rebuilt from the entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ...dsl.diagnostics.diagnostic import Diagnostic


class Verifying(Protocol):
    """The part of a ledger that verifies itself."""

    def verify(self) -> tuple[Diagnostic, ...]:
        """Everything that does not add up, or was changed."""

    def unchecked(self) -> Diagnostic | None:
        """A warning if the database could not check its own storage."""


Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Journeyed:
    """A plan, as far as rebuilding asks: its digest, its journeys, campaigns that take back."""

    digest: str = ""
    journeys: frozenset[str] = frozenset()
    reversing: frozenset[str] = frozenset()


NOTHING_KNOWN = Journeyed()


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of a table that differs from the entries. `row` names it, as `key` does in order.

    `kept` and `expected` are the rest of the row; `None` if there is none. `key` is `None` for a
    balance whose row is gone: the entries know its number alone.
    """

    table: str
    row: str
    key: Row | None
    kept: Row | None
    expected: Row | None

    @property
    def can_be_mended(self) -> bool:
        """Whether the row can be written from the entries."""
        return self.key is not None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """All differences, by table and row. `written`: those that can be were mended."""

    differences: tuple[Difference, ...]
    written: bool = False

    @property
    def left(self) -> tuple[Difference, ...]:
        """The differences that are there still."""
        if not self.written:
            return self.differences
        return tuple(one for one in self.differences if not one.can_be_mended)


class Rebuilding(Protocol):
    """The part of a ledger that is made from its entries anew."""

    def rebuild(self, known: Journeyed = NOTHING_KNOWN, *, write: bool = False) -> Rebuilt:
        """Compare what follows from the entries with what is kept; with `write`, mend it."""
