"""Sums over the decisions of plain campaigns, as a ledger has them of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ....compiler.plan import Plan
from ....compiler.plan.steps import StepKey
from ....compiler.plan.types import from_minor
from ...decide.charges import to_units
from ...decide.decisions import Outcome
from ...ledger.contract import BudgetRow
from ...ledger.reading import budget_row
from ...ledger.totals.totals import Closed, Decided, Moved
from .arrays import Ints, Numbers, Truths, require_exact
from .balances import Balance

Why = tuple[Outcome, str | None]
"""An outcome, and the account that refused."""


@dataclass(slots=True)
class _Sum:
    """A balance without keys: its units, when it was used up, and when it was last charged."""

    spent: int = 0
    closed: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The instants of rows: `minutes` has each minute once, in order, and `of` its place by row.

    `days` is the place of the first minute of its day, by row.
    """

    minutes: Sequence[datetime]
    of: Ints
    days: Ints


class ColumnTotals:
    """The sums of the campaigns `names` (see `Totalling`); they charge `accounts`."""

    def __init__(self, plan: Plan, names: frozenset[str]) -> None:
        self.names = names
        own = [one for one in plan.campaigns if one.name in names]
        self.accounts = frozenset(
            charge.account for one in own for step in one.steps for charge in step.charges
        )
        self._currency = plan.currency
        self._customers = Numbers()
        self._decided: Counter[tuple[StepKey, datetime, Outcome, str | None]] = Counter()
        self._moved: Counter[tuple[StepKey, datetime]] = Counter()
        self._sums: dict[tuple[str, str], _Sum] = {}
        self._reached: dict[StepKey, Ints] = {}

    @property
    def customers(self) -> Numbers:
        """The numbers of all customers so far."""
        return self._customers

    def add(
        self, key: StepKey, clock: Clock, rows: Ints, whys: Sequence[Why], why: Ints, costs: Ints
    ) -> None:
        """Add the decisions of a step in these rows: the place of each in `whys`, and its cost."""
        days, width = clock.days[rows], len(whys)
        kinds, counts = np.unique(days * width + why, return_counts=True)
        for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True):
            day, place = divmod(kind, width)
            self._decided[key, clock.minutes[day], *whys[place]] += count
        require_exact(costs)
        sums = np.bincount(days, costs)
        for day in np.flatnonzero(sums).tolist():
            self._moved[key, clock.minutes[day]] += int(sums[day])

    def reach(self, key: StepKey, customers: Ints, granted: Truths) -> None:
        """Note the recipients of grants."""
        new = np.unique(customers[granted])
        known = self._reached.get(key)
        self._reached[key] = new if known is None else np.union1d(known, new)

    def settle(self, account: str, period: str, balance: Balance, clock: Clock) -> None:
        """Note a balance after a reading."""
        found = self._sums.setdefault((account, period), _Sum())
        found.spent = balance.spent
        if found.closed is None and balance.closed_by >= 0:
            found.closed = clock.minutes[clock.of[balance.closed_by]]
        if balance.last >= 0:
            found.last = clock.minutes[clock.of[balance.last]]

    # --- as a ledger has it -------------------------------------------------------------------

    def decided(self) -> Iterator[Decided]:
        """See `Totalling.decided`; by day instead of minute."""
        for (key, at, outcome, account), count in self._decided.items():
            yield Decided(*key, at, outcome, account, count)

    def moved(self) -> Iterator[Moved]:
        """See `Totalling.moved`; by day instead of minute."""
        for (key, at), cost in self._moved.items():
            yield Moved(*key, at, from_minor(cost, self._currency))

    def recipients(self) -> Iterator[tuple[str, str, str]]:
        """See `Totalling.recipients`."""
        names = self._customers.texts
        for key, reached in self._reached.items():
            yield from ((*key, names[number]) for number in reached.tolist())

    def budgets(self, plan: Plan) -> Iterator[BudgetRow]:
        """See `Ledger.budgets`, of its own accounts."""
        for account in plan.accounts:
            rows = [
                (period, one)
                for (name, period), one in self._sums.items()
                if name == account.id and (one.spent or one.closed)
            ]
            ordered = sorted(rows, key=lambda row: row[0])
            for period, one in ordered or [("", _Sum())]:
                yield budget_row(account, plan.currency, period, one.spent, one.closed is not None)

    def closed(self, plan: Plan) -> Iterator[Closed]:
        """See `Totalling.closed`, of its own accounts."""
        caps = {one.id: to_units(one, plan.currency) for one in plan.accounts}
        for (account, period), one in self._sums.items():
            at = one.closed or (one.last if one.spent >= caps[account] else None)
            if at is not None:
                yield Closed(account, period, at)
