"""Readings: a long period is cut into stretches, and each is read by one query.

A query computes its facts for every customer at every instant, so each stretch has a bounded number
of instants. It also has a subquery for each campaign of each set that fires together, so their
number is bounded too.
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
"""The most customers times instants of one reading, unless it has a single instant."""

QUERIES = 1_000
"""The most subqueries of one reading: one for each campaign of each set that fires together."""


def readings(
    stretches: Sequence[tuple[Campaign, Due]],
    customers: int,
    occasions: int = OCCASIONS,
    queries: int = QUERIES,
) -> Iterator[dict[str, Due]]:
    """Yield what is due by campaign, stretch by stretch in the order of time."""
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
    """Yield the instants at which a stretch begins, except the first.

    Late events are read with the first stretch, which therefore covers everything up to them.
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
    """Return the part of `due` between two instants, both included; `None` if it is empty."""
    if due.instants:
        instants = tuple(one for one in due.instants if start <= one <= end)
        return Due(start, end, instants) if instants else None
    cut = replace(due, start=max(due.start, start), end=min(due.end, end))
    return cut if cut.late_table is not None or cut.start <= cut.end else None


def count_customers(plan: Plan, warehouse: Warehouse) -> int:
    """Return the number of customers in the warehouse."""
    counted = exp.select(exp.Count(this=exp.Star())).from_(table(plan.customers.table))
    answer = warehouse.ask(counted.sql(warehouse.dialect.sqlglot))
    return next(int(count) for (count,) in answer.rows())
