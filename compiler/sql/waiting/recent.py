"""Counting events in a window that moves along with them: `reaching 5 times within 30 days`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...dialects.common.terms import column, number
from ...plan import Span
from ...plan.values import Length
from ..ctes import Script
from .counting import Columns, context_of, since

EARLIER = "earlier"
_SHORTEST = {"day": 24, "week": 7 * 24, "month": 28 * 24, "year": 365 * 24}
_LONGEST = {"day": 24, "week": 7 * 24, "month": 31 * 24, "year": 366 * 24}
_CLOCK_CHANGES = 48  # hours: more than any zone has ever moved its clocks


def with_enough(
    script: Script,
    counted: str,
    columns: Columns,
    calendar: Sequence[exp.Expr],
    earlier: exp.Expr,
    within: Span,
    enough: str,
) -> str:
    """The CTE of the events, with 1 as `enough` where `earlier` lies in the window of the event.

    `earlier` is the moment of the customer's event so many before it: all between lie in the
    window too. Joining each event with those before it, as a sum does, takes more than
    twice as long where a customer has 20 events (`bench/pattern.py`).
    """
    kept = [*columns.of(), *calendar]
    select = exp.select(*(one.copy() for one in kept), exp.alias_(earlier, EARLIER))
    name = script.add("earlier", select.from_(exp.to_identifier(counted)), "so many before it")

    is_in = exp.Case()
    for condition, answer in _conditions(script, column(columns.moment), within):
        is_in = is_in.when(condition, number(answer))
    select = exp.select(*kept, exp.alias_(is_in.else_(number(0)), enough))
    select = select.from_(exp.to_identifier(name))
    return script.add("measured", select, "whether there is enough with each event")


def _conditions(script: Script, moment: exp.Expr, within: Span) -> Sequence[tuple[exp.Expr, int]]:
    """The conditions in turn, each with whether the earlier event is in the window then.

    Days and months go by the clock of the project's zone. Asking it of each event makes the query
    1.5 times slower (`bench/pattern.py`), so only events near the edge of the window do.
    """
    task, earlier = script.task, column(EARLIER)
    exact = exp.GT(this=earlier, expression=since(context_of(task, moment), within)), 1
    if within.unit in ("minute", "hour"):
        return [exact]

    def ago(hours: int) -> exp.Expr:
        return task.dialect.moved(moment.copy(), Length(hours, "hour"), -1)

    shortest = max(0, within.count * _SHORTEST[within.unit] - _CLOCK_CHANGES)
    longest = within.count * _LONGEST[within.unit] + _CLOCK_CHANGES
    return [
        (exp.GT(this=earlier.copy(), expression=ago(shortest)), 1),
        (exp.LTE(this=earlier.copy(), expression=ago(longest)), 0),
        exact,
    ]
