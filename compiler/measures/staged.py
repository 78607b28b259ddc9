"""The stage of each exposed customer at the exposure, and at the ends of windows.

These are occasions like those of a later step of a journey, so that stages are computed by what
computes them everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ..dialects.common.terms import column, number, text
from ..plan import SpanAfterStep, Step
from ..plan.due import Due
from ..plan.expressions import Origin
from ..plan.triggers import Following
from ..plan.types import INTEGER
from ..plan.value import Span
from ..sql.ctes import Job, Script, Task
from ..sql.everybody import asking_everybody
from ..sql.facts import Needs, candidates
from ..sql.sources import Past
from ..sql.translate import condition
from .asks import Reached
from .counted import Stretch

_ORIGIN = Origin("measure", 1, 1, "measure")


@dataclass(frozen=True, slots=True)
class Staged:
    """The CTE with a row an exposure and instant, and a column a condition: 1 where it holds."""

    name: str
    columns: dict[Reached, str]


def staged(script: Script, exposed: str, asked: Sequence[Reached], stretch: Stretch) -> Staged:
    """The conditions of all successes at their instants."""
    task = script.task
    job = _job(stretch)
    moments = sorted({0, *(one.slot for one in asked)})
    every = [_occasions(script, exposed, slot) for slot in moments]
    union: exp.Query = every[0]
    for other in every[1:]:
        union = exp.union(union, other, distinct=False, copy=False)
    name = script.add("asked_then", union, "each exposure, and the ends of its windows")
    come = Past(name, "asked_key", "customer", "asked_at", {})
    inner = Script(Task.of_one(task.index, job, task.dialect, task.names), script.statement)
    conditions = tuple(dict.fromkeys(one.condition for one in asked))
    relation = candidates(inner, Needs((), conditions, ()), come)
    scope = relation.scope(inner.task)
    names = {one: task.names.give(("holds", one), "in_stage") for one in conditions}
    shown = [
        exp.alias_(exp.Case().when(condition(one, scope), number(1)).else_(number(0)), names[one])
        for one in conditions
    ]
    select = relation.select(inner.task, shown)
    made = script.add("staged", select, "whether each is in the stage")
    return Staged(made, {one: names[one.condition] for one in asked})


def occasion(script: Script, exposed: str, slot: int) -> exp.Expr:
    """The key of an exposure at an instant: `17:2`."""
    unit = script.task.dialect.value_text(column("unit", exposed), INTEGER)
    return script.task.dialect.joined(unit, text(f":{slot}"))


def _occasions(script: Script, exposed: str, slot: int) -> exp.Select:
    moment = "exposed_at" if slot == 0 else f"until_{slot}"
    return exp.select(
        column("customer", exposed),
        exp.alias_(occasion(script, exposed, slot), "asked_key"),
        exp.alias_(column(moment, exposed), "asked_at"),
    ).from_(exp.to_identifier(exposed))


def _job(stretch: Stretch) -> Job:
    """A step that comes to whatever occasions it is handed."""
    trigger = SpanAfterStep("exposure", Span(1, "day"), None, _ORIGIN)
    follows = Following(("exposure",), None, (), None, _ORIGIN)
    step = Step("measure", trigger, None, (), (), _ORIGIN, follows)
    campaign = asking_everybody("measure", "measure", stretch.at, _ORIGIN)
    return Job(replace(campaign, steps=(step,)), step, Due(stretch.since, stretch.at))
