"""The orders of customers: retention of cohorts, repurchase, and recency, frequency and money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar
from zoneinfo import ZoneInfo

from ...compiler.lifecycle.orders import (
    LAST_ORDER,
    Began,
    Orders,
    cohorts_query,
    repeats_query,
    values_query,
)
from ...compiler.plan.calendar import INSTANT, days_in_month, first_moment
from ..warehouse.contract import Warehouse
from .model import FEW, quartiles

SCORES = 5
"""The scores of each: fifths of the customers."""

_Value = TypeVar("_Value", int, Decimal)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers who began in a month, and of each month from there how many ordered in it.

    `None` of a month that has not ended by the end of the period.
    """

    month: date
    customers: int
    active: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The customers with at least so many orders, and those of them who ordered again.

    `median_days`: calendar days from one order to the next, `None` of few.
    """

    after: int
    customers: int
    again: int
    median_days: float | None

    @property
    def share(self) -> Fraction | None:
        """The share that ordered again; `None` of few customers."""
        return Fraction(self.again, self.customers) if self.customers >= FEW else None


@dataclass(frozen=True, slots=True)
class Cell:
    """The customers with these scores, 1 to 5, of which 5 is the best, and their money."""

    recency: int
    frequency: int
    monetary: int | None
    customers: int
    money: Decimal | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The customers with an order by their scores.

    The cuts are the least values that one to four fifths of the customers do not exceed. Equal
    values have equal scores. Of `recency` (days since the last order) the lowest are
    the best. `monetary` is `None` without a field of money.
    """

    customers: int
    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...] | None
    cells: tuple[Cell, ...]

    def of(self, days: int, orders: int, money: Decimal | None) -> tuple[int, int, int | None]:
        """Return the scores of a customer: of recency, frequency, and of money if it counts."""
        return scored(self.recency, self.frequency, self.monetary, (days, orders, money))


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """All that is shown of orders. `earlier`: customers whose cohort began before the period.

    `scores` is `None` if too few customers have ordered.
    """

    event: str
    amount: str | None
    currency: str | None
    began: Began
    cohorts: tuple[Cohort, ...]
    earlier: int
    repeats: tuple[Repeat, ...]
    scores: Scores | None


def order_history(
    orders: Orders, began: Began, start: datetime, currency: str | None, warehouse: Warehouse
) -> OrderHistory:
    """Ask the warehouse for orders; cohorts are those of the months of the period."""
    zone, dialect = ZoneInfo(orders.plan.time_zone), warehouse.dialect.name
    months = months_of(start, orders.at, zone)
    moments = [first_moment(zone, month) for month in months]
    asked = cohorts_query(orders, began, moments, dialect)
    rows = [tuple(map(_number, row)) for row in warehouse.ask(asked.sql).rows()]
    cohorts = _cohorts(rows, months, moments, orders.at)
    earlier = sum(row[2] or 0 for row in rows if row[:2] == (-1, -1))
    repeats = _repeats(warehouse.ask(repeats_query(orders, dialect).sql).rows())
    today = orders.at.astimezone(zone).date()
    values = _values(warehouse.ask(values_query(orders, dialect).sql).rows(), today)
    has_money = orders.amount is not None
    return OrderHistory(
        orders.event.name,
        orders.amount,
        currency,
        began,
        cohorts,
        earlier,
        repeats,
        scores(values, has_money=has_money),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


# --- cohorts ------------------------------------------------------------------------------------


def months_of(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """The first days of the months of a period, and that of the month after them."""
    month = start.astimezone(zone).date().replace(day=1)
    last = end.astimezone(zone).date()
    found = [month]
    while found[-1] <= last:
        month = found[-1]
        found.append(month + timedelta(days=days_in_month(month.year, month.month)))
    return found


def _cohorts(
    rows: Iterable[tuple[int | None, ...]],
    months: Sequence[date],
    moments: Sequence[datetime],
    end: datetime,
) -> tuple[Cohort, ...]:
    counts = {(row[0], row[1]): row[2] or 0 for row in rows}
    ended = [one <= end + INSTANT for one in moments[1:]]
    found = []
    for place, month in enumerate(months[:-1]):
        active = tuple(
            counts.get((place, later), 0) if ended[later] else None
            for later in range(place, len(ended))
        )
        found.append(Cohort(month, counts.get((place, -1), 0), active))
    return tuple(found)


# --- orders after orders ------------------------------------------------------------------------


def _repeats(rows: Iterable[tuple[object, ...]]) -> tuple[Repeat, ...]:
    days: dict[int, Counter[int]] = {turn: Counter() for turn in range(1, LAST_ORDER + 1)}
    customers: Counter[int] = Counter()
    for row in rows:
        turn, gap, count = map(_number, row)
        customers[turn or 0] += count or 0
        if gap is not None:
            days[turn or 0][gap] += count or 0
    found = []
    for turn, gaps in days.items():
        again = gaps.total()
        median = quartiles(gaps)[1] if again >= FEW else None
        found.append(Repeat(turn, customers[turn], again, median))
    return tuple(found)


# --- recency, frequency, money ------------------------------------------------------------------

Valued = tuple[int, int, Decimal | None, int]
"""Days since the last order, orders, money, and the customers who have these."""


def _values(rows: Iterable[tuple[object, ...]], today: date) -> list[Valued]:
    found = []
    for last, orders, money, customers in rows:
        day = date.fromisoformat(str(last)[:10])
        known = None if money is None else Decimal(str(money))
        found.append(((today - day).days, int(str(orders)), known, int(str(customers))))
    return found


def scores(values: Sequence[Valued], *, has_money: bool) -> Scores | None:
    """The scores of these customers; `None` if they are few."""
    total = sum(customers for *_, customers in values)
    if total < FEW:
        return None
    recency = _cuts((each[0], each[3]) for each in values)
    frequency = _cuts((each[1], each[3]) for each in values)
    none = Decimal(0)
    money_of = ((each[2] or none, each[3]) for each in values)
    monetary = _cuts(money_of) if has_money else None
    cells: Counter[tuple[int, int, int | None]] = Counter()
    sums: dict[tuple[int, int, int | None], Decimal] = {}
    for days, orders, money, customers in values:
        place = scored(recency, frequency, monetary, (days, orders, money))
        cells[place] += customers
        sums[place] = sums.get(place, Decimal(0)) + (money or Decimal(0)) * customers
    return Scores(
        total,
        recency,
        frequency,
        monetary,
        tuple(
            Cell(*place, count, sums[place] if has_money else None)
            for place, count in sorted(cells.items(), reverse=True)
        ),
    )


def scored(
    recency: Sequence[int],
    frequency: Sequence[int],
    monetary: Sequence[Decimal] | None,
    own: tuple[int, int, Decimal | None],
) -> tuple[int, int, int | None]:
    """The scores of days since the last order, orders and money, between these cuts."""
    days, orders, money = own
    return (
        SCORES - sum(cut < days for cut in recency),
        1 + sum(cut < orders for cut in frequency),
        None if monetary is None or money is None else 1 + sum(cut < money for cut in monetary),
    )


def _cuts(values: Iterable[tuple[_Value, int]]) -> tuple[_Value, ...]:
    """The least values that one to four fifths of the customers do not exceed."""
    counts: Counter[_Value] = Counter()
    for value, customers in values:
        counts[value] += customers
    total, seen = counts.total(), 0
    found: list[_Value] = []
    for value, customers in sorted(counts.items()):
        seen += customers
        while len(found) < SCORES - 1 and seen * SCORES >= total * (len(found) + 1):
            found.append(value)
    return tuple(found)
