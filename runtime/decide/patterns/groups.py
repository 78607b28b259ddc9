"""Groups of a trigger `reaching N … per FIELD`: which event completes one, and its members.

A counted event belongs to the group of its field's value. The first event that has enough of them,
looking back for as long as `within` says, completes the group. A group is completed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, EventTrigger, Group, Trigger
from ....compiler.plan.data import CANCELLED
from ....compiler.plan.values import encode
from ..facts import Row, moment
from .cancelled import counted_at
from .counting import counts, first_within


class Happened(NamedTuple):
    """An event of a group: its time, its key, its customer, and since when it is cancelled."""

    at: datetime
    key: str
    customer: str
    cancelled: datetime | None = None


def happened(customer: str, row: Row) -> Happened:
    """Return a customer's event of a group."""
    cancelled = row.get(CANCELLED)
    return Happened(*moment(row), customer, cancelled if isinstance(cancelled, datetime) else None)


@dataclass(frozen=True, slots=True)
class Watch:
    """A trigger that waits for groups, with the rules by which events count."""

    campaign: Campaign
    trigger: EventTrigger
    group: Group
    zone: ZoneInfo

    def value(self, row: Row) -> str | None:
        """The group of an event, as text; `None` if the event does not count."""
        value = row[self.group.field]
        if value is None or not counts(self.campaign, self.trigger, self.zone, row):
            return None
        return encode(value)

    def gathered(self, rows: Iterable[tuple[str, Row]]) -> list[Happened]:
        """Return the events that count, each with its customer, in order."""
        counted = ((who, row) for who, row in rows if self.value(row) is not None)
        return sorted(happened(who, row) for who, row in counted)

    def completed(self, events: Sequence[Happened]) -> Happened | None:
        """Return the first event that completes the group. `events` are the group's, in order."""
        numbered = enumerate(events, 1)
        return next((event for upto, event in numbered if self.completes(events[:upto])), None)

    def completes(self, events: Sequence[Happened]) -> bool:
        """Whether the last of these events completes the group."""
        return self.reached(events) >= self.group.count

    def reached(self, events: Sequence[Happened]) -> int:
        """Return the count at the last of these events, looking back from it."""
        inside = counted_at(events[self._first(events, events[-1]) :], events[-1].at)
        customers = {event.customer for event in inside}
        return len(customers if self.group.of == "customers" else inside)

    def members(self, events: Sequence[Happened], last: Happened) -> list[str]:
        """Return the members of the group that the event `last` completed, sorted."""
        upto = [event for event in events if event[:2] <= last[:2]]
        inside = counted_at(upto[self._first(upto, last) :], last.at)
        return sorted({event.customer for event in inside})

    def _first(self, events: Sequence[Happened], last: Happened) -> int:
        return first_within(self.zone, self.group.within, events, last.at)


def watch_of(campaign: Campaign, trigger: Trigger, zone: ZoneInfo) -> Watch | None:
    """Return the watch of a trigger that waits for groups; `None` for any other trigger."""
    match trigger:
        case EventTrigger(group=Group() as group):
            return Watch(campaign, trigger, group, zone)
        case _:
            return None
