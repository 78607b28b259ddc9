"""The totals of several workers in one, and how far all of them have come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ...ledger.batches.conflicts import Conflict
from ..session import Totals

_Name = TypeVar("_Name", bound=str)


def added(every: Sequence[Totals], conflicts: list[Conflict]) -> Totals:
    """Return the sum of totals of one plan; `conflicts` are the first ones of the stream."""
    return Totals(
        every[0].names,
        _by_step(one.outcomes for one in every),
        _by_step(one.claims for one in every),
        _by_step(one.reversals for one in every),
        _sum(one.earlier for one in every),
        _sum(one.changed for one in every),
        conflicts,
        _by_step(one.kept_back for one in every),
        sum(one.events for one in every),
        sum(one.unusable for one in every),
        sum(one.of_unknown for one in every),
    )


def passed_by_all(every: Sequence[Mapping[str, datetime]]) -> dict[str, datetime]:
    """Return the progress that all workers have made; see `FallingDue.progress`.

    Kept before that, it would let a worker that begins again leave out what it has not decided.
    """
    names = set(every[0]).intersection(*every[1:])
    return {name: min(one[name] for one in every) for name in sorted(names)}


def _sum(counters: Iterable[Counter[_Name]]) -> Counter[_Name]:
    total: Counter[_Name] = Counter()
    for one in counters:
        total.update(one)
    return total


def _by_step(counted: Iterable[Mapping[str, Counter[_Name]]]) -> dict[str, Counter[_Name]]:
    found: dict[str, Counter[_Name]] = {}
    for one in counted:
        for name, counter in one.items():
            found.setdefault(name, Counter()).update(counter)
    return found
