"""Many rules as rows of a table: each question is answered for all of them at once, as bits.

A row is one way in which a rule may act. A question goes to all rows, and its answer is a number
whose n-th bit says whether the n-th row may still act. A value compared with constants is looked
up (`Lookup`) or found among sorted bounds (`Cells`): either leads to a number that was worked out
beforehand. A condition that several rows share is asked once (`Ask`). What one rule alone demands
is asked when all else holds (`Table.checks`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Literal

from ...compiler import operators
from ...compiler.expressions import Clock, Constant, Expression, Operation
from ...compiler.inline import Ladder
from ...compiler.types import IntegerType, MoneyType, ValueType
from ...compiler.values import Value, decode
from .giving import Gift
from .rules import Condition

FEW = 3
"""Fewer conditions than this about one value are asked one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a rule gives in one way, what the rule demands, and what the way does besides."""

    gift: Gift
    demands: tuple[Condition, ...]
    besides: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Who is left at each value of an operand, and who at any other or at none."""

    operand: Expression
    masks: Mapping[Value, int]
    others: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Who is left between which bounds, which `bisect` on that `side` finds; who where unknown."""

    operand: Expression
    side: Literal["left", "right"]
    bounds: tuple[Value, ...]
    masks: tuple[int, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One condition, and for whom it matters."""

    condition: Condition
    asking: int


Question = Lookup | Cells | Ask


@dataclass(frozen=True, slots=True)
class Check:
    """What one rule alone demands, and the bits of its rows."""

    conditions: tuple[Condition, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """`gifts[n]` is what the n-th row gives, in the order of decisions."""

    gifts: tuple[Gift, ...]
    questions: tuple[Question, ...]
    checks: tuple[Check, ...]


def asking(table: Table, question: Question) -> int:
    """The rows to which the answer matters."""
    match question:
        case Ask():
            return question.asking
        case Lookup(others=passed) | Cells(unknown=passed):
            return ~passed & (1 << len(table.gifts)) - 1


# --- conditions that need not be asked one by one -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A comparison of an operand with constants: equal to one of them, or on a ladder."""

    operand: Expression
    ladder: Ladder | None
    constants: frozenset[Value]


def entry_of(condition: Condition) -> Entry | None:
    """Of a comparison of a value with constants that the table of meaning has an index for."""
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
    if ladder is None:
        return Entry(operand, None, values)
    (bound,) = values
    return Entry(operand, *_upwards(operand.type, ladder, bound))


def _upwards(type_: ValueType, ladder: Ladder, bound: Value) -> tuple[Ladder, frozenset[Value]]:
    """The same with a bound that belongs to what is above it, where there is a next value.

    So that `from A to B` are two bounds of one list.
    """
    if ladder.side == "left":
        above = _next(type_, bound)
        if above is not None:
            return Ladder("right", ladder.hold), frozenset((above,))
    return ladder, frozenset((bound,))


def _next(type_: ValueType, value: Value) -> Value | None:
    """The next value of the type; nothing where there is none."""
    try:
        match value:
            case bool():
                return None
            case int() if isinstance(type_, IntegerType):
                return value + 1
            case datetime():
                return value + timedelta(microseconds=1)
            case date():
                return value + timedelta(days=1)
            case _:
                return None
    except OverflowError:
        return None


# --- from rows to questions -----------------------------------------------------------------------

_Cost = Callable[[Condition], int]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition, the rows that have it, and the rules whose they are.

    `besides`: no rule demands it, only ways of rewards do.
    """

    condition: Condition
    entry: Entry | None
    rows: int
    rules: frozenset[int]
    besides: bool


def table_of(rows: Sequence[Row], cost: _Cost) -> Table:
    """The table of these rows, which are in the order of decisions."""
    together: dict[tuple[Expression, str] | None, list[_Asked]] = defaultdict(list)
    for asked in _asked(rows):
        together[_place(asked.entry)].append(asked)
    one_by_one, questions = together.pop(None, []), []
    for place, found in together.items():
        if len(found) < (2 if place is not None and place[1] == "same" else FEW):
            one_by_one += found
        else:
            questions.append(_indexed(found, (1 << len(rows)) - 1, cost))
    lonely = [each for each in one_by_one if len(each.rules) == 1 and not each.besides]
    for each in one_by_one:
        if len(each.rules) > 1 or each.besides:
            turn = (each.besides, cost(each.condition), 1)
            questions.append((turn, Ask(each.condition, each.rows)))
    questions.sort(key=lambda each: each[0])
    gifts = tuple(row.gift for row in rows)
    return Table(gifts, tuple(each for _, each in questions), _checks(lonely, rows, cost))


def _asked(rows: Sequence[Row]) -> Iterator[_Asked]:
    bits: dict[Condition, int] = defaultdict(int)
    rules: dict[Condition, set[int]] = defaultdict(set)
    demanded: set[Condition] = set()
    for number, row in enumerate(rows):
        demanded.update(row.demands)
        for condition in (*row.demands, *row.besides):
            bits[condition] |= 1 << number
            rules[condition].add(row.gift.rank)
    for condition, having in bits.items():
        whose = frozenset(rules[condition])
        yield _Asked(condition, entry_of(condition), having, whose, condition not in demanded)


def _place(entry: Entry | None) -> tuple[Expression, str] | None:
    """Where conditions stand that one index answers."""
    if entry is None:
        return None
    return entry.operand, "same" if entry.ladder is None else entry.ladder.side


_Turn = tuple[bool, int, int]
"""What only the ways of a reward ask comes last, as it leaves no rule out; what is cheap first."""


def _indexed(asked: Sequence[_Asked], everybody: int, cost: _Cost) -> tuple[_Turn, Question]:
    """The question that answers all of these, which compare one operand."""
    late, dear = all(each.besides for each in asked), max(cost(each.condition) for each in asked)
    found = [(each.entry, each.rows) for each in asked if each.entry is not None]
    operand, ladder = found[0][0].operand, found[0][0].ladder
    if ladder is None:
        return (late, dear, 0), _lookup(operand, found, everybody)
    # Nearly all campaigns that are loaded are active: the clock leaves few out.
    turn = 4 if isinstance(operand, Clock) else 3 if isinstance(operand.type, MoneyType) else 2
    return (late, dear, turn), _cells(operand, ladder.side, found, everybody)


def _lookup(operand: Expression, found: Sequence[tuple[Entry, int]], everybody: int) -> Lookup:
    """A row with several conditions is left where none of them fails."""
    values = {value for entry, _ in found for value in entry.constants}
    failing = dict.fromkeys(values, 0)
    for entry, rows in found:
        for value in values - entry.constants:
            failing[value] |= rows
    masks = {value: everybody & ~rows for value, rows in failing.items()}
    return Lookup(operand, masks, everybody & ~_any(rows for _, rows in found))


def _cells(
    operand: Expression,
    side: Literal["left", "right"],
    found: Sequence[tuple[Entry, int]],
    everybody: int,
) -> Cells:
    """As in a look-up: below its bound a row fails, or above it."""
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
    masks = tuple(everybody & ~rows for rows in failing)
    return Cells(operand, side, bounds, masks, everybody & ~_any(rows for _, rows in found))


def _any(many: Iterable[int]) -> int:
    return reduce(or_, many, 0)


def _checks(lonely: Iterable[_Asked], rows: Sequence[Row], cost: _Cost) -> tuple[Check, ...]:
    """What one rule alone demands, by the rule."""
    of_rule: dict[int, int] = defaultdict(int)
    for number, row in enumerate(rows):
        of_rule[row.gift.rank] |= 1 << number
    by_rule: dict[int, list[Condition]] = defaultdict(list)
    for asked in lonely:
        (rank,) = asked.rules
        by_rule[rank].append(asked.condition)
    return tuple(
        Check(tuple(sorted(conditions, key=cost)), of_rule[rank])
        for rank, conditions in by_rule.items()
    )
