"""Proofs from the catalog's ranges that a divisor is never zero, so that a quotient is known."""

from __future__ import annotations

from collections.abc import Callable

from ..plan.all_expressions import Written, columns_of
from ..plan.expressions import Expression
from ..proofs.intervals import Intervals
from .context import Context
from .scope import Scope


def never_zero(c: Context, scope: Scope) -> Callable[[Expression], bool]:
    """Whether a number that is written in this scope is never zero."""
    event = None if scope.event is None else scope.event.name
    past = None if scope.row is None else scope.row.name

    def proved(node: Expression) -> bool:
        columns = columns_of(c.customers, c.events.values(), c.features)
        found = Intervals(columns).of(node, Written(node, "value", event, past))
        return found is not None and not found.low <= 0 <= found.high

    return proved
