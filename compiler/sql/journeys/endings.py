"""The instances that end at a later step, since a condition of `while` is false there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...dialects.common.terms import all_true, column
from ...plan import LedgerFeature
from ...plan.demands import Index, Key
from ...plan.expressions import Expression
from ...plan.steps import held_open_by
from ..comments import noted, places
from ..ctes import Job, Relation, Script, Task, restricted
from ..decisions import ENDED_COLUMN, Column, Tail
from ..facts import Needs, candidates
from ..sources import Past
from ..translate import condition
from .absences import INSTANCE, MOMENT


def broken_at(script: Script, come: Past, during: Sequence[Expression]) -> str:
    """The CTE of the instances for which a condition does not hold as they come to a step."""
    relation = candidates(script, Needs((), during, ()), come)
    select = exp.select(*map(column, (*INSTANCE, MOMENT)))
    select = select.from_(exp.to_identifier(relation.name))
    comment = f"for whom it ends at {script.task.jobs[0].step.name}"
    broken = _is_broken(script.task, relation, during)
    return script.add("ended", restricted(select, [broken]), comment)


def endings(script: Script, job: Job, come: Past, columns: Sequence[Column]) -> Tail:
    """The decisions that an instance ends at a step, with the columns of its other decisions.

    If the ledger has a say in it, every instance that comes to the step is there, with NULL for
    whether it ends.
    """
    index, dialect = script.task.index, script.task.dialect
    during = held_open_by(job.campaign, job.step)
    answered = [one for one in during if not index.asks_ledger(one)]
    asked = _facts(index, [one for one in during if index.asks_ledger(one)])
    relation = candidates(script, Needs((), answered, asked), come)
    broken = _is_broken(script.task, relation, answered) if answered else exp.false()
    is_open = len(answered) < len(during)
    known: dict[str, exp.Expr] = {
        "customer": column("customer"),
        "recipient": column("customer"),
        "occurrence": column("occurrence"),
        "at": column(MOMENT),
        "held_out": exp.false(),
        ENDED_COLUMN: exp.Case().when(broken.copy(), exp.true()) if is_open else exp.true(),
        **{"_".join(key): relation.terms[key].expression.copy() for key in asked},
    }
    nothing = {
        one.name: exp.cast(exp.Null(), dialect.type_of(one.type))
        for one in columns
        if one.name not in known
    }
    values = {**nothing, **known}
    shown = (exp.alias_(values[one.name], one.name, quoted=True) for one in columns)
    select = exp.select(*shown).from_(exp.to_identifier(relation.name))
    select = select if is_open else restricted(select, [broken])
    select = noted(select, f"while: {places(one.origin for one in during)}")
    return Tail(select, column(MOMENT), None, column("occurrence"), column("customer"), None)


def _facts(index: Index, conditions: Sequence[Expression]) -> list[Key]:
    """The facts that the runtime reads for conditions in which the ledger has a say."""
    return [
        (kind, name)
        for kind, name in index.closure(conditions)
        if kind == "feature" and not isinstance(index.features[name], LedgerFeature)
    ]


def _is_broken(task: Task, relation: Relation, during: Sequence[Expression]) -> exp.Expr:
    """The condition that one of these is false, or unknown."""
    scope = relation.scope(task)
    held = [exp.Coalesce(this=condition(one, scope), expressions=[exp.false()]) for one in during]
    return exp.Not(this=exp.Paren(this=all_true(*held)))
