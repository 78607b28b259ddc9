"""Entering and leaving: since when a condition holds, at the instants of a schedule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ....compiler.plan import EnteringTrigger, EventAggregate, EventPick, Plan, Trigger
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.demands import Index
from ....compiler.plan.due import Again
from ....compiler.plan.triggers import Asked
from ..decisions import Identity
from ..facts import CustomerFacts, CustomerRows, Facts, Row, holds, moment
from ..past_grants import DecisionRow

FactsAt = Callable[[datetime], Facts]
"""The facts of a customer at an instant, of what was true then."""


class Events(Protocol):
    """The events of single customers."""

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of the customer's events of one kind, in any order."""


def is_in(trigger: EnteringTrigger, facts: Facts) -> bool:
    """Whether what the trigger waits for holds: that the customer is in it, or no longer is."""
    return holds(trigger.condition, facts) != trigger.leaving


def enters(trigger: EnteringTrigger, asked: Asked, at: FactsAt) -> bool:
    """Whether it holds at all instants of `asked.during`, and not at the one before.

    Nobody is seen entering at the first instant that a schedule has.
    """
    if asked.before is None or is_in(trigger, at(asked.before)):
        return False
    return all(is_in(trigger, at(instant)) for instant in reversed(asked.during))


def facts_at(plan: Plan, trigger: Trigger, rows: CustomerRows, customer: str) -> FactsAt | None:
    """The facts of a customer that the trigger's condition reads, by instant.

    `None` if there is no such customer, or if the trigger does not wait for entering or leaving.
    """
    row = rows.customer(customer)
    if row is None or not isinstance(trigger, EnteringTrigger):
        return None
    index, zone = Index(plan), ZoneInfo(plan.time_zone)
    keys = index.closure([trigger.condition])
    features = (index.features[name] for kind, name in keys if kind == "feature")
    events = {one.event for one in features if isinstance(one, EventAggregate | EventPick)}
    histories = {event: rows.events(event, customer) for event in sorted(events)}
    return lambda at: CustomerFacts(plan, row, histories, None, WallClock(at, zone), tuple)


def late_since(again: Again, rows: Events, customer: str, late: Collection[str]) -> datetime | None:
    """The time of the customer's first late event, by its key in `late`; `None` without one."""
    found = (moment(row) for event, _ in again.tables for row in rows.events(event, customer))
    return min((at for at, key in found if key in late), default=None)


def granted_later(
    trigger: EnteringTrigger,
    later: Iterable[tuple[datetime, Identity]],
    at: FactsAt,
    decided: Callable[[Identity], DecisionRow | None],
) -> bool:
    """Whether one of the `later` instants, in order, was granted, as long as it goes on holding."""
    for instant, identity in later:
        if not is_in(trigger, at(instant)):
            return False
        found = decided(identity)
        if found is not None and found.outcome == "granted":
            return True
    return False
