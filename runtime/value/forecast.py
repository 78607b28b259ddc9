"""Purchases to come, by the models of repeat purchases and of amounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

import numpy as np

from ...compiler.plan.calendar import shift_date
from ...compiler.plan.values import Length
from .purchases import Purchases, fit_purchases
from .spending import Spending, fit_spending

Missing = Literal["few_repeats", "no_purchase_fit", "no_spending_fit"]
"""Why nothing is foretold."""

FEWEST_REPEATS = 50
"""Customers who bought again of which a model is made, at least."""

_WEEK = 7

Cell = tuple[date, str | None]


@dataclass(slots=True)
class Buyers:
    """Customers alike, a row each: first day, days with a purchase, days to the last, spent.

    `spent` leaves out the first day: amounts are those of repeat purchases.
    """

    keys: list[Cell] = field(default_factory=list)
    first: list[date] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    weight: list[int] = field(default_factory=list)

    def add(
        self, key: Cell, first: date, days: int, last: int, spent: Decimal, weight: int
    ) -> None:
        """One more row."""
        self.keys.append(key)
        self.first.append(first)
        self.days.append(days)
        self.last.append(last)
        self.spent.append(float(spent))
        self.weight.append(weight)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The two models, and what each cohort and channel will buy: purchases, and their sum."""

    purchases: Purchases
    spending: Spending
    customers: int
    repeating: int
    until: date
    cells: dict[Cell, tuple[float, float]]

    def of(self, keys: Iterable[Cell], customers: int) -> tuple[float, float]:
        """Purchases to come and their sum, per customer of these cells."""
        found = [self.cells.get(key, (0.0, 0.0)) for key in keys]
        number, amount = (sum(each) for each in zip(*found, strict=True))
        return number / customers, amount / customers


def forecast(buyers: Buyers, today: date, months: int) -> Forecast | Missing:
    """Fit the models to all purchases up to a day, in weeks, and look so many months ahead.

    A purchase is a day with one: several on a day are one purchase.
    """
    x = np.asarray(buyers.days, float) - 1
    weight = np.asarray(buyers.weight, float)
    repeating = int(weight[x > 0].sum()) if len(x) else 0
    if repeating < FEWEST_REPEATS:
        return "few_repeats"
    last = np.asarray(buyers.last, float) / _WEEK
    age = np.asarray([(today - one).days for one in buyers.first], float) / _WEEK
    rows, place = np.unique(np.stack((x, last, age)), axis=1, return_inverse=True)
    counted = np.bincount(place.ravel(), weights=weight)
    model = fit_purchases(rows[0], rows[1], rows[2], counted)
    if model is None:
        return "no_purchase_fit"
    mean = np.divide(np.asarray(buyers.spent, float), x, out=np.zeros_like(x), where=x > 0)
    spending = fit_spending(np.repeat(x, buyers.weight), np.repeat(mean, buyers.weight))
    if spending is None:
        return "no_spending_fit"
    until = shift_date(today, Length(months, "month"), 1)
    number = model.expected((until - today).days / _WEEK, x, last, age) * weight
    amount = number * spending.expected(x, mean)
    cells: dict[Cell, tuple[float, float]] = {}
    for key, one, other in zip(buyers.keys, number, amount, strict=True):
        before = cells.get(key, (0.0, 0.0))
        cells[key] = (before[0] + float(one), before[1] + float(other))
    return Forecast(model, spending, int(weight.sum()), repeating, until, cells)
