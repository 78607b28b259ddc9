"""The worth of each decision of a plain campaign, and the accounts that it is charged to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import NamedTuple

import numpy as np

from ....compiler.plan import Plan
from ....compiler.plan.steps import StepKey, step_of
from ....compiler.plan.types import ValueType, to_minor
from ....compiler.plan.values import decode
from ....compiler.rewards.payouts import goods_of
from ....compiler.rewards.table import payout
from ...decide.charges import Charging, Tariff, key_of
from ...decide.decisions import Decision, Identity
from ...decide.facts import named
from .arrays import UNKNOWN, Column, Ints, TooMuch, integers, texts

MOST = 2**40
"""The most that a decision may cost, or give of a wallet: sums of fewer than a million are exact
in every number here."""

NOTHING: tuple[str | None, ...] = ()
NEVER = datetime.min.replace(tzinfo=UTC)
_KEY = "key_"


class Gift(NamedTuple):
    """A bundle: its cost in minor units, and the benefits of its lines."""

    cost: int
    benefits: tuple[str | None, ...]


class Charged(NamedTuple):
    """Decisions of a campaign that are charged alike, by their rows, and what each costs."""

    rows: Ints
    costs: Ints
    tariff: Tariff


class Gifts:
    """The gifts of one campaign. `cells` are the names and types of its own columns."""

    def __init__(
        self,
        plan: Plan,
        charging: Charging,
        key: StepKey,
        cells: Sequence[tuple[str, ValueType]],
    ) -> None:
        self.key = key
        self._plan = plan
        self._charging = charging
        self.step = step_of(named(plan.campaigns, key.campaign), key.step)
        self._goods = goods_of(plan)
        self._places = {name: (f"cell_{n}", type_) for n, (name, type_) in enumerate(cells)}
        self._known: dict[tuple[int, tuple[str | None, ...]], Gift] = {}

    def charged(self, rows: Ints, columns: Mapping[str, Column]) -> Iterator[Charged]:
        """Yield the decisions in these rows of the columns, share by share and bundle by bundle."""
        shares, branches = integers(columns["share"][rows]), integers(columns["branch"][rows])
        # Both count from `UNKNOWN` on, and are few: there is nothing to sort.
        width = int(branches.max(initial=UNKNOWN)) - UNKNOWN + 1
        pairs = (shares - UNKNOWN) * width + branches - UNKNOWN
        for pair in np.flatnonzero(np.bincount(pairs)).tolist():
            some = rows[pairs == pair]
            share, branch = pair // width + UNKNOWN, pair % width + UNKNOWN
            paying = None if share == UNKNOWN else share
            for gift_rows, costs, benefits in self._bundles(branch, some, columns):
                step = self._charging.tariff(*self.key, paying, benefits)
                yield Charged(gift_rows, costs, step)

    def _bundles(
        self, branch: int, rows: Ints, columns: Mapping[str, Column]
    ) -> Iterator[tuple[Ints, Ints, tuple[str | None, ...]]]:
        """Yield rows of a branch with their costs and their benefits."""
        names = self._amounts(branch)
        if not any(name in self._places for name in names):
            gift = self._gift(branch, (None,) * len(names))
            yield rows, np.full(len(rows), gift.cost, np.int64), gift.benefits
            return
        cells: list[Iterable[str | None]] = [
            texts(columns[self._places[name][0]][rows])
            if name in self._places
            else [None] * len(rows)
            for name in names
        ]
        gifts = [self._gift(branch, each) for each in zip(*cells, strict=True)]
        costs = np.fromiter((gift.cost for gift in gifts), np.int64, len(gifts))
        for benefits in dict.fromkeys(gift.benefits for gift in gifts):
            alike = np.fromiter((one.benefits == benefits for one in gifts), np.bool_, len(gifts))
            yield rows[alike], costs[alike], benefits

    def _amounts(self, branch: int) -> list[str]:
        """The names of the columns with the amounts of a branch's lines."""
        reward = self.step.reward
        if reward is None or branch == UNKNOWN:
            return []
        return [f"amount_{branch}_{n}" for n, _ in enumerate(reward.branches[branch].lines)]

    def _gift(self, branch: int, cells: tuple[str | None, ...]) -> Gift:
        gift = self._known.get((branch, cells))
        if gift is None:
            gift = self._known[branch, cells] = self._made(branch, cells)
        return gift

    def _made(self, branch: int, cells: tuple[str | None, ...]) -> Gift:
        reward = self.step.reward
        if reward is None or branch == UNKNOWN:
            return Gift(0, NOTHING)
        given = []
        lines = zip(reward.branches[branch].lines, self._amounts(branch), cells, strict=True)
        for line, name, cell in lines:
            value = None if cell is None else decode(self._places[name][1], cell)
            given.append(payout(line, value, self._goods))
        whole = [one for one in given if one is not None]
        if len(whole) < len(given):
            return Gift(0, NOTHING)
        cost = sum(to_minor(one.cost, self._plan.currency) for one in whole)
        if cost > MOST or any(one.amount > MOST for one in whole):
            raise TooMuch
        return Gift(cost, tuple(one.benefit for one in whole))

    def keys(self, keys: tuple[str, ...], rows: Ints, columns: Mapping[str, Column]) -> list[str]:
        """The values by which an account counts, of these rows: see `charges.key_of`."""
        customers, occurrences = (
            texts(columns["customer"][rows]),
            texts(columns["occurrence"][rows]),
        )
        kept = [name for name in self._places if name.startswith(_KEY)]
        values = [texts(columns[self._places[name][0]][rows]) for name in kept]
        fields = [name.removeprefix(_KEY) for name in kept]
        each = zip(*values, strict=True) if values else repeat(())
        return [
            key_of(
                keys, self._decision(customer, occurrence, dict(zip(fields, cells, strict=True)))
            )
            for customer, occurrence, cells in zip(customers, occurrences, each, strict=False)
        ]

    def _decision(self, customer: str, occurrence: str, keys: Mapping[str, str | None]) -> Decision:
        """As much of a decision as its accounts count by."""
        who = Identity(*self.key, customer, occurrence)
        return Decision(who, customer, NEVER, False, (), (), NEVER, None, keys, {})
