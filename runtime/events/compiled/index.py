"""The rules of one event as a decision tree, so that few of them are evaluated.

- `Guard`: the demands that all rules below share, evaluated once.
- `Switch`: a dictionary on a value that tells most rules apart.
- `Table`: many rules, evaluated together as bits.
- `Leaf`: a single rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ....compiler.plan.expressions import Expression
from ....compiler.plan.values import Value
from .actions import Action
from .demands import Demand
from .table import Row, Table, table_of

FEW = 4
"""Fewer rules than this are evaluated one by one."""

MOST = 512
"""The most rules in one table, and so the width of its bit masks."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """An action, taken if its demands hold and those of no earlier alternative do."""

    demands: tuple[Demand, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class IndexedRule:
    """A rule: its demands, and the alternatives of its reward."""

    demands: tuple[Demand, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def is_plain(self) -> bool:
        """Whether each alternative is decided from a template (`Action.plain`)."""
        return all(each.action.plain is not None for each in self.alternatives)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule, with the demands that were not evaluated above it."""

    indexed: IndexedRule


@dataclass(frozen=True, slots=True)
class Guard:
    """Demands that all branches below share."""

    demands: tuple[Demand, ...]
    branches: Branches


@dataclass(frozen=True, slots=True)
class Switch:
    """The branches for each value of an operand. For any other value no rule fires."""

    operand: Expression
    cases: Mapping[Value, Branches]


Branch = Leaf | Guard | Switch | Table
Branches = tuple[Branch, ...]


def arrange(indexed_rules: Sequence[IndexedRule]) -> Branches:
    """Build the branches for these rules."""
    left = [_PendingRule(indexed, frozenset(indexed.demands)) for indexed in indexed_rules]
    return _Arranging(indexed_rules).arrange(left)


@dataclass(frozen=True, slots=True)
class _PendingRule:
    """A rule during construction, with the demands that are left."""

    indexed: IndexedRule
    demands: frozenset[Demand]

    def without(self, asked: Iterable[Demand]) -> _PendingRule:
        return _PendingRule(self.indexed, self.demands.difference(asked))


_Groups = dict[Value, list[_PendingRule]]


class _Arranging:
    """Builds branches: cheap demands first, then in the order in which they were written."""

    def __init__(self, indexed_rules: Sequence[IndexedRule]) -> None:
        distinct = dict.fromkeys(demand for indexed in indexed_rules for demand in indexed.demands)
        in_turn = sorted(distinct, key=attrgetter("cost"))
        self._turns = {demand: turn for turn, demand in enumerate(in_turn)}

    def arrange(self, rules: Sequence[_PendingRule]) -> Branches:
        """The branches for these rules."""
        if len(rules) == 1:
            return (self._leaf(rules[0]),)
        common = frozenset.intersection(*(rule.demands for rule in rules))
        if common:
            below = self.arrange([rule.without(common) for rule in rules])
            return (Guard(self._in_turn(common), below),)
        return tuple(self._split(rules))

    def _leaf(self, rule: _PendingRule) -> Leaf:
        return Leaf(IndexedRule(self._in_turn(rule.demands), rule.indexed.alternatives))

    def _in_turn(self, demands: Iterable[Demand]) -> tuple[Demand, ...]:
        return tuple(sorted(demands, key=self._turns.__getitem__))

    def _split(self, rules: Sequence[_PendingRule]) -> Iterator[Branch]:
        while (found := self._telling_apart(rules)) is not None:
            operand, groups = found
            yield Switch(operand, {value: self.arrange(group) for value, group in groups.items()})
            taken = {id(rule.indexed) for group in groups.values() for rule in group}
            rules = [rule for rule in rules if id(rule.indexed) not in taken]
        if len(rules) < FEW:
            yield from map(self._leaf, rules)
            return
        for first in range(0, len(rules), MOST):
            yield self._table(rules[first : first + MOST])

    def _telling_apart(self, rules: Sequence[_PendingRule]) -> tuple[Expression, _Groups] | None:
        """Return the operand that tells rules apart best, with the rules of each value.

        On average a value may keep a quarter of the rules that compare the operand, or half if they
        exceed one table. The operand must occur in an eighth of the rules. `None` if no operand
        qualifies.
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

    def _looked_up(self, rule: _PendingRule) -> dict[Expression, tuple[Demand, frozenset[Value]]]:
        """Return the operands of a rule that a dictionary can look up, with their demands."""
        found: dict[Expression, tuple[Demand, frozenset[Value]]] = {}
        for demand in self._in_turn(rule.demands):
            entry = demand.entry
            if entry is not None and entry.ladder is None:
                found.setdefault(entry.operand, (demand, entry.constants))
        return found

    def _table(self, rules: Sequence[_PendingRule]) -> Table:
        rows = [
            Row(alternative.action, self._in_turn(rule.demands), alternative.demands)
            for rule in sorted(rules, key=lambda each: each.indexed.alternatives[0].action.rank)
            for alternative in rule.indexed.alternatives
        ]
        return table_of(rows)
