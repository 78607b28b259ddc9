"""Balances of accounts as arrays: which charges of a reading are refused, in the order of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .arrays import UNKNOWN, Ints, Truths, require_exact

_LABELS = 2**32
"""A slot of an account is the number of its period times this, and the number of its key."""


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
    """All charges of a reading in the order of the checks. `places` are those of balances."""

    rows: Ints
    places: Ints
    units: Ints


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
            own, places = np.unique(slots, return_inverse=True)
            opened.append(self._opened(account, own))
            lines.append((rows, turns, places.reshape(-1) + first, units))
            first += len(own)
        if not lines:
            return Refusals(accounts, np.full(count, UNKNOWN, np.int64), {})
        rows, turns, places, units = (np.concatenate(each) for each in zip(*lines, strict=True))
        order = np.lexsort((turns, rows))
        lined = _Lined(rows[order], places[order], units[order])
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
        held = _Lined(lined.rows[tight], lined.places[tight], lined.units[tight])
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
