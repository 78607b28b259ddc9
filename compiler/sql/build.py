"""A query in the making: named CTEs one after the other, and where each fact stands in the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlglot import exp

from ..plan import Campaign, EventTrigger, Plan, Step
from .comments import noted, places
from .dialect import Dialect
from .due import Due
from .moments import TODAY, Moments
from .names import Names
from .needs import Demand, Index
from .terms import Term, World, all_true, column
from .translate import Key, Scope, condition


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked: a campaign's decisions, of one engine."""

    index: Index
    campaign: Campaign
    step: Step
    due: Due
    dialect: Dialect
    names: Names
    moments: Moments | None = None

    @property
    def plan(self) -> Plan:
        """The plan that the campaign is in."""
        return self.index.plan

    @property
    def identity(self) -> tuple[str, str]:
        """The columns that tell one candidate from another; of a schedule, instants are quicker."""
        by_event = isinstance(self.step.trigger, EventTrigger)
        return ("customer", "occurrence" if by_event else "moment")

    @property
    def nows(self) -> tuple[datetime, datetime] | None:
        """The first and the last instant that can be decided; late events can be of any time."""
        if self.due.late_table is not None or self.due.start > self.due.end:
            return None
        if self.due.instants:
            return (self.due.instants[0], self.due.instants[-1])
        return (self.due.start, self.due.end)

    def world(self, now: exp.Expr, today: exp.Expr | None = None) -> World:
        """The world of a decision, whose date is taken from the clock unless there is one."""
        day = today
        if day is None:
            clock = self.dialect.clock(self.plan.time_zone, now.copy())
            day = self.dialect.date_of(clock)
        return World(self.dialect, self.plan.time_zone, now, day, self.nows, self.moments)


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

    def known(self) -> frozenset[Key]:
        """All that is known in it."""
        return frozenset(self.terms).union(*self.joined.values())

    def column(self, name: str) -> exp.Column:
        """A column of its own."""
        return column(name, self.name if self.joined else None)

    def scope(self, task: Task) -> Scope:
        """Where an expression over its rows finds its values."""
        terms = dict(self.terms)
        if self.joined:
            terms = {key: qualified(term, self.name) for key, term in terms.items()}
        for name, others in self.joined.items():
            terms |= {key: qualified(term, name) for key, term in others.items()}
        return Scope(task.world(self.column("moment"), self.column("today")), terms)

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
        """What the CTE of that name, made by `select`, holds."""
        joined = {key: term for terms in self.joined.values() for key, term in terms.items()}
        return Relation(name, {**self.terms, **joined, **more})


def qualified(term: Term, relation: str) -> Term:
    """A column's term with the relation's name before it."""
    return replace(term, expression=column(term.expression.name, relation))


@dataclass(slots=True)
class Script:
    """The CTEs so far."""

    task: Task
    ctes: list[tuple[str, exp.Select]] = field(default_factory=list)
    finish: Callable[[], None] | None = None
    """Completes what depends on all that was asked for."""

    def add(self, wish: str, select: exp.Select, comment: str) -> str:
        """One more CTE, under the name it gets."""
        name = self.task.names.give(("cte", len(self.ctes)), wish)
        self.ctes.append((name, noted(select, comment)))
        return name

    def query(self, last: exp.Select, comment: str) -> exp.Select:
        """The whole statement."""
        used = self._looks_at(TODAY, last)
        if self.task.moments is not None:
            self.task.moments.with_today = used
        elif not used:
            self._drop(TODAY)
        if self.finish is not None:
            self.finish()
        ctes = [*self.task.dialect.prelude([*(cte for _, cte in self.ctes), last]), *self.ctes]
        for name, select in ctes:
            last = last.with_(exp.to_identifier(name), as_=select, copy=False)
        first = last.args.get("with_")
        if isinstance(first, exp.With):
            noted(first, comment)
        return last

    def _looks_at(self, name: str, last: exp.Select) -> bool:
        selects = [*(cte for _, cte in self.ctes), last]
        return any(one.name == name for select in selects for one in select.find_all(exp.Column))

    def _drop(self, name: str) -> None:
        """Leave out a column that nothing looks at after all."""
        for _, cte in self.ctes:
            kept = [one for one in cte.expressions if one.alias_or_name != name]
            cte.set("expressions", kept)


def meets(select: exp.Select, demanded: Iterable[Demand], scope: Scope) -> exp.Select:
    """The rows that meet the conditions, each with a comment that says who demands it."""
    written = [
        noted(condition(one.condition, scope), f"{one.clause}: {places(one.origins)}")
        for one in demanded
    ]
    return restricted(select, written)


def restricted(select: exp.Select, conditions: Iterable[exp.Expr]) -> exp.Select:
    """The rows for which these hold too."""
    before = select.args.get("where")
    every = [*([before.this] if before else []), *conditions]
    if every:
        select.set("where", exp.Where(this=all_true(*every)))
    return select
