"""Customers who enter or leave something: at which instants of a schedule it begins to hold.

The condition is computed at each instant that is asked, also at those before the first that is due.
Of each customer, the last instant at which it did not hold then says since when it has held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Engine

from ...dialects.common.dialect import Dialect
from ...dialects.common.literals import literal
from ...dialects.common.moments import TODAY, Moments
from ...dialects.common.terms import any_true, column, is_null, text
from ...plan import EnteringTrigger
from ...plan.demands import Demand, Key
from ...plan.due import Again, Due
from ...plan.triggers import Asked
from ...plan.types import DATE, TIMESTAMP
from ..comments import place
from ..ctes import Job, Relation, Script, Task, restricted
from ..sources import Past
from ..translate import condition
from .marks import AT, boundaries, mark

Complete = Callable[
    [Script, Relation, Sequence[Key], Mapping[str, Past], Sequence[Demand]],
    tuple[Relation, list[Demand]],
]
"""Adds facts to a relation: `facts.complete`."""

SINCE = "late_since"


@dataclass(frozen=True, slots=True)
class Entered:
    """The CTE of the customers (`customer`) who enter something at an instant (`moment`)."""

    name: str

    def joined(self, select: exp.Select, instants: str, who: str) -> exp.Select:
        """The rows of the CTE `instants` with the customers of `who` who enter at each."""
        now = exp.EQ(this=column("moment", self.name), expression=column("moment", instants))
        same = exp.EQ(this=column("customer", who), expression=column("customer", self.name))
        select = select.join(exp.to_identifier(self.name), on=now)
        return select.join(exp.to_identifier(who), on=same)


def instants_of(task: Task) -> exp.Select:
    """The instants of the schedule, with the columns computed for each."""
    dialect, zone = task.dialect, ZoneInfo(task.plan.time_zone)
    moments = task.moments
    if not isinstance(moments, Moments):
        raise LookupError("only a schedule has instants")
    titles = ("moment", "occurrence", *moments.columns())
    rows: list[list[exp.Expr]] = []
    for instant in moments.instants:
        shown = text(instant.astimezone(zone).isoformat())
        known = (literal(dialect, one) for one in moments.of(instant).values())
        rows.append([dialect.timestamp(instant), shown, *known])
    empty = not rows
    if empty:
        kinds = {"occurrence": dialect.text_type(), TODAY: dialect.type_of(DATE)}
        plain = dialect.type_of(TIMESTAMP)
        rows.append([exp.cast(exp.Null(), kinds.get(title, plain)) for title in titles])
    select = dialect.table_of("due", titles, rows)
    return restricted(select, [exp.false()] if empty else [])


def fill_in(
    script: Script,
    instants: tuple[str, exp.Select],
    select: exp.Select,
    carried: Callable[[], Sequence[exp.Expr]],
) -> None:
    """Write the CTE of instants, and its columns in `select`, once all that is asked is known."""
    task, (name, table) = script.task, instants

    def complete(last: exp.Query) -> None:
        if isinstance(task.moments, Moments):
            task.moments.with_today = script.looks_at(TODAY, last)
        rows = instants_of(task)
        for part, value in rows.args.items():
            table.set(part, value)
        known = [column(one.alias_or_name, name) for one in rows.expressions[2:]]
        select.select(*known, *carried(), copy=False)

    script.statement.finish.append(complete)


def entered(
    script: Script, who: Relation, pasts: Mapping[str, Past], complete: Complete
) -> Entered | None:
    """The customers who enter something; `None` if the task's step does not wait for that."""
    job = script.task.jobs[0]
    if job.entering is None:
        return None
    return _Statement(script, job, job.entering, pasts).entered(who, complete)


def asked_by(task: Task, job: Job, trigger: EnteringTrigger) -> dict[datetime, Asked]:
    """By each instant that is due, the instants at which the condition is asked."""
    return trigger.asked(ZoneInfo(task.plan.time_zone), task.plan.holidays, job.due.every)


def instants_asked(task: Task, job: Job, trigger: EnteringTrigger) -> tuple[datetime, ...]:
    """All instants at which the condition is asked, in order."""
    every = asked_by(task, job, trigger).values()
    before = {one.before for one in every if one.before is not None}
    return tuple(sorted(before.union(*(one.during for one in every))))


@dataclass(frozen=True, slots=True)
class _Statement:
    """The CTEs of a step that waits for customers to enter or leave something."""

    script: Script
    job: Job
    trigger: EnteringTrigger
    pasts: Mapping[str, Past]

    @property
    def comment(self) -> str:
        return f"trigger: {place(self.trigger.origin)}"

    def entered(self, who: Relation, complete: Complete) -> Entered:
        """The customers who enter, at each instant that is due."""
        task, job = self.script.task, self.job
        instants = instants_asked(task, job, self.trigger)
        whole = Due(job.due.start, job.due.end, instants)
        moments = Moments(instants, task.plan.time_zone, task.names)
        script = replace(self.script, task=replace(task, due=whole, moments=moments))
        asked = asked_by(task, job, self.trigger)
        late = None if job.due.again is None else self._late(job.due.again)
        relation = self._asked(script, who, late)
        keys = task.index.closure([self.trigger.condition])
        relation, _ = complete(script, relation, keys, self.pasts, ())
        # An instant without one before it is taken to be its own, at which it holds.
        before = moments.name(
            "before", "before_moment", lambda clock: _before(asked, clock.now) or clock.now
        )
        return self._begins(script, relation, before, late)

    def _asked(self, script: Script, who: Relation, late: str | None) -> Relation:
        """Each customer at each instant that is asked."""
        table = exp.Select()
        instants = script.add("asked", table, f"{self.comment}, and the instants before")
        select = exp.select(
            column("customer", who.name),
            column("occurrence", instants),
            column("moment", instants),
        ).from_(exp.to_identifier(instants))
        select = select.join(exp.to_identifier(who.name), join_type="cross")
        if late is not None:
            others = exp.select("customer").from_(exp.to_identifier(late))
            is_late = exp.In(this=column("customer", who.name), query=exp.Subquery(this=others))
            conditions: list[exp.Expr] = [is_late]
            first = self._first_of_all()
            if first is not None:
                start = script.task.dialect.timestamp(first)
                now = column("moment", instants)
                conditions.insert(0, exp.GTE(this=now, expression=start))
            select = restricted(select, [exp.Paren(this=any_true(*conditions))])
        index = script.task.index
        wanted = index.closure([self.trigger.condition])
        terms = {key: term for key, term in who.terms.items() if key in wanted}
        names = dict.fromkeys(term.expression.name for term in terms.values())
        fill_in(script, (instants, table), select, lambda: [column(one, who.name) for one in names])
        return Relation(script.add("customers_asked", select, self.comment), terms)

    def _first_of_all(self) -> datetime | None:
        """The first instant that is asked of everybody, not only of those with late events."""
        task, due = self.script.task, replace(self.job.due, again=None)
        every = instants_asked(task, replace(self.job, due=due), self.trigger)
        return every[0] if every else None

    def _begins(self, script: Script, relation: Relation, before: str, late: str | None) -> Entered:
        """Where the last instant at which it did not hold is the one before all that are asked."""
        task = script.task
        give, dialect = task.names.give, task.dialect
        key = ("entering", self.job.key)
        outside, last = give((*key, "outside"), "outside"), give((*key, "last"), "last_outside")
        holds = condition(self.trigger.condition, relation.scope(task))
        if not self.trigger.leaving:
            holds = exp.Not(this=exp.Coalesce(this=holds, expressions=[exp.false()]))
        moment = exp.Case().when(holds, relation.column("moment"))
        select = relation.select(task, [exp.alias_(moment, outside)])
        made = script.add("moves", select, f"{self.comment}, when it did not hold")
        latest = exp.Window(
            this=exp.Max(this=column(outside)),
            partition_by=[column("customer")],
            order=exp.Order(expressions=[_in_time(dialect)]),
            spec=exp.WindowSpec(
                kind="ROWS",
                start="UNBOUNDED",
                start_side="PRECEDING",
                end="CURRENT ROW",
            ),
        )
        select = exp.select(
            column("customer"),
            column("moment"),
            column(before),
            column(outside),
            exp.alias_(latest, last),
        ).from_(exp.to_identifier(made))
        made = script.add("lasting", select, "and when it last did not")
        select = exp.select(column("customer", made), column("moment", made))
        select = select.from_(exp.to_identifier(made))
        conditions = [
            is_null(column(outside, made)),
            exp.EQ(this=column(last, made), expression=column(before, made)),
        ]
        if late is not None:
            on = exp.EQ(this=column("customer", late), expression=column("customer", made))
            select = select.join(exp.to_identifier(late), on=on, join_type="left")
            again: exp.Expr = exp.LTE(this=column(SINCE, late), expression=column("moment", made))
            own = self.job.due.instants
            if own:
                start = dialect.timestamp(own[0])
                new = exp.GTE(this=column("moment", made), expression=start)
                again = any_true(new, again)
            conditions.append(exp.Paren(this=again))
        select = restricted(select, conditions)
        return Entered(script.add("entered", select, self.comment))

    def _late(self, again: Again) -> str:
        """The CTE of the customers with late events, and the time of the first of each."""
        parts = [part for event, table in again.tables for part in self._late_in(event, table)]
        union = exp.union(*parts, distinct=False) if parts[1:] else parts[0]
        first = exp.alias_(exp.Min(this=column(SINCE)), SINCE)
        select = exp.select(column("customer"), first).from_(union.subquery("late_events"))
        select = select.group_by(column("customer"))
        return self.script.add("late", select, "who has a late event, and since when")

    def _late_in(self, event: str, table: str) -> Iterator[exp.Select]:
        """The late events of a kind, or the late beginnings and ends of rows of a history."""
        task, events = self.script.task, self.pasts[event]
        moment, customer = (column(one, events.name) for one in (events.moment, events.customer))
        if task.index.events[event].past_of is None:
            yield _late_of(events, column(events.key, events.name), moment, table)
            return
        known = {
            one: column(term.expression.name, events.name) for one, term in events.fields.items()
        }
        for boundary, at in boundaries({**known, AT: moment}):
            own = mark(task.dialect, boundary, at.copy(), customer)
            yield _late_of(events, own, at, table)


def _late_of(events: Past, key: exp.Expr, since: exp.Expr, table: str) -> exp.Select:
    keys = exp.select("occurrence").from_(exp.table_(table, quoted=True))
    late = exp.In(this=key, query=exp.Subquery(this=keys))
    return (
        exp.select(
            exp.alias_(column(events.customer, events.name), "customer"),
            exp.alias_(since, SINCE),
        )
        .from_(exp.to_identifier(events.name))
        .where(late)
    )


def _in_time(dialect: Dialect) -> exp.Ordered:
    """The order of moments, none of which is NULL: as the engine has it without a word."""
    small = Engine.get_or_raise(dialect.sqlglot).NULL_ORDERING == "nulls_are_small"
    return exp.Ordered(this=column("moment"), nulls_first=small)


def _before(asked: Mapping[datetime, Asked], now: datetime) -> datetime | None:
    return asked[now].before if now in asked else None
