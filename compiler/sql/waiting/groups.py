"""Groups: the events that complete one, and who is in it. Meaning: `runtime.decide.patterns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...dialects.common.terms import Term, all_true, column, number
from ...plan import Group
from ...plan.data import CANCELLED
from ...plan.demands import Key
from ..comments import place
from ..ctes import Script, Task, restricted
from . import counting
from .counting import Columns, aliased, context_of, since

TURN = "turn"
GROUP = "grouped"
SINCE = "since"
CANCELLED_AT = "counted_until"


@dataclass(frozen=True, slots=True)
class Completed:
    """The CTE of the events that complete a group, with the names of its columns.

    `member` is there where it has a row for everybody of the group.
    """

    name: str
    key: str
    moment: str
    member: str | None

    def is_of(self, events: str, value: Term) -> exp.Expr:
        """That it is the event in a row of the CTE `events`, whose columns have the same names.

        `value`: what that row has in the field that makes the groups.
        """
        return all_true(
            exp.EQ(this=column(GROUP, self.name), expression=value.expression.copy()),
            exp.EQ(this=column(self.key, self.name), expression=column(self.key, events)),
            exp.EQ(this=column(self.moment, self.name), expression=column(self.moment, events)),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """The CTE of the events that count, and the names of the columns that they came with."""

    name: str
    columns: Columns
    windowed: bool
    cancellable: bool

    def before(self, task: Task, one: str, other: str) -> exp.Expr:
        """The condition that an event `other` is in the group of `one`, up to it, in its window."""
        parts: list[exp.Expr] = [
            exp.EQ(this=column(GROUP, other), expression=column(GROUP, one)),
            self.columns.not_after(task.dialect, one, other),
        ]
        if self.windowed:
            at = column(self.columns.moment, other)
            parts.append(exp.GT(this=at, expression=column(SINCE, one)))
        if self.cancellable:
            parts.append(counting.is_counted(CANCELLED_AT, other, column(self.columns.moment, one)))
        return all_true(*parts)


def counted(
    script: Script,
    events: str,
    columns: Columns,
    fields: Mapping[Key, Term],
    also: Sequence[exp.Expr],
) -> Counted:
    """The events that count, each with its group. `also`: further conditions."""
    task = script.task
    group = _group_of(task)
    value = fields["event", group.field].expression
    shown: list[exp.Expr] = [exp.alias_(value.copy(), GROUP)]
    if group.within is not None:
        context = context_of(task, column(columns.moment, events))
        shown.append(exp.alias_(since(context, group.within), SINCE))
    cancelled = fields.get(("event", CANCELLED))
    if cancelled is not None:
        shown.append(exp.alias_(cancelled.expression.copy(), CANCELLED_AT))
    known = [value.copy(), column(columns.customer, events)]
    made = counting.counted(script, events, columns, fields, shown, known, also, "group")
    return Counted(made, columns, group.within is not None, cancelled is not None)


def completed(script: Script, events: Counted) -> Completed:
    """The first event of each group with which there are enough."""
    task = script.task
    group = _group_of(task)
    one, other = "one", "other"
    identity = [column(name, one) for name in (GROUP, events.columns.moment, events.columns.key)]
    also = [column(SINCE, one)] if events.windowed else []
    reached: exp.Expr = column(events.columns.key, other)
    if group.of == "customers":
        reached = exp.Distinct(expressions=[column(events.columns.customer, other)])
    enough = exp.GTE(this=exp.Count(this=reached), expression=number(group.count))
    grouped = (
        exp.select(*(each.copy() for each in (*identity, *also)))
        .from_(aliased(events.name, one))
        .join(aliased(events.name, other), on=events.before(task, one, other))
        .group_by(*identity, *also)
        .having(enough)
    )
    comment = f"group, where there are enough: {place(task.jobs[0].step.trigger.origin)}"
    enough_ = script.add("enough", grouped, comment)
    turn = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(GROUP)],
        order=events.columns.order(task.dialect),
    )
    select = exp.select(exp.Star(), exp.alias_(turn, TURN)).from_(exp.to_identifier(enough_))
    turns = script.add("turns", select, "the first of each group completes it")
    return _first(script, events, turns)


def _first(script: Script, events: Counted, turns: str) -> Completed:
    """The completing events alone, or with everybody of the group."""
    task = script.task
    reward = task.jobs[0].step.reward
    first = exp.EQ(this=column(TURN, turns), expression=number(1))
    shown = [column(name, turns) for name in (GROUP, events.columns.key, events.columns.moment)]
    select = exp.select(*shown).from_(exp.to_identifier(turns))
    member = None
    if reward is not None and reward.each:
        member = events.columns.customer
        select = select.select(column(events.columns.customer, events.name)).distinct()
        within = events.before(task, turns, events.name)
        select = select.join(exp.to_identifier(events.name), on=within)
    made = script.add("completed", restricted(select, [first]), "the groups that are complete")
    return Completed(made, events.columns.key, events.columns.moment, member)


def _group_of(task: Task) -> Group:
    group = task.jobs[0].group
    if group is None:
        raise LookupError("only a trigger that waits for groups has one")
    return group
