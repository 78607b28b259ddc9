"""Whether a warehouse still says what was read from it."""

from __future__ import annotations

from collections.abc import Hashable

from ....compiler.plan import Plan
from ...warehouse.contract import Warehouse
from ...warehouse.freshness import Freshness


class Unchanged:
    """Compares stamps of the tables of a plan. What is read together is one reading."""

    def __init__(self, freshness: Freshness, plan: Plan) -> None:
        self._freshness = freshness
        self._tables = {plan.customers.table, *(one.table for one in plan.events)}
        self._reading = 0
        self._stamp: Hashable | None = None
        self._before: Hashable | None = None

    def begin_reading(self) -> None:
        """Note that a reading begins."""
        self._reading += 1

    def holds(self) -> bool:
        """Return whether what was read may be used. Call it before the warehouse is opened."""
        self._before = self._freshness.stamp(self._reading)
        return self._before is not None and self._before == self._stamp

    def holds_open(self, warehouse: Warehouse) -> bool:
        """Look at the open warehouse; return whether what is read now may be used again.

        A file may have been replaced while it was opened: then either one may be open.
        """
        self._freshness.look(warehouse, self._tables)
        is_same = self._before == self._freshness.stamp(self._reading)
        self._stamp = self._before if is_same else None
        return self._stamp is not None
