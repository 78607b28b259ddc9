"""Groups of a trigger `reaching N … per FIELD`: which event completes one, and its members.

A counted event belongs to the group of its field's value. The first event that has enough of them,
looking back for as long as `within` says, completes the group. A group is completed once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, EventTrigger, Group, Trigger
from ....compiler.plan.calendar import WallClock, shift
from ....compiler.plan.triggers import is_open
from ....compiler.plan.values import Length, Value, encode
from ..active import is_active
from ..facts import Row, holds, moment


class Happened(NamedTuple):
    """An event of a group: its time, its key, its customer."""

    at: datetime
    key: str
    customer: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A trigger that waits for groups, with the rules by which events count."""

    campaign: Campaign
    trigger: EventTrigger
    group: Group
    zone: ZoneInfo

    def value(self, row: Row) -> str | None:
        """The group of an event, as text; `None` if the event does not count."""
        now, _ = moment(row)
        value = row[self.group.field]
        if value is None or not is_active(self.campaign, now):
            return None
        if not is_open(self.zone, self.trigger.opening, now):
            return None
        facts = EventFacts(row, WallClock(now, self.zone))
        return encode(value) if holds(self.trigger.where, facts) else None

    def gathered(self, rows: Iterable[tuple[str, Row]]) -> list[Happened]:
        """Return the events that count, each with its customer, in order."""
        counted = ((who, row) for who, row in rows if self.value(row) is not None)
        return sorted(Happened(*moment(row), who) for who, row in counted)

    def completed(self, events: Sequence[Happened]) -> Happened | None:
        """Return the first event that completes the group. `events` are the group's, in order."""
        numbered = enumerate(events, 1)
        return next((event for upto, event in numbered if self.completes(events[:upto])), None)

    def completes(self, events: Sequence[Happened]) -> bool:
        """Whether the last of these events completes the group."""
        return self.reached(events) >= self.group.count

    def reached(self, events: Sequence[Happened]) -> int:
        """Return the count at the last of these events, looking back from it."""
        inside = events[self._first(events, events[-1]) :]
        customers = {event.customer for event in inside}
        return len(customers if self.group.of == "customers" else inside)

    def members(self, events: Sequence[Happened], last: Happened) -> list[str]:
        """Return the members of the group that the event `last` completed, sorted."""
        upto = [event for event in events if event[:2] <= last[:2]]
        return sorted({event.customer for event in upto[self._first(upto, last) :]})

    def _first(self, events: Sequence[Happened], last: Happened) -> int:
        """Return the index of the first event that `within` reaches, looking back from `last`."""
        within = self.group.within
        if within is None:
            return 0
        since = shift(self.zone, last.at, Length(within.count, within.unit), -1)
        return bisect_right(events, since, key=lambda event: event.at)


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


def watch_of(campaign: Campaign, trigger: Trigger, zone: ZoneInfo) -> Watch | None:
    """Return the watch of a trigger that waits for groups; `None` for any other trigger."""
    match trigger:
        case EventTrigger(group=Group() as group):
            return Watch(campaign, trigger, group, zone)
        case _:
            return None
