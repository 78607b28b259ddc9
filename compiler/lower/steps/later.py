"""The triggers of later steps: an event, or a time after a step."""

from __future__ import annotations

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, folded, origin
from ...check.scope import Scope
from ...codes import journeys as words
from ...codes import names, timers
from ...plan.expressions import of_the_event_alone
from .. import patterns
from ..declarations import rule
from ..rewards import day_of_month, months_later


def later_trigger(
    c: Context, node: tree.JourneyStep, scope: Scope
) -> plan.EventTrigger | plan.SpanAfterStep | plan.DayAfterStep | None:
    """The trigger of a later step; `None` after a mistake, which is reported."""
    form, at = node.form, origin(node.form.span)
    match form:
        case tree.OnEvent():
            return _on_event(c, form, scope)
        case tree.DayAfterStep(day, months, step, clock):
            return plan.DayAfterStep(
                step.text, day_of_month(c, day), months_later(c, months), clock.value, at
            )
        case tree.Timer() if form.moment.owner is None and not form.moment.anniversary:
            return _after_step(c, form)
        case _:
            first = next(iter(scope.steps), node.name.text)
            told = folded(form.span)
            c.report(words.LATER_ON_SCHEDULE, form, name=node.name.text, text=told, first=first)
            return None


def _on_event(c: Context, form: tree.OnEvent, scope: Scope) -> plan.EventTrigger | None:
    event = c.events.get(form.event.text)
    if event is None:
        name = form.event
        known = suggestions(name.text, c.events)
        c.report(names.UNKNOWN_DECLARATION, name, kind=names.EVENT, name=name.text, **known)
        return None
    where = rule(c, form.where, scope) if form.where is not None else None
    if form.where is not None and where is not None and not of_the_event_alone(where):
        c.report(words.WHERE_ASKS_OTHERS, form.where, text=folded(form.where.span))
        return None
    pattern = None
    if form.pattern is not None:
        group, pattern = patterns.awaited(c, form.pattern, event)
        if group is not None:
            c.report(words.NOT_A_LATER_GROUP, form.pattern, text=folded(form.pattern.span))
            return None
        if pattern is None:
            return None
    return plan.EventTrigger(event.name, where, None, origin(form.span), None, pattern=pattern)


def _after_step(c: Context, form: tree.Timer) -> plan.SpanAfterStep | None:
    """So long after a step. Before one nobody knows that it will be taken."""
    step, span = form.moment.name.text, plan.Span(form.length.count, form.length.unit)
    if form.before or (not span.count and form.at is None):
        c.report(words.NEVER_AFTER_STEP, form, text=folded(form.span), step=step)
        return None
    if form.at is not None and span.unit in ("minute", "hour"):
        text = folded(form.length.span)
        c.report(timers.CLOCK_OF_HOURS, form.at, text=text, clock=folded(form.at.span))
        return None
    clock = None if form.at is None else form.at.value
    return plan.SpanAfterStep(step, span, clock, origin(form.span))
