"""`days since` an instant against a number, at instants that are literals: between which moments.

So a warehouse compares its column with a moment, instead of working out the date of each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlglot import exp

from ...plan import calendar
from .context import SqlContext
from .terms import all_true

_MOST = 36_525
"""Days, a hundred years."""

_YEARS = range(200, 9800)
"""The calendar does not end within a hundred years of these."""


def compared(
    context: SqlContext, kind: type[exp.Binary], instant: exp.Expr, days: int
) -> exp.Expr | None:
    """The condition that so many days lie between the date of an instant and today.

    `None` if counting the days is better.
    """
    if context.moments is None or abs(days) > _MOST:
        return None
    clocks = context.moments.clocks()
    if any(clock.today.year not in _YEARS for clock in clocks):
        return None
    if not all(_begins_once(clock, ago) for clock in clocks for ago in (days, days - 1)):
        return None
    start, end = _begins(context, clocks, days), _begins(context, clocks, days - 1)
    if start is None or end is None:
        return None
    from_start = exp.GTE(this=instant.copy(), expression=start)
    before_end = exp.LT(this=instant.copy(), expression=end)
    if kind is exp.EQ:
        return all_true(from_start, before_end)
    if kind is exp.LTE:
        return from_start
    if kind is exp.GTE:
        return before_end
    if kind is exp.LT:
        return exp.GTE(this=instant.copy(), expression=end)
    if kind is exp.GT:
        return exp.LT(this=instant.copy(), expression=start)
    return None


def _day(clock: calendar.WallClock, ago: int) -> date:
    return clock.today - timedelta(days=ago)


def _begins_once(clock: calendar.WallClock, ago: int) -> bool:
    """Whether clocks show that day's midnight once: then it comes after all instants of the days
    before, and before all others."""
    midnight = datetime.combine(_day(clock, ago), time(), tzinfo=clock.zone)
    return midnight.utcoffset() == midnight.replace(fold=1).utcoffset()


def _begins(context: SqlContext, clocks: Sequence[calendar.WallClock], ago: int) -> exp.Expr | None:
    """The first moment of the day so long ago; of one instant written out, so that events are left
    out before they are joined."""

    def first(clock: calendar.WallClock) -> datetime:
        return calendar.first_moment(clock.zone, _day(clock, ago))

    if len(clocks) == 1:
        return context.dialect.timestamp(first(clocks[0]))
    wish = f"day_{ago}_ago" if ago >= 0 else f"day_{-ago}_ahead"
    return context.literal(("day", ago), wish, first)
