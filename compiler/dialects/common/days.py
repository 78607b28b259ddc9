"""`days since` an instant against a number, at instants that are literals: between which moments.

So a warehouse compares its column with a moment, instead of working out the date of each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlglot import exp

from ...plan import calendar
from .terms import all_true
from .world import World

_MOST = 36_525
"""Days, a hundred years."""

_YEARS = range(200, 9800)
"""The calendar does not end within a hundred years of these."""


def compared(world: World, kind: type[exp.Binary], instant: exp.Expr, days: int) -> exp.Expr | None:
    """That so many days lie between the date of an instant and today; nothing where that is said
    better by counting them."""
    if world.moments is None or abs(days) > _MOST:
        return None
    worlds = world.moments.worlds()
    if any(one.today.year not in _YEARS for one in worlds):
        return None
    if not all(_begins_once(one, ago) for one in worlds for ago in (days, days - 1)):
        return None
    start, end = _begins(world, worlds, days), _begins(world, worlds, days - 1)
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


def _day(world: calendar.World, ago: int) -> date:
    return world.today - timedelta(days=ago)


def _begins_once(world: calendar.World, ago: int) -> bool:
    """Whether clocks show that day's midnight once: then it comes after all instants of the days
    before, and before all others."""
    midnight = datetime.combine(_day(world, ago), time(), tzinfo=world.zone)
    return midnight.utcoffset() == midnight.replace(fold=1).utcoffset()


def _begins(world: World, worlds: Sequence[calendar.World], ago: int) -> exp.Expr | None:
    """The first moment of the day so long ago; of one instant written out, so that events are left
    out before they are joined."""

    def first(at: calendar.World) -> datetime:
        return calendar.first_moment(at.zone, _day(at, ago))

    if len(worlds) == 1:
        return world.dialect.timestamp(first(worlds[0]))
    wish = f"day_{ago}_ago" if ago >= 0 else f"day_{-ago}_ahead"
    return world.literal(("day", ago), wish, first)
