"""Tasks: of each customer and period the first event that meets everything, in SQL.

Every event since the period began is asked whether it may do the task. The first that may does it.
A task that follows another reads only the events after that one was done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...dialects.common.context import SqlContext
from ...dialects.common.terms import Term, column, number, text
from ...plan import AllDoneTrigger, EventTrigger, Step, Task, TaskPeriod
from ...plan.calendar_ends import FIRST_DECIDED
from ...plan.due import Due
from ...plan.steps import read_from, step_of
from ...plan.triggers.task_periods import ONCE, longer
from ...plan.types import DATE, TEXT, TIMESTAMP
from ..comments import place
from ..ctes import Job, Relation, Script, restricted
from ..occasions import DUE
from ..sources import Past
from ..waiting.counting import Columns, context_of
from ..waiting.patterns import OCCURRENCE, Firings

PERIOD, TURN, LAST, PLACE, COUNT = "task_period", "turn", "last_turn", "task_place", "tasks_done"
FIRST, AGAIN = "followed_at", "followed_due"
CUSTOMER, KEY, MOMENT = "done_customer", "done_key", "done_moment"
_COLUMNS = Columns(KEY, CUSTOMER, MOMENT)

Narrowed = Callable[[Script, Past], Past]
"""Leaves out some of the events that a task reads."""

Candidates = Callable[[Script, Narrowed], Relation]
"""The events, each with its customer, that meet all that a task asks but for past grants."""


def firings(script: Script, candidates: Candidates) -> tuple[Firings, Past]:
    """The events that do the script's task and are due, and these as events of any kind."""
    job = script.task.jobs[0]
    made = _Statement(script, job, candidates).done(job.step)
    shown = [column(name) for name in (CUSTOMER, KEY, MOMENT, OCCURRENCE)]
    due = exp.EQ(this=column(DUE), expression=number(1))
    select = restricted(exp.select(*shown).from_(exp.to_identifier(made)), [due])
    name = script.add("due_tasks", select, "the periods in which an event is due")
    fields = {
        "key": Term(column(KEY), TEXT, optional=False),
        "at": Term(column(MOMENT), TIMESTAMP, optional=False),
    }
    return Firings(name, _COLUMNS, None), Past(name, KEY, CUSTOMER, MOMENT, fields)


@dataclass(frozen=True, slots=True)
class _Statement:
    """The CTEs of one step: its task, and those that it rests on. `made` are theirs by name."""

    script: Script
    job: Job
    candidates: Candidates
    made: dict[str, str] = field(default_factory=dict)

    def done(self, step: Step) -> str:
        """The CTE of the events that do a task, or that are the last of all: one a period."""
        if step.name not in self.made:
            self.made[step.name] = self._done(step)
        return self.made[step.name]

    def _done(self, step: Step) -> str:
        match step.trigger:
            case AllDoneTrigger() as trigger:
                return self._all_done(trigger)
            case EventTrigger(task=Task() as task) as trigger:
                return self._first_done(step, trigger, task)
            case _:
                raise LookupError(f"{step.name} is no task")

    # --- one task -------------------------------------------------------------------------------

    def _first_done(self, step: Step, trigger: EventTrigger, task: Task) -> str:
        plain = replace(step, trigger=replace(trigger, task=None))
        job = Job(self.job.campaign, plain, self._read(), asked=self.job.due)
        # Only the job's event and period differ; names and the plan are the statement's.
        inner = replace(
            self.script.task, jobs=(job,), event=trigger.event, due=job.due, moments=None
        )
        script = replace(self.script, task=inner)

        def narrowed(script: Script, events: Past) -> Past:
            return events if task.after is None else self._following(script, events, task)

        relation = self.candidates(script, narrowed)
        key = relation.terms["event", "key"].expression
        shown: list[exp.Expr] = [
            exp.alias_(column("customer"), CUSTOMER),
            exp.alias_(key.copy(), KEY),
            exp.alias_(column("moment"), MOMENT),
            column(DUE),
        ]
        if task.period is None:
            shown.append(exp.alias_(column("occurrence"), OCCURRENCE))
        else:
            shown.append(self._period(script, task.period, column("moment"), PERIOD))
        select = exp.select(*shown).from_(exp.to_identifier(relation.name))
        comment = f"{step.name}: {place(step.origin)}"
        met = script.add("may_do", select, comment)
        if task.period is None:
            return met
        apart = [column(CUSTOMER), column(PERIOD)]
        chosen = self._firsts(met, apart, "the first of each period does it")
        named = self._occurrence(task.period)
        shown = [*_COLUMNS.of(), exp.alias_(named, OCCURRENCE), column(DUE)]
        select = exp.select(*shown).from_(exp.to_identifier(chosen))
        return script.add("done", select, f"{step.name} is done")

    def _read(self) -> Due:
        """The stretch whose events are read: from where the periods began."""
        job, due = self.job, self.job.due
        first = None
        if due.late_table is None and due.start <= due.end:
            zone = ZoneInfo(self.script.task.plan.time_zone)
            first = read_from(job.campaign, job.step, zone, due.start)
        begun = job.campaign.active_from or FIRST_DECIDED
        return Due(begun if first is None else max(first, begun), due.end)

    def _following(self, script: Script, events: Past, task: Task) -> Past:
        """The events later than the one that did the task before, in the same period."""
        before = step_of(self.job.campaign, task.after)
        done = self.done(before)
        followed = before.trigger.task
        period = longer(task.period, None if followed is None else followed.period)
        dated = self._dated(script, done, period)
        apart = [column(CUSTOMER), column(PERIOD)]
        first = exp.alias_(exp.Min(this=column(MOMENT)), FIRST)
        again = exp.alias_(exp.Max(this=column(DUE)), AGAIN)
        select = exp.select(*(one.copy() for one in apart), first, again)
        select = select.from_(exp.to_identifier(dated)).group_by(*apart)
        firsts = script.add("followed", select, f"when {before.name} was first done")
        now = column(events.moment, events.name)
        own = self._calendar(script, period, now)
        same = [
            exp.EQ(this=column(CUSTOMER, firsts), expression=column(events.customer, events.name)),
            exp.LT(this=column(FIRST, firsts), expression=now),
        ]
        if own is not None:
            same.append(exp.EQ(this=column(PERIOD, firsts), expression=own))
        whole = exp.Column(this=exp.Star(), table=exp.to_identifier(events.name))
        select = exp.select(whole, column(AGAIN, firsts)).from_(exp.to_identifier(events.name))
        select = select.join(exp.to_identifier(firsts), on=exp.and_(*same, copy=False))
        name = script.add("later_events", select, f"after {before.name}")
        return replace(events, name=name, again=AGAIN)

    # --- all of them ----------------------------------------------------------------------------

    def _all_done(self, trigger: AllDoneTrigger) -> str:
        parts: list[exp.Query] = []
        for number_, name in enumerate(trigger.tasks):
            done = self._dated(
                self.script, self.done(step_of(self.job.campaign, name)), trigger.period
            )
            shown = [*_COLUMNS.of(), column(DUE), column(PERIOD)]
            numbered = exp.alias_(number(number_), PLACE)
            parts.append(exp.select(*shown, numbered).from_(exp.to_identifier(done)))
        union = exp.union(*parts, distinct=False, copy=False) if parts[1:] else parts[0]
        every = self.script.add("every_done", union, f"all tasks: {place(trigger.origin)}")
        firsts = self._firsts(
            every,
            [column(CUSTOMER), column(PERIOD), column(PLACE)],
            "the first of each task",
        )
        apart = [column(CUSTOMER), column(PERIOD)]
        count = exp.Window(
            this=exp.Count(this=exp.Star()), partition_by=[one.copy() for one in apart]
        )
        turns = [
            exp.Ordered(this=column(one), desc=True, nulls_first=False) for one in (MOMENT, PLACE)
        ]
        last = exp.Window(
            this=exp.RowNumber(),
            partition_by=[one.copy() for one in apart],
            order=exp.Order(expressions=turns),
        )
        any_due = exp.Window(this=exp.Max(this=column(DUE)), partition_by=apart)
        shown = [*_COLUMNS.of(), column(PERIOD), exp.alias_(any_due, f"any_{DUE}")]
        select = exp.select(*shown, exp.alias_(count, COUNT), exp.alias_(last, LAST))
        counted = self.script.add(
            "counted_tasks", select.from_(exp.to_identifier(firsts)), "how many are done"
        )
        named = exp.alias_(self._occurrence(trigger.period), OCCURRENCE)
        shown = [*_COLUMNS.of(), named, exp.alias_(column(f"any_{DUE}"), DUE)]
        whole = [
            exp.EQ(this=column(COUNT), expression=number(len(trigger.tasks))),
            exp.EQ(this=column(LAST), expression=number(1)),
        ]
        select = restricted(exp.select(*shown).from_(exp.to_identifier(counted)), whole)
        return self.script.add("all_done", select, "the last of them")

    # --- pieces ---------------------------------------------------------------------------------

    def _firsts(self, relation: str, apart: Sequence[exp.Expr], comment: str) -> str:
        """The first row of each part, by time and key; due if one of its rows is."""
        order = _COLUMNS.order(self.script.task.dialect)
        turn = exp.Window(
            this=exp.RowNumber(), partition_by=[one.copy() for one in apart], order=order
        )
        due = exp.Window(this=exp.Max(this=column(DUE)), partition_by=[one.copy() for one in apart])
        known = [column(one.name) for one in apart if one.name != CUSTOMER]
        shown = [*_COLUMNS.of(), *known, exp.alias_(due, f"part_{DUE}"), exp.alias_(turn, TURN)]
        select = exp.select(*shown).from_(exp.to_identifier(relation))
        turns = self.script.add("turns", select, comment)
        first = exp.EQ(this=column(TURN), expression=number(1))
        again = [one.copy() for one in known]
        shown = [*_COLUMNS.of(), *again, exp.alias_(column(f"part_{DUE}"), DUE)]
        select = restricted(exp.select(*shown).from_(exp.to_identifier(turns)), [first])
        return self.script.add("firsts", select, "only these")

    def _dated(self, script: Script, done: str, period: TaskPeriod) -> str:
        """The events that do a task, with their period of a length that may be another."""
        shown = [*_COLUMNS.of(), column(DUE), self._period(script, period, column(MOMENT), PERIOD)]
        select = exp.select(*shown).from_(exp.to_identifier(done))
        return script.add("dated", select, f"by {period}")

    def _period(self, script: Script, period: TaskPeriod, now: exp.Expr, name: str) -> exp.Expr:
        """The first day of an instant's period as a column; all have one of all of time."""
        first = self._calendar(script, period, now)
        return exp.alias_(number(0) if first is None else first, name)

    def _calendar(self, script: Script, period: TaskPeriod, now: exp.Expr) -> exp.Expr | None:
        if period == "once":
            return None
        context: SqlContext = context_of(script.task, now)
        dialect = script.task.dialect
        clock = dialect.clock(script.task.plan.time_zone, context.now.copy())
        return dialect.date_of(dialect.truncated(period, clock))

    def _occurrence(self, period: TaskPeriod) -> exp.Expr:
        if period == "once":
            return text(ONCE)
        return self.script.task.dialect.value_text(column(PERIOD), DATE)
