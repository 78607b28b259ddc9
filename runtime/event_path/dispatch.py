"""The branches of an index as functions that answer with what the rules that act give.

`function(f, e, c, now)` answers with gifts in the order of decisions. It asks one question after
the other and is over as soon as nobody is left. `f` may be nothing where the function does not ask
for it.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import assert_never

from .code import PARAMETERS, Code, Function, Writer, call, load
from .demands import DEAR, Demand
from .giving import Gift
from .index import Bid, Branch, Branches, Guard, Leaf, Switch
from .rules import Condition
from .table import Ask, Cells, Check, Lookup, Question, Table, asking

MOST_MEMORIES = 100_000
"""Answers of tables that are kept for the next event, over all tables of a plan."""


@dataclass(frozen=True, slots=True)
class Meets:
    """What to call for an event. `asks_frame`: whether it needs the frame of the decision."""

    function: Function
    asks_frame: bool


class Dispatch:
    """Writes branches."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._memories = _Memories()
        self._asks_frame = False

    def meets(self, branches: Branches) -> Meets:
        """What decides an event that these branches wait for."""
        self._asks_frame = False
        function = self._function(branches)
        return Meets(function, self._asks_frame)

    def _function(self, branches: Branches) -> Function:
        if len(branches) == 1:
            return self._written(_asked_in(branches[0]), partial(self._path, branches[0]))
        return self._written(
            [each for branch in branches if isinstance(branch, Leaf) for each in _asked_in(branch)],
            partial(self._several, branches),
        )

    def _written(self, about: Sequence[Condition], write: _Writes) -> Function:
        writer = self._code.writer(about)
        function = self._code.function(list(write(writer)))
        self._asks_frame = self._asks_frame or writer.asks_frame
        return function

    def _several(self, branches: Branches, writer: Writer) -> Iterator[ast.stmt]:
        """`found = []`, what each of them adds, and all in the order of decisions."""
        yield ast.Assign([ast.Name("found", ast.Store())], ast.List([], ast.Load()))
        for branch in branches:
            if isinstance(branch, Leaf):
                yield from self._added(branch.bid, writer)
            else:
                below = self._code.thing(self._function((branch,)))
                yield ast.AugAssign(ast.Name("found", ast.Store()), ast.Add(), _go(below))
        rank = self._code.thing(attrgetter("rank"), "rank")
        sort = ast.Call(_of("found", "sort"), [], [ast.keyword("key", rank)])
        yield ast.Expr(sort)
        yield _answer(load("found"))

    def _added(self, bid: Bid, writer: Writer) -> Iterator[ast.stmt]:
        """`if this and that: found.append(…)`, one beside the other."""
        yield from writer.reads(*_asked_of(bid))
        append = _of("found", "append")
        body = self._ways(bid, writer, lambda gift: ast.Expr(call(append, gift)))
        asked = [writer.condition(each.condition) for each in bid.demands]
        yield from [ast.If(_and(asked), body, [])] if asked else body

    def _path(self, branch: Branch, writer: Writer) -> Iterator[ast.stmt]:
        """Asks one thing after the other, and returns as soon as something does not hold."""
        match branch:
            case Leaf(bid):
                yield from self._asked(bid.demands, writer)
                yield from writer.reads(*_asked_of(bid))
                yield from self._ways(
                    bid, writer, lambda gift: _answer(ast.Tuple([gift], ast.Load()))
                )
                yield _answer(ast.Tuple([], ast.Load()))
            case Guard(demands, below):
                yield from self._asked(demands, writer)
                if len(below) == 1:
                    yield from self._path(below[0], writer)
                else:
                    yield _answer(_go(self._code.thing(self._function(below))))
            case Switch():
                yield from self._switch(branch, writer)
            case Table():
                yield from self._table(branch, writer)
            case _:
                assert_never(branch)

    def _asked(self, demands: Sequence[Demand], writer: Writer) -> Iterator[ast.stmt]:
        for demand in demands:
            yield from writer.reads(demand.condition)
            yield _unless(writer.condition(demand.condition))
            writer.held(demand.condition)

    def _ways(self, bid: Bid, writer: Writer, gives: _Gives) -> list[ast.stmt]:
        """`if …: give this`, `elif …: give that`."""
        written: list[ast.stmt] = []
        for way in reversed(bid.ways):
            gift = [gives(self._code.thing(way.gift, id(way.gift)))]
            asked = [writer.condition(each.condition) for each in way.demands]
            written = [ast.If(_and(asked), gift, written)] if asked else gift
        return written

    def _switch(self, switch: Switch, writer: Writer) -> Iterator[ast.stmt]:
        """The function that `operand` leads to; unknown leads nowhere."""
        cases = {value: self._function(below) for value, below in switch.cases.items()}
        yield from writer.reads(switch.operand)
        get = ast.Attribute(self._code.thing(cases), "get", ast.Load())
        yield _set("case", call(get, writer.value(switch.operand)))
        yield _unless(_is_known(load("case")))
        yield _answer(_go(load("case")))

    # --- tables -----------------------------------------------------------------------------------

    def _table(self, table: Table, writer: Writer) -> Iterator[ast.stmt]:
        """`left`: the rows that may still act, as bits."""
        yield _set("left", ast.Constant((1 << len(table.gifts)) - 1))
        for question in table.questions:
            yield from self._question(table, question, writer)
        if table.checks:
            yield from self._checks(table.checks)
        memory = self._memories.of(table.gifts)
        yield _answer(ast.Subscript(self._code.thing(memory), load("left"), ast.Load()))

    def _question(self, table: Table, question: Question, writer: Writer) -> Iterator[ast.stmt]:
        about = question.condition if isinstance(question, Ask) else question.operand
        yield from writer.reads(about)
        matters = _both("left", asking(table, question))
        if isinstance(question, Ask):
            holds = writer.condition(question.condition)
            rest = (1 << len(table.gifts)) - 1 & ~question.asking
            fails = ast.BoolOp(ast.And(), [matters, ast.UnaryOp(ast.Not(), holds)])
            yield ast.If(fails, [_keep(ast.Constant(rest))], [])
        else:
            kept = _keep(self._looked_up(question, writer))
            yield ast.If(matters, [kept], []) if question.cost >= DEAR else kept
        yield _unless(load("left"))

    def _looked_up(self, question: Lookup | Cells, writer: Writer) -> ast.expr:
        """Who is left, as the value of the operand says."""
        value = writer.value(question.operand)
        if isinstance(question, Lookup):
            get = ast.Attribute(self._code.thing(dict(question.masks)), "get", ast.Load())
            return call(get, value, ast.Constant(question.others))
        may_be_unknown = writer.may_be_unknown(question.operand)
        first, then = writer.twice(value) if may_be_unknown else (value, value)
        function = bisect_left if question.side == "left" else bisect_right
        place = call(self._code.thing(function, function), self._code.thing(question.bounds), then)
        found = ast.Subscript(self._code.thing(question.masks), place, ast.Load())
        if not may_be_unknown:
            return found
        return ast.IfExp(_is_known(first), found, ast.Constant(question.unknown))

    def _checks(self, checks: Sequence[Check]) -> Iterator[ast.stmt]:
        """What one rule alone demands, of those that are left."""
        alone = {}
        for check in checks:
            function = self._written(_conditions(check.demands), partial(self._alone, check))
            for row in _bits(check.rows):
                alone[row] = function, check.rows
        rows = sum(alone)
        checked = call(
            self._code.thing(_checked, _checked),
            load("left"),
            ast.Constant(rows),
            self._code.thing(alone),
            *map(load, PARAMETERS),
        )
        yield ast.If(_both("left", rows), [_set("left", checked)], [])

    def _alone(self, check: Check, writer: Writer) -> Iterator[ast.stmt]:
        yield from self._asked(check.demands, writer)
        yield _answer(ast.Constant(True))


def _checked(
    left: int, asked: int, alone: Mapping[int, tuple[Function, int]], *facts: object
) -> int:
    """Who is left once those rows have been asked what only their rule demands."""
    waiting = left & asked
    while waiting:
        function, rows = alone[waiting & -waiting]
        waiting &= ~rows
        if not function(*facts):
            left &= ~rows
    return left


def _bits(number: int) -> Iterator[int]:
    while number:
        yield number & -number
        number &= number - 1


class _Memories:
    """The answers of tables, worked out when asked for. Where too many, all are forgotten."""

    def __init__(self) -> None:
        self._tables: list[_Memory] = []
        self._kept = 0

    def of(self, gifts: Sequence[Gift]) -> _Memory:
        memory = _Memory(gifts, self)
        self._tables.append(memory)
        return memory

    def make_room(self) -> None:
        if self._kept >= MOST_MEMORIES:
            for table in self._tables:
                table.clear()
            self._kept = 0
        self._kept += 1


class _Memory(dict[int, tuple[Gift, ...]]):
    """From the rows that are left to what they give: of each rule the first way."""

    def __init__(self, gifts: Sequence[Gift], memories: _Memories) -> None:
        self._gifts = gifts
        self._memories = memories

    def __missing__(self, left: int) -> tuple[Gift, ...]:
        self._memories.make_room()
        found: dict[int, Gift] = {}
        for bit in _bits(left):
            gift = self._gifts[bit.bit_length() - 1]
            found.setdefault(gift.rank, gift)
        answer = self[left] = tuple(found.values())
        return answer


def _conditions(demands: Iterable[Demand]) -> list[Condition]:
    return [demand.condition for demand in demands]


def _asked_of(bid: Bid) -> list[Condition]:
    return _conditions([*bid.demands, *(each for way in bid.ways for each in way.demands)])


def _asked_in(branch: Branch) -> list[Condition]:
    """What is asked in the function of a path, not below an index."""
    match branch:
        case Leaf(bid):
            return _asked_of(bid)
        case Guard(demands, below):
            return _conditions(demands) + (_asked_in(below[0]) if len(below) == 1 else [])
        case Switch():
            return [branch.operand]
        case Table():
            return [
                question.condition if isinstance(question, Ask) else question.operand
                for question in branch.questions
            ]
        case _:
            assert_never(branch)


# --- pieces of code -------------------------------------------------------------------------------

_Gives = Callable[[ast.expr], ast.stmt]
_Writes = Callable[[Writer], Iterable[ast.stmt]]


def _set(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _keep(rows: ast.expr) -> ast.stmt:
    return ast.AugAssign(ast.Name("left", ast.Store()), ast.BitAnd(), rows)


def _both(name: str, rows: int) -> ast.expr:
    return ast.BinOp(load(name), ast.BitAnd(), ast.Constant(rows))


def _answer(value: ast.expr) -> ast.stmt:
    return ast.Return(value)


def _unless(condition: ast.expr) -> ast.stmt:
    """`if not …: return ()`."""
    return ast.If(ast.UnaryOp(ast.Not(), condition), [_answer(ast.Tuple([], ast.Load()))], [])


def _and(conditions: list[ast.expr]) -> ast.expr:
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), conditions)


def _is_known(value: ast.expr) -> ast.expr:
    return ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])


def _of(owner: str, name: str) -> ast.expr:
    return ast.Attribute(load(owner), name, ast.Load())


def _go(function: ast.expr) -> ast.expr:
    return call(function, *map(load, PARAMETERS))
