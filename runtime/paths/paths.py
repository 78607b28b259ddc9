"""The paths of customers from one event to another: which, how many, how long, where they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ...compiler.behaviour.paths import BROKE_OFF, LONGER, REACHED, Walk, paths_query
from ...compiler.plan import Plan
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..preview.groups import Group
from ..warehouse.contract import Warehouse
from .members import opened

Ending = Literal["reached", "longer", "broke_off"]

_ENDINGS: dict[int, Ending] = {REACHED: "reached", LONGER: "longer", BROKE_OFF: "broke_off"}

Quartiles = tuple[int, int, int]
"""Seconds that a quarter, half and three quarters of customers did not exceed."""


@dataclass(frozen=True, slots=True)
class Count:
    """The customers of a side who took a path. `times`: of those who reached its end."""

    customers: int
    times: Quartiles | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A sequence of events, how it ends, and its customers by side."""

    events: tuple[str, ...]
    ending: Ending
    counts: tuple[Count, ...]

    @property
    def customers(self) -> int:
        """The customers of all sides."""
        return sum(one.customers for one in self.counts)


@dataclass(frozen=True, slots=True)
class Side:
    """An audience, or everybody without a `name`: its customers, and of these who began.

    `times` are of all who reached the end.
    """

    name: str | None
    customers: int
    began: int
    reached: int
    longer: int
    times: Quartiles | None


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths with at least `least` customers, most first, and the customers of all others.

    `breaks` are the events after which paths broke off, with customers by side, most first.
    """

    walk: Walk
    least: int
    sides: tuple[Side, ...]
    both: int
    paths: tuple[Path, ...]
    others: tuple[int, ...]
    breaks: tuple[tuple[str, tuple[int, ...]], ...]
    warnings: tuple[Diagnostic, ...] = ()


def paths(
    warehouse: Warehouse,
    plan: Plan,
    walk: Walk,
    groups: Sequence[Group],
    least: int,
    share: Decimal | None,
) -> Paths:
    """The paths of each group, or of everybody. Audiences are those of the end of the period."""
    with_sides = opened(warehouse, plan, groups, walk.kinds, walk.last, share)
    query = paths_query(with_sides.plan, walk, with_sides.views, warehouse.dialect.name)
    rows = [_Row.of(row, walk) for row in warehouse.ask(query.sql).rows()]
    number = len(with_sides.sizes)
    found = _by_path(rows, number)
    kept = [one for one in found if one.customers >= least]
    names: list[str | None] = [one.name for one in groups] or [None]
    return Paths(
        walk,
        least,
        tuple(
            _side(rows, place, name, size)
            for place, (name, size) in enumerate(zip(names, with_sides.sizes, strict=True))
        ),
        with_sides.both,
        tuple(kept),
        tuple(
            sum(one.counts[place].customers for one in found if one.customers < least)
            for place in range(number)
        ),
        tuple(_breaks(rows, number)),
        with_sides.warnings,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    side: int
    ending: Ending
    customers: int
    own: Quartiles
    whole: tuple[int | None, ...]
    events: tuple[str, ...]

    @staticmethod
    def of(row: Sequence[object], walk: Walk) -> _Row:
        side, outcome, customers, *rest = row
        times, steps = rest[:6], rest[6:]
        low, middle, high = (int(str(one)) for one in times[:3])
        # A path need not have the customer whose time is a quartile of all.
        whole = tuple(None if one is None else int(str(one)) for one in times[3:])
        events = tuple(walk.kinds[int(str(one))] for one in steps if int(str(one)) >= 0)
        ending = _ENDINGS[int(str(outcome))]
        return _Row(
            int(str(side)) - 1, ending, int(str(customers)), (low, middle, high), whole, events
        )


def _by_path(rows: Iterable[_Row], sides: int) -> list[Path]:
    """All paths with their customers by side, most first, then by their events."""
    found: dict[tuple[tuple[str, ...], Ending], list[Count]] = defaultdict(
        lambda: [Count(0)] * sides
    )
    for row in rows:
        times = row.own if row.ending == "reached" else None
        found[row.events, row.ending][row.side] = Count(row.customers, times)
    every = [Path(events, ending, tuple(each)) for (events, ending), each in found.items()]
    return sorted(every, key=lambda one: (-one.customers, one.events, one.ending))


def _side(rows: Iterable[_Row], place: int, name: str | None, size: int) -> Side:
    own = [row for row in rows if row.side == place]
    reached = [row for row in own if row.ending == "reached"]
    times: Quartiles | None = None
    if reached:
        low, middle, high = (
            min(row.whole[n] or 0 for row in reached if row.whole[n] is not None) for n in range(3)
        )
        times = low, middle, high
    return Side(
        name,
        size,
        sum(row.customers for row in own),
        sum(row.customers for row in reached),
        sum(row.customers for row in own if row.ending == "longer"),
        times,
    )


def _breaks(rows: Iterable[_Row], sides: int) -> list[tuple[str, tuple[int, ...]]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0] * sides)
    for row in rows:
        if row.ending == "broke_off":
            found[row.events[-1]][row.side] += row.customers
    ordered = sorted(found.items(), key=lambda one: (-sum(one[1]), one[0]))
    return [(event, tuple(counts)) for event, counts in ordered]
