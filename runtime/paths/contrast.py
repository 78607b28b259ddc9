"""Effect sizes of fields and of behaviours in the first days, between two audiences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ...compiler.behaviour.contrast import Contrast, Feature, contrast_query, features_of
from ...compiler.plan import Plan
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..preview.groups import Group
from ..statistics.effects import (
    Effect,
    Sample,
    difference_of_means,
    difference_of_shares,
    holm,
)
from ..warehouse.contract import Warehouse
from .members import opened

FEWEST = 20
"""Customers of an audience that is compared, at least."""

SMALL = 10
"""Customers of a side of whom a private field says nothing: fewer are withheld."""

LEVEL = 0.05

Class = Literal["word", "unknown", "other"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A feature, or one class of it, on both sides: means, or customers.

    `word` is a word of the feature; `class_` is `unknown` or `other` for what has none, and `None`
    of a mean. `p` is corrected by Holm, over all differences. `effect` is `None` without spread.
    """

    feature: Feature
    class_: Class | None
    word: str | None
    counts: tuple[int, int]
    means: tuple[float, float] | None
    effect: Effect | None
    p: float | None = None

    @property
    def separates(self) -> bool:
        """Whether it would hold up among so many, at 5%."""
        return self.p is not None and self.p < LEVEL


@dataclass(frozen=True, slots=True)
class Contrasted:
    """The differences, largest first. `sizes` are the customers compared, by side.

    `both` are in both audiences, and `early` have no first days behind them: these are left out.
    `withheld` counts differences of private fields that are not shown. `few`: too few to compare.
    """

    names: tuple[str, str]
    days: int
    at: datetime
    sizes: tuple[int, int]
    both: int
    early: tuple[int, int]
    few: bool
    differences: tuple[Difference, ...]
    withheld: int
    warnings: tuple[Diagnostic, ...] = ()


Counts = tuple[int, int]
_Row = tuple[str | None, Counts, tuple[float | None, ...]]


def contrast(
    warehouse: Warehouse,
    plan: Plan,
    groups: tuple[Group, Group],
    days: int,
    at: datetime,
    share: Decimal | None,
) -> Contrasted:
    """Compare two audiences as they are at an instant. Raise `CannotRun` as `opened` does."""
    features = features_of(plan)
    events = {one.event for one in features if one.event is not None}
    found = opened(warehouse, plan, groups, events, at, share)
    asked = Contrast(features, days, at)
    query = contrast_query(found.plan, asked, found.views, warehouse.dialect.name)
    rows: dict[int, list[_Row]] = defaultdict(list)
    for place, word, one, other, *moments in warehouse.ask(query.sql).rows():
        counts = int(one), int(other)
        known = tuple(None if value is None else float(value) for value in moments)
        rows[int(place)].append((None if word is None else str(word), counts, known))
    # A relation without rows has no group.
    sizes, early = (rows[place][0][1] if rows[place] else (0, 0) for place in (-1, -2))
    few = min(sizes) < FEWEST
    made = [] if few else list(_differences(features, rows, sizes))
    shown = [one for one in made if not _is_private(one.difference)]
    names = groups[0].name, groups[1].name
    return Contrasted(
        names,
        days,
        at,
        sizes,
        found.both,
        early,
        few,
        tuple(_corrected(shown)),
        len(made) - len(shown),
        found.warnings,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A difference, and how its effect is computed with an interval of some level."""

    difference: Difference
    measure: Callable[[float], Effect | None]


def _differences(
    features: Sequence[Feature], rows: Mapping[int, list[_Row]], sizes: Counts
) -> Iterator[_Made]:
    """Yield the differences, feature by feature."""
    for place, feature in enumerate(features):
        own = rows.get(place, [])
        if feature.is_number:
            yield from _of_number(feature, own, sizes)
        else:
            yield from _of_words(feature, own, sizes)


def _of_number(feature: Feature, rows: Sequence[_Row], sizes: Counts) -> Iterator[_Made]:
    ((_, counts, moments),) = rows
    if min(counts) >= 2:
        one, other = (
            Sample(counts[side], moments[side] or 0.0, moments[2 + side] or 0.0) for side in (0, 1)
        )
        made = Difference(feature, None, None, counts, (one.mean, other.mean), None)
        yield _Made(made, lambda level: difference_of_means(one, other, level))
    if feature.optional:
        unknown = sizes[0] - counts[0], sizes[1] - counts[1]
        yield _share(feature, "unknown", None, unknown, sizes)


def _of_words(feature: Feature, rows: Sequence[_Row], sizes: Counts) -> Iterator[_Made]:
    words = {word: counts for word, counts, _ in rows}
    unknown = words.pop(None, (0, 0))
    for word, counts in sorted((one, n) for one, n in words.items() if one is not None):
        if feature.kind == "words" or word == "yes":
            yield _share(feature, "word", word, counts, sizes)
    if feature.optional:
        yield _share(feature, "unknown", None, unknown, sizes)
    one, other = (
        sizes[side] - unknown[side] - sum(counts[side] for counts in words.values())
        for side in (0, 1)
    )
    if feature.kind == "words" and (one or other):
        yield _share(feature, "other", None, (one, other), sizes)


def _share(
    feature: Feature, class_: Class, word: str | None, counts: Counts, sizes: Counts
) -> _Made:
    return _Made(
        Difference(feature, class_, word, counts, None, None),
        lambda level: difference_of_shares(counts[0], sizes[0], counts[1], sizes[1], level),
    )


def _is_private(one: Difference) -> bool:
    """Whether it would say something of a few customers by a private field."""
    return one.feature.sensitivity != "C1" and any(0 < count < SMALL for count in one.counts)


def _corrected(made: Sequence[_Made]) -> list[Difference]:
    """The differences with p-values by Holm and intervals by Bonferroni, largest effects first.

    All intervals together hold with 95%.
    """
    if not made:
        return []
    level = 1 - LEVEL / len(made)
    effects = [one.measure(level) for one in made]
    adjusted = iter(holm([one.p for one in effects if one is not None]))
    found = [
        replace(one.difference, effect=effect, p=None if effect is None else next(adjusted))
        for one, effect in zip(made, effects, strict=True)
    ]
    return sorted(found, key=_rank)


def _rank(one: Difference) -> tuple[bool, float, str, str, str, str]:
    size = 0.0 if one.effect is None else -abs(one.effect.standard)
    feature = one.feature
    names = feature.event or "", feature.name, feature.kind, one.word or ""
    return (one.effect is None, size, *names)
