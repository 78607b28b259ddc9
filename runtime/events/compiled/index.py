"""Rules that wait for one event, arranged so that what does not concern it is not looked at.

A set of rules becomes branches. What all rules of a set demand is asked once, above them (`Guard`).
A value that tells nearly all of them apart is looked up in a dictionary (`Switch`). Where many are
left they become rows of a table, whose questions are answered for all of them at once (`Table`);
where few are, each is asked by itself (`Leaf`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ....compiler.plan.expressions import Expression
from ....compiler.plan.values import Value
from .demands import Demand
from .giving import Gift
from .table import Row, Table, table_of

FEW = 4
"""Fewer rules than this are asked one by one."""

MOST = 512
"""Rules in one table, at most: its answers are so many bits wide."""


@dataclass(frozen=True, slots=True)
class Way:
    """What is given where these hold, of a rule that acts, and none of the ways before."""

    demands: tuple[Demand, ...]
    gift: Gift


@dataclass(frozen=True, slots=True)
class Bid:
    """A rule: what must hold before it acts, and the ways in which it may."""

    demands: tuple[Demand, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule, and what is left to ask of it."""

    bid: Bid


@dataclass(frozen=True, slots=True)
class Guard:
    """Asked once for all below."""

    demands: tuple[Demand, ...]
    branches: Branches


@dataclass(frozen=True, slots=True)
class Switch:
    """What concerns each value of an operand; no other value concerns anything here."""

    operand: Expression
    cases: Mapping[Value, Branches]


Branch = Leaf | Guard | Switch | Table
Branches = tuple[Branch, ...]


def arrange(bids: Sequence[Bid]) -> Branches:
    """The branches for these."""
    left = [_Left(bid, frozenset(bid.demands)) for bid in bids]
    return _Arranging(bids).arrange(left)


@dataclass(frozen=True, slots=True)
class _Left:
    """A rule on its way down, with what has not been asked yet."""

    bid: Bid
    demands: frozenset[Demand]

    def without(self, asked: Iterable[Demand]) -> _Left:
        return _Left(self.bid, self.demands.difference(asked))


_Groups = dict[Value, list[_Left]]


class _Arranging:
    """What is cheap is asked first; what is equally cheap, in the order in which it is written."""

    def __init__(self, bids: Sequence[Bid]) -> None:
        distinct = dict.fromkeys(demand for bid in bids for demand in bid.demands)
        in_turn = sorted(distinct, key=attrgetter("cost"))
        self._turns = {demand: turn for turn, demand in enumerate(in_turn)}

    def arrange(self, rules: Sequence[_Left]) -> Branches:
        """The branches for these rules."""
        if len(rules) == 1:
            return (self._leaf(rules[0]),)
        common = frozenset.intersection(*(rule.demands for rule in rules))
        if common:
            below = self.arrange([rule.without(common) for rule in rules])
            return (Guard(self._in_turn(common), below),)
        return tuple(self._split(rules))

    def _leaf(self, rule: _Left) -> Leaf:
        return Leaf(Bid(self._in_turn(rule.demands), rule.bid.ways))

    def _in_turn(self, demands: Iterable[Demand]) -> tuple[Demand, ...]:
        return tuple(sorted(demands, key=self._turns.__getitem__))

    def _split(self, rules: Sequence[_Left]) -> Iterator[Branch]:
        while (found := self._telling_apart(rules)) is not None:
            operand, groups = found
            yield Switch(operand, {value: self.arrange(group) for value, group in groups.items()})
            taken = {id(rule.bid) for group in groups.values() for rule in group}
            rules = [rule for rule in rules if id(rule.bid) not in taken]
        if len(rules) < FEW:
            yield from map(self._leaf, rules)
            return
        for first in range(0, len(rules), MOST):
            yield self._table(rules[first : first + MOST])

    def _telling_apart(self, rules: Sequence[_Left]) -> tuple[Expression, _Groups] | None:
        """The value that leaves least to be looked at: of those whom it concerns a quarter.

        Or half, where there are too many for one table. It must concern an eighth of the rules.
        """
        grouped: dict[Expression, _Groups] = defaultdict(lambda: defaultdict(list))
        having: dict[Expression, int] = defaultdict(int)
        for rule in rules:
            for operand, (asked, values) in self._looked_up(rule).items():
                having[operand] += 1
                for value in values:
                    grouped[operand][value].append(rule.without((asked,)))
        best, most = None, 0.0
        for operand, groups in grouped.items():
            count = having[operand]
            left = sum(map(len, groups.values())) / len(groups)
            enough = 2 if count > MOST else FEW
            if count >= max(FEW, len(rules) / 8) and left * enough <= count and count - left > most:
                best, most = operand, count - left
        return None if best is None else (best, grouped[best])

    def _looked_up(self, rule: _Left) -> dict[Expression, tuple[Demand, frozenset[Value]]]:
        """The operands that a dictionary answers for a rule; the first demand of each."""
        found: dict[Expression, tuple[Demand, frozenset[Value]]] = {}
        for demand in self._in_turn(rule.demands):
            entry = demand.entry
            if entry is not None and entry.ladder is None:
                found.setdefault(entry.operand, (demand, entry.constants))
        return found

    def _table(self, rules: Sequence[_Left]) -> Table:
        rows = [
            Row(way.gift, self._in_turn(rule.demands), way.demands)
            for rule in sorted(rules, key=lambda each: each.bid.ways[0].gift.rank)
            for way in rule.bid.ways
        ]
        return table_of(rows)
