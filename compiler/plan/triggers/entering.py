"""The trigger that waits until customers enter or leave a stage or an audience."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from ..calendar import INSTANT, shift
from ..expressions import Expression, Origin, unless
from ..value import Span
from ..values import Length
from .opening import Opening
from .schedules import (
    DailyTrigger,
    FestivalTrigger,
    Holiday,
    HourlyTrigger,
    MonthlyTrigger,
    NthTrigger,
    Schedule,
    WeeksTrigger,
)

Repeating = (
    DailyTrigger | MonthlyTrigger | NthTrigger | WeeksTrigger | HourlyTrigger | FestivalTrigger
)

MOST_INSTANTS = 40
"""The most instants of a schedule that `for` may span: the condition is computed at each."""

_BACK = tuple(timedelta(days=days) for days in (1, 8, 40, 400, 4_000, 36_600))
"""How far an instant of the schedule is looked for, one after the other."""


class Asked(NamedTuple):
    """The instants at which one occurrence asks the condition.

    `during` are those from `at` − `for` to `at`, in order; `before` is the last one before them,
    `None` if the schedule has none.
    """

    before: datetime | None
    during: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class EnteringTrigger(Schedule):
    """The instants of a schedule, of each customer those at which something begins to hold.

    The schedule has no `opening` of its own. `condition` is a stage or an audience; `leaving` waits
    until it no longer holds. A customer enters at an instant if it holds at all instants from
    `lasting` ago until then. At the last one before these it must not.
    """

    schedule: Repeating
    condition: Expression
    leaving: bool
    origin: Origin
    kind: Literal["entering"] = "entering"
    lasting: Span | None = unless(None)
    opening: Opening | None = unless(None)

    @property
    def festivals(self) -> tuple[str, ...]:
        """Those of its schedule."""
        return self.schedule.festivals

    def clocks(self, zone: ZoneInfo) -> frozenset[time]:
        """Those of its schedule."""
        return self.schedule.clocks(zone)

    def asked(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], instants: Sequence[datetime]
    ) -> dict[datetime, Asked]:
        """By each of these instants of the schedule, in order, the instants that it asks."""
        if not instants:
            return {}
        starts = [self.since(zone, at) for at in instants]
        first = min(starts)
        before = self._last_before(zone, holidays, first)
        every = list(self.instants(zone, holidays, first, instants[-1]))
        known = every if before is None else [before, *every]
        found = {}
        for at, start in zip(instants, starts, strict=True):
            place = bisect_left(known, start)
            during = tuple(known[place : bisect_left(known, at)])
            found[at] = Asked(known[place - 1] if place else None, (*during, at))
        return found

    def most_asked(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> int:
        """The most instants that an occurrence in [start, end] spans; too many are not counted."""
        if self.lasting is None:
            return 1
        waiting: list[datetime] = []
        most = 0
        for at in self.instants(zone, holidays, self.since(zone, start), end):
            first = self.since(zone, at)
            waiting = [*(one for one in waiting if one >= first), at]
            most = max(most, len(waiting))
            if most > MOST_INSTANTS:
                break
        return most

    def broken(self) -> Iterator[str]:
        """A length is of some time; the schedule's own numbers are its affair."""
        if self.lasting is not None and self.lasting.count < 1:
            yield f"{self.lasting.count} {self.lasting.unit}s"

    def since(self, zone: ZoneInfo, at: datetime) -> datetime:
        """The instant from which on the condition must hold to be seen at `at`."""
        if self.lasting is None:
            return at
        return shift(zone, at, Length(self.lasting.count, self.lasting.unit), -1)

    def _last_before(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], moment: datetime
    ) -> datetime | None:
        end = moment - INSTANT
        for back in _BACK:
            try:
                start = end - back
            except OverflowError:
                return None
            found = tuple(self.instants(zone, holidays, start, end))
            if found:
                return found[-1]
        return None

    def _all(
        self, zone: ZoneInfo, holidays: Sequence[Holiday], start: datetime, end: datetime
    ) -> Iterator[datetime]:
        return self.schedule.instants(zone, holidays, start, end)
