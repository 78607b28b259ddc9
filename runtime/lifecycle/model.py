"""The numbers of a lifecycle over a period: all are counts of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal

Kind = Literal["not_yet", "outside", "stage"]

FEW = 10
"""Fewer are given as a count, not as a share: one more would change that by a tenth."""


@dataclass(frozen=True, slots=True)
class State:
    """A stage; or no stage, of customers (`outside`) and of those before `since` (`not_yet`)."""

    kind: Kind
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A state between two instants.

    `before` and `after` are its customers at both, `stayed` those at both of them. `entered` and
    `left` are the others, by the state where they were or are.
    """

    state: State
    before: int
    stayed: int
    entered: Mapping[State, int]
    left: Mapping[State, int]
    after: int


@dataclass(frozen=True, slots=True)
class Moves:
    """The flow of each state from one instant to a later one."""

    start: datetime
    end: datetime
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """Moves from one state to another, from each instant to the next, over the whole period.

    `campaigns`: of each that touched some, the moves between whose two instants it granted the
    customer something or sent a message. A move that several touched counts for each of them.
    """

    source: State
    target: State
    moves: int
    campaigns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stays:
    """The stays in a stage that began in the period, in days from the first instant of each.

    `days` has the number of stays that ended after so many days. `still` those that had not, by
    the days they had lasted. `earlier` counts stays that had begun by the first instant: nobody
    knows when.
    """

    state: State
    days: Mapping[int, int]
    still: Mapping[int, int]
    earlier: int

    @property
    def ended(self) -> int:
        """The stays that ended."""
        return sum(self.days.values())

    @property
    def open(self) -> int:
        """The stays that had not ended by the last instant."""
        return sum(self.still.values())

    @property
    def is_few(self) -> bool:
        """Whether all stays are few."""
        return self.ended + self.open < FEW

    def quartiles(self) -> tuple[float, float, float] | None:
        """The quartiles of the stays that ended; `None` if these are few."""
        return quartiles(self.days) if self.ended >= FEW else None

    def median_of_all(self) -> int | None:
        """The days after which half of all stays had ended, those still open among them.

        The median of the Kaplan-Meier estimate: a stay that is open counts as lasting for the days
        that it has lasted. `None` if stays are few, or half of them have not ended.
        """
        if self.is_few:
            return None
        at_risk = self.ended + self.open
        survival = Fraction(1)
        for day in sorted({*self.days, *self.still}):
            ended = self.days.get(day, 0)
            survival *= 1 - Fraction(ended, at_risk)
            if survival <= Fraction(1, 2):
                return day
            at_risk -= ended + self.still.get(day, 0)
        return None


@dataclass(frozen=True, slots=True)
class Conversion:
    """The ends of the stays in a stage, begun before the period too.

    `onward`: moves to the next stage in the order of the lifecycle, `None` of the last. `elsewhere`
    are all other ends.
    """

    state: State
    following: State | None
    onward: int
    elsewhere: int
    still: int

    @property
    def share(self) -> Fraction | None:
        """The share of the ended stays that went on to the next stage; `None` if they are few."""
        ended = self.onward + self.elsewhere
        return Fraction(self.onward, ended) if self.following and ended >= FEW else None


@dataclass(frozen=True, slots=True)
class History:
    """A lifecycle over a period. `sizes` has the customers of each state at each instant.

    `moves` are from each instant to the next, `whole` from the first to the last. `legs` are moves
    between a few of the instants, for a picture.
    """

    name: str
    label: str
    states: tuple[State, ...]
    instants: tuple[datetime, ...]
    sizes: tuple[tuple[int, ...], ...]
    moves: tuple[Moves, ...]
    whole: Moves | None
    legs: tuple[Moves, ...]
    edges: tuple[Edge, ...]
    stays: tuple[Stays, ...]
    conversions: tuple[Conversion, ...]

    @property
    def stages(self) -> tuple[State, ...]:
        """The stages in their order."""
        return tuple(one for one in self.states if one.kind == "stage")


def quartiles(counts: Mapping[int, int]) -> tuple[float, float, float]:
    """The quartiles of values that occur so often each, with linear interpolation.

    They are those of `statistics.quantiles(…, n=4, method="inclusive")`, but of one value too.
    """
    values = sorted(counts.items())
    total = sum(counts.values())
    first, middle, last = (_at(values, Fraction((total - 1) * part, 4)) for part in (1, 2, 3))
    return first, middle, last


def _at(values: Sequence[tuple[int, int]], place: Fraction) -> float:
    """The value at a place, counted from 0, of values that occur so often each."""
    lower = place.numerator // place.denominator
    low, high = _nth(values, lower), _nth(values, lower + 1)
    return float(low + (high - low) * (place - lower))


def _nth(values: Iterable[tuple[int, int]], place: int) -> int:
    """The value at a whole place; the last one after the end."""
    value = 0
    for value, count in values:
        if place < count:
            return value
        place -= count
    return value
