"""The timers that runs have examined, so that each instant is examined once.

A timer is known to the ledger by its instant and its key. If its date is corrected it has another
instant, which no run has examined. If it was not granted, it is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ...compiler.plan import Plan, TimerTrigger
from ...compiler.plan.steps import StepKey
from ...compiler.plan.values import encode
from ...compiler.sql.campaign import timers_query
from ..warehouse.contract import Warehouse
from .periods import Period
from .schedule import due

_INSTANT = len("2026-01-31T02:00:00.000000Z ")


def group_of_timers(key: StepKey) -> str:
    """The name of a step's timers among those of all steps, and among events that were read."""
    return " ".join((*key, "timer"))


def timed(periods: Sequence[Period]) -> Iterator[Period]:
    """Yield the periods of steps that wait for a timer."""
    return (one for one in periods if isinstance(one.step.trigger, TimerTrigger))


def marks(
    plan: Plan, warehouse: Warehouse, period: Period, start: datetime, end: datetime
) -> Iterator[str]:
    """Yield the marks of a step's timers in [start, end], sorted, also of those that were ended."""
    for name, at, _ in timers_between(plan, warehouse, period.key, start, end):
        yield mark_of(at, name)


def timers_between(
    plan: Plan, warehouse: Warehouse, key: StepKey, start: datetime, end: datetime
) -> Iterator[tuple[str, datetime, str]]:
    """Yield the timers of a step in [start, end]: key, instant and customer, in their order."""
    stretch = due(plan, key.campaign, start, end, step=key.step)
    if stretch.start > stretch.end:
        return
    query = timers_query(plan, key.campaign, stretch, warehouse.dialect.name, step=key.step)
    for name, moment, customer in warehouse.ask(query).rows():
        yield name, moment.replace(tzinfo=UTC), customer


def mark_of(at: datetime, key: str) -> str:
    """The mark of a timer: its instant, of fixed width, and its key."""
    return f"{encode(at)} {key}"


def key_of(mark: str) -> str:
    """The key of a timer in its mark."""
    return mark[_INSTANT:]
