"""Measures: from the clause to the plan."""

from __future__ import annotations

from typing import assert_never

from ....dsl import tree
from ... import plan
from ...check.context import Context, folded, origin
from ...check.expressions import stage_is
from ...codes.measuring import measures as words
from .events import event_named, where_of
from .revenue import revenue_parts


def measures(c: Context, node: tree.Campaign) -> tuple[plan.Measured, ...]:
    """The measures of a campaign in the order of the file, without those that have a mistake."""
    clause = next((one for one in node.clauses if isinstance(one, tree.Measures)), None)
    if clause is None:
        return ()
    if not clause.statements:
        c.report(words.MEASURES_NOTHING, clause, campaign=node.name.text)
    _report_twice(c, clause)
    found = (_measure(c, one) for one in clause.statements)
    return tuple(one for one in found if one is not None)


def _report_twice(c: Context, clause: tree.Measures) -> None:
    """Report a measure that is there twice; only one revenue can be held against the costs."""
    for place, one in enumerate(clause.statements):
        before = clause.statements[:place]
        second = isinstance(one, tree.Revenue) and any(
            isinstance(other, tree.Revenue) for other in before
        )
        if second or one in before:
            c.report(words.MEASURED_TWICE, one, text=folded(one.span))


def _measure(c: Context, node: tree.MeasureStatement) -> plan.Measured | None:
    at, within = origin(node.span), plan.Span(node.within.count, node.within.unit)
    if within.count <= 0:
        c.report(words.NO_WINDOW, node.within, text=folded(node.within.span))
        return None
    match node:
        case tree.Conversion(event, where):
            table = event_named(c, event)
            asked = None if table is None else where_of(c, where, table)
            if table is None or (where is not None and asked is None):
                return None
            return plan.Conversion(table.name, asked, within, at)
        case tree.Revenue(value):
            parts = revenue_parts(c, value)
            return None if parts is None else plan.Revenue(parts, within, at)
        case tree.Success(stage):
            condition = stage_is(c, stage, (stage,))
            return None if condition is None else plan.Success(condition, within, at)
        case tree.Guard():
            return _guard(c, node, within)
        case _:
            assert_never(node)


def _guard(c: Context, node: tree.Guard, within: plan.Span) -> plan.Guard | None:
    if node.most.value > 100:
        c.report(words.GUARD_OVER_ALL, node.most, text=folded(node.most.span))
        return None
    table = event_named(c, node.event)
    asked = None if table is None else where_of(c, node.where, table)
    if table is None or (node.where is not None and asked is None):
        return None
    share = node.most.value.scaleb(-2)
    return plan.Guard(share, table.name, asked, within, origin(node.span))
