"""The trigger that waits for events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from ..expressions import Expression, Origin, unless
from ..value import Span
from .opening import Opening
from .schedules import Holiday

TIMES = "#times"
"""The name under which an expression reads, as of the event, how many multiples it crossed."""


_LONGEST = 2**63 - 1


def digits_after_point(amount: Decimal) -> int:
    """How many digits follow the point in the names of the multiples of an amount."""
    return max(0, -int(amount.normalize().as_tuple().exponent))


def is_nameable(amount: Decimal) -> bool:
    """Whether whole numbers of 64 bits are enough to write the multiples of an amount in SQL."""
    digits = digits_after_point(amount)
    return digits == 0 or amount.scaleb(2 * digits) <= _LONGEST


@dataclass(frozen=True, slots=True)
class Group:
    """Events that have the same value in `field`, until they are enough; once for each value.

    Enough: `count` of them, or those of `count` customers, the last one among them, in
    (its time − `within`, its time]. Those count that meet the trigger's `where`, in its opening
    and in the campaign's active period. Without the value an event is in no group.
    """

    count: int
    of: Literal["customers", "times"]
    field: str
    within: Span | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """The events of one customer that fire: those with which the measure comes to `amount`.

    `of` is the measure: how many events, the sum of `field`, how many values it has, or how many
    days there are. Days are those of the project's zone. Those events count that meet the trigger's
    `where`, in its opening and in the campaign's active period; one whose `field` is unknown does
    not. They count in the order of (time, key).

    Without `within` and `each` the measure is the highest that it has come to, and fires once;
    with `every`, at each multiple of `amount`. An event that crosses several multiples fires once,
    at the highest, and `TIMES` is how many they are. `within` looks back from the event: those of
    (its time − `within`, its time] count, and it fires whenever it comes from below. `each` starts
    anew in every period of the calendar.
    """

    of: Literal["times", "sum", "different", "days", "days_in_a_row"]
    amount: Decimal
    field: str | None
    every: bool
    within: Span | None
    each: Literal["week", "month", "quarter", "year"] | None

    @property
    def crosses_several(self) -> bool:
        """Whether one event may cross several multiples at once."""
        return self.every and self.of == "sum"


TaskPeriod = Literal["once", "day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Task:
    """A task: of a customer's events in a `period` the first one does it.

    It is the first in the order of (time, key) of those that fire and at which stage, audience and
    compliance hold. Conditions on past grants are no part of that: only the gate asks them. Periods
    are those of the calendar in the project's zone; without a period each event that fires does it.

    `after`: the name of another task's step. Only events later than the one that did that task
    count, in the same period, the longer one of the two.
    """

    period: TaskPeriod | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Each event that meets `where`, or only those which complete its `group` or `pattern`.

    Of a `task` only those which do it.
    """

    event: str
    where: Expression | None
    opening: Opening | None
    origin: Origin
    group: Group | None = None
    kind: Literal["event"] = "event"
    pattern: Pattern | None = unless(None)
    task: Task | None = unless(None)

    @property
    def is_keyed(self) -> bool:
        """Whether an occurrence is an event's key: not where it is a firing, or a period."""
        return self.pattern is None and self.task is None

    @property
    def once(self) -> None:
        """`None`: it fires as often as events come."""

    @property
    def festivals(self) -> tuple[str, ...]:
        """None: see `instants`."""
        return ()

    @property
    def is_daily(self) -> bool:
        """No: days may pass without an event."""
        return False

    def instants(self, *_: object) -> Iterator[datetime]:
        """None: it fires when an event comes."""
        return iter(())

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """None: an event comes at any time of day."""
        return frozenset()

    def may_fire(
        self, zone: ZoneInfo, _: Sequence[Holiday], start: datetime, end: datetime
    ) -> bool:
        """Whether a day of [start, end] lies in the opening."""
        return self.opening is None or self.opening.is_open_in(zone, start, end)

    def broken(self) -> Iterator[str]:
        """No problem: it has no numbers of its own."""
        return iter(())
