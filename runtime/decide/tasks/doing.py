"""Tasks of one customer: the event that does each, and the one with which all are done.

A task is done by rules alone. Conditions on past grants decide only whether it is paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import AllDoneTrigger, Campaign, EventTrigger, Plan, Step, Task
from ....compiler.plan.demands import Index, demands
from ....compiler.plan.expressions import Expression
from ....compiler.plan.steps import step_of
from ....compiler.plan.triggers.task_periods import longer, period_of
from ..active import is_active
from ..facts import Facts, Row, holds, moment
from ..patterns.firings import PatternWatch, pattern_of


class Done(NamedTuple):
    """An event that does a task, or the last of several.

    `is_due`: an event that could have done it, in the same period, is among those to decide.
    """

    at: datetime
    key: str
    occurrence: str
    row: Row
    is_due: bool

    @property
    def as_occasion(self) -> tuple[datetime, str, Row]:
        """The instant, the occurrence and the event."""
        return self.at, self.occurrence, self.row


class _Fired(NamedTuple):
    """An event that may do a task; `name` is the pattern's of its firing, else empty."""

    at: datetime
    key: str
    name: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class Doing:
    """The tasks of a campaign for one customer.

    `events` returns the customer's events of a kind. `holds` returns whether all conditions of a
    step but those on past grants held at an event. `is_due`: whether an event is to be decided.
    """

    campaign: Campaign
    zone: ZoneInfo
    events: Callable[[str], Iterable[Row]]
    holds: Callable[[Step, Row], bool]
    is_due: Callable[[Row], bool]

    def done(self, step: Step) -> list[Done]:
        """Return the events that do a task, one a period, or that are the last of all tasks."""
        match step.trigger:
            case AllDoneTrigger() as trigger:
                return list(self._all_done(trigger))
            case EventTrigger(task=Task() as task) as trigger:
                return self._first_done(step, trigger, task)
            case _:
                raise LookupError(f"{step.name} of {self.campaign.name} is no task")

    def fires(self, step: Step, row: Row) -> bool:
        """Whether an event may do a task: it comes after the one to follow, and fires a pattern."""
        match step.trigger:
            case EventTrigger(task=Task() as task) as trigger:
                rows = [other for other, _ in self._following(trigger, task)]
                return any(one[:2] == moment(row) for one in self._fired(trigger, rows))
            case _:
                return False

    def _first_done(self, step: Step, trigger: EventTrigger, task: Task) -> list[Done]:
        """Return the first event of each period at which everything held."""
        following = list(self._following(trigger, task))
        rows = {moment(row): row for row, _ in following}
        again = {moment(row) for row, is_due in following if is_due}
        found: dict[str, Done] = {}
        for fired in self._fired(trigger, list(rows.values())):
            row = rows[fired[:2]]
            if not self.holds(step, row):
                continue
            is_due = fired.is_due or fired[:2] in again
            period = task.period
            name = fired.name if period is None else period_of(self.zone, period, fired.at)
            first = found.setdefault(name, Done(fired.at, fired.key, name, row, is_due))
            found[name] = first._replace(is_due=first.is_due or is_due)
        return list(found.values())

    def _fired(self, trigger: EventTrigger, rows: Sequence[Row]) -> Iterator[_Fired]:
        """Yield the events that fire, in order.

        A firing of a pattern is due after any event that counts and is due.
        """
        pattern = pattern_of(self.campaign, trigger, self.zone)
        if pattern is None:
            for row in sorted(rows, key=moment):
                yield _Fired(*moment(row), "", self.is_due(row))
            return
        first = self._first_due(pattern, rows)
        for firing in pattern.firings(rows):
            is_due = first is not None and first <= firing.at
            yield _Fired(firing.at, firing.key, firing.occurrence, is_due)

    def _first_due(self, pattern: PatternWatch, rows: Sequence[Row]) -> datetime | None:
        due = [row for row in rows if self.is_due(row) and pattern.counted(row) is not None]
        return min((moment(row)[0] for row in due), default=None)

    def _following(self, trigger: EventTrigger, task: Task) -> Iterator[tuple[Row, bool]]:
        """Yield the events that come after the task to follow, and whether that one is due."""
        if task.after is None:
            yield from ((row, False) for row in self.events(trigger.event))
            return
        before = step_of(self.campaign, task.after)
        followed = before.trigger.task
        period = longer(task.period, None if followed is None else followed.period)
        firsts: dict[str, tuple[datetime, bool]] = {}
        for done in self.done(before):
            name = period_of(self.zone, period, done.at)
            at, is_due = firsts.get(name, (done.at, False))
            firsts[name] = min(at, done.at), is_due or done.is_due
        for row in self.events(trigger.event):
            at = moment(row)[0]
            first = firsts.get(period_of(self.zone, period, at))
            if first is not None and first[0] < at:
                yield row, first[1]

    def _all_done(self, trigger: AllDoneTrigger) -> Iterator[Done]:
        """Yield the events with which all tasks of a period were done."""
        periods: dict[str, dict[int, list[Done]]] = {}
        for place, name in enumerate(trigger.tasks):
            for done in self.done(step_of(self.campaign, name)):
                period = period_of(self.zone, trigger.period, done.at)
                periods.setdefault(period, {}).setdefault(place, []).append(done)
        for name, tasks in sorted(periods.items()):
            if len(tasks) < len(trigger.tasks):
                continue
            firsts = {place: min(some, key=_moment) for place, some in tasks.items()}
            place = max(firsts, key=lambda one: (firsts[one].at, one))
            is_due = any(done.is_due for some in tasks.values() for done in some)
            yield firsts[place]._replace(occurrence=name, is_due=is_due)


def _moment(done: Done) -> tuple[datetime, str]:
    return done.at, done.key


def doing_of(
    plan: Plan,
    campaign: Campaign,
    events: Callable[[str], Iterable[Row]],
    facts: Callable[[Row], Facts],
    is_due: Callable[[Row], bool],
) -> Doing:
    """Return the tasks of a customer with these events; `facts` are the customer's at an event."""
    index = Index(plan)
    asked = {step.name: conditions_of(index, campaign, step) for step in campaign.steps}

    def holds_at(step: Step, row: Row) -> bool:
        seen = facts(row)
        active = is_active(campaign, seen.clock.now)
        return active and all(holds(one, seen) for one in asked[step.name])

    return Doing(campaign, ZoneInfo(plan.time_zone), events, holds_at, is_due)


def conditions_of(index: Index, campaign: Campaign, step: Step) -> tuple[Expression, ...]:
    """Return what a step asks, in parts, but for conditions on past grants."""
    every = (one.condition for one in demands(index, campaign, step))
    return tuple(one for one in every if not index.asks_ledger(one))
