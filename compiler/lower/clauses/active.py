"""The active period, and other stretches of days: first and last instant, both in, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from ....dsl import tree
from ...check.context import Context, folded
from ...codes import types as type_words
from ...plan.calendar import at_clock


def first_day(node: tree.Active | None) -> date | None:
    """The first day on which it is active, on the project's calendar; `None` if it always is."""
    match node and node.start:
        case tree.TimestampLiteral(value):
            return value.date()
        case tree.DateLiteral(value):
            return value
        case _:
            return None


def active(c: Context, node: tree.Active | None) -> tuple[datetime | None, datetime | None]:
    """First and last instant, both in, in UTC; a date as the end means the whole day."""
    return (None, None) if node is None else stretch(c, node)


def stretch(c: Context, node: tree.Active | tree.Peak) -> tuple[datetime, datetime]:
    """First and last instant of what goes from one day to another; it may be backwards."""
    start, end = _moment(c, node.start, last=False), _moment(c, node.end, last=True)
    if end < start:
        told = folded(node.start.span), folded(node.end.span)
        c.report(type_words.BACKWARDS, node, start=told[0], end=told[1])
    return start, end


def _moment(c: Context, node: tree.DateLiteral | tree.TimestampLiteral, *, last: bool) -> datetime:
    if isinstance(node, tree.TimestampLiteral):
        return at_clock(c.zone, node.value)
    if not last:
        return at_clock(c.zone, datetime.combine(node.value, time()))
    following = at_clock(c.zone, datetime.combine(node.value + timedelta(days=1), time()))
    return following.astimezone(UTC) - timedelta(microseconds=1)
