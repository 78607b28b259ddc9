"""A query under construction: its CTEs in order, and the columns that hold each fact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Dialect
from ..dialects.common.moments import Moments, Single
from ..dialects.common.names import Names
from ..dialects.common.terms import Term, all_true, any_true, column
from ..plan import (
    Campaign,
    EnteringTrigger,
    Group,
    Opening,
    Pattern,
    Plan,
    Step,
    TimerTrigger,
)
from ..plan.demands import Demand, Index, Key
from ..plan.due import Due
from ..plan.steps import StepKey, held_open_by, is_task
from ..rewards.payouts import Goods
from .comments import noted, places
from .translate import Scope, condition


@dataclass(frozen=True, slots=True)
class Job:
    """A step with its campaign and the part of it that is due.

    `asked`: what is due of a longer stretch, if all of the stretch is read.
    """

    campaign: Campaign
    step: Step
    due: Due
    asked: Due | None = None

    @property
    def key(self) -> StepKey:
        """The step's key."""
        return StepKey(self.campaign.name, self.step.name)

    @property
    def event(self) -> str | None:
        """The kind of event that its conditions ask: the triggering or the starting one, if any.

        `None` for a step that follows another.
        """
        return None if self.is_later else self.step.trigger.event

    @property
    def is_later(self) -> bool:
        """Whether it is a step of a journey that follows others."""
        return self.step.follows is not None

    @property
    def may_end(self) -> bool:
        """Whether it is a step at which a journey ends where a condition of `while` is false."""
        return bool(held_open_by(self.campaign, self.step))

    @property
    def timer(self) -> TimerTrigger | None:
        """Its trigger if that waits for a timer."""
        trigger = self.step.trigger
        return trigger if isinstance(trigger, TimerTrigger) else None

    @property
    def is_scheduled(self) -> bool:
        """Whether its trigger is a schedule, whose instants are the same for all customers."""
        return self.event is None and self.timer is None and not self.is_later

    @property
    def opening(self) -> Opening | None:
        """The window of each month in which events fire; others see to theirs themselves."""
        return None if self.is_scheduled or self.timer else self.step.trigger.opening

    @property
    def group(self) -> Group | None:
        """The group that its events complete; `None` without one."""
        return self.step.trigger.group

    @property
    def pattern(self) -> Pattern | None:
        """The pattern that its events make; `None` without one."""
        return self.step.trigger.pattern

    @property
    def entering(self) -> EnteringTrigger | None:
        """Its trigger, if customers must enter or leave something; else `None`."""
        trigger = self.step.trigger
        return trigger if isinstance(trigger, EnteringTrigger) else None

    @property
    def is_task(self) -> bool:
        """Whether it is a task, or `all done`."""
        return is_task(self.step)

    @property
    def waits(self) -> bool:
        """Whether it has occasions of its own, other than each event or each instant."""
        others = self.group is not None or self.pattern is not None or self.timer is not None
        return others or self.is_later or self.is_task


@dataclass(frozen=True, slots=True)
class Task:
    """Campaigns of one kind of occasion whose facts one engine computes together.

    `event` is the kind of the triggering or starting event, if any. `due` is the union of what is
    due. A campaign that waits for a group, a pattern, a timer, another step or for customers to
    enter something has a task to itself.
    """

    index: Index
    jobs: tuple[Job, ...]
    event: str | None
    due: Due
    dialect: Dialect
    names: Names
    moments: Moments | Single | None = None

    @staticmethod
    def of_one(index: Index, job: Job, dialect: Dialect, names: Names) -> Task:
        """The task of one step."""
        zone = index.plan.time_zone
        moments = Moments(job.due.every, zone, names) if job.is_scheduled else None
        whole = replace(job.due, instants=job.due.every, again=None)
        return Task(index, (job,), job.event, whole, dialect, names, moments)

    @property
    def plan(self) -> Plan:
        """The plan that the campaigns are in."""
        return self.index.plan

    @property
    def goods(self) -> Goods:
        """The goods that its rewards give."""
        return Goods(self.plan.currency, self.index.benefits)

    @property
    def identity(self) -> tuple[str, str]:
        """The columns that tell one candidate from another; of a schedule, instants are quicker."""
        return ("customer", "moment" if self.is_scheduled else "occurrence")

    @property
    def is_scheduled(self) -> bool:
        """Whether its campaigns have schedules."""
        return self.jobs[0].is_scheduled

    @property
    def nows(self) -> tuple[datetime, datetime] | None:
        """The first and the last instant that can be decided; late events can be of any time."""
        if self.due.late_table is not None or self.due.start > self.due.end:
            return None
        # A step that is a task is alone among the jobs, so the first job answers for all.
        if any(job.is_task for job in self.jobs[:1]):
            return None  # The event that does a task may be older than the period.
        if self.due.instants:
            return (self.due.instants[0], self.due.instants[-1])
        return (self.due.start, self.due.end)

    def name(self, key: Key, wish: str) -> str:
        """The column of a fact. With a single instant, the name is unique per fact and instant."""
        at = self.moments.instant if isinstance(self.moments, Single) else None
        return self.names.give(key if at is None else (key, at), wish)

    def context(self, now: exp.Expr, today: exp.Expr | None = None) -> SqlContext:
        """The context of a decision. Without `today`, its date is computed from `now`.

        A single instant and its date become literals.
        """
        day = today
        if isinstance(self.moments, Single):
            now = self.dialect.timestamp(self.moments.instant)
            day = self.dialect.date(self.moments.clock.today)
        elif day is None:
            clock = self.dialect.clock(self.plan.time_zone, now.copy())
            day = self.dialect.date_of(clock)
        return SqlContext(self.dialect, self.plan.time_zone, now, day, self.nows, self.moments)


@dataclass(frozen=True, slots=True)
class Relation:
    """The CTE at hand, one row a candidate, with those to be joined to it on its identity.

    `terms` are its columns (unqualified), `joined` those of the joined CTEs.
    """

    name: str
    terms: Mapping[Key, Term]
    joined: Mapping[str, Mapping[Key, Term]] = field(default_factory=dict)

    def join(self, name: str, terms: Mapping[Key, Term]) -> Relation:
        """The same with one more CTE to be joined."""
        return replace(self, joined={**self.joined, name: terms})

    def known_values(self) -> frozenset[Key]:
        """All that is known in it."""
        return frozenset(self.terms).union(*self.joined.values())

    def column(self, name: str) -> exp.Column:
        """A column of its own."""
        return column(name, self.name if self.joined else None)

    def scope(self, task: Task) -> Scope:
        """The scope in which an expression over its rows finds its values."""
        terms = dict(self.terms)
        if self.joined:
            terms = {key: qualified(term, self.name) for key, term in terms.items()}
        for name, others in self.joined.items():
            terms |= {key: qualified(term, name) for key, term in others.items()}
        return Scope(task.context(self.column("moment"), self.column("today")), terms)

    def select(self, task: Task, new: Iterable[exp.Expr] = ()) -> exp.Select:
        """Its rows with all columns, and more."""
        own: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier(self.name))]
        others: list[exp.Expr] = [
            qualified(term, name).expression
            for name, terms in self.joined.items()
            for term in terms.values()
        ]
        whole: list[exp.Expr] = own if self.joined else [exp.Star()]
        select = exp.select(*whole, *others, *new).from_(exp.to_identifier(self.name))
        for name in self.joined:
            select = self._beside(select, task, name)
        return select

    def _beside(self, select: exp.Select, task: Task, name: str) -> exp.Select:
        """One more relation, joined on the candidates' identity."""
        if task.dialect.joins_using:
            return select.join(exp.to_identifier(name), using=list(task.identity))
        same = (
            exp.EQ(this=column(one, name), expression=column(one, self.name))
            for one in task.identity
        )
        return select.join(exp.to_identifier(name), on=all_true(*same))

    def after(self, name: str, more: Mapping[Key, Term]) -> Relation:
        """The relation of the CTE `name` that `select` made: own, joined and new columns."""
        joined = {key: term for terms in self.joined.values() for key, term in terms.items()}
        return Relation(name, {**self.terms, **joined, **more})


def qualified(term: Term, relation: str) -> Term:
    """A column's term with the relation's name before it."""
    return replace(term, expression=column(term.expression.name, relation))


@dataclass(slots=True)
class Statement:
    """The CTEs of a statement so far."""

    dialect: Dialect
    names: Names
    ctes: list[tuple[str, exp.Query]] = field(default_factory=list)
    finish: list[Callable[[exp.Query], None]] = field(default_factory=list)
    """Completes what depends on all that was asked for, down to the last part."""
    name: str = "cte"
    materialized: dict[str, bool] = field(default_factory=dict)
    """By CTE: MATERIALIZED (True) or NOT MATERIALIZED (False). Others are left to the engine."""
    shared: set[str] = field(default_factory=set)
    """CTEs that are MATERIALIZED if they are read more than once."""
    known: dict[object, Any] = field(default_factory=dict)
    """By key: parts that were made already, and need not be made again."""

    def add(self, wish: str, select: exp.Query, comment: str) -> str:
        """One more CTE, under the name it gets."""
        name = self.names.give((self.name, len(self.ctes)), wish)
        self.ctes.append((name, noted(select, comment)))
        return name

    def query(
        self, last: exp.Select, comment: str, *, share: bool = False, sorted_: Collection[str] = ()
    ) -> exp.Select:
        """The whole statement.

        With `share`, a CTE that is read more than once is MATERIALIZED. `sorted_` are the CTEs that
        the final ORDER BY reads.
        """
        for complete in self.finish:
            complete(last)
        ctes = [*self.dialect.prelude([*(cte for _, cte in self.ctes), last]), *self.ctes]
        looks: dict[str, int] = {}
        if self.dialect.materializes:
            for place in (one for _, cte in ctes for one in cte.find_all(exp.From, exp.Join)):
                looks[place.this.name] = looks.get(place.this.name, 0) + 1
        for name, select in ctes:
            apart = self.dialect.sorts_apart and name in sorted_
            more = looks.get(name, 0) > 1
            often = more and (share or name in self.shared)
            once = True if apart or often else self._materialized(name, more=more)
            last = last.with_(exp.to_identifier(name), as_=select, materialized=once, copy=False)
        first = last.args.get("with_")
        if isinstance(first, exp.With):
            noted(first, comment)
        return last

    def _materialized(self, name: str, *, more: bool) -> bool | None:
        """The keyword of a CTE, or `None`; NOT MATERIALIZED is left out of a CTE read once."""
        keyword = self.materialized.get(name) if self.dialect.materializes else None
        return keyword if keyword or more else None


@dataclass(frozen=True, slots=True)
class Script:
    """A task, and the statement that its CTEs go into; `whole`: what that is a part of, if any."""

    task: Task
    statement: Statement
    whole: Statement | None = None

    def add(self, wish: str, select: exp.Query, comment: str) -> str:
        """One more CTE, under the name it gets."""
        return self.statement.add(wish, select, comment)

    def looks_at(self, name: str, last: exp.Query) -> bool:
        """Whether anything in the statement looks at a column of that name."""
        queries = [*(cte for _, cte in self.statement.ctes), last]
        return any(one.name == name for query in queries for one in query.find_all(exp.Column))


def without(query: exp.Query, name: str) -> None:
    """Leave out a column that nothing looks at after all."""
    kept = [one for one in query.expressions if one.alias_or_name != name]
    query.set("expressions", kept)


_MOST_ALTERNATIVES = 16
"""More of them than this let nearly everything through, and cost more than they spare."""


def meets(select: exp.Select, demanded: Iterable[Demand], scope: Scope) -> exp.Select:
    """The rows that meet the conditions, each with a comment that says who demands it."""
    return restricted(select, written(demanded, scope))


def written(demanded: Iterable[Demand], scope: Scope) -> list[exp.Expr]:
    """The conditions, each with a comment that says who demands it."""
    return [
        noted(condition(one.condition, scope), f"{one.clause}: {places(one.origins)}")
        for one in demanded
    ]


def either(select: exp.Select, alternatives: Sequence[Sequence[exp.Expr]]) -> exp.Select:
    """Keep the rows that may satisfy one of the alternatives.

    This is a prefilter: each campaign checks its own conditions afterwards.
    """
    if len(alternatives) == 1:
        return restricted(select, alternatives[0])
    every = [dict.fromkeys(conditions) for conditions in alternatives]
    common = [one for one in every[0] if all(one in others for others in every[1:])]
    left = dict.fromkeys(frozenset(conditions) - frozenset(common) for conditions in every)
    least = [one for one in left if not any(other < one for other in left)]
    found = [one.copy() for one in common]
    if least and all(least) and len(least) <= _MOST_ALTERNATIVES:
        order = {one: place for place, one in enumerate(one for each in every for one in each)}
        parts = [all_true(*(c.copy() for c in sorted(one, key=order.__getitem__))) for one in least]
        found.append(any_true(*parts))
    for one in found:
        for node in one.walk():
            node.pop_comments()
    return restricted(select, found)


def restricted(select: exp.Select, conditions: Iterable[exp.Expr]) -> exp.Select:
    """The rows for which these hold too."""
    before = select.args.get("where")
    every = [*([before.this] if before else []), *conditions]
    if every:
        select.set("where", exp.Where(this=all_true(*every)))
    return select
