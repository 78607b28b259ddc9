"""Convert local time to an instant, for engines that are trusted only in the other direction.

Engines rarely document the result for a local time that occurs twice or never. The local time at
an instant is unambiguous, so every offset of the zone is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from sqlglot import exp

from ...plan.values import Length
from .dialect import Dialect
from .zones import changes

_SINCE = datetime(1973, 1, 1)
"""Before that clocks of some zones were off by seconds; then they are taken as they were next."""
_MINUTE = 60


@lru_cache(maxsize=64)
def _offsets(zone: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """The zone's offsets in seconds, the largest first, and the (before, after) of its gaps."""
    every = changes(zone)
    before = [one for one in every if one.begins < _SINCE][-1:]
    kept = [*before, *(one for one in every if one.begins >= _SINCE)]
    offsets = sorted({one.seconds for one in kept}, reverse=True)
    pairs = {(old.seconds, new.seconds) for old, new in pairwise(kept) if new.seconds > old.seconds}
    return tuple(offsets), tuple(sorted(pairs))


def first_shown_by_offsets(dialect: Dialect, zone: str, clock: exp.Expr) -> exp.Expr:
    """The instant at which a wall clock of the zone shows this: see `meaning.at_clock`.

    Of the instants that show it the first is the one with the largest offset. None shows a clock
    time that was skipped: with the offset from before the gap, the clock is ahead by the gap.
    """
    offsets, gaps = _offsets(zone)
    if len(offsets) == 1:
        return _later(dialect, clock, -offsets[0])

    def found(bound: Sequence[exp.Expr]) -> exp.Expr:
        (shown,) = bound
        choice = exp.Case()
        for offset in offsets:
            choice = choice.when(_shows(dialect, zone, shown, offset, 0), _at(shown, offset))
        for before, after in gaps:
            there = _shows(dialect, zone, shown, before, after - before)
            choice = choice.when(there, _at(shown, before))
        return choice.else_(_at(shown, offsets[-1]))

    def _at(shown: exp.Expr, offset: int) -> exp.Expr:
        return _later(dialect, shown.copy(), -offset)

    return dialect.let({"clock": clock}, found)


def _shows(dialect: Dialect, zone: str, shown: exp.Expr, offset: int, ahead: int) -> exp.Expr:
    """Whether the clock, so many seconds after what is asked for, has this offset then."""
    instant = _later(dialect, shown.copy(), -offset)
    return exp.EQ(
        this=dialect.clock(zone, instant), expression=_later(dialect, shown.copy(), ahead)
    )


def _later(dialect: Dialect, moment: exp.Expr, seconds: int) -> exp.Expr:
    """So many seconds later; offsets of a few seconds are of clocks before 1970."""
    if not seconds:
        return moment
    minutes = Length(abs(seconds) // _MINUTE, "minute")
    return dialect.moved(moment, minutes, +1 if seconds > 0 else -1)
