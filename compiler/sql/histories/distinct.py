"""Distinct counts at instants that are literals, in one grouping for all windows.

A customer had a value in a window that ends now if the value's last event is in the window. So
events are grouped by customer and value, and each window counts the values whose last event is late
enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlglot import exp

from ...dialects.common.terms import Term, all_true, column, is_null
from ...plan import CalendarWindow, EventAggregate, Window
from ...plan.demands import Key
from ...plan.expressions import Expression, RowValue
from ...plan.types import INTEGER
from ..columns import renamed
from ..comments import places
from ..ctes import Relation, Statement, restricted
from ..sources import Past
from ..translate import Scope, condition, value
from ..windows import inside, known_bounds
from .at_instant import Asking, reached, until
from .joined import COUNT_WHOLE


def of_different(one: Asking) -> Expression | None:
    """The value of which the different ones are counted; `None` for other histories."""
    feature = one.feature
    if isinstance(feature, EventAggregate) and feature.function == "count_distinct":
        return feature.value if isinstance(feature.value, RowValue) else None
    return None


def different(statement: Statement, some: Sequence[Asking], past: Past) -> tuple[str, list[Term]]:
    """Distinct counts for the customers with any value in reach; all count the same expression."""
    first, last = some[0], max(one.instant for one in some)
    expression = of_different(first)
    if expression is None:
        raise TypeError(f"{first.feature.id} counts no different values")
    rows = {("row", field): term for field, term in past.fields.items()}
    moment, event, give = column(past.moment), first.feature.event, statement.names.give
    dialect = statement.dialect
    term = value(expression, Scope(first.task.context(moment), rows))
    kept = give(("different", event, expression), f"{event}_value")
    names: dict[tuple[datetime, Window | None, Expression | None], str] = {}
    shown: list[exp.Expr] = []
    counts: list[exp.Expr] = []
    terms: list[Term] = []
    for one in some:
        feature = one.feature
        # Windows that end now differ in their beginning alone.
        ended = feature.window if _ends_before(feature.window) else None
        looked = (one.instant, ended, feature.where)
        if looked not in names:
            names[looked] = give(("different", event, expression, looked), f"{event}_last")
            parts = _last(one, ended, past, rows, last)
            seen: exp.Expr = exp.Max(this=moment.copy())
            if parts:
                seen = dialect.filtered(seen, all_true(*parts))
            shown.append(exp.alias_(seen, names[looked], copy=False))
        name = one.task.name(one.key, feature.id)
        counted: exp.Expr = exp.Count(this=column(names[looked]))
        within = _inside(one, feature.window, column(names[looked]))
        if within is not None:
            counted = dialect.filtered(counted, within)
        counts.append(exp.alias_(counted, name, copy=False))
        terms.append(renamed(Term(counted, INTEGER, False, COUNT_WHOLE), name))
    key = dialect.ordered(term.expression, term.type)
    select = exp.select(
        exp.alias_(column(past.customer), "customer"), exp.alias_(key, kept), *shown
    ).from_(exp.to_identifier(past.name))
    stretch = [until(statement, moment, last), reached(statement, some, moment)]
    if term.optional:
        stretch.append(exp.Not(this=is_null(term.expression.copy())))
    select = restricted(select, (one for one in stretch if one is not None))
    select = select.group_by(column(past.customer), key.copy())
    origins = places(one.feature.origin for one in some)
    made = statement.add(f"values_{event}", select, f"when each value of {event} was last")
    counting = exp.select("customer", *counts).from_(exp.to_identifier(made)).group_by("customer")
    comment = f"different values of {event}: {origins}"
    return statement.add(f"different_{event}", counting, comment), terms


def _ends_before(window: Window | None) -> bool:
    return isinstance(window, CalendarWindow) and window.previous


def _last(
    one: Asking,
    ended: Window | None,
    past: Past,
    rows: Mapping[Key, Term],
    last: datetime,
) -> list[exp.Expr]:
    """The conditions on the events from which a value's last instant is taken."""
    moment = column(past.moment)
    context = one.task.context(moment)
    parts: list[exp.Expr] = []
    if one.instant != last:
        parts.append(exp.LTE(this=moment.copy(), expression=context.now.copy()))
    within = _inside(one, ended, moment)
    if within is not None:
        parts.append(within)
    if one.feature.where is not None:
        parts.append(condition(one.feature.where, Scope(context, rows)))
    return parts


def _inside(one: Asking, window: Window | None, moment: exp.Expr) -> exp.Expr | None:
    """The condition that an instant is in the window."""
    if window is None:
        return None
    bounds = known_bounds(window, one.task.context(moment))
    return inside(one.task, window, Relation("", bounds), moment, None)
