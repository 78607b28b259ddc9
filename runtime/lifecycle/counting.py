"""Words of stages, added up: sizes, moves and stays all come from the same words.

A word has a letter for each instant, so every number of a lifecycle is of the same customers and
every flow balances.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...compiler.lifecycle.stages import FIRST, NOT_YET, OUTSIDE, letter
from ...compiler.plan import Lifecycle
from .model import Conversion, Edge, Flow, History, Moves, State, Stays
from .touches import Touches

OPEN = -1
"""The state after a stay that had not ended."""

_LEGS = 4
"""The most legs of the picture of moves."""

Stay = tuple[int, int, int, int]
"""A state, the first instant of a stay in it, the first one after it, and the state then."""


@dataclass(slots=True)
class Tally:
    """The counts of one lifecycle at these instants, to which words are added."""

    lifecycle: Lifecycle
    instants: tuple[datetime, ...]
    touches: Touches
    stays: Counter[Stay] = field(default_factory=Counter)
    touched: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    legs: dict[tuple[int, int], NDArray[np.int64]] = field(default_factory=dict)
    _places: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        letters = [letter(place) for place in range(self.width)]
        self._places = np.zeros(max(map(ord, letters)) + 1, np.int64)
        for place, one in enumerate(letters):
            self._places[ord(one)] = place
        last = len(self.instants) - 1
        marks = sorted({round(last * part / _LEGS) for part in range(_LEGS + 1)})
        for pair in {*pairwise(range(last + 1)), *pairwise(marks), (0, last)}:
            self.legs[pair] = np.zeros((self.width, self.width), np.int64)
        self.marks = marks

    marks: list[int] = field(init=False)

    @property
    def width(self) -> int:
        """The number of states."""
        return FIRST + len(self.lifecycle.stages)

    def add(self, customers: Sequence[str], words: Sequence[str]) -> None:
        """Add the word of each of these customers."""
        if not words:
            return
        count = len(self.instants)
        letters = np.array(words, dtype=f"<U{count}").view(np.uint32).reshape(len(words), count)
        states = self._places[letters]
        for (first, last), counts in self.legs.items():
            pairs = states[:, first] * self.width + states[:, last]
            found = np.bincount(pairs, minlength=counts.size).reshape(counts.shape)
            np.add(counts, found, out=counts)
        self._add_stays(states)
        for place, customer in enumerate(customers):
            if customer in self.touches.of:
                self._add_touched(customer, states[place].tolist())

    def _add_stays(self, states: NDArray[np.int64]) -> None:
        rows, count = states.shape
        turns = np.ones((rows, count + 1), bool)
        turns[:, 1:count] = states[:, 1:] != states[:, :-1]
        places = np.flatnonzero(turns)
        row, at = np.divmod(places, count + 1)
        begins = np.flatnonzero(at < count)
        first, last = at[begins], at[begins + 1]
        is_open = last == count
        following = np.where(is_open, OPEN, states[row[begins], np.minimum(last, count - 1)])
        keys = states[row[begins], first]
        for part, most in ((first, count), (last, count), (following - OPEN, self.width)):
            keys = keys * (most + 1) + part
        found, counts = np.unique(keys, return_counts=True)
        for key, number in zip(found.tolist(), counts.tolist(), strict=True):
            rest, after = divmod(key, self.width + 1)
            rest, end = divmod(rest, count + 1)
            state, start = divmod(rest, count + 1)
            self.stays[state, start, end, after + OPEN] += number

    def _add_touched(self, customer: str, states: Sequence[int]) -> None:
        for place, (one, other) in enumerate(pairwise(states)):
            if one != other:
                start, end = self.instants[place], self.instants[place + 1]
                for campaign in self.touches.between(customer, start, end):
                    self.touched[one, other, campaign] += 1

    # --- what came of it ------------------------------------------------------------------------

    def history(self, zone: ZoneInfo) -> History:
        """The numbers of all words that were added."""
        states, last = self._states(), len(self.instants) - 1
        sizes = [[0] * len(states) for _ in self.instants]
        for (state, first, after, _), number in self.stays.items():
            for place in range(first, after):
                sizes[place][state] += number
        return History(
            self.lifecycle.name,
            self.lifecycle.label,
            states,
            self.instants,
            tuple(map(tuple, sizes)),
            tuple(self._moves(one, one + 1, states) for one in range(last)),
            self._moves(0, last, states) if last else None,
            tuple(self._moves(one, other, states) for one, other in pairwise(self.marks)),
            tuple(self._edges(states)),
            tuple(self._stays(place, states, zone) for place in range(FIRST, self.width)),
            tuple(self._conversion(place, states) for place in range(FIRST, self.width)),
        )

    def _states(self) -> tuple[State, ...]:
        stages = (State("stage", one.name, one.label) for one in self.lifecycle.stages)
        found = {NOT_YET: State("not_yet", "", ""), OUTSIDE: State("outside", "", "")}
        return (*(found[place] for place in range(FIRST)), *stages)

    def _moves(self, first: int, last: int, states: Sequence[State]) -> Moves:
        counts = self.legs[first, last].tolist()
        flows = []
        for place, state in enumerate(states):
            entered = {
                states[one]: counts[one][place]
                for one in range(len(states))
                if one != place and counts[one][place]
            }
            left = {
                states[one]: counts[place][one]
                for one in range(len(states))
                if one != place and counts[place][one]
            }
            stayed = counts[place][place]
            before, after = stayed + sum(left.values()), stayed + sum(entered.values())
            flows.append(Flow(state, before, stayed, entered, left, after))
        return Moves(self.instants[first], self.instants[last], tuple(flows))

    def _edges(self, states: Sequence[State]) -> list[Edge]:
        moves: Counter[tuple[int, int]] = Counter()
        for (state, _, _, after), number in self.stays.items():
            if after != OPEN:
                moves[state, after] += number
        found = []
        for (one, other), number in sorted(moves.items()):
            campaigns: Mapping[str, int] = {
                campaign: count
                for (source, target, campaign), count in sorted(
                    self.touched.items(), key=lambda each: (-each[1], each[0])
                )
                if (source, target) == (one, other)
            }
            found.append(Edge(states[one], states[other], number, campaigns))
        return found

    def _stays(self, place: int, states: Sequence[State], zone: ZoneInfo) -> Stays:
        days: Counter[int] = Counter()
        still: Counter[int] = Counter()
        earlier = 0
        dates = [one.astimezone(zone).date() for one in self.instants]
        for (state, first, after, following), number in self.stays.items():
            if state != place:
                continue
            if not first:
                earlier += number
            elif following == OPEN:
                still[(dates[-1] - dates[first]).days] += number
            else:
                days[(dates[after] - dates[first]).days] += number
        return Stays(states[place], days, still, earlier)

    def _conversion(self, place: int, states: Sequence[State]) -> Conversion:
        own = {key: number for key, number in self.stays.items() if key[0] == place}
        onward = sum(number for key, number in own.items() if key[3] == place + 1)
        still = sum(number for key, number in own.items() if key[3] == OPEN)
        following = states[place + 1] if place + 1 < len(states) else None
        elsewhere = sum(own.values()) - onward - still
        return Conversion(states[place], following, onward, elsewhere, still)
