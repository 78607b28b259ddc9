"""Decide the plain campaigns of a period, reading by reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ....compiler.plan import Period, Plan
from ....compiler.plan.due import Due
from ....compiler.plan.steps import StepKey
from ....compiler.sql.all.campaigns import QueryOfAll
from ...decide.charges import Charging, Tariff
from ...decide.facts import named
from ...due.periods import first_caught_up
from ...run.items import answers
from ...run.work import Work
from .arrays import UNKNOWN, Column, Ints, Numbers, TooMuch, columns_of, instants, texts, truths
from .balances import Balances, Charge
from .gifts import Gifts
from .plain import plain_campaigns
from .totals import Clock, ColumnTotals, Why

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000
_GRANTED, _REACHED, _HELD_OUT, _LATE = range(4)
_WHYS: tuple[Why, ...] = (
    ("granted", None),
    ("reached", None),
    ("held_out", None),
    ("too_late", None),
)
"""The outcomes for which no account is the reason, at the places above."""

Told = Callable[[int, datetime], None]


def decide_apart(
    work: Work, stretches: Sequence[tuple[StepKey, Due]], last: datetime, told: Told
) -> ColumnTotals | None:
    """Decide the plain campaigns among these, and sum up; `None` if they must go the long way.

    The ledger must be empty. `told` hears of each reading: how many decisions, and up to when.
    """
    names = plain_campaigns(work.plan)
    own = [(key, due) for key, due in stretches if key.campaign in names]
    if any(due.late_table is not None or due.again is not None for _, due in own):
        return None
    deciding = _Deciding(work.plan, names, last)
    try:
        for query, answer in answers(work, own):
            for columns in columns_of(answer):
                told(*deciding.read(query, columns))
    except TooMuch:
        return None
    return deciding.totals


@dataclass(frozen=True, slots=True)
class _Reading:
    """Some rows of candidates: their columns, customers, instants and calendar."""

    columns: Mapping[str, Column]
    customers: Ints
    instants: Ints
    clock: Clock
    periods: Mapping[Period, Ints]


class _Deciding:
    """The balances and the sums so far."""

    def __init__(self, plan: Plan, names: frozenset[str], last: datetime) -> None:
        self.totals = ColumnTotals(plan, names)
        self._plan = plan
        self._charging = charging = Charging(plan)
        single = frozenset(one.id for one in plan.accounts if one.key is None)
        self._balances = Balances(charging.caps, single)
        self._last = last
        self._labels = Numbers()
        self._keys: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._done = 0

    def read(self, query: QueryOfAll, columns: Mapping[str, Column]) -> tuple[int, datetime]:
        """Decide these rows; return the number of decisions so far, and the last instant."""
        reading = self._reading(columns)
        count = len(reading.customers)
        rows_of = _by_campaign(columns)
        # Those who are held out or too late are charged nothing.
        free = ~truths(columns["held_out"])
        late = np.zeros(count, np.bool_)
        costs = np.zeros(count, np.int64)
        charges: dict[str, list[Charge]] = defaultdict(list)
        for key, cells in query.further.items():
            rows = rows_of.get(key.campaign)
            if rows is None:
                continue
            late[rows] = self._is_late(key, reading.instants[rows])
            some = rows[free[rows] & ~late[rows]]
            gifts = Gifts(self._plan, self._charging, key, cells)
            for one in gifts.charged(some, columns):
                costs[one.rows] = one.costs
                for account, charge in self._charges(
                    gifts, one.rows, one.costs, one.tariff, reading
                ):
                    charges[account].append(charge)
        refusals = self._balances.settle(count, charges)
        accounts = [self._charging.accounts[one] for one in refusals.accounts]
        whys = (*_WHYS, *((one.refusal, one.id) for one in accounts))
        refused_by = refusals.refused_by
        why = np.where(refused_by == UNKNOWN, _GRANTED, refused_by + len(_WHYS))
        why[late] = _LATE
        why[~free] = _HELD_OUT
        for key in query.further:
            rows = rows_of.get(key.campaign)
            if rows is not None:
                self._add(key, reading, rows, whys, why[rows], costs[rows])
        for account, balances in refusals.balances.items():
            for balance in balances:
                period = self._labels.texts[balance.period]
                self.totals.settle(account, period, balance, reading.clock)
        self._done += count
        return self._done, reading.clock.minutes[-1]

    def _add(
        self,
        key: StepKey,
        reading: _Reading,
        rows: Ints,
        whys: Sequence[Why],
        why: Ints,
        costs: Ints,
    ) -> None:
        step = named(self._plan.campaigns, key.campaign).steps[0]
        granted = why == _GRANTED
        if step.gives_nothing:
            why = np.where(granted, _REACHED, why)
        self.totals.add(key, reading.clock, rows, whys, why, np.where(granted, costs, 0))
        if not step.gives_nothing:
            self.totals.reach(key, reading.customers[rows], granted)

    def _reading(self, columns: Mapping[str, Column]) -> _Reading:
        at = instants(columns["at"])
        minutes = at // _MINUTE
        starts = np.flatnonzero(np.diff(minutes, prepend=minutes[0] - 1))
        moments = [_EPOCH + n * _MINUTE * _MICROSECOND for n in minutes[starts].tolist()]
        of = np.cumsum(np.diff(minutes, prepend=minutes[0] - 1) != 0) - 1
        labels = [self._charging.labels(one) for one in moments]
        periods = {
            period: self._labels.of((one[period] for one in labels), len(labels))[of]
            for period in dict.fromkeys(
                account.period for account in self._plan.accounts if account.period
            )
        }
        days: dict[str, int] = {}
        firsts = [days.setdefault(one["day"], place) for place, one in enumerate(labels)]
        customers = texts(columns["customer"])
        numbers = self.totals.customers.of(customers, len(customers))
        clock = Clock(moments, of, np.array(firsts, np.int64)[of])
        return _Reading(columns, numbers, at, clock, periods)

    def _is_late(self, key: StepKey, at: Ints) -> Column:
        """Whether the run comes to these instants too late (see `catch up`)."""
        campaign = named(self._plan.campaigns, key.campaign)
        first = first_caught_up(self._plan, campaign, self._last)
        if first is None:
            return np.zeros(len(at), np.bool_)
        return at < (first - _EPOCH) // _MICROSECOND

    def _charges(
        self, gifts: Gifts, rows: Ints, costs: Ints, tariff: Tariff, reading: _Reading
    ) -> Iterable[tuple[str, Charge]]:
        """Yield what these decisions are charged, account by account."""
        for turn, (account, period, keys, each, of_cost) in enumerate(tariff.items):
            # The account of what is spent is the cost of the gift, once.
            if of_cost > 1:
                raise TooMuch
            if period is None:
                periods = np.full(len(rows), self._labels.of([""], 1)[0])
            else:
                periods = reading.periods[period][rows]
            if not keys:
                numbers = np.zeros(len(rows), np.int64)
            elif keys == ("customer",):
                numbers = reading.customers[rows]
            else:
                values = gifts.keys(keys, rows, reading.columns)
                numbers = self._keys[account].of(values, len(rows))
            yield account, Charge(rows, turn, periods, numbers, each + of_cost * costs)


def _by_campaign(columns: Mapping[str, Column]) -> dict[str, Ints]:
    """The rows of each campaign, in order."""
    names = Numbers()
    found = texts(columns["campaign"])
    places = names.of(found, len(found))
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.bincount(places, minlength=len(names)))
    parts = np.split(order, ends[:-1])
    return dict(zip(names.texts, parts, strict=True))
