"""The timers that runs have examined, so that each instant is examined once.

A timer is known to the ledger by its instant and its key. If its date is corrected it has another
instant, which no run has examined. If it was not granted, it is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ...compiler.plan import Plan, TimerTrigger
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.calendar_ends import is_decidable
from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey, steps_of
from ...compiler.plan.values import encode
from ...compiler.sql.campaign import next_timers_query, timers_query
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


@dataclass(frozen=True, slots=True)
class WaitingTimers:
    """The timers of a step that are to come: `count` of them `at` the next instant, `every` in all.

    `every` counts those within `AHEAD`.
    """

    key: StepKey
    at: datetime
    count: int
    every: int


AHEAD = timedelta(days=400)
"""Within it a timer of a birthday comes once; longer ones are not counted yet."""


def waiting_timers(plan: Plan, warehouse: Warehouse, after: datetime) -> Iterator[WaitingTimers]:
    """Yield the steps with timers later than `after`, each with the next instant."""
    for key, campaign, step in steps_of(plan):
        if not isinstance(step.trigger, TimerTrigger):
            continue
        end = after + AHEAD
        last = campaign.active_to
        if last is not None and not step.trigger.follows_event:
            end = min(end, last)
        stretch = Due(after + INSTANT, end)
        if stretch.start > stretch.end or not is_decidable(end):
            continue
        query = next_timers_query(
            plan, key.campaign, stretch, warehouse.dialect.name, step=key.step
        )
        for at, count, every in warehouse.ask(query).rows():
            yield WaitingTimers(key, at.replace(tzinfo=UTC), int(count), int(every))


def mark_of(at: datetime, key: str) -> str:
    """The mark of a timer: its instant, of fixed width, and its key."""
    return f"{encode(at)} {key}"


def key_of(mark: str) -> str:
    """The key of a timer in its mark."""
    return mark[_INSTANT:]
