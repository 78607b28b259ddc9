"""The events of a measure, and the conditions on them, which ask an event alone."""

from __future__ import annotations

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, folded
from ...check.scope import Scope
from ...codes import names
from ...codes.measuring import measures as words
from ...plan.expressions import Expression, of_the_event_alone
from ..declarations import rule


def event_named(c: Context, name: tree.Name) -> plan.EventTable | None:
    """The event of that name; `None` if there is none, which is reported."""
    found = c.events.get(name.text)
    if found is None:
        known = suggestions(name.text, c.events)
        c.report(names.UNKNOWN_DECLARATION, name, kind=names.EVENT, name=name.text, **known)
    return found


def where_of(c: Context, node: tree.Expression | None, event: plan.EventTable) -> Expression | None:
    """The condition on an event; `None` without one, or after a mistake, which is reported."""
    if node is None:
        return None
    condition = rule(c, node, Scope(row=event, asks_ledger=False))
    if condition is not None and not of_the_event_alone(condition):
        c.report(words.MEASURED_BY_OTHERS, node, text=folded(node.span), event=event.name)
        return None
    return condition
