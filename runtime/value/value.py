"""The value of customers by cohort and channel, the costs of winning them, and what is to come.

A customer's first month is the calendar month in which one became a customer; it is the cohort.
Over the first M months of each customer:

- LT, the lifetime so far, is the number of months with a purchase, per customer.
- ARPU is the revenue per month with a purchase.
- LTV = LT * ARPU is the revenue per customer.
- CAC is the costs of acquisition in the cohort's month per customer of the cohort.
- ROI = (LTV - CAC) / CAC.
- The payback month is the first whose revenue so far per customer is not below CAC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from ...compiler.behaviour.value import CUSTOMERS, MONTHS, Bought, costs_query, value_query
from ...compiler.plan import Plan
from ...compiler.plan.types import MoneyType
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..warehouse.bad_rows import sound
from ..warehouse.check import with_cancelling
from ..warehouse.contract import Warehouse
from ..warehouse.cost_table import sound_costs
from .forecast import Buyers, Forecast, Missing, forecast

FEWEST = 20
"""Customers of a cohort or channel of which numbers are given, at least."""

By = Literal["cohort", "channel"]
Why = Literal["open", "few", "no_costs", "no_customers", "other_currency", "no_table", "free"]
"""Why a number is not given."""


@dataclass(frozen=True, slots=True)
class Question:
    """The events that bring revenue, the `months` of each customer that count, the grouping.

    `ahead`: months of which purchases are foretold; 0 for none.
    """

    bought: Bought
    months: int
    by: By
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A cohort or a channel. Money is in the currency of the purchases.

    `active` counts months with a purchase, over all customers. `why` says why there is no value,
    `why_no_cac` why there is no cost of a customer. `foretold` is per customer.
    """

    cohort: date | None
    channel: str | None
    customers: int
    active: int
    purchases: int
    revenue: Decimal
    costs: Decimal | None
    payback: int | None
    why: Why | None
    why_no_cac: Why | None
    foretold: tuple[float, float] | None = None

    @property
    def has_value(self) -> bool:
        """Whether LT and LTV can be given."""
        return self.why is None

    @property
    def lifetime(self) -> Decimal:
        """LT in months."""
        return Decimal(self.active) / self.customers

    @property
    def arpu(self) -> Decimal | None:
        """ARPU; `None` if nobody bought."""
        return self.revenue / self.active if self.active else None

    @property
    def ltv(self) -> Decimal:
        """LTV, which is LT * ARPU."""
        return self.revenue / self.customers

    @property
    def cac(self) -> Decimal | None:
        """CAC; `None` if `why_no_cac` says why."""
        if self.why_no_cac is not None or self.costs is None:
            return None
        return self.costs / self.customers

    @property
    def ratio(self) -> Decimal | None:
        """LTV / CAC; `None` without a cost, or if customers cost nothing."""
        return self.ltv / self.cac if self.has_value and self.cac else None

    @property
    def roi(self) -> Decimal | None:
        """ROI; `None` as for `ratio`."""
        return None if self.ratio is None else self.ratio - 1


@dataclass(frozen=True, slots=True)
class Value:
    """The lines, and all that is left out of them. `at` is aware, in UTC.

    `unpriced` purchases have no known amount. `open` customers are of cohorts whose months are not
    over. `other_costs` are of months without a line.
    """

    question: Question
    currency: str
    lines: tuple[Line, ...]
    unpriced: int
    open: int
    other_costs: Decimal | None
    costs_currency: str | None
    forecast: Forecast | Missing | None
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class _Sums:
    """Sums over a group. `active` and so on are by the number of the month, from 0."""

    customers: int = 0
    active: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    purchases: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    revenue: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


Cell = tuple[date, str | None]


def value(warehouse: Warehouse, plan: Plan, asked: Question, share: Decimal | None) -> Value:
    """The value of customers. Raise `Unfit` (a `CannotRun`) if the warehouse does not fit."""
    bought, dialect = asked.bought, warehouse.dialect.name
    checked = sound(warehouse, plan, with_cancelling(plan, (bought.event,)), share)
    opened = checked.opened(warehouse)
    table = _Table()
    for row in warehouse.ask(value_query(opened, bought, dialect).sql).rows():
        table.read(row, since=plan.customers.since)
    event = next(one for one in plan.events if one.name == bought.event)
    type_ = next(one.type for one in event.fields if one.name == bought.amount)
    currency = type_.currency if isinstance(type_, MoneyType) else plan.currency
    costs: dict[Cell, Decimal] = {}
    warnings = checked.warnings
    if plan.costs is not None:
        kept = sound_costs(warehouse, opened, plan.costs, share)
        read = kept.opened(warehouse)
        warnings += kept.warnings
        if read.costs is not None:
            query = costs_query(read, read.costs, bought.at, dialect)
            for channel, month, amount in warehouse.ask(query.sql).rows():
                costs[_day(month), str(channel)] = Decimal(str(amount or 0))
    today = bought.at.astimezone(ZoneInfo(plan.time_zone)).date()
    return _Report(asked, table, costs, plan, currency, today).made(warnings)


def month_number(first: date, day: date) -> int:
    """The number of calendar months from one day's to another's."""
    return (day.year - first.year) * 12 + day.month - first.month


def _day(cell: object) -> date:
    """A date, which some drivers give as an instant."""
    return cell.date() if isinstance(cell, datetime) else date.fromisoformat(str(cell)[:10])


@dataclass(slots=True)
class _Table:
    """The rows of the statement: sums by cohort and channel, and buyers."""

    cells: dict[Cell, _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    buyers: Buyers = field(default_factory=Buyers)
    unpriced: int = 0

    def read(self, row: tuple[object, ...], *, since: bool) -> None:
        kind, cohort, channel, day, a, b, c, amount = row
        key = (_day(cohort), None if channel is None else str(channel))
        count, more, rest = int(str(a)), int(str(b)), int(str(c))
        total = Decimal(str(amount))
        if kind == MONTHS:
            sums, number = self.cells[key], month_number(key[0], _day(day))
            sums.active[number] += count
            sums.purchases[number] += more
            sums.revenue[number] += total
            self.unpriced += rest
            if not since and number == 0:
                # The first purchase of everybody lies in the first month.
                sums.customers += count
        elif kind == CUSTOMERS:
            self.buyers.add(key, _day(day), more, rest, total, count)
        else:
            self.cells[key].customers += count


@dataclass(frozen=True, slots=True)
class _Report:
    asked: Question
    table: _Table
    costs: Mapping[Cell, Decimal]
    plan: Plan
    currency: str
    today: date

    def made(self, warnings: tuple[Diagnostic, ...]) -> Value:
        cells = self.table.cells
        closed = {key: one for key, one in cells.items() if self._is_over(key[0])}
        foretold = self._forecast()
        lines = self._by_cohort(foretold) if self.asked.by == "cohort" else self._by_channel(closed)
        months = {key[0] for key in (cells if self.asked.by == "cohort" else closed)}
        other = [amount for (month, _), amount in self.costs.items() if month not in months]
        type_ = None if self.plan.costs is None else self.plan.costs.amount.type
        return Value(
            self.asked,
            self.currency,
            tuple(lines),
            self.table.unpriced,
            sum(one.customers for key, one in cells.items() if key not in closed),
            sum(other, Decimal(0)) if self.plan.costs is not None else None,
            type_.currency if isinstance(type_, MoneyType) else None,
            foretold,
            warnings,
        )

    def _is_over(self, cohort: date) -> bool:
        """Whether the months that count are over for everybody of the cohort."""
        return month_number(cohort, self.today) >= self.asked.months

    def _forecast(self) -> Forecast | Missing | None:
        if not self.asked.ahead:
            return None
        return forecast(self.table.buyers, self.today, self.asked.ahead)

    def _by_cohort(self, foretold: Forecast | Missing | None) -> Iterable[Line]:
        groups: dict[date, list[Cell]] = defaultdict(list)
        for key in self.table.cells:
            groups[key[0]].append(key)
        months = {month for month, _ in self.costs}
        for cohort, keys in sorted(groups.items()):
            spent = sum(
                (amount for (month, _), amount in self.costs.items() if month == cohort), Decimal(0)
            )
            known = spent if cohort in months else None
            yield self._line(cohort, None, keys, known, foretold)

    def _by_channel(self, closed: Mapping[Cell, _Sums]) -> Iterable[Line]:
        foretold = self._forecast()
        months = {month for month, _ in closed}
        groups: dict[str | None, list[Cell]] = defaultdict(list)
        for key in closed:
            groups[key[1]].append(key)
        spent: dict[str | None, Decimal] = defaultdict(Decimal)
        for (month, channel), amount in self.costs.items():
            if month in months:
                spent[channel] += amount
        names = sorted({*groups, *spent}, key=lambda one: (one is None, one or ""))
        for name in names:
            yield self._line(None, name, groups[name], spent.get(name), foretold)

    def _line(
        self,
        cohort: date | None,
        channel: str | None,
        keys: Iterable[Cell],
        costs: Decimal | None,
        foretold: Forecast | Missing | None,
    ) -> Line:
        keys = list(keys)
        found = [self.table.cells[key] for key in keys]
        number = sum(one.customers for one in found)
        numbers = range(self.asked.months)
        revenue = [sum((one.revenue[n] for one in found), Decimal(0)) for n in numbers]
        why: Why | None = None
        if not number:
            why = "no_customers"
        elif number < FEWEST:
            why = "few"
        elif cohort is not None and not self._is_over(cohort):
            why = "open"
        why_no_cac = self._why_no_cac(cohort, costs, why)
        ahead = foretold.of(keys, number) if isinstance(foretold, Forecast) and number else None
        return Line(
            cohort,
            channel,
            number,
            sum(one.active[n] for one in found for n in numbers),
            sum(one.purchases[n] for one in found for n in numbers),
            sum(revenue, Decimal(0)),
            costs,
            _payback(revenue, costs) if why is why_no_cac is None else None,
            why,
            why_no_cac,
            None if why in ("few", "no_customers") else ahead,
        )

    def _why_no_cac(
        self, cohort: date | None, costs: Decimal | None, why: Why | None
    ) -> Why | None:
        if self.plan.costs is None:
            return "no_table"
        if self.plan.costs.amount.type != MoneyType(self.currency):
            return "other_currency"
        if costs is None:
            return "no_costs"
        if why in ("few", "no_customers"):
            return why
        if cohort is not None and month_number(cohort, self.today) == 0:
            return "open"
        return None if costs > 0 else "free"


def _payback(revenue: Iterable[Decimal], costs: Decimal | None) -> int | None:
    """The first month by which the revenue is not below the costs; `None` if none is."""
    so_far = Decimal(0)
    for number, one in enumerate(revenue, 1):
        so_far += one
        if costs is not None and so_far >= costs:
            return number
    return None
