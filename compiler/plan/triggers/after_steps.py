"""The triggers of a journey that wait for a time after a step, and for no event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..calendar import at_clock, days_in_month, local_clock, shift, shift_date
from ..expressions import Origin
from ..value import Span
from ..values import Length
from .opening import Opening
from .schedules import Holiday


class AfterStep(ABC):
    """A trigger whose instant follows from the moment of a step: see the head of the package."""

    __slots__ = ()

    event: ClassVar[None] = None
    where: ClassVar[None] = None
    group: ClassVar[None] = None
    pattern: ClassVar[None] = None
    task: ClassVar[None] = None
    is_keyed: ClassVar[bool] = True
    opening: ClassVar[Opening | None] = None
    once: ClassVar[None] = None
    festivals: ClassVar[tuple[str, ...]] = ()
    is_daily: ClassVar[bool] = False

    step: str

    @abstractmethod
    def instant(self, zone: ZoneInfo, moment: datetime) -> datetime:
        """The instant (UTC) that belongs to a moment of the step."""

    def instants(self, *_: object) -> Iterator[datetime]:
        """None: it fires for one instance of a journey at a time."""
        return iter(())

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """None: the moment of the step decides."""
        return frozenset()

    def may_fire(self, _: ZoneInfo, __: Sequence[Holiday], ___: datetime, ____: datetime) -> bool:
        """Whether it can fire: it can wherever the step can be reached."""
        return True


@dataclass(frozen=True, slots=True)
class SpanAfterStep(AfterStep):
    """So long after the moment of a step; with `at`, at that time of the day so many days later."""

    step: str
    span: Span
    at: time | None
    origin: Origin
    kind: Literal["span_after_step"] = "span_after_step"

    def instant(self, zone: ZoneInfo, moment: datetime) -> datetime:
        """The moment plus the span, or that clock time of the day."""
        length = Length(self.span.count, self.span.unit)
        if self.at is None:
            return shift(zone, moment, length, +1)
        day = shift_date(local_clock(zone, moment).date(), length, +1)
        return at_clock(zone, datetime.combine(day, self.at))

    def broken(self) -> Iterator[str]:
        """A span is of at least one unit."""
        if self.span.count < 1:
            yield f"{self.span.count} {self.span.unit} after a step"


@dataclass(frozen=True, slots=True)
class DayAfterStep(AfterStep):
    """A time on a `day` (clipped to the month's last) of the month `months` after a step's own."""

    step: str
    day: int
    months: int
    at: time
    origin: Origin
    kind: Literal["day_after_step"] = "day_after_step"

    def instant(self, zone: ZoneInfo, moment: datetime) -> datetime:
        """That time of that day."""
        first = local_clock(zone, moment).date().replace(day=1)
        month = shift_date(first, Length(self.months, "month"), +1)
        day = month.replace(day=min(self.day, days_in_month(month.year, month.month)))
        return at_clock(zone, datetime.combine(day, self.at))

    def broken(self) -> Iterator[str]:
        """A day of a month is 1 to 31, and months are counted forward."""
        if self.day not in range(1, 32):
            yield f"day {self.day} of a month"
        if self.months < 0:
            yield f"month {self.months} after a step"


def last_of_month(zone: ZoneInfo, moment: datetime, months: int) -> datetime:
    """The last instant (UTC) of the month that is so many after the one of the moment."""
    first = local_clock(zone, moment).date().replace(day=1)
    after = shift_date(first, Length(months + 1, "month"), +1)
    return at_clock(zone, datetime.combine(after, time())) - timedelta(microseconds=1)
