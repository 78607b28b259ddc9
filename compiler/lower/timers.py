"""Timers: what they are measured from, and what ends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, find_column, folded, origin
from ..check.literals import type_words
from ..check.scope import Scope
from ..codes import names
from ..codes import timers as words
from ..plan import Column, EventTable, Opening
from ..plan.expressions import (
    CLOCKED,
    Expression,
    Operation,
    Origin,
    RowValue,
    of_the_event_alone,
    walk,
)
from ..plan.types import DateType, TimestampType
from .declarations import rule


def starting_event(c: Context, node: tree.Moment) -> EventTable | None:
    """The event that a moment is of; `None` if it is of the customer, or of nothing.

    A field from which a timer is measured is known: without it there is no timer.
    """
    if node.anniversary:
        return None
    event = c.events.get((node.owner or node.name).text)
    if event is None or node.owner is None:
        return event
    known = (
        replace(one, optional=False) if one.name == node.name.text else one for one in event.fields
    )
    return replace(event, fields=tuple(known))


def timer(
    c: Context, node: tree.Timer, opening: Opening | None, at: Origin
) -> plan.TimerTrigger | None:
    """The timer; `None` after a mistake, which is reported."""
    moment = _moment(c, node.moment)
    if node.at is not None and node.length.unit in ("minute", "hour"):
        text = folded(node.length.span)
        c.report(words.CLOCK_OF_HOURS, node.at, text=text, clock=folded(node.at.span))
        return None
    if node.at is not None and node.at.value.second:
        c.report(words.CLOCK_WITH_SECONDS, node.at, right=f"at {node.at.value:%H:%M}")
        return None
    if moment is None or not _may_fire(c, node, moment):
        return None
    unless = None
    if node.unless is not None:
        unless = _unless(c, node.unless, starting_event(c, node.moment))
        if unless is None:
            return None
    span, is_before = plan.Span(node.length.count, node.length.unit), node.before
    if not span.count:
        # Nothing before and nothing after are one instant, in any unit.
        span, is_before = plan.Span(0, "day"), False
    clock = None if node.at is None else node.at.value
    return plan.TimerTrigger(span, is_before, moment, clock, unless, opening, at)


def _may_fire(c: Context, node: tree.Timer, moment: plan.Moment) -> bool:
    """Whether an instant after the event itself is possible; if not, that is reported."""
    if moment.of != "event":
        return True
    if node.length.count and not node.before:
        return True
    if not node.length.count and node.at is not None:
        return True
    c.report(words.NEVER_AFTER_EVENT, node, text=folded(node.span), event=moment.event or "")
    return False


# --- moments ------------------------------------------------------------------------------------


def _moment(c: Context, node: tree.Moment) -> plan.Moment | None:
    """The moment; `None` after a mistake, which is reported."""
    owner, name = node.owner, node.name
    if node.anniversary:
        if owner is not None and owner.text != "customer":
            c.report(words.ANNIVERSARY_OF_EVENT, node, text=folded(node.span))
            return None
        return _of_customer(c, name, "anniversary")
    if owner is None:
        return _of_name(c, name)
    if owner.text == "customer":
        return _of_customer(c, name, "customer_field")
    event = c.events.get(owner.text)
    if event is None:
        known = suggestions(owner.text, ("customer", *c.events))
        c.report(names.UNKNOWN_DECLARATION, owner, kind=names.EVENT, name=owner.text, **known)
        return None
    if name.text == "at":
        return plan.Moment("event", event.name, None)
    column = find_column(event.fields, name.text)
    if column is None:
        known = suggestions(name.text, (one.name for one in event.fields))
        c.report(names.UNKNOWN_FIELD, name, owner=event.name, name=name.text, **known)
        return None
    if not _is_time(c, name, column):
        return None
    return plan.Moment("event_field", event.name, column.name)


def _of_name(c: Context, name: tree.Name) -> plan.Moment | None:
    """The moment of a bare name: an event, or a field of the customer."""
    is_event, column = name.text in c.events, c.customer_field(name.text)
    if is_event and column is not None:
        c.report(words.AMBIGUOUS_MOMENT, name, name=name.text)
        return None
    if is_event:
        return plan.Moment("event", name.text, None)
    if column is not None:
        return _of_customer(c, name, "customer_field")
    known = suggestions(name.text, (*c.events, *(one.name for one in c.customer_fields)))
    c.report(words.UNKNOWN_MOMENT, name, name=name.text, **known)
    return None


def _of_customer(
    c: Context, name: tree.Name, of: Literal["customer_field", "anniversary"]
) -> plan.Moment | None:
    """The moment in a field of the customer, or its days of all years."""
    column = c.customer_field(name.text)
    if column is None:
        known = suggestions(name.text, (one.name for one in c.customer_fields))
        c.report(names.UNKNOWN_FIELD, name, owner="customer", name=name.text, **known)
        return None
    if column.name in c.past:
        c.report(words.MOMENT_WITH_PAST, name, name=column.name)
        return None
    return plan.Moment(of, None, column.name) if _is_time(c, name, column) else None


def _is_time(c: Context, name: tree.Name, column: Column) -> bool:
    """Whether a field is a date or an instant; if not, that is reported."""
    if isinstance(column.type, DateType | TimestampType):
        return True
    c.report(words.NO_MOMENT, name, name=column.name, type=type_words(column.type))
    return False


# --- what ends them -----------------------------------------------------------------------------


def _unless(c: Context, node: tree.Unless, event: EventTable | None) -> plan.Unless | None:
    """The event that ends the timer; `None` after a mistake, which is reported."""
    name = node.event
    if name.text not in c.events:
        known = suggestions(name.text, c.events)
        c.report(names.UNKNOWN_DECLARATION, name, kind=names.EVENT, name=name.text, **known)
        return None
    if event is None:
        c.report(words.UNLESS_WITHOUT_EVENT, node, event=name.text)
        return None
    where = None
    if node.where is not None:
        scope = Scope(event=event, row=c.events[name.text], asks_ledger=False)
        where = rule(c, node.where, scope)
        if where is None:
            return None
        if not _of_both_events(where):
            c.report(words.UNLESS_BY_OTHERS, node.where, text=folded(node.where.span))
            return None
    return plan.Unless(name.text, where, origin(node.span))


def _of_both_events(where: Expression) -> bool:
    """Whether the two events answer it by their own fields, at any time."""
    return all(
        isinstance(part, RowValue) or of_the_event_alone(part)
        for part in walk(where)
        if not isinstance(part, Operation) or part.operator in CLOCKED
    )
