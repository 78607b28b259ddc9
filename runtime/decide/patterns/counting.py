"""The events that count for a group or a pattern, and how far `within` looks back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, EventTrigger, Span
from ....compiler.plan.calendar import WallClock, shift
from ....compiler.plan.triggers import is_open
from ....compiler.plan.values import Length, Value
from ..active import is_active
from ..facts import Row, holds, moment


class Timed(Protocol):
    """Anything that has a time."""

    @property
    def at(self) -> datetime:
        """Its instant (aware, UTC)."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The facts of an event alone, before its customer is known."""

    fields: Row
    clock: WallClock

    def event(self, name: str) -> Value | None:
        """A field of the event."""
        return self.fields[name]

    def feature(self, id_: str) -> Value | None:
        """Unreachable: conditions on an event alone use no features."""
        raise LookupError(f"{id_} is of a customer, and the event may be anybody's")

    row = stage = feature

    def audience(self, name: str) -> bool:
        """Unreachable: conditions on an event alone use no audiences."""
        raise LookupError(f"{name} is of a customer, and the event may be anybody's")


def counts(campaign: Campaign, trigger: EventTrigger, zone: ZoneInfo, row: Row) -> bool:
    """Whether an event meets the active period, the opening and the `where`."""
    now, _ = moment(row)
    if not is_active(campaign, now) or not is_open(zone, trigger.opening, now):
        return False
    return holds(trigger.where, EventFacts(row, WallClock(now, zone)))


def first_within(
    zone: ZoneInfo, within: Span | None, events: Sequence[Timed], last: datetime
) -> int:
    """Return the index of the first event that `within` reaches, looking back from `last`.

    The events are in order.
    """
    if within is None:
        return 0
    since = shift(zone, last, Length(within.count, within.unit), -1)
    return bisect_right(events, since, key=lambda event: event.at)


def looking_back(within: Span | None) -> str:
    """The window in the words of the file: ` within 72 hours`; empty without one."""
    if within is None:
        return ""
    many = "s" if within.count != 1 else ""
    return f" within {within.count} {within.unit}{many}"
