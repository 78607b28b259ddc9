"""Tasks: each is a step, and `all done` is one more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ....dsl import tree
from ....dsl.diagnostics.diagnostic import Label
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, folded, origin
from ...check.symbols import ALL_DONE
from ...codes import journeys as words
from ...codes import names
from ...plan import EventTable, TaskPeriod
from ..declarations import once
from ..triggers import trigger
from .source import Source, of_parts

_PERIODS: Mapping[tree.TaskPeriod, TaskPeriod] = MappingProxyType(
    {"once": "once", "daily": "day", "weekly": "week", "monthly": "month"}
)
_LENGTHS: tuple[TaskPeriod | None, ...] = (None, "day", "week", "month", "once")
"""From the shortest on. A task without a period may be done several times a day."""


def tasks(c: Context, node: tree.Tasks) -> tuple[Source, ...]:
    """The steps of the tasks in the order of the file, then that of `all done`."""
    found = [one for one in node.statements if isinstance(one, tree.Task)]
    together = [one for one in node.statements if isinstance(one, tree.AllDone)]
    named = {one.name.text: one for one in reversed(found)}
    if not found:
        told = {"clause": "task", "example": "task visit daily on login reward 5 points"}
        c.report(names.MISSING_CLAUSE, node, kind=names.CAMPAIGN, name="tasks", **told)
    once(c, "tasks", tuple(together))
    _report_names(c, found)
    _report_followed(c, found, named)
    steps = [_task(c, one, named) for one in found]
    steps += [_all_done(c, one, found, steps) for one in together[:1]]
    return tuple(steps)


def _task(c: Context, node: tree.Task, named: Mapping[str, tree.Task]) -> Source:
    name = node.name.text
    _report_parts(c, node, name)
    event = c.events.get(node.form.event.text)
    fires = trigger(c, tree.Trigger(node.form, None, span=node.form.span), None)
    pattern = node.form.pattern
    if isinstance(fires, plan.EventTrigger):
        several = fires.pattern is not None and fires.pattern.crosses_several
        if pattern is not None and (fires.group is not None or several):
            c.report(words.NOT_IN_TASK, pattern, name=name, text=folded(pattern.span))
        if node.period is None and not (pattern is not None and pattern.every):
            c.report(words.NO_PERIOD, node.name, name=name, event=fires.event)
        period = None if node.period is None else _PERIODS[node.period]
        after = node.after.text if node.after and node.after.text in named else None
        fires = plan.EventTrigger(
            fires.event,
            fires.where,
            None,
            fires.origin,
            pattern=fires.pattern,
            task=plan.Task(period, after),
        )
    return of_parts(name, node, fires, event, node.parts)


def _all_done(
    c: Context, node: tree.AllDone, found: Sequence[tree.Task], steps: Sequence[Source]
) -> Source:
    _report_parts(c, node, "all done")
    period: TaskPeriod = "once"
    match node.period:
        case None:
            pass
        case "day" | "week" | "month":
            period = node.period
        case _:
            c.report(words.SET_PERIOD, node, period=node.period)
    for task in found:
        own = None if task.period is None else _PERIODS[task.period]
        if _LENGTHS.index(own) > _LENGTHS.index(period):
            label = Label(node.span.place, names.DECLARED_FIRST)
            told = {"name": task.name.text, "own": task.period or "", "period": period}
            c.report(words.LONGER_THAN_SET, task.name, label, **told)
    events = tuple(dict.fromkeys(one.event.name for one in steps if one.event is not None))
    fires = None
    if events:
        done = tuple(one.name for one in steps)
        fires = plan.AllDoneTrigger(done, events, period, origin(node.span))
    nobodys: EventTable | None = None
    return of_parts(ALL_DONE, node, fires, nobodys, node.parts)


def _report_parts(c: Context, node: tree.Task | tree.AllDone, name: str) -> None:
    """Report what gives and says nothing, and what gives twice."""
    if not node.parts:
        c.report(words.TASK_GIVES_NOTHING, node, name=name)
    once(c, name, tuple(one for one in node.parts if isinstance(one, tree.Reward)))


def _report_names(c: Context, found: Sequence[tree.Task]) -> None:
    """Report names that mean something else, or another task."""
    first: dict[str, tree.Task] = {}
    for task in found:
        name = task.name.text
        earlier = first.setdefault(name, task)
        if earlier is not task:
            label = Label(earlier.name.span.place, names.DECLARED_FIRST)
            c.report(names.DECLARED_TWICE, task.name, label, name=name)
        elif name == ALL_DONE or name in c.symbols.benefits:
            c.report(words.NAME_TAKEN, task.name, name=name)


def _report_followed(
    c: Context, found: Sequence[tree.Task], named: Mapping[str, tree.Task]
) -> None:
    """Report tasks that follow no task, or themselves."""
    for task in found:
        if task.after is None:
            continue
        name = task.after.text
        if name not in named:
            known = suggestions(name, named)
            c.report(words.FOLLOWS_NO_TASK, task.after, name=name, **known)
            continue
        way = [task.name.text]
        while name in named and name not in way:
            way.append(name)
            before = named[name].after
            name = "" if before is None else before.text
        if name == task.name.text:
            circle = " → ".join(f"`{one}`" for one in (*way, name))
            c.report(words.TASK_CIRCLE, task.after, name=task.name.text, circle=circle)
