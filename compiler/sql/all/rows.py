"""The rows of one step, with the columns that the rows of all steps have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...dialects.common.dialect import Dialect
from ...dialects.common.literals import as_text
from ...dialects.common.terms import Term, text
from ...plan import Plan
from ...plan.demands import Index
from ...plan.steps import StepKey
from ..ctes import Job, Script, Statement, Task
from ..decisions import Column, Tail
from ..journeys.answers import TO_RUN
from ..journeys.endings import endings
from ..journeys.occasions import occasions_of


def as_shared(dialect: Dialect, job: Job, tail: Tail, columns: Sequence[Column], base: int) -> Tail:
    """The rows of a step with the columns that the rows of all have."""
    names = zip(StepKey._fields, job.key, strict=True)
    shown: list[exp.Expr] = [exp.alias_(text(name), title) for title, name in names]
    shown += [exp.alias_(one.value, one.name, quoted=True) for one in columns[:base]]
    shown += [_cell(dialect, one, place) for place, one in enumerate(columns[base:])]
    tail.select.set("expressions", shown)
    return tail


def endings_of(
    plan: Plan, statement: Statement, job: Job, columns: Sequence[Column]
) -> tuple[Tail, Sequence[Column]]:
    """The decisions that a journey ends at a step, with the values of their columns."""
    task = Task.of_one(Index(plan), job, statement.dialect, statement.names)
    script = Script(task, statement)
    come = occasions_of(script, TO_RUN)
    if come is None:
        raise LookupError(f"{job.step.name} follows no step")
    tail = endings(script, job, come, columns)
    values = [one.this for one in tail.select.expressions]
    return tail, [replace(one, value=value) for one, value in zip(columns, values, strict=True)]


def _cell(dialect: Dialect, one: Column, place: int) -> exp.Expr:
    """The value of a column as text, which is what rows of all campaigns can have in one place."""
    shown = as_text(dialect, Term(one.value, one.type, optional=True))
    return exp.alias_(exp.cast(shown, dialect.text_type()), f"cell_{place}")
