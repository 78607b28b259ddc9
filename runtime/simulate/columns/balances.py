"""Balances of accounts as arrays: which charges of a reading are refused, in the order of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .arrays import UNKNOWN, Ints, Truths, require_exact

_LABELS = 2**32
"""A slot of an account is the number of its period times this, and the number of its key."""

_ROOM = 1_000_000
"""So many slots may be marked in a table, however few there are."""


class Charge(NamedTuple):
    """Charges of one account. `turn` is its place among the checks of each decision.

    The others are arrays: rows of decisions, periods and keys of balances, and units.
    """

    rows: Ints
    turn: int
    periods: Ints
    keys: Ints
    units: Ints


class Balance(NamedTuple):
    """A balance without keys after a reading, by the number of its period.

    `closed_by` is the row that it refused first, and `last` the last that it paid; `UNKNOWN`: none.
    """

    period: int
    spent: int
    closed_by: int
    last: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """By row, the account that refused it: its place in `accounts`, or `UNKNOWN`.

    `balances` are those of accounts without keys.
    """

    accounts: tuple[str, ...]
    refused_by: Ints
    balances: Mapping[str, Sequence[Balance]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The balances of an account in its last period, by slot in order."""

    slots: Ints
    spent: Ints
    closed: Truths


_NONE = _Kept(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class _Open:
    """The balances of an account that a reading may charge, one after the other."""

    slots: Ints
    spent: Ints
    closed: Truths
    cap: int

    def __len__(self) -> int:
        return len(self.slots)


@dataclass(frozen=True, slots=True)
class _Lined:
    """Charges of a reading, one after the other. `places` are those of balances."""

    rows: Ints
    turns: Ints
    places: Ints
    units: Ints

    def in_turn(self, some: Truths) -> _Lined:
        """Some of them, in the order of the checks."""
        rows, turns = self.rows[some], self.turns[some]
        # Rows come in runs that are in order already, one for each kind of charge.
        keys = rows * (turns.max(initial=0) + 1) + turns
        order = np.argsort(keys, kind="stable")
        return _Lined(rows[order], turns[order], self.places[some][order], self.units[some][order])


class Balances:
    """The balances of all accounts. Time only goes forward, so each keeps its last period alone."""

    def __init__(self, caps: Mapping[str, int], single: Collection[str]) -> None:
        self._caps = caps
        self._single = single
        self._kept: dict[str, _Kept] = {}

    def settle(self, count: int, charges: Mapping[str, Sequence[Charge]]) -> Refusals:
        """Charge a reading of so many rows, in their order: each row wholly or not at all."""
        accounts = tuple(charges)
        opened: list[_Open] = []
        lines: list[tuple[Ints, Ints, Ints, Ints]] = []
        first = 0
        for account, some in charges.items():
            slots = np.concatenate([one.periods * _LABELS + one.keys for one in some])
            rows = np.concatenate([one.rows for one in some])
            units = np.concatenate([one.units for one in some])
            turns = np.repeat([one.turn for one in some], [len(one.rows) for one in some])
            own, places = numbered(slots)
            opened.append(self._opened(account, own))
            lines.append((rows, turns, places + first, units))
            first += len(own)
        if not lines:
            return Refusals(accounts, np.full(count, UNKNOWN, np.int64), {})
        lined = _Lined(*(np.concatenate(each) for each in zip(*lines, strict=True)))
        return self._settled(count, accounts, opened, lined)

    def _opened(self, account: str, slots: Ints) -> _Open:
        """The balances of these slots, as they were left."""
        kept = self._kept.get(account, _NONE)
        spent, closed = np.zeros(len(slots), np.int64), np.zeros(len(slots), np.bool_)
        there = np.isin(slots, kept.slots, assume_unique=True)
        at = np.searchsorted(kept.slots, slots[there])
        spent[there], closed[there] = kept.spent[at], kept.closed[at]
        return _Open(slots, spent, closed, self._caps[account])

    def _settled(
        self, count: int, accounts: tuple[str, ...], opened: Sequence[_Open], lined: _Lined
    ) -> Refusals:
        spent = np.concatenate([one.spent for one in opened])
        closed = np.concatenate([one.closed for one in opened])
        caps = np.repeat([one.cap for one in opened], [len(one) for one in opened])
        require_exact(lined.units)
        demanded = np.bincount(lined.places, lined.units, len(spent)).astype(np.int64)
        tight = (closed | (spent + demanded > caps))[lined.places]
        # Only what may be refused is decided in its order, and sorted for that.
        held = lined.in_turn(tight)
        refused, closed_by = _in_turn(held, spent.tolist(), closed.tolist(), caps.tolist())
        refused_at = np.full(count, UNKNOWN, np.int64)
        if refused:
            at, by = np.array(list(refused)), np.array(list(refused.values()))
            refused_at[at] = by
        paid = refused_at[lined.rows] == UNKNOWN
        spent = spent + np.bincount(lined.places[paid], lined.units[paid], len(spent)).astype(
            np.int64
        )
        closing = np.full(len(spent), UNKNOWN, np.int64)
        closing[list(closed_by)] = list(closed_by.values())
        last = np.full(len(spent), UNKNOWN, np.int64)
        cost = paid & (lined.units > 0)
        np.maximum.at(last, lined.places[cost], lined.rows[cost])
        of_account = np.repeat(np.arange(len(opened)), [len(one) for one in opened])
        found, first = {}, 0
        for account, one in zip(accounts, opened, strict=True):
            some = slice(first, first + len(one))
            self._keep(account, one.slots, spent[some], closed[some] | (closing[some] != UNKNOWN))
            if account in self._single:
                found[account] = _by_period(one.slots, spent[some], closing[some], last[some])
            first += len(one)
        by = np.where(refused_at == UNKNOWN, UNKNOWN, of_account[refused_at])
        return Refusals(accounts, by, found)

    def _keep(self, account: str, slots: Ints, spent: Ints, closed: Truths) -> None:
        """Keep the balances of the last period, with those of it that were kept before."""
        before = self._kept.get(account, _NONE)
        other = ~np.isin(before.slots, slots, assume_unique=True)
        every = np.concatenate([before.slots[other], slots])
        order = np.argsort(every)
        last = every // _LABELS == every.max() // _LABELS
        order = order[last[order]]
        self._kept[account] = _Kept(
            every[order],
            np.concatenate([before.spent[other], spent])[order],
            np.concatenate([before.closed[other], closed])[order],
        )


def numbered(slots: Ints) -> tuple[Ints, Ints]:
    """The different slots in order, and the place of each among them.

    Keys are numbers from 0, and periods few: marking slots in a table is quicker than sorting them.
    """
    if not len(slots):
        return slots, slots
    periods, keys = np.divmod(slots, _LABELS)
    begin, width = periods.min(), keys.max() + 1
    size = int((periods.max() - begin + 1) * width)
    if size > _ROOM + 4 * len(slots):
        own, places = np.unique(slots, return_inverse=True)
        return own, places.reshape(-1)
    cells = (periods - begin) * width + keys
    there = np.zeros(size, np.bool_)
    there[cells] = True
    marked = np.flatnonzero(there)
    at = np.cumsum(there) - 1
    return (marked // width + begin) * _LABELS + marked % width, at[cells]


def _by_period(slots: Ints, spent: Ints, closing: Ints, last: Ints) -> list[Balance]:
    """The balances of an account without keys."""
    rows = zip(slots.tolist(), spent.tolist(), closing.tolist(), last.tolist(), strict=True)
    return [Balance(slot // _LABELS, *others) for slot, *others in rows]


def _in_turn(
    held: _Lined, spent: list[int], closed: list[bool], caps: list[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Decide the rows that something may refuse, one after the other.

    Return the balance that refused each, by row; and the row that each balance refused first.
    A balance that refused a row is closed: it refuses all later ones, even at no cost.
    """
    refused: dict[int, int] = {}
    closed_by: dict[int, int] = {}
    if not len(held.rows):
        return refused, closed_by
    begins = np.flatnonzero(np.diff(held.rows, prepend=-1)).tolist()
    rows, places, units = held.rows.tolist(), held.places.tolist(), held.units.tolist()
    for first, end in zip(begins, [*begins[1:], len(rows)], strict=True):
        for n in range(first, end):
            place, some = places[n], units[n]
            if closed[place] or (some and spent[place] + some > caps[place]):
                refused[rows[n]] = place
                if not closed[place]:
                    closed[place] = True
                    closed_by[place] = rows[n]
                break
        else:
            for n in range(first, end):
                spent[places[n]] += units[n]
    return refused, closed_by
