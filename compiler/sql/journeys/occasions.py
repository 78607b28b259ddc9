"""The occasions of a later step: who comes to it in the period, while the journey lasts."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from ...dialects.common.terms import all_true, any_true, column, text
from ...plan import Step
from ...plan.steps import followed_by, held_open_by
from ..comments import noted
from ..ctes import Script, restricted
from ..sources import Past
from .absences import MOMENT
from .answers import Answers
from .endings import broken_at
from .ways import Way


def occasions_of(script: Script, answers: Answers) -> Past | None:
    """The occasions of a later step; `None` for a step that follows nothing."""
    job = script.task.jobs[0]
    if not job.is_later:
        return None
    way = Way(script, job.campaign, job.due, answers)
    come = way.come(job.step)
    for other in job.campaign.steps:
        if _may_end(way, other, job.step):
            stopped = _end(way, other)
            if stopped is not None:
                come = way.before(job.step, come, other, stopped, MOMENT)
    select = exp.select(exp.Star()).from_(exp.to_identifier(come.name))
    due = restricted(select, [_is_due(script, come)])
    return replace(come, name=script.add("come", due, "in the period asked for"))


def _is_due(script: Script, come: Past) -> exp.Expr:
    """The condition that a moment is in the period, or is a late one that is due too."""
    due, dialect = script.task.due, script.task.dialect
    start, end = dialect.timestamp(due.start), dialect.timestamp(due.end)
    moment = column(MOMENT, come.name)
    within = exp.Between(this=moment, low=start, high=end)
    if due.late_table is None:
        return noted(within, "the period asked for")
    name = dialect.joined(
        column("occurrence", come.name), text("|"), dialect.instant_text(moment.copy())
    )
    keys = exp.select("occurrence").from_(exp.table_(due.late_table, quoted=True))
    late = all_true(
        exp.LT(this=moment.copy(), expression=start.copy()),
        exp.In(this=name, query=exp.Subquery(this=keys)),
    )
    return exp.Paren(this=any_true(within, late))


# --- the end of an instance ---------------------------------------------------------------------


def _may_end(way: Way, other: Step, step: Step) -> bool:
    """Whether an instance may end with another step before it comes to this one.

    Where the ledger has the last word on what was reached, an end counts only if it follows
    nothing but what this step follows too.
    """
    if other.follows is None or other is step:
        return False
    before = followed_by(way.campaign, other)
    if step.name in before:
        return False
    sure = set(before) <= set(followed_by(way.campaign, step))
    return way.answers.reached or (sure and not other.follows.unless_reached)


def _end(way: Way, other: Step) -> str | None:
    """The CTE of the instances that end with a step; `None` if none does."""
    if other.follows is not None and other.follows.leaves:
        return way.come(other).name
    index = way.script.task.index
    during = held_open_by(way.campaign, other)
    asked = [one for one in during if way.answers.grants or not index.asks_ledger(one)]
    if not asked:
        return None
    return way.once(
        ("broken", other.name), lambda: broken_at(way.part(other), way.come(other), asked)
    )
