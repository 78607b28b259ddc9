"""Absences: instances without a step or an event before they come to a step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from ...dialects.common.terms import Term, all_true, any_true, column, is_null
from ...plan import Unless
from ...plan.demands import Key
from ...plan.expressions import RowValue, walk
from ..columns import renamed
from ..comments import noted, place
from ..ctes import Script, restricted
from ..sources import Look, past
from ..translate import Scope, condition

INSTANCE = ("customer", "occurrence")
"""The columns by which an instance of a journey is known."""

MOMENT = "moment"
"""The column with the moment at which an instance comes to a step."""


def same_instance(one: str, other: str) -> exp.Expr:
    """The condition that rows of two CTEs are of the same instance."""
    return all_true(
        *(exp.EQ(this=column(name, other), expression=column(name, one)) for name in INSTANCE)
    )


def not_after(
    script: Script, come: str, other: str, at: str, *, or_at_once: bool, comment: str
) -> str:
    """The instances that come to a step, without those in the CTE `other` before.

    `at`: the column with the moment there. `or_at_once`: without those of the same moment too.
    """
    there, here = column(at, other), column(MOMENT, come)
    later = (exp.GT if or_at_once else exp.GTE)(this=there, expression=here)
    return _apart(script, come, other, [is_null(there.copy()), later], comment)


def after_none(
    script: Script,
    come: str,
    absent: Unless,
    since: exp.Expr,
    fields: Mapping[Key, Term],
    first: datetime | None,
) -> str:
    """The instances that come to a step, without those that had such an event since then.

    `fields`: those of the steps before it, as columns of `come`. `first`: no event is before.
    """
    task = script.task
    nodes = () if absent.where is None else walk(absent.where)
    asked = tuple(dict.fromkeys(one.field for one in nodes if isinstance(one, RowValue)))
    events = past(script, Look(absent.event, asked, first, task.due.end))
    at, now = column(events.moment, events.name), column(MOMENT, come)
    conditions: list[exp.Expr] = [
        exp.GT(this=at, expression=since),
        exp.LTE(this=at.copy(), expression=now),
    ]
    if absent.where is not None:
        rows = {
            ("row", name): renamed(term, term.expression.name, events.name)
            for name, term in events.fields.items()
        }
        scope = Scope(task.context(now), {**fields, **rows})
        conditions.append(condition(absent.where, scope))
    same = exp.EQ(this=column(events.customer, events.name), expression=column("customer", come))
    select = exp.select(*(column(name, come) for name in INSTANCE)).distinct()
    select = select.from_(exp.to_identifier(come)).join(exp.to_identifier(events.name), on=same)
    comment = f"unless: {place(absent.origin)}"
    missed = script.add("missed", restricted(select, conditions), comment)
    return _apart(script, come, missed, [is_null(column("customer", missed))], comment)


def _apart(script: Script, come: str, other: str, either: list[exp.Expr], comment: str) -> str:
    """The rows of `come` for whose instance there is nothing in `other`, or this holds."""
    select = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(come)))
    select = select.from_(exp.to_identifier(come))
    same = same_instance(come, other)
    select = select.join(exp.to_identifier(other), on=same, join_type="left")
    conditions = either if len(either) == 1 else [exp.Paren(this=any_true(*either))]
    return script.add("remaining", noted(restricted(select, conditions), ""), comment)
