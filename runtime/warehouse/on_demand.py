"""A warehouse that is opened by the first question, for those who may have none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack

from ...compiler.dialects.common.dialect import Dialect
from .contract import BATCH, NO_VALUES, Answer, Tables, Warehouse
from .types import ColumnTypes


class OnDemand:
    """See `Warehouse`. `stack` closes it. `prepare` is called once, when it has been opened."""

    def __init__(
        self,
        opens: Callable[[], AbstractContextManager[Warehouse]],
        stack: ExitStack,
        prepare: Callable[[Warehouse], object],
    ) -> None:
        self._opens, self._stack, self._prepare = opens, stack, prepare
        self._opened: Warehouse | None = None

    @property
    def dialect(self) -> Dialect:
        """See `Warehouse.dialect`."""
        return self._there().dialect

    @property
    def types(self) -> ColumnTypes:
        """See `Warehouse.types`."""
        return self._there().types

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """See `Warehouse.ask`."""
        return self._there().ask(sql, batch, values)

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """See `Warehouse.keep`."""
        self._there().keep(table, occurrences)

    def view(self, name: str, query: str) -> None:
        """See `Warehouse.view`."""
        self._there().view(name, query)

    def tables(self) -> Tables:
        """See `Warehouse.tables`."""
        return self._there().tables()

    def interrupt(self) -> None:
        """See `Warehouse.interrupt`."""
        if self._opened is not None:
            self._opened.interrupt()

    def _there(self) -> Warehouse:
        if self._opened is None:
            opened = self._stack.enter_context(self._opens())
            self._prepare(opened)
            self._opened = opened
        return self._opened
