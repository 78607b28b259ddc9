"""The contract of a warehouse: what a run reads, on any engine, and never writes.

An open warehouse is a consistent snapshot. The session's zone is UTC, and instants come without a
zone. `open_warehouse` chooses the engine by the URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from ...compiler.dialects.common.dialect import Dialect
from .types import ColumnTypes

BATCH = 10_000
"""The number of rows in memory at a time."""

NO_VALUES: Mapping[str, str] = MappingProxyType({})
"""The values of a query that has no parameters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query: column names, and rows to be read once, batch by batch.

    `arrays`: the rows as numpy arrays by column, of an engine that has them so. They are read in
    place of the batches.
    """

    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]
    arrays: Callable[[], Iterator[Mapping[str, Any]]] | None = None

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows one by one."""
        for batch in self.batches:
            yield from batch


@dataclass(frozen=True, slots=True)
class WarehouseColumn:
    """A column of the warehouse. `type` is the engine's name of its type.

    `unique`: the engine enforces distinct values.
    """

    type: str
    readable: bool = True
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables and views with their columns, as `schema.name`, and as `name` if unambiguous.

    `folds`: names are case-insensitive, and are lower-case here.
    """

    known: Mapping[str, Mapping[str, WarehouseColumn]]
    folds: bool = True

    def key(self, name: str) -> str:
        """Return a name as it is written here."""
        return name.lower() if self.folds else name


class Warehouse(Protocol):
    """An open warehouse. Every method may raise `CannotRun`, which ends the run."""

    @property
    def dialect(self) -> Dialect:
        """The SQL dialect of its queries."""

    @property
    def types(self) -> ColumnTypes:
        """The mapping of its column types to the catalog's."""

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """Run a query. Several may be read at the same time, and rows are streamed.

        `values` are its parameters, by name and in their order. The driver binds them, so no query
        text, log or message contains one.
        """

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """Create a table for this session, with the one text column `occurrence`.

        Later queries find it by that name.
        """

    def view(self, name: str, query: str) -> None:
        """Create or replace a view for this session.

        Later queries find it by that name.
        """

    def tables(self) -> Tables:
        """The tables that can be read."""

    def interrupt(self) -> None:
        """End running queries, from another thread; their answers fail."""
