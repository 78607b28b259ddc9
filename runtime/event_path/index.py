"""Rules that wait for one event, arranged so that what does not concern it is not looked at.

A set of rules becomes branches. What all rules of a set demand is asked once, above them (`Guard`).
Then whatever decides most about the rest is taken out, again and again: a value that many compare
with constants is looked up in a dictionary (`Switch`), a condition that several share is asked once
(`Guard`), bounds on one value are sorted and found by bisection (`Steps`). What is left of a rule
when nothing is shared any more is asked by itself (`Leaf`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, Literal

from ...compiler import operators
from ...compiler.expressions import Constant, Expression, Operation
from ...compiler.inline import Ladder
from ...compiler.values import Value, decode
from .rules import Condition, Rule

FEW = 4
"""Fewer bounds than this are compared one by one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule, and what is left to ask of it."""

    rank: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """Asked once for all below."""

    conditions: tuple[Condition, ...]
    branches: Branches


@dataclass(frozen=True, slots=True)
class Switch:
    """What concerns each value of an operand; no other value concerns anything here."""

    operand: Expression
    cases: Mapping[Value, Branches]


@dataclass(frozen=True, slots=True)
class Steps:
    """Branches under ascending bounds of an operand: those that hold are next to each other."""

    operand: Expression
    ladder: Ladder
    bounds: tuple[Value, ...]
    branches: tuple[Branches, ...]


Branch = Leaf | Guard | Switch | Steps
Branches = tuple[Branch, ...]


def arrange(rules: Sequence[Rule], cost: Callable[[Condition], int]) -> Branches:
    """The branches for these rules; `cost` tells which of several conditions to ask first."""
    distinct = dict.fromkeys(condition for rule in rules for condition in rule.conditions)
    in_turn = sorted(distinct, key=cost)
    numbers = {condition: number for number, condition in enumerate(in_turn)}
    left = [
        _Left(rule.rank, frozenset(map(numbers.__getitem__, rule.conditions))) for rule in rules
    ]
    return _Arranging(in_turn).arrange(left)


# --- indexes that can answer a condition --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Index:
    """A dictionary (no ladder) or sorted bounds, over the values of an operand."""

    operand: Expression
    ladder: Ladder | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """Under which constants of which index a condition stands."""

    index: _Index
    constants: frozenset[Value]


def _entry(condition: Condition) -> _Entry | None:
    """Of a comparison of a value with constants that the table has an index for."""
    if not isinstance(condition, Operation):
        return None
    operand, *others = condition.arguments
    row = operators.find(condition.operator, tuple(each.type for each in condition.arguments))
    constants = [each for each in others if isinstance(each, Constant)]
    if row is None or row.inline is None or row.inline.index is None:
        return None
    if isinstance(operand, Constant) or len(constants) < len(others):
        return None
    ladder = row.inline.index if isinstance(row.inline.index, Ladder) else None
    values = frozenset(decode(each.type, each.value) for each in constants)
    return _Entry(_Index(operand, ladder), values)


# --- taking out what decides most ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Left:
    """A rule on its way down, with what has not been asked yet: numbers of conditions."""

    rank: int
    conditions: frozenset[int]

    def without(self, asked: Iterable[int]) -> _Left:
        return _Left(self.rank, self.conditions.difference(asked))


_Key = tuple[Literal["ask", "look up"], int]
"""What could come first: a condition, or an index, by number."""


class _Arranging:
    """Conditions have the numbers of the turn in which they are asked; so have indexes."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = conditions
        entries = [_entry(condition) for condition in conditions]
        self._indexes = list(dict.fromkeys(each.index for each in entries if each is not None))
        numbers = {index: number for number, index in enumerate(self._indexes)}
        self._entries: list[tuple[int, frozenset[Value]] | None] = [
            None if each is None else (numbers[each.index], each.constants) for each in entries
        ]

    def arrange(self, rules: list[_Left]) -> Branches:
        """The branches for these rules."""
        if len(rules) == 1:
            return (Leaf(rules[0].rank, self._in_turn(rules[0].conditions)),)
        common = frozenset.intersection(*(rule.conditions for rule in rules))
        if common:
            below = self.arrange([rule.without(common) for rule in rules])
            return (Guard(self._in_turn(common), below),)
        return tuple(self._split(rules))

    def _in_turn(self, numbers: Iterable[int]) -> tuple[Condition, ...]:
        return tuple(self._conditions[number] for number in sorted(numbers))

    def _split(self, rules: list[_Left]) -> Iterator[Branch]:
        shared = _Shared(rules, self._entries, self._indexes)
        while (key := shared.best()) is not None:
            kind, number = key
            taken = shared.take(key)
            if kind == "ask":
                below = self.arrange([rule.without((number,)) for rule in taken])
                yield Guard((self._conditions[number],), below)
            else:
                yield self._indexed(number, taken)
        for rule in shared.left():
            yield Leaf(rule.rank, self._in_turn(rule.conditions))

    def _indexed(self, number: int, taken: Iterable[_Left]) -> Branch:
        """The index over the rules taken: it answers one condition of each."""
        groups: dict[Any, list[_Left]] = defaultdict(list)
        for rule in taken:
            asked, constants = self._asked_of(rule, number)
            for value in constants:
                groups[value].append(rule.without((asked,)))
        index = self._indexes[number]
        below = {value: self.arrange(found) for value, found in groups.items()}
        if index.ladder is None:
            return Switch(index.operand, below)
        bounds = tuple(sorted(groups))
        return Steps(index.operand, index.ladder, bounds, tuple(below[each] for each in bounds))

    def _asked_of(self, rule: _Left, index: int) -> tuple[int, frozenset[Value]]:
        """The first condition of the rule that stands in the index."""
        for number in sorted(rule.conditions):
            entry = self._entries[number]
            if entry is not None and entry[0] == index:
                return number, entry[1]
        raise LookupError(f"rule {rule.rank} has nothing to look up")


class _Shared:
    """Which rules share what, while they are taken out group by group."""

    def __init__(
        self,
        rules: list[_Left],
        entries: Sequence[tuple[int, frozenset[Value]] | None],
        indexes: Sequence[_Index],
    ) -> None:
        self._rules = {rule.rank: rule for rule in rules}
        self._entries = entries
        self._indexes = indexes
        self._having: dict[_Key, set[int]] = defaultdict(set)
        values: dict[_Key, set[Value]] = defaultdict(set)
        for rule in rules:
            for key, constants in self._keys(rule):
                self._having[key].add(rule.rank)
                values[key].update(constants)
        self._kinds = {key: len(found) for key, found in values.items()}
        told = ((-self._score(key), key) for key in self._having)
        self._queue = [entry for entry in told if entry[0] < 0]
        heapify(self._queue)

    def _keys(self, rule: _Left) -> Iterator[tuple[_Key, frozenset[Value]]]:
        """All that could come first for a rule, and the constants that an index would hold."""
        for number in rule.conditions:
            yield ("ask", number), frozenset()
            entry = self._entries[number]
            if entry is not None:
                yield ("look up", entry[0]), entry[1]

    def _score(self, key: _Key) -> float:
        """How many rules need not be looked at, about, when this comes first."""
        count = len(self._having[key])
        if count < 2:
            return 0
        if key[0] == "ask":
            return count / 2
        if self._indexes[key[1]].ladder is None:
            return count * (1 - 1 / self._kinds[key])
        return count / 4 if count >= FEW else 0

    def best(self) -> _Key | None:
        """What decides most now; nothing where no two rules share anything."""
        while self._queue:
            told, key = heappop(self._queue)
            score = -self._score(key)
            if score == told:
                return key
            if score < 0:
                heappush(self._queue, (score, key))
        return None

    def take(self, key: _Key) -> list[_Left]:
        """The rules that it concerns; they are gone from here."""
        taken = [self._rules.pop(rank) for rank in sorted(self._having[key])]
        for rule in taken:
            for other, _ in self._keys(rule):
                self._having[other].discard(rule.rank)
        return taken

    def left(self) -> Iterable[_Left]:
        """Those that share nothing with any other."""
        return self._rules.values()
