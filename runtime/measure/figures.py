"""From the figures of the warehouse to counts, totals and moments of each measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from ...compiler.measures.asks import After, Asked
from ...compiler.measures.query import (
    Figure,
    Happened,
    MeasureQuery,
    Product,
    Successes,
    Total,
    When,
)
from ..statistics.moments import Moments

Figures = Mapping[Figure, Any]


@dataclass(frozen=True, slots=True)
class Summed:
    """A measure in one variant: a count of customers or an exact total, and its moments."""

    moments: Moments
    count: int | None = None
    total: Decimal | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The figures by campaign and variant, by number."""

    rows: Mapping[tuple[int, int], tuple[int, Figures]]

    @staticmethod
    def of(query: MeasureQuery, rows: Iterable[Sequence[Any]]) -> Answers:
        """Read the answer of the statement."""
        found = {}
        for campaign, variant, customers, *values in rows:
            figures = dict(zip(query.figures, values, strict=True))
            found[int(campaign), int(variant)] = (int(customers), figures)
        return Answers(found)

    def summed(self, campaign: int, variant: int, asked: Asked) -> Summed:
        """One measure in one variant; zeros of a variant in which nobody is."""
        customers, figures = self.rows.get((campaign, variant), (0, {}))
        if asked.reached is not None:
            count = int(figures.get(Successes(asked.reached), 0))
            return Summed(Moments(customers, count, count), count=count)
        if asked.happened is not None:
            return _happened(customers, figures, asked.happened)
        return _revenue(customers, figures, asked)


def _happened(customers: int, figures: Figures, of: After) -> Summed:
    count, before, both = (
        int(figures.get(Happened(of, when), 0)) for when in ("after", "before", "both")
    )
    moments = Moments(customers, count, count, before, before, both)
    return Summed(moments, count=count, before=before)


def _revenue(customers: int, figures: Figures, asked: Asked) -> Summed:
    total = sum((_total(figures, one.after, one.factor) for one in asked.amounts), Decimal(0))
    y, x = _linear(figures, asked, "after"), _linear(figures, asked, "before")
    moments = Moments(
        customers,
        y,
        _squared(figures, asked, "after", "after"),
        x,
        _squared(figures, asked, "before", "before"),
        _squared(figures, asked, "before", "after"),
    )
    return Summed(moments, total=total)


def _total(figures: Figures, after: After, factor: Decimal) -> Decimal:
    return factor * Decimal(str(figures.get(Total(after, "after"), 0)))


def _linear(figures: Figures, asked: Asked, when: When) -> float:
    return sum(float(a.factor) * float(figures.get(Total(a.after, when), 0)) for a in asked.amounts)


def _squared(figures: Figures, asked: Asked, one: When, other: When) -> float:
    """The sum of products of two sums, by the products of their parts."""
    found = 0.0
    for left, right in product(asked.amounts, repeat=2):
        pair = (left.after, one), (right.after, other)
        value = figures.get(Product(*pair), figures.get(Product(*reversed(pair)), 0))
        found += float(left.factor) * float(right.factor) * float(value)
    return found
