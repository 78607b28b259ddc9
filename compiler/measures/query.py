"""The statement: for every campaign and variant the counts, totals and moments of its measures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations_with_replacement
from typing import Literal

from sqlglot import exp

from ..dialects.common.terms import all_true, column, number
from ..dialects.registry import dialect_of
from ..plan import Plan
from ..plan.demands import Index
from ..plan.due import Due
from ..sql.ctes import Script, Statement, Task
from ..sql.statement import deep, names_of, rendered
from .asks import After, Asks, Reached
from .counted import Columns, Stretch, by_event, counted
from .exposed import exposed as exposures
from .staged import Staged, occasion, staged

When = Literal["after", "before"]


@dataclass(frozen=True, slots=True)
class Happened:
    """So many customers with such events: after the exposure, before it, or both."""

    of: After
    when: Literal["after", "before", "both"]


@dataclass(frozen=True, slots=True)
class Total:
    """The exact total of a count or sum over all customers."""

    of: After
    when: When


@dataclass(frozen=True, slots=True)
class Product:
    """The sum over all customers of the product of two of their totals."""

    one: tuple[After, When]
    other: tuple[After, When]


@dataclass(frozen=True, slots=True)
class Successes:
    """So many customers who came to a stage."""

    of: Reached


Figure = Happened | Total | Product | Successes


@dataclass(frozen=True, slots=True)
class MeasureQuery:
    """A statement with a row a campaign and variant: their numbers, the customers, and `figures`.

    A variant in which nobody is has no row.
    """

    sql: str
    figures: tuple[Figure, ...]


def measure_query(
    plan: Plan,
    asks: Asks,
    stretch: tuple[datetime, datetime],
    dialect: str = "duckdb",
    kept: str | None = None,
) -> MeasureQuery:
    """The measures of campaigns over the exposures in `kept`; see `exposed`.

    `stretch`: events from its first instant to its last, the question's, are read.
    """
    with deep():
        engine = dialect_of(dialect)
        index, names = Index(plan), names_of(plan, engine, [])
        task = Task(index, (), None, Due(*stretch), engine, names)
        script = Script(task, Statement(engine, names))
        made = _Made.of(script, asks, Stretch(*stretch), kept)
        shown = dict(made.figures(asks))
        titles = [
            exp.alias_(value, f"figure_{place}") for place, value in enumerate(shown.values())
        ]
        where = made.exposed
        select = exp.select(
            column("campaign", where),
            column("variant", where),
            exp.alias_(exp.Count(this=exp.Star()), "customers"),
            *titles,
        ).from_(exp.to_identifier(where))
        select = made.joined(select).group_by(column("campaign", where), column("variant", where))
        title = f"measures of {len(asks.campaigns)} campaigns of {plan.project}"
        query = script.statement.query(select, title)
        return MeasureQuery(rendered(query, engine, plan).sql, tuple(shown))


@dataclass(frozen=True, slots=True)
class _Made:
    """The relations that the last SELECT joins."""

    script: Script
    exposed: str
    counts: tuple[str, ...]
    columns: dict[After, tuple[str, Columns]]
    stages: Staged | None
    slots: tuple[int, ...]

    @staticmethod
    def of(script: Script, asks: Asks, stretch: Stretch, kept: str | None) -> _Made:
        """Add the relations to the statement."""
        where = exposures(script.statement, asks.slots, kept)
        found: dict[After, tuple[str, Columns]] = {}
        names: list[str] = []
        for event, asked in by_event(asks.counts()):
            table = script.task.index.events[event]
            one = counted(script, where, table, asked, stretch)
            names.append(one.name)
            found |= {after: (one.name, columns) for after, columns in one.columns.items()}
        successes = asks.successes()
        stages = staged(script, where, successes, stretch) if successes else None
        slots = tuple(sorted({0, *(one.slot for one in successes)})) if successes else ()
        return _Made(script, where, tuple(names), found, stages, slots)

    def joined(self, select: exp.Select) -> exp.Select:
        """All relations joined to the exposures, which stay whole."""
        for name in self.counts:
            same = exp.EQ(this=column("unit", name), expression=column("unit", self.exposed))
            select = select.join(exp.to_identifier(name), on=same, join_type="left")
        for slot in self.slots:
            if self.stages is None:
                continue
            name = f"stage_at_{slot}"
            there = exp.alias_(exp.to_table(self.stages.name), name, table=True)
            key = occasion(self.script, self.exposed, slot)
            same = exp.EQ(this=column("occurrence", name), expression=key)
            select = select.join(there, on=same, join_type="left")
        return select

    def figures(self, asks: Asks) -> Iterator[tuple[Figure, exp.Expr]]:
        """Each figure with its aggregate."""
        for one in asks.happenings():
            after, before = (self._some(one, when) for when in ("after", "before"))
            yield Happened(one, "after"), _many(after)
            yield Happened(one, "before"), _many(before)
            yield Happened(one, "both"), _many(all_true(after.copy(), before.copy()))
        for parts in asks.revenues():
            values: list[tuple[After, When]] = [(one, "after") for one in parts]
            values += [(one, "before") for one in parts]
            for value in values:
                yield Total(*value), exp.Sum(this=self._value(*value))
            for left, right in combinations_with_replacement(values, 2):
                product = exp.Mul(this=self._double(*left), expression=self._double(*right))
                yield Product(left, right), exp.Sum(this=product)
        for success in asks.successes():
            yield Successes(success), _many(self._success(success))

    def _value(self, one: After, when: When) -> exp.Expr:
        name, columns = self.columns[one]
        found = columns.after if when == "after" else columns.before
        return exp.Coalesce(this=column(found, name), expressions=[number(0)])

    def _double(self, one: After, when: When) -> exp.Expr:
        return exp.Cast(this=self._value(one, when), to=exp.DataType.build("double"))

    def _some(self, one: After, when: When) -> exp.Expr:
        return exp.GT(this=self._value(one, when), expression=number(0))

    def _success(self, one: Reached) -> exp.Expr:
        assert self.stages is not None
        holds = self.stages.columns[one]
        now, then = (column(holds, f"stage_at_{slot}") for slot in (one.slot, 0))
        came = exp.EQ(this=now, expression=number(1))
        return all_true(came, exp.EQ(this=then, expression=number(0)))


def _many(holds: exp.Expr) -> exp.Expr:
    """The number of rows for which it holds; 0 of none."""
    return exp.Count(this=exp.Case().when(holds.copy(), number(1)))
