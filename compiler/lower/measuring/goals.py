"""Goals with a target, and the peak of a campaign."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, find_column, folded, origin
from ...check.literals import type_words
from ...codes import names
from ...codes.measuring import goals as words
from ...plan.types import MoneyType
from ..clauses.active import stretch

CUSTOMERS = ("customers", "customer")
"""The words for customers to whom something was granted; any other word is an event's name."""

NodeT = TypeVar("NodeT", bound=tree.Node)


def goal_of(node: tree.Campaign) -> str | None:
    """The name of the campaign's goal."""
    goal = _clause(node, tree.Goal)
    return goal.name.text if goal else None


def target(c: Context, node: tree.Campaign) -> plan.Target | None:
    """The target of the campaign's goal; `None` without one, or after a mistake."""
    goal = _clause(node, tree.Goal)
    match goal and goal.target:
        case tree.GoalCount() as count:
            return _count(c, count)
        case tree.GoalSum() as total:
            return _sum(c, total)
        case _:
            return None


def _count(c: Context, node: tree.GoalCount) -> plan.Target | None:
    value, counted = node.number.value, node.counted.text
    if value != int(value):
        c.report(words.GOAL_NOT_WHOLE, node.number, found=folded(node.number.span))
        return None
    if not value:
        c.report(words.GOAL_OF_NOTHING, node, found=folded(node.span))
        return None
    if counted in CUSTOMERS:
        return plan.Target("customers", value, origin(node.span))
    if counted not in c.events:
        known = suggestions(counted, (*c.events, CUSTOMERS[0]))
        c.report(names.UNKNOWN_DECLARATION, node.counted, kind=names.EVENT, name=counted, **known)
        return None
    return plan.Target("events", value, origin(node.span), counted)


def _sum(c: Context, node: tree.GoalSum) -> plan.Target | None:
    owner, field = node.of.owner.text, node.of.field.text
    event = c.events.get(owner)
    if event is None:
        known = suggestions(owner, c.events)
        c.report(names.UNKNOWN_DECLARATION, node.of.owner, kind=names.EVENT, name=owner, **known)
        return None
    column = find_column(event.fields, field)
    if column is None:
        known = suggestions(field, (one.name for one in event.fields))
        c.report(names.UNKNOWN_FIELD, node.of.field, owner=owner, name=field, **known)
        return None
    amount, currency = node.money.amount, node.money.currency
    if not amount:
        c.report(words.GOAL_OF_NOTHING, node, found=folded(node.span))
        return None
    if column.type != MoneyType(currency):
        of, kind = folded(node.of.span), type_words(column.type)
        c.report(words.GOAL_OF_ANOTHER_TYPE, node.of, currency=currency, of=of, type=kind)
        return None
    return plan.Target("money", amount, origin(node.span), owner, field, currency)


def peak(
    c: Context, node: tree.Campaign, start: datetime | None, end: datetime | None
) -> plan.Peak | None:
    """The peak, inside of the active period; `None` without the clause."""
    clause = _clause(node, tree.Peak)
    if clause is None:
        return None
    first, last = stretch(c, clause)
    active = _clause(node, tree.Active)
    if active and start and end and start <= end and (first < start or last > end):
        period = f"{folded(active.start.span)} to {folded(active.end.span)}"
        days = f"{folded(clause.start.span)} to {folded(clause.end.span)}"
        c.report(words.PEAK_OUTSIDE, clause, peak=days, active=period)
    return plan.Peak(first, last, origin(clause.span))


def _clause(node: tree.Campaign, kind: type[NodeT]) -> NodeT | None:
    return next((clause for clause in node.clauses if isinstance(clause, kind)), None)
