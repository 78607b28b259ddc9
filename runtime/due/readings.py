"""How much is read at once: a long period is cut into stretches, each decided from one reading.

A reading computes its facts for every customer at every instant of its schedules, so a stretch has
as many instants as keep that within bounds; and for every set of campaigns that fire together it
asks a query of each, so it has no more of these than a statement can well hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.due import Due
from ...compiler.sql.columns import table
from ..warehouse.contract import Warehouse

OCCASIONS = 4_000_000
"""Customers times instants of one reading, if it has more than one instant."""

QUERIES = 1_000
"""Campaigns of one reading, each as often as it fires together with others."""


def readings(
    stretches: Sequence[tuple[Campaign, Due]],
    customers: int,
    occasions: int = OCCASIONS,
    queries: int = QUERIES,
) -> Iterator[dict[str, Due]]:
    """What is due, by campaign, stretch by stretch in the order of time."""
    if not stretches:
        return
    dues = {campaign.name: due for campaign, due in stretches}
    ends = [end - INSTANT for end in _cuts(dues, max(1, occasions // max(customers, 1)), queries)]
    start = min(due.start for due in dues.values())
    for end in (*ends, max(start, *(due.end for due in dues.values()))):
        found = {name: _within(due, start, end) for name, due in dues.items()}
        yield {name: due for name, due in found.items() if due is not None}
        start = end + INSTANT
        dues = {name: replace(due, late_table=None) for name, due in dues.items()}


def _cuts(dues: Mapping[str, Due], most: int, queries: int) -> Iterator[datetime]:
    """The instants with which a stretch begins, save the first.

    Late events are read with the first stretch, which therefore holds all that comes before them
    or among them.
    """
    firing: dict[datetime, list[str]] = {}
    for name, due in dues.items():
        for instant in due.instants:
            firing.setdefault(instant, []).append(name)
    late = [due.start for due in dues.values() if due.late_table is not None]
    instants = 0
    together: frozenset[tuple[str, ...]] = frozenset()
    for instant, names in sorted(firing.items()):
        own = frozenset({tuple(names)})
        full = instants >= most or sum(map(len, together | own)) > queries
        if instants and full and all(start < instant for start in late):
            yield instant
            instants, together = 0, frozenset()
        together |= own
        instants += 1


def _within(due: Due, start: datetime, end: datetime) -> Due | None:
    """What of it lies between the two (both in); nothing where nothing does."""
    if due.instants:
        instants = tuple(one for one in due.instants if start <= one <= end)
        return Due(start, end, instants) if instants else None
    cut = replace(due, start=max(due.start, start), end=min(due.end, end))
    return cut if cut.late_table is not None or cut.start <= cut.end else None


def count_customers(plan: Plan, warehouse: Warehouse) -> int:
    """How many customers the warehouse has."""
    counted = exp.select(exp.Count(this=exp.Star())).from_(table(plan.customers.table))
    answer = warehouse.ask(counted.sql(warehouse.dialect.sqlglot))
    return next(int(count) for (count,) in answer.rows())
