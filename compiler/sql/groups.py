"""Groups: the events that complete one, and who is in it. Meaning: `runtime.decide.patterns`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.terms import Term, all_true, any_true, column, is_null, number
from ..operators.sql_time import shifted
from ..plan import Group, Span, Trigger
from ..plan.demands import Key
from ..plan.types import TEXT, TIMESTAMP
from ..plan.values import Length
from .comments import place
from .ctes import Script, Task, restricted
from .translate import Scope, condition

TURN = "turn"
GROUP = "grouped"
SINCE = "since"


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
    key: str
    customer: str
    moment: str
    windowed: bool

    def before(self, task: Task, one: str, other: str) -> exp.Expr:
        """That an event `other` is in the group of `one`, and neither after it nor too early."""
        key = task.dialect.ordered(column(self.key, other), TEXT)
        last = task.dialect.ordered(column(self.key, one), TEXT)
        at, now = column(self.moment, other), column(self.moment, one)
        same = all_true(
            exp.EQ(this=at.copy(), expression=now.copy()), exp.LTE(this=key, expression=last)
        )
        parts = [
            exp.EQ(this=column(GROUP, other), expression=column(GROUP, one)),
            exp.Paren(this=any_true(exp.LT(this=at.copy(), expression=now.copy()), same)),
        ]
        if self.windowed:
            parts.append(exp.GT(this=at, expression=column(SINCE, one)))
        return all_true(*parts)


def counted(
    script: Script,
    events: tuple[str, str, str, str],
    fields: Mapping[Key, Term],
    also: list[exp.Expr],
) -> Counted:
    """The events that count, each with its group. `events`: CTE, key, customer, moment."""
    task = script.task
    name, key, customer, moment = events
    trigger, group = _of(task)
    context = context_of(task, column(moment, name))
    value = fields["event", group.field]
    shown: list[exp.Expr] = [column(one, name) for one in (key, customer, moment)]
    shown.append(exp.alias_(value.expression.copy(), GROUP))
    if group.within is not None:
        shown.append(exp.alias_(_since(context, group.within), SINCE))
    select = exp.select(*shown).from_(exp.to_identifier(name))
    known = [
        exp.Not(this=is_null(one)) for one in (value.expression.copy(), column(customer, name))
    ]
    asked = [*known, *active_period(task, context), *also]
    if trigger.where is not None:
        asked.append(condition(trigger.where, Scope(context, fields)))
    made = script.add("counted", restricted(select, asked), f"group: {place(trigger.origin)}")
    return Counted(made, key, customer, moment, group.within is not None)


def completed(script: Script, events: Counted) -> Completed:
    """The first event of each group with which there are enough."""
    task = script.task
    trigger, group = _of(task)
    one, other = "one", "other"
    identity = [column(name, one) for name in (GROUP, events.moment, events.key)]
    also = [column(SINCE, one)] if events.windowed else []
    reached: exp.Expr = column(events.key, other)
    if group.of == "customers":
        reached = exp.Distinct(expressions=[column(events.customer, other)])
    enough = exp.GTE(this=exp.Count(this=reached), expression=number(group.count))
    grouped = (
        exp.select(*(each.copy() for each in (*identity, *also)))
        .from_(_named(events.name, one))
        .join(_named(events.name, other), on=events.before(task, one, other))
        .group_by(*identity, *also)
        .having(enough)
    )
    comment = f"group, where there are enough: {place(trigger.origin)}"
    enough_ = script.add("enough", grouped, comment)
    turn = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(GROUP)],
        order=exp.Order(
            expressions=[
                exp.Ordered(this=column(events.moment), nulls_first=False),
                exp.Ordered(this=task.dialect.ordered(column(events.key), TEXT), nulls_first=False),
            ]
        ),
    )
    select = exp.select(exp.Star(), exp.alias_(turn, TURN)).from_(exp.to_identifier(enough_))
    turns = script.add("turns", select, "the first of each group completes it")
    return _first(script, events, turns)


def _first(script: Script, events: Counted, turns: str) -> Completed:
    """The completing events alone, or with everybody of the group."""
    task = script.task
    reward = task.jobs[0].step.reward
    first = exp.EQ(this=column(TURN, turns), expression=number(1))
    shown = [column(name, turns) for name in (GROUP, events.key, events.moment)]
    select = exp.select(*shown).from_(exp.to_identifier(turns))
    member = None
    if reward is not None and reward.each:
        member = events.customer
        select = select.select(column(events.customer, events.name)).distinct()
        within = events.before(task, turns, events.name)
        select = select.join(exp.to_identifier(events.name), on=within)
    made = script.add("completed", restricted(select, [first]), "the groups that are complete")
    return Completed(made, events.key, events.moment, member)


def context_of(task: Task, now: exp.Expr) -> SqlContext:
    """The context of an event from any time: not bounded by the period that is due."""
    return replace(task.context(now), nows=None)


def _of(task: Task) -> tuple[Trigger, Group]:
    trigger = task.jobs[0].step.trigger
    if trigger.group is None:
        raise LookupError("only a trigger that waits for groups has one")
    return trigger, trigger.group


def _since(context: SqlContext, within: Span) -> exp.Expr:
    now = Term(context.now.copy(), TIMESTAMP, optional=False)
    return shifted(context, now, Length(within.count, within.unit), -1)


def active_period(task: Task, context: SqlContext) -> list[exp.Expr]:
    """The campaign's active period."""
    campaign, dialect = task.jobs[0].campaign, task.dialect
    found: list[exp.Expr] = []
    if campaign.active_from is not None:
        first = dialect.timestamp(campaign.active_from)
        found.append(exp.GTE(this=context.now.copy(), expression=first))
    if campaign.active_to is not None:
        last = dialect.timestamp(campaign.active_to)
        found.append(exp.LTE(this=context.now.copy(), expression=last))
    return found


def _named(relation: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(relation, quoted=None), alias, table=True)
