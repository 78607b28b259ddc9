"""Journeys: which steps an instance takes by rules alone, and when.

The ledger has a say later on: there, a step is reached once its reward was granted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ....compiler.plan import AfterStep, Campaign, Deadline, EventTrigger, Step, Unless
from ....compiler.plan.calendar import WallClock, shift
from ....compiler.plan.steps import CUSTOMER_KEY, followed_by, in_order, turn_in_instance
from ....compiler.plan.triggers.after_steps import last_of_month
from ....compiler.plan.values import Length, Value
from ..facts import Facts, Row, holds, moment
from ..patterns.firings import pattern_of, with_times

Events = Callable[[str], Sequence[Row]]
"""Returns the customer's events of a kind, in any order."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step at its moment. `row`: its event, with the fields of the steps before it."""

    step: Step
    at: datetime
    row: Row


Reaches = Callable[[Taken], bool]
"""Says whether a step is reached, once it is known that it comes at this moment."""


Moments = Mapping[str, datetime]
"""The moments of steps, by their names."""

NOTHING_KEPT: Moments = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Walk:
    """One instance of a journey of one customer.

    `reaches` answers for a step's condition, compliance and reward; `holds_on` for the conditions
    that hold an instance open. `field` reads a field of the customer at the moment of a step.
    `fields_of` has the names of an event's fields.

    `kept`: the moments of steps as the ledger has them. A late event changes none of those.
    """

    campaign: Campaign
    zone: ZoneInfo
    customer: str
    events: Events
    reaches: Reaches
    holds_on: Reaches
    field: Callable[[Taken, str], Value | None]
    fields_of: Callable[[str], Iterable[str]]
    kept: Moments

    def steps(self, entry: Taken) -> list[Taken]:
        """Return the steps that the instance comes to after its entry, reached or not.

        Those are left out that follow a step that is not reached, and those that come after the
        end of the instance.
        """
        come: dict[str, Taken] = {entry.step.name: entry}
        reached = {entry.step.name: entry}
        ends: list[Taken] = []
        for step in in_order(self.campaign):
            taken = self._taken(step, reached)
            if taken is None:
                continue
            come[step.name] = taken
            if step.follows is not None and step.follows.leaves:
                ends.append(taken)
                continue
            if step.name in self.kept:
                # The ledger says whether it was reached.
                reached[step.name] = taken
            elif not self.holds_on(taken):
                ends.append(taken)
            elif self.reaches(taken):
                reached[step.name] = taken
        del come[entry.step.name]
        return [one for one in come.values() if not any(self._ended(one, end) for end in ends)]

    def _ended(self, one: Taken, end: Taken) -> bool:
        """Whether the instance has ended before a step of it comes."""
        if one is end:
            return False
        return self.turn(end) < self.turn(one)

    def turn(self, one: Taken) -> tuple[datetime, int, int]:
        """The order of the steps of an instance: see `turn_in_instance`."""
        return one.at, *turn_in_instance(self.campaign, one.step)

    def _taken(self, step: Step, reached: Mapping[str, Taken]) -> Taken | None:
        """Return the step at the moment at which it comes; `None` if it does not."""
        follows = step.follows
        if follows is None or any(name not in reached for name in follows.steps):
            return None
        since = max(reached[name].at for name in follows.steps)
        before = self._fields(step, reached)
        if step.name in self.kept:
            at = self.kept[step.name]
            return Taken(step, at, self._event_at(step, at, before))
        found = self._moment(step, since, before, reached)
        if found is None:
            return None
        at, row = found
        if follows.by is not None and at > self._last(follows.by, reached):
            return None
        taken = Taken(step, at, row)
        happened = [reached[name] for name in follows.unless_reached if name in reached]
        if any(self.turn(other) < self.turn(taken) for other in happened):
            return None
        if any(self._came(absent, since, at, before) for absent in follows.unless_event):
            return None
        return taken

    def _fields(self, step: Step, reached: Mapping[str, Taken]) -> dict[str, Value | None]:
        """Return the fields of all steps before it under the names `step.field`."""
        names = followed_by(self.campaign, step)
        found: dict[str, Value | None] = {CUSTOMER_KEY: self.customer}
        for name in names:
            row = reached[name].row
            found |= {f"{name}.{field}": value for field, value in row.items() if "." not in field}
        journey = self.campaign.journey
        for one in () if journey is None else journey.as_of:
            name, _, field = one.partition(".")
            if name in names:
                found[one] = self.field(reached[name], field)
        return found

    def _moment(
        self, step: Step, since: datetime, before: Row, reached: Mapping[str, Taken]
    ) -> tuple[datetime, Row] | None:
        """Return the moment of a step and its row; `None` if there is none."""
        trigger = step.trigger
        if isinstance(trigger, AfterStep):
            at = trigger.instant(self.zone, reached[trigger.step].at)
            if at <= since:
                return None
            return at, {"at": at, "key": "", **before}
        if not isinstance(trigger, EventTrigger):
            raise TypeError(f"no later step fires on {trigger.kind}")
        rows = [{**row, **before} for row in self.events(trigger.event) if moment(row)[0] > since]
        open_ended = replace(self.campaign, active_from=None, active_to=None)
        pattern = pattern_of(open_ended, trigger, self.zone)
        if pattern is not None:
            fired = {(one.at, one.key): one for one in pattern.firings(rows)}
            found = [(row, fired.get(moment(row))) for row in rows]
            rows = [dict(with_times(row, one)) for row, one in found if one is not None]
        else:
            rows = [row for row in rows if holds(trigger.where, _of_row(row, self.zone))]
        first = min(rows, key=moment, default=None)
        return None if first is None else (moment(first)[0], first)

    def _event_at(self, step: Step, at: datetime, before: Row) -> Row:
        """Return the row of a step that the ledger has at a moment: its event, if it is there.

        A worker that begins a stream again may not have come to it yet: its fields are unknown.
        """
        trigger = step.trigger
        unknown = {} if trigger.event is None else dict.fromkeys(self.fields_of(trigger.event))
        rows = [] if trigger.event is None else self.events(trigger.event)
        own = sorted((row for row in rows if moment(row)[0] == at), key=moment)
        seen = [{**row, **before} for row in own]
        met = (row for row in seen if holds(trigger.where, _of_row(row, self.zone)))
        return next(met, seen[0] if seen else {**unknown, "at": at, "key": "", **before})

    def _last(self, by: Deadline, reached: Mapping[str, Taken]) -> datetime:
        """Return the last instant at which a step can come."""
        return last_instant(by, self.zone, {name: one.at for name, one in reached.items()})

    def _came(self, absent: Unless, since: datetime, at: datetime, before: Row) -> bool:
        """Whether an event came that keeps the step from being taken."""
        return any(
            since < moment(row)[0] <= at
            and holds(absent.where, _of_absent(row, before, at, self.zone))
            for row in self.events(absent.event)
        )


def last_instant(by: Deadline, zone: ZoneInfo, moments: Mapping[str, datetime]) -> datetime:
    """Return a deadline as an instant, itself in. `moments` are those of the steps before it."""
    if by.at is not None:
        return by.at
    if by.step is None:
        raise LookupError("a deadline is a date, or measured from a step")
    since = moments[by.step]
    if by.span is not None:
        return shift(zone, since, Length(by.span.count, by.span.unit), +1)
    return last_of_month(zone, since, by.months or 0)


@dataclass(frozen=True, slots=True)
class RowFacts:
    """The facts of a row alone: `fields` are those of `EventValue`, `past` those of `RowValue`."""

    fields: Row
    past: Row
    clock: WallClock

    def event(self, name: str) -> Value | None:
        """A field of the event, or of a step before it."""
        return self.fields[name]

    def row(self, name: str) -> Value | None:
        """A field of the event that must not come."""
        return self.past[name]

    def feature(self, id_: str) -> Value | None:
        """Unreachable: such conditions ask nothing of the customer."""
        raise LookupError(f"{id_} is of a customer, and only events are asked")

    stage = feature

    def audience(self, name: str) -> bool:
        """Unreachable: such conditions ask nothing of the customer."""
        raise LookupError(f"{name} is of a customer, and only events are asked")


def _of_row(row: Row, zone: ZoneInfo) -> Facts:
    return RowFacts(row, row, WallClock(moment(row)[0], zone))


def _of_absent(row: Row, before: Row, at: datetime, zone: ZoneInfo) -> Facts:
    return RowFacts(before, row, WallClock(at, zone))


def entry_row(at: datetime, occurrence: str, row: Row | None) -> Row:
    """Return the row of an entry: that of its event, or its instant and occurrence."""
    return {"at": at, "key": occurrence} if row is None else row


def steps_after(walk: Walk, entry: Taken) -> Iterator[Taken]:
    """Yield the steps that an instance comes to, in the order in which they are decided."""
    yield from sorted(walk.steps(entry), key=walk.turn)
