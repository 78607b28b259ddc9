"""Readings: a long period is cut into stretches, and each is read by one query.

A query computes its facts for every customer at every instant, so each stretch has a bounded number
of instants. It also has a subquery for each campaign of each set that fires together, so their
number is bounded too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from ...compiler.plan import Plan
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.due import Again, Due
from ...compiler.plan.steps import Dues, StepKey
from ...compiler.sql.columns import table
from ..warehouse.contract import Warehouse

OCCASIONS = 4_000_000
"""The most customers times instants of one reading, unless it has a single instant."""

QUERIES = 1_000
"""Steps of one reading, each as often as it fires together with others."""


def readings(
    stretches: Sequence[tuple[StepKey, Due]],
    customers: int,
    occasions: int = OCCASIONS,
    queries: int = QUERIES,
) -> Iterator[dict[StepKey, Due]]:
    """Yield the due work of each step, stretch by stretch in the order of time."""
    if not stretches:
        return
    dues = dict(stretches)
    ends = [end - INSTANT for end in _cuts(dues, max(1, occasions // max(customers, 1)), queries)]
    start = min(min((due.start, *due.every[:1])) for due in dues.values())
    for end in (*ends, max(start, *(due.end for due in dues.values()))):
        found = {key: _within(due, start, end) for key, due in dues.items()}
        yield {key: due for key, due in found.items() if due is not None}
        start = end + INSTANT
        dues = {key: replace(due, late_table=None, late_since=None) for key, due in dues.items()}


def _cuts(dues: Dues, most: int, queries: int) -> Iterator[datetime]:
    """The instants with which a stretch begins, except the first.

    Late events are read with the first stretch, which therefore covers everything up to them.
    """
    firing: dict[datetime, list[StepKey]] = {}
    for key, due in dues.items():
        for instant in due.every:
            firing.setdefault(instant, []).append(key)
    late = [due.start for due in dues.values() if due.late_table is not None]
    instants = 0
    together: frozenset[tuple[StepKey, ...]] = frozenset()
    for instant, keys in sorted(firing.items()):
        own = frozenset({tuple(keys)})
        full = instants >= most or sum(map(len, together | own)) > queries
        if instants and full and all(start < instant for start in late):
            yield instant
            instants, together = 0, frozenset()
        together |= own
        instants += 1


def _within(due: Due, start: datetime, end: datetime) -> Due | None:
    """Return the part of `due` between two instants, both included; `None` if it is empty."""
    if due.every:
        instants = tuple(one for one in due.instants if start <= one <= end)
        again = None if due.again is None else _again(due.again, start, end)
        return Due(start, end, instants, again=again) if instants or again else None
    cut = replace(due, start=max(due.start, start), end=min(due.end, end))
    return cut if cut.late_table is not None or cut.start <= cut.end else None


def _again(again: Again, start: datetime, end: datetime) -> Again | None:
    instants = tuple(one for one in again.instants if start <= one <= end)
    return replace(again, instants=instants) if instants else None


def count_customers(plan: Plan, warehouse: Warehouse) -> int:
    """Return the number of customers in the warehouse."""
    counted = exp.select(exp.Count(this=exp.Star())).from_(table(plan.customers.table))
    answer = warehouse.ask(counted.sql(warehouse.dialect.sqlglot))
    return next(int(count) for (count,) in answer.rows())
