"""The words of all customers, read from the warehouse batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from ...compiler.lifecycle.stages import Asked, asked_of, words_query
from ...compiler.plan import Lifecycle, Plan
from ...compiler.plan.demands import Index
from ...compiler.sql.facts import needed
from ..due.readings import OCCASIONS, count_customers
from ..warehouse.contract import BATCH, Warehouse

Batch = tuple[list[str], list[list[str]]]
"""Customers, and of each lifecycle their words."""

_COLUMNS = 1_000
"""The most facts of a statement, over its instants: PostgreSQL has 1,664 columns at most."""
TOGETHER = 27
"""The most instants of a statement: with more, the sums of a customer leave the cache."""


def words(
    plan: Plan,
    lifecycles: Sequence[Lifecycle],
    instants: Sequence[datetime],
    warehouse: Warehouse,
    most: int = TOGETHER,
) -> Iterator[Batch]:
    """Yield every customer of the warehouse once, with a word of each lifecycle.

    Many instants are asked in parts, each of which has all customers in the same order.
    """
    whole = asked_of(plan, lifecycles, instants)
    parts = list(_parts(whole, warehouse, most))
    dialect = warehouse.dialect.name
    answers = [
        warehouse.ask(words_query(one, dialect, in_order=len(parts) > 1).sql).rows()
        for one in parts
    ]
    while True:
        rows = [list(islice(one, BATCH)) for one in answers]
        first, *others = rows
        if not first:
            return
        customers = [str(row[0]) for row in first]
        if any([str(row[0]) for row in each] != customers for each in others):
            raise LookupError("the warehouse has other customers in each part of the answer")
        found = [
            ["".join(str(row[place]) for row in same) for same in zip(*rows, strict=True)]
            for place in range(1, len(lifecycles) + 1)
        ]
        yield customers, found


def _parts(whole: Asked, warehouse: Warehouse, most: int) -> Iterator[Asked]:
    plan, index = whole.plan, Index(whole.plan)
    facts = len(needed(index, [whole.needs])) + len(whole.lifecycles)
    most = min(most, max(1, _COLUMNS // facts))
    if not whole.is_plain:
        most = min(most, max(1, OCCASIONS // max(count_customers(plan, warehouse), 1)))
    for first in range(0, len(whole.instants), most):
        yield asked_of(plan, whole.lifecycles, whole.instants[first : first + most])
