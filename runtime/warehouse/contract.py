"""The warehouse: what a run reads and never writes, whatever engine keeps it.

Whoever opens one gets a consistent picture: what changes meanwhile is not seen. The session's zone
is UTC, and instants come without a zone. `open_warehouse` chooses the engine by the url.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from ...compiler.dialects.common.dialect import Dialect
from .types import ColumnTypes

BATCH = 10_000
"""Rows that are held in memory at a time."""

NO_VALUES: Mapping[str, str] = MappingProxyType({})
"""The values of a query that has no parameters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives: its columns' names, and its rows, to be read once, batch by batch."""

    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows one by one."""
        for batch in self.batches:
            yield from batch


@dataclass(frozen=True, slots=True)
class Found:
    """A column as the warehouse has it. `type` is what the engine calls it.

    `unique`: the engine itself sees to it that no value stands there twice.
    """

    type: str
    readable: bool = True
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table and view with its columns, as `schema.name`, and as `name` where that is enough.

    `folds`: capitals mean nothing in names, and those here are all small.
    """

    known: Mapping[str, Mapping[str, Found]]
    folds: bool = True

    def key(self, name: str) -> str:
        """A name as it stands here."""
        return name.lower() if self.folds else name


class Warehouse(Protocol):
    """An open warehouse. Every method may raise `CannotRun`, and then the run cannot go on."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it answers."""

    @property
    def types(self) -> ColumnTypes:
        """How the types of its columns go with the catalog's."""

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """Run a query; several may be read at the same time, and none is held in memory whole.

        `values`: of its parameters, by name and in their order. The driver binds them, so no text
        of a query, no log and no message holds one.
        """

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """A table for this session alone, with the one text column `occurrence`.

        Queries that are asked afterwards find it by that name.
        """

    def view(self, name: str, query: str) -> None:
        """A view for this session alone, in place of one of the same name.

        Queries that are asked afterwards find it by that name.
        """

    def tables(self) -> Tables:
        """What there is to be read."""

    def interrupt(self) -> None:
        """End running queries, from another thread; their answers fail."""
