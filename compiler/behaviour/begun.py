"""How a statement about customers and their events begins, up to an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.names import Names
from ..dialects.common.terms import all_true, any_true, column, is_null, number
from ..dialects.registry import dialect_of
from ..plan import Plan
from ..plan.data import CANCELLED
from ..plan.demands import Index
from ..plan.due import Due
from ..plan.types import INTEGER
from ..sql import columns
from ..sql.ctes import Script, Statement, Task
from ..sql.sources import Look, Past, past
from ..sql.statement import Written, deep, names_of, rendered


@dataclass(frozen=True, slots=True)
class Begun:
    """A statement under construction. `at`: what happened later is not known (aware, UTC)."""

    plan: Plan
    at: datetime
    dialect: Dialect
    script: Script

    @staticmethod
    def of(plan: Plan, at: datetime, dialect: str) -> Begun:
        """The beginning of a statement."""
        engine = dialect_of(dialect)
        names = names_of(plan, engine, ())
        task = Task(Index(plan), (), None, Due(at, at, (at,)), engine, names)
        return Begun(plan, at, engine, Script(task, Statement(engine, names)))

    @property
    def names(self) -> Names:
        """The names that are given out."""
        return self.script.task.names

    def add(self, wish: str, select: exp.Query, comment: str) -> str:
        """One more CTE, under the name it gets."""
        return self.script.add(wish, select, comment)

    def events(self, event: str, *fields: str) -> Past:
        """The CTE of all events of a kind."""
        found = next(one for one in self.plan.events if one.name == event)
        more = () if found.cancelled_by is None else (CANCELLED,)
        return past(self.script, Look(event, (*fields, *more), None, self.at))

    def counts(self, events: Past) -> exp.Expr:
        """The condition that an event has happened, and is not cancelled by then."""
        now = self.dialect.timestamp(self.at)
        happened = exp.LTE(this=column(events.moment, events.name), expression=now)
        cancelled = events.fields.get(CANCELLED)
        if cancelled is None:
            return happened
        since = column(cancelled.expression.name, events.name)
        later = exp.GT(this=since, expression=now.copy())
        return all_true(happened, any_true(is_null(since.copy()), later))

    def seconds(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """From one instant to another, both cut to whole seconds, as a 64-bit integer."""
        days = self.dialect.days_between(self.dialect.date_of(start), self.dialect.date_of(end))
        integer = self.dialect.type_of(INTEGER)

        def clock(moment: exp.Expr) -> exp.Expr:
            parts: list[exp.Expr] = []
            for unit, size in (("HOUR", 3600), ("MINUTE", 60), ("SECOND", 1)):
                found = exp.Extract(this=exp.var(unit), expression=moment.copy())
                whole = exp.cast(exp.Floor(this=found), integer)
                parts.append(exp.Mul(this=whole, expression=number(size)))
            first, *others = parts
            for other in others:
                first = exp.Add(this=first, expression=other)
            return exp.Paren(this=first)

        whole = exp.Mul(this=exp.Paren(this=days), expression=number(86_400))
        later = exp.Add(this=whole, expression=clock(end))
        return exp.cast(exp.Sub(this=later, expression=clock(start)), integer)

    def customers(self, *fields: str) -> str:
        """The CTE of all customers with these fields, under their own names."""
        own = self.plan.customers
        known = {one.name: one for one in own.fields}
        shown = [
            exp.alias_(columns.typed(self.dialect, known[one]), self.field(one)) for one in fields
        ]
        key = exp.alias_(columns.key_text(self.dialect, own.key), "customer")
        return self.add("people", exp.select(key, *shown).from_(columns.table(own.table)), "")

    def field(self, name: str) -> str:
        """The column of a customer's field."""
        return self.names.give(("customer", name), f"customer_{name}")

    def day(self, moment: exp.Expr) -> exp.Expr:
        """The day of an instant, on the project's calendar."""
        return self.dialect.date_of(self.dialect.clock(self.plan.time_zone, moment))

    def month(self, day: exp.Expr) -> exp.Expr:
        """The first day of a day's month."""
        first = self.dialect.truncated("month", self.dialect.midnight(day))
        return self.dialect.date_of(first)

    def written(self, last: exp.Select, title: str) -> Written:
        """The whole statement as text."""
        with deep():
            return rendered(
                self.script.statement.query(last, title, share=True), self.dialect, self.plan
            )
