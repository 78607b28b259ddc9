"""Tables: many rules evaluated at once, as the bits of an integer.

A row is one alternative of a rule. A question is evaluated for all rows. Its answer is a bit mask
whose n-th bit says whether the n-th row may still fire.

- `Lookup`: a value is looked up in a dictionary of masks.
- `Cells`: a value is bisected among sorted bounds, with a mask between each two.
- `Ask`: a condition that several rows share is evaluated once.
- `Table.checks`: demands of a single rule are evaluated last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
from typing import Any, Literal

from ....compiler.plan.expressions import Clock, Expression
from ....compiler.plan.types import MoneyType
from ....compiler.plan.values import Value
from .actions import Action
from .demands import Demand, Entry

FEW = 3
"""Fewer conditions than this on one value are evaluated one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One alternative: its action, the demands of its rule, and its own demands."""

    action: Action
    demands: tuple[Demand, ...]
    alternative_demands: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The mask for each value of an operand, and the mask for other values and unknown."""

    operand: Expression
    cost: int
    masks: Mapping[Value, int]
    others: int


@dataclass(frozen=True, slots=True)
class Cells:
    """The masks between bounds, which `bisect` finds on that `side`, and the mask for unknown."""

    operand: Expression
    cost: int
    side: Literal["left", "right"]
    bounds: tuple[Value, ...]
    masks: tuple[int, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A condition, and the mask of the rows that demand it."""

    demand: Demand
    asking: int


Question = Lookup | Cells | Ask


@dataclass(frozen=True, slots=True)
class Check:
    """The demands of a single rule, and the mask of its rows."""

    demands: tuple[Demand, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """`actions[n]` belongs to the n-th row; rows are in the order of decisions."""

    actions: tuple[Action, ...]
    questions: tuple[Question, ...]
    checks: tuple[Check, ...]


# --- from rows to questions -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _DemandUse:
    """A demand, the rows that have it, and their rules.

    `only_alternatives`: it belongs to alternatives of rewards only, and to no rule.
    """

    demand: Demand
    rows: int
    rules: frozenset[int]
    only_alternatives: bool


def table_of(rows: Sequence[Row]) -> Table:
    """Build the table of these rows, which are in the order of decisions."""
    together: dict[tuple[Expression, str] | None, list[_DemandUse]] = defaultdict(list)
    for asked in _demand_uses(rows):
        together[_place(asked.demand.entry)].append(asked)
    one_by_one, questions = together.pop(None, []), []
    for place, found in together.items():
        if len(found) < (2 if place is not None and place[1] == "same" else FEW):
            one_by_one += found
        else:
            questions.append(_indexed(found, (1 << len(rows)) - 1))
    lonely = [each for each in one_by_one if len(each.rules) == 1 and not each.only_alternatives]
    for each in one_by_one:
        if len(each.rules) > 1 or each.only_alternatives:
            turn = (each.only_alternatives, each.demand.cost, 1)
            questions.append((turn, Ask(each.demand, each.rows)))
    questions.sort(key=lambda each: each[0])
    actions = tuple(row.action for row in rows)
    return Table(actions, tuple(each for _, each in questions), _checks(lonely, rows))


def _demand_uses(rows: Sequence[Row]) -> Iterator[_DemandUse]:
    bits: dict[Demand, int] = defaultdict(int)
    rules: dict[Demand, set[int]] = defaultdict(set)
    demanded: set[Demand] = set()
    for number, row in enumerate(rows):
        demanded.update(row.demands)
        for demand in (*row.demands, *row.alternative_demands):
            bits[demand] |= 1 << number
            rules[demand].add(row.action.rank)
    for demand, having in bits.items():
        yield _DemandUse(demand, having, frozenset(rules[demand]), demand not in demanded)


def _place(entry: Entry | None) -> tuple[Expression, str] | None:
    """Return the key of the index that can answer an entry; `None` without an entry."""
    if entry is None:
        return None
    return entry.operand, "same" if entry.ladder is None else entry.ladder.side


_Turn = tuple[bool, int, int]
"""The order of questions: demands of alternatives last, otherwise cheap ones first."""


def _indexed(asked: Sequence[_DemandUse], everybody: int) -> tuple[_Turn, Question]:
    """Return the question that answers all of these demands, which compare one operand."""
    late, cost = (
        all(each.only_alternatives for each in asked),
        max(each.demand.cost for each in asked),
    )
    found = [(each.demand.entry, each.rows) for each in asked if each.demand.entry is not None]
    operand, ladder = found[0][0].operand, found[0][0].ladder
    refused = _any(rows for _, rows in found)
    if ladder is None:
        masks = _masks(found, everybody)
        return (late, cost, 0), Lookup(operand, cost, masks, everybody & ~refused)
    bounds, cells = _cells(found, everybody)
    # Nearly all loaded campaigns are active, so the clock excludes few.
    turn = 4 if isinstance(operand, Clock) else 3 if isinstance(operand.type, MoneyType) else 2
    question = Cells(operand, cost, ladder.side, bounds, cells, everybody & ~refused)
    return (late, cost, turn), question


def _masks(found: Sequence[tuple[Entry, int]], everybody: int) -> dict[Value, int]:
    """Return the mask of each value. A row with several entries is kept if none of them fails."""
    values = {value for entry, _ in found for value in entry.constants}
    failing = dict.fromkeys(values, 0)
    for entry, rows in found:
        for value in values - entry.constants:
            failing[value] |= rows
    return {value: everybody & ~rows for value, rows in failing.items()}


def _cells(
    found: Sequence[tuple[Entry, int]], everybody: int
) -> tuple[tuple[Value, ...], tuple[int, ...]]:
    """Return the bounds, and the masks before, between and after them.

    A row fails below its bound, or above it.
    """
    below: dict[Any, int] = defaultdict(int)
    above: dict[Any, int] = defaultdict(int)
    for entry, rows in found:
        fails = below if entry.ladder is not None and entry.ladder.hold == "before" else above
        for bound in entry.constants:
            fails[bound] |= rows
    bounds = tuple(sorted({*below, *above}))
    failing = [0] * (len(bounds) + 1)
    seen = 0
    for place, bound in enumerate(bounds):
        seen |= above[bound]
        failing[place + 1] |= seen
    seen = 0
    for place, bound in reversed(list(enumerate(bounds))):
        seen |= below[bound]
        failing[place] |= seen
    return bounds, tuple(everybody & ~rows for rows in failing)


def _any(many: Iterable[int]) -> int:
    return reduce(or_, many, 0)


def _checks(lonely: Iterable[_DemandUse], rows: Sequence[Row]) -> tuple[Check, ...]:
    """Group the demands of single rules by rule."""
    of_rule: dict[int, int] = defaultdict(int)
    for number, row in enumerate(rows):
        of_rule[row.action.rank] |= 1 << number
    by_rule: dict[int, list[Demand]] = defaultdict(list)
    for asked in lonely:
        (rank,) = asked.rules
        by_rule[rank].append(asked.demand)
    return tuple(
        Check(tuple(sorted(demands, key=attrgetter("cost"))), of_rule[rank])
        for rank, demands in by_rule.items()
    )
