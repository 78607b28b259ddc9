"""Values computed for each instant of a schedule when its query is written.

Examples are today's date, the start of a window and the end of `within next 7 days`. If the
instants are literals, so are these. They are computed as in the reference and become further
columns of the instants. The warehouse so needs no arithmetic of time zones. For a single instant
they are written inline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...plan import calendar
from .dialect import Dialect
from .literals import literal
from .names import Names
from .terms import column

Compute = Callable[[calendar.WallClock], date]
"""Computes an instant (aware, UTC) or a date from the wall clock of a decision."""

TODAY = "today"


def _today(clock: calendar.WallClock) -> date:
    return clock.today


@dataclass(slots=True)
class Moments:
    """The instants of a schedule (aware, UTC), and the columns requested for them so far."""

    instants: Sequence[datetime]
    zone: str
    names: Names
    with_today: bool = False
    _asked: dict[str, Compute] = field(default_factory=dict)

    def name(self, thing: object, wish: str, compute: Compute) -> str:
        """The column that holds this of each instant; `thing` tells it apart from the others."""
        name = self.names.give(("moment", thing), wish)
        self._asked.setdefault(name, compute)
        return name

    def clocks(self) -> list[calendar.WallClock]:
        """The wall clocks of all decisions."""
        return [calendar.WallClock(instant, ZoneInfo(self.zone)) for instant in self.instants]

    def literal(
        self, _: Dialect, now: exp.Expr, thing: object, wish: str, compute: Compute
    ) -> exp.Expr | None:
        """The column with the value for the instant `now`; `None` if `now` is not a column."""
        if not isinstance(now, exp.Column):
            return None
        return column(self.name(thing, wish, compute), now.table or None)

    def columns(self) -> dict[str, Compute]:
        """All of them, under their names."""
        return {**({TODAY: _today} if self.with_today else {}), **self._asked}

    def of(self, instant: datetime) -> dict[str, date]:
        """The values of the columns at an instant."""
        clock = calendar.WallClock(instant, ZoneInfo(self.zone))
        return {name: compute(clock) for name, compute in self.columns().items()}


@dataclass(frozen=True, slots=True)
class Single:
    """The one instant of a schedule (aware, UTC)."""

    instant: datetime
    zone: str

    @property
    def clock(self) -> calendar.WallClock:
        """The wall clock of its decisions."""
        return calendar.WallClock(self.instant, ZoneInfo(self.zone))

    def clocks(self) -> list[calendar.WallClock]:
        """The same, as the only one."""
        return [self.clock]

    def literal(
        self, dialect: Dialect, _: exp.Expr, __: object, ___: str, compute: Compute
    ) -> exp.Expr:
        """The value as a literal."""
        return literal(dialect, compute(self.clock))
