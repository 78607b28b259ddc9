"""The branches of an index as functions that answer with what the rules that act give.

`function(f, e, c, now)` answers with gifts in the order of decisions. It asks one question after
the other and is over as soon as nobody is left. `f` may be nothing where the function does not ask
for it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import assert_never

from .code import Code, Function, Writer, call, load
from .demands import Demand
from .index import Bid, Branch, Branches, Guard, Leaf, Switch
from .memory import Memories, bits
from .pieces import all_of, get, go, is_known, method, nobody, set_, unless, unpacked
from .rows import Rows, data_of, shape_of
from .rules import Condition
from .table import Ask, Check, Table


@dataclass(frozen=True, slots=True)
class Meets:
    """What to call for an event. `asks_frame`: whether it needs the frame of the decision."""

    function: Function
    asks_frame: bool


class Dispatch:
    """Writes branches."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._memories = Memories()
        self._shared: dict[Hashable, Meets] = {}
        self._asks_frame = False

    def meets(self, branches: Branches) -> Meets:
        """What decides an event that these branches wait for."""
        return self._meets(partial(self._function, branches))

    def _meets(self, write: Callable[[], Function]) -> Meets:
        """What is written so, apart from all that is written before and after."""
        before, self._asks_frame = self._asks_frame, False
        made = Meets(write(), self._asks_frame)
        self._asks_frame = before
        return made

    def _function(
        self, branches: Branches, *more: str, names: Sequence[str] | None = None
    ) -> Function:
        """`names`: of the data of the table that they end in, which comes as a parameter."""
        if len(branches) == 1:
            path = partial(self._path, branches[0], names=names)
            return self._written(_asked_in(branches[0]), path, *more)
        leaves = [branch for branch in branches if isinstance(branch, Leaf)]
        about = [each for leaf in leaves for each in _asked_in(leaf)]
        return self._written(about, partial(self._several, branches), *more)

    def _written(self, about: Sequence[Condition], write: _Writes, *more: str) -> Function:
        writer = self._code.writer(about)
        function = self._code.function(list(write(writer)), *more)
        self._asks_frame = self._asks_frame or writer.asks_frame
        return function

    def _several(self, branches: Branches, writer: Writer) -> Iterator[ast.stmt]:
        """`found = []`, what each of them adds, and all in the order of decisions."""
        yield set_("found", ast.List([], ast.Load()))
        for branch in branches:
            if isinstance(branch, Leaf):
                yield from self._added(branch.bid, writer)
            else:
                below = self._code.thing(self._function((branch,)))
                yield ast.AugAssign(ast.Name("found", ast.Store()), ast.Add(), go(below))
        rank = self._code.thing(attrgetter("rank"), "rank")
        sort = ast.Call(method("found", "sort"), [], [ast.keyword("key", rank)])
        yield ast.Expr(sort)
        yield ast.Return(load("found"))

    def _added(self, bid: Bid, writer: Writer) -> Iterator[ast.stmt]:
        """`if this and that: found.append(…)`, one beside the other."""
        yield from writer.reads(*_asked_of(bid))
        append = method("found", "append")
        body = self._ways(bid, writer, lambda gift: ast.Expr(call(append, gift)))
        asked = [writer.condition(each.condition) for each in bid.demands]
        yield from [ast.If(all_of(asked), body, [])] if asked else body

    def _path(
        self, branch: Branch, writer: Writer, names: Sequence[str] | None = None
    ) -> Iterator[ast.stmt]:
        """Asks one thing after the other, and returns as soon as something does not hold."""
        match branch:
            case Leaf(bid):
                yield from self._asked(bid.demands, writer)
                yield from writer.reads(*_asked_of(bid))
                yield from self._ways(
                    bid, writer, lambda gift: ast.Return(ast.Tuple([gift], ast.Load()))
                )
                yield ast.Return(nobody())
            case Guard(demands, below):
                yield from self._asked(demands, writer)
                if len(below) == 1:
                    yield from self._path(below[0], writer, names)
                else:
                    yield ast.Return(go(self._code.thing(self._function(below))))
            case Switch():
                yield from self._switch(branch, writer)
            case Table():
                yield from self._table(branch, writer, names)
            case _:
                assert_never(branch)

    def _asked(self, demands: Sequence[Demand], writer: Writer) -> Iterator[ast.stmt]:
        for demand in demands:
            yield from writer.reads(demand.condition)
            yield unless(writer.condition(demand.condition))
            writer.held(demand.condition)

    def _ways(self, bid: Bid, writer: Writer, gives: _Gives) -> list[ast.stmt]:
        """`if …: give this`, `elif …: give that`."""
        written: list[ast.stmt] = []
        for way in reversed(bid.ways):
            gift = [gives(self._code.thing(way.gift, id(way.gift)))]
            asked = [writer.condition(each.condition) for each in way.demands]
            written = [ast.If(all_of(asked), gift, written)] if asked else gift
        return written

    def _switch(self, switch: Switch, writer: Writer) -> Iterator[ast.stmt]:
        """The function that `operand` leads to, and its data; unknown leads nowhere."""
        cases = {value: self._case(below) for value, below in switch.cases.items()}
        yield from writer.reads(switch.operand)
        yield set_("case", get(self._code.thing(cases), writer.value(switch.operand)))
        yield unless(is_known(load("case")))
        yield unpacked(("go", "d"), "case")
        yield ast.Return(go(load("go"), load("d")))

    def _case(self, branches: Branches) -> tuple[Function, tuple[object, ...]]:
        """Tables that ask the same, after the same guards, have one function."""
        table, guards = _table_below(branches)
        if table is None:
            return self._function(branches, "d"), ()
        data = tuple(self._data(table))
        shape = guards, shape_of(table)
        if shape not in self._shared:
            names = tuple(f"d{number}" for number in range(len(data)))
            write = partial(self._function, branches, "d", names=names)
            self._shared[shape] = self._meets(write)
        meets = self._shared[shape]
        self._asks_frame = self._asks_frame or meets.asks_frame
        return meets.function, data

    def _table(
        self, table: Table, writer: Writer, names: Sequence[str] | None
    ) -> Iterator[ast.stmt]:
        """With its data given as `d` under these names, or pasted in."""
        if names is None:
            data = map(self._pasted, self._data(table))
        else:
            yield unpacked(names, "d")
            data = map(load, names)
        yield from Rows(self._code, writer, data).statements(table)

    def _pasted(self, value: object) -> ast.expr:
        return ast.Constant(value) if isinstance(value, int) else self._code.thing(value)

    def _data(self, table: Table) -> list[object]:
        alone = {}
        for check in table.checks:
            function = self._written(_conditions(check.demands), partial(self._alone, check))
            for row in bits(check.rows):
                alone[row] = function, check.rows
        return data_of(table, alone, self._memories)

    def _alone(self, check: Check, writer: Writer) -> Iterator[ast.stmt]:
        yield from self._asked(check.demands, writer)
        yield ast.Return(ast.Constant(True))


def _table_below(branches: Branches) -> tuple[Table | None, tuple[Demand, ...]]:
    """The table that a path ends in, and what is asked before it."""
    match branches:
        case (Guard(demands, below),):
            table, more = _table_below(below)
            return table, (*demands, *more)
        case (Table() as table,):
            return table, ()
        case _:
            return None, ()


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
                question.demand.condition if isinstance(question, Ask) else question.operand
                for question in branch.questions
            ]
        case _:
            assert_never(branch)


_Gives = Callable[[ast.expr], ast.stmt]
_Writes = Callable[[Writer], Iterable[ast.stmt]]
