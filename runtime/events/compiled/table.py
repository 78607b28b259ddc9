"""Many rules as rows of a table: each question is answered for all of them at once, as bits.

A row is one way in which a rule may act. A question goes to all rows, and its answer is a number
whose n-th bit says whether the n-th row may still act. A value compared with constants is looked
up (`Lookup`) or found among sorted bounds (`Cells`): either leads to a number that was worked out
beforehand. A condition that several rows share is asked once (`Ask`). What one rule alone demands
is asked when all else holds (`Table.checks`).
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
from .demands import Demand, Entry
from .giving import Gift

FEW = 3
"""Fewer conditions than this about one value are asked one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a rule gives in one way, what the rule demands, and what the way does besides."""

    gift: Gift
    demands: tuple[Demand, ...]
    besides: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Who is left at each value of an operand, and who at any other or at none."""

    operand: Expression
    cost: int
    masks: Mapping[Value, int]
    others: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Who is left between which bounds, which `bisect` on that `side` finds; who where unknown."""

    operand: Expression
    cost: int
    side: Literal["left", "right"]
    bounds: tuple[Value, ...]
    masks: tuple[int, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One condition, and for whom it matters."""

    demand: Demand
    asking: int


Question = Lookup | Cells | Ask


@dataclass(frozen=True, slots=True)
class Check:
    """What one rule alone demands, and the bits of its rows."""

    demands: tuple[Demand, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """`gifts[n]` is what the n-th row gives, in the order of decisions."""

    gifts: tuple[Gift, ...]
    questions: tuple[Question, ...]
    checks: tuple[Check, ...]


# --- from rows to questions -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A demand, the rows that have it, and the rules whose they are.

    `besides`: no rule demands it, only ways of rewards do.
    """

    demand: Demand
    rows: int
    rules: frozenset[int]
    besides: bool


def table_of(rows: Sequence[Row]) -> Table:
    """The table of these rows, which are in the order of decisions."""
    together: dict[tuple[Expression, str] | None, list[_Asked]] = defaultdict(list)
    for asked in _asked(rows):
        together[_place(asked.demand.entry)].append(asked)
    one_by_one, questions = together.pop(None, []), []
    for place, found in together.items():
        if len(found) < (2 if place is not None and place[1] == "same" else FEW):
            one_by_one += found
        else:
            questions.append(_indexed(found, (1 << len(rows)) - 1))
    lonely = [each for each in one_by_one if len(each.rules) == 1 and not each.besides]
    for each in one_by_one:
        if len(each.rules) > 1 or each.besides:
            turn = (each.besides, each.demand.cost, 1)
            questions.append((turn, Ask(each.demand, each.rows)))
    questions.sort(key=lambda each: each[0])
    gifts = tuple(row.gift for row in rows)
    return Table(gifts, tuple(each for _, each in questions), _checks(lonely, rows))


def _asked(rows: Sequence[Row]) -> Iterator[_Asked]:
    bits: dict[Demand, int] = defaultdict(int)
    rules: dict[Demand, set[int]] = defaultdict(set)
    demanded: set[Demand] = set()
    for number, row in enumerate(rows):
        demanded.update(row.demands)
        for demand in (*row.demands, *row.besides):
            bits[demand] |= 1 << number
            rules[demand].add(row.gift.rank)
    for demand, having in bits.items():
        yield _Asked(demand, having, frozenset(rules[demand]), demand not in demanded)


def _place(entry: Entry | None) -> tuple[Expression, str] | None:
    """Where conditions stand that one index answers."""
    if entry is None:
        return None
    return entry.operand, "same" if entry.ladder is None else entry.ladder.side


_Turn = tuple[bool, int, int]
"""What only the ways of a reward ask comes last, as it leaves no rule out; what is cheap first."""


def _indexed(asked: Sequence[_Asked], everybody: int) -> tuple[_Turn, Question]:
    """The question that answers all of these, which compare one operand."""
    late, cost = all(each.besides for each in asked), max(each.demand.cost for each in asked)
    found = [(each.demand.entry, each.rows) for each in asked if each.demand.entry is not None]
    operand, ladder = found[0][0].operand, found[0][0].ladder
    refused = _any(rows for _, rows in found)
    if ladder is None:
        masks = _masks(found, everybody)
        return (late, cost, 0), Lookup(operand, cost, masks, everybody & ~refused)
    bounds, cells = _cells(found, everybody)
    # Nearly all campaigns that are loaded are active: the clock leaves few out.
    turn = 4 if isinstance(operand, Clock) else 3 if isinstance(operand.type, MoneyType) else 2
    question = Cells(operand, cost, ladder.side, bounds, cells, everybody & ~refused)
    return (late, cost, turn), question


def _masks(found: Sequence[tuple[Entry, int]], everybody: int) -> dict[Value, int]:
    """By value: a row with several conditions is left where none of them fails."""
    values = {value for entry, _ in found for value in entry.constants}
    failing = dict.fromkeys(values, 0)
    for entry, rows in found:
        for value in values - entry.constants:
            failing[value] |= rows
    return {value: everybody & ~rows for value, rows in failing.items()}


def _cells(
    found: Sequence[tuple[Entry, int]], everybody: int
) -> tuple[tuple[Value, ...], tuple[int, ...]]:
    """The bounds, and who is left before, between and after them.

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


def _checks(lonely: Iterable[_Asked], rows: Sequence[Row]) -> tuple[Check, ...]:
    """What one rule alone demands, by the rule."""
    of_rule: dict[int, int] = defaultdict(int)
    for number, row in enumerate(rows):
        of_rule[row.gift.rank] |= 1 << number
    by_rule: dict[int, list[Demand]] = defaultdict(list)
    for asked in lonely:
        (rank,) = asked.rules
        by_rule[rank].append(asked.demand)
    return tuple(
        Check(tuple(sorted(demands, key=attrgetter("cost"))), of_rule[rank])
        for rank, demands in by_rule.items()
    )
