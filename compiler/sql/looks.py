"""The events that a task reads: of each kind the fields, and how far back they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..plan import (
    CustomerField,
    EventAggregate,
    EventPick,
    LastWindow,
    LedgerFeature,
    TimerTrigger,
)
from ..plan.demands import Index, Key, feature_expressions
from ..plan.expressions import EventValue, RowValue, walk
from ..plan.triggers import TIMES
from .ctes import Task
from .histories.entered import instants_asked
from .sources import Look
from .windows import earliest


def looks_of(task: Task, keys: Sequence[Key]) -> list[Look]:
    """The events to read of each kind, that of the trigger first.

    Each reaches as far back, and has those fields, as any fact needs.
    """
    index, nows = task.index, task.nows
    moved = histories_of(index, keys_of_entering(task))
    moving = _nows_of_entering(task) if moved else None
    histories = [*histories_of(index, keys), *moved]
    own = [name for kind, name in keys if kind == "event" and name != TIMES]
    waiting = [one for one in task.jobs if one.waits and one.timer is None]
    timer = task.jobs[0].timer
    awaited = (one.group or one.pattern for one in waiting)
    own.extend(one.field for one in awaited if one is not None and one.field is not None)
    by_timer = _of_timer(timer)
    events = [*([task.event] if task.event else []), *by_timer, *(one.event for one in histories)]
    last = task.due.instants[-1] if task.due.instants else task.due.end
    found = []
    for event in dict.fromkeys(events):
        looking = [one for one in histories if one.event == event]
        starts: list[datetime | None] = [nows[0] if nows else None]
        starts.extend(earliest(nows, one.window) if nows else None for one in looking)
        first = [one for one in moved if one.event == event]
        starts.extend(earliest(moving, one.window) if moving else None for one in first)
        if event == task.event:
            starts.extend(one.campaign.active_from for one in waiting)
        if event in by_timer:
            starts.append(_first_started(nows, timer))
        known = [start for start in starts if start is not None]
        since = min(known) if len(known) == len(starts) else None
        fields = [*(own if event == task.event else ()), *_row_fields(looking)]
        fields += by_timer.get(event, ())
        found.append(Look(event, tuple(dict.fromkeys(fields)), since, last))
    return found


def keys_of_entering(task: Task) -> tuple[Key, ...]:
    """The facts that say whether customers enter something; none if no step waits for that."""
    triggers = [job.entering for job in task.jobs]
    return task.index.closure(one.condition for one in triggers if one is not None)


def _nows_of_entering(task: Task) -> tuple[datetime, datetime] | None:
    """The first and the last instant at which customers may enter something, like `task.nows`."""
    (job,) = task.jobs
    if job.entering is None or job.due.again is not None:
        return None
    instants = instants_asked(task, job, job.entering)
    return (instants[0], instants[-1]) if instants else None


def _of_timer(timer: TimerTrigger | None) -> dict[str, list[str]]:
    """The events that a timer reads, with the fields that it reads of them."""
    found: dict[str, list[str]] = {}
    if timer is None or timer.event is None:
        return found
    unless = timer.unless
    nodes = () if unless is None or unless.where is None else walk(unless.where)
    own = [node.field for node in nodes if isinstance(node, EventValue)]
    found[timer.event] = own if timer.moment.field is None else [timer.moment.field, *own]
    if timer.where is not None:
        found[timer.event] += [n.field for n in walk(timer.where) if isinstance(n, EventValue)]
    if unless is not None:
        others = [node.field for node in nodes if isinstance(node, RowValue)]
        found.setdefault(unless.event, []).extend(others)
    return found


def _first_started(
    nows: tuple[datetime, datetime] | None, timer: TimerTrigger | None
) -> datetime | None:
    """An instant before all events of which a timer may be due; `None` if there is none."""
    if nows is None or timer is None or not timer.follows_event:
        return None
    return earliest(nows, LastWindow(timer.span.count, timer.span.unit))


def histories_of(index: Index, keys: Iterable[Key]) -> list[EventAggregate | EventPick]:
    """The features that read past events."""
    named = (index.features[name] for kind, name in keys if kind == "feature")
    return [one for one in named if not isinstance(one, CustomerField | LedgerFeature)]


def _row_fields(looking: Iterable[EventAggregate | EventPick]) -> list[str]:
    """The fields of past events of a kind that histories look at."""
    found: list[str] = []
    for feature in looking:
        if isinstance(feature, EventPick):
            found.append(feature.field)
        nodes = (node for one in feature_expressions(feature) for node in walk(one))
        found.extend(node.field for node in nodes if isinstance(node, RowValue))
    return found
