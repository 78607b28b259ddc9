"""Cancelled events: since when each is, as `CANCELLED` of its row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from ....compiler.plan import CancelledBy, Plan
from ....compiler.plan.data import CANCELLED
from ..facts import Row, moment


def cancellations(plan: Plan) -> Mapping[str, CancelledBy]:
    """Return the kinds of event that others cancel, with what cancels them."""
    return {one.name: one.cancelled_by for one in plan.events if one.cancelled_by is not None}


def with_cancelling(plan: Plan, kinds: Collection[str]) -> frozenset[str]:
    """Return kinds of event with those that cancel them."""
    cancels = cancellations(plan)
    return frozenset((*kinds, *(cancels[one].event for one in kinds if one in cancels)))


def cancelled_at(cancels: CancelledBy, cancelling: Iterable[Row]) -> dict[str, datetime]:
    """Return the first instant at which each key is cancelled, by events of one customer."""
    found: dict[str, datetime] = {}
    for row in cancelling:
        key, at = row[cancels.field], moment(row)[0]
        if isinstance(key, str):
            found[key] = min(at, found.get(key, at))
    return found


def seen(row: Row, instants: Mapping[str, datetime]) -> Row:
    """Return an event's row with the instant from which on it is cancelled, if it is."""
    return {**row, CANCELLED: instants.get(moment(row)[1])}


def seen_all(
    cancels: Mapping[str, CancelledBy],
    kind: str,
    rows: Iterable[Row],
    events: Callable[[str], Iterable[Row]],
) -> list[Row]:
    """Return a customer's rows of a kind; `events` has the customer's events of any kind."""
    by = cancels.get(kind)
    if by is None:
        return list(rows)
    instants = cancelled_at(by, events(by.event))
    return [seen(row, instants) for row in rows]


def seen_histories(
    plan: Plan, histories: Mapping[str, Mapping[str, Sequence[Row]]]
) -> dict[str, Mapping[str, Sequence[Row]]]:
    """Return events by kind and customer, with the instant from which on each is cancelled."""
    cancels = cancellations(plan)

    def of(customer: str) -> Callable[[str], Sequence[Row]]:
        return lambda kind: histories.get(kind, {}).get(customer, ())

    return {
        kind: {
            customer: seen_all(cancels, kind, rows, of(customer))
            for customer, rows in found.items()
        }
        for kind, found in histories.items()
    }


class Cancellable(Protocol):
    """An event that others may cancel."""

    @property
    def cancelled(self) -> datetime | None:
        """Since when it is cancelled; `None` if it is not."""


_CancellableT = TypeVar("_CancellableT", bound=Cancellable)


def counted_at(events: Sequence[_CancellableT], at: datetime) -> Sequence[_CancellableT]:
    """Return the events that are not cancelled by an instant."""
    if all(one.cancelled is None for one in events):
        return events
    return [one for one in events if one.cancelled is None or one.cancelled > at]
