"""Compile the branches of an index into functions that return the actions of an event.

`function(f, e, c, now)` returns actions in the order of decisions. It evaluates one condition after
the other and returns as soon as no rule is left. `f` may be `None` if the function does not use it.
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
from .index import Branch, Branches, Guard, IndexedRule, Leaf, Switch
from .memory import Memories, bits
from .pieces import all_of, get, go, is_known, method, nobody, set_, unless, unpacked
from .rows import Rows, data_of, shape_of
from .rules import Condition
from .table import Ask, Check, Table

FEW_CHECKS = 8
"""The most rules whose own demands a table evaluates without calls."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """The function to call for an event. `asks_frame`: whether it needs the decision's frame."""

    function: Function
    asks_frame: bool


class Dispatch:
    """Compiles branches."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._memories = Memories()
        self._shared: dict[Hashable, Matcher] = {}
        self._asks_frame = False

    def matcher(self, branches: Branches) -> Matcher:
        """Compile the branches of one event into its matcher."""
        return self._matcher(partial(self._function, tuple(map(_written_out, branches))))

    def _matcher(self, write: Callable[[], Function]) -> Matcher:
        """Compile one function, and track by itself whether it needs a frame."""
        before, self._asks_frame = self._asks_frame, False
        made = Matcher(write(), self._asks_frame)
        self._asks_frame = before
        return made

    def _function(
        self, branches: Branches, *more: str, names: Sequence[str] | None = None
    ) -> Function:
        """Compile branches. `names` are parameters for the data of the table at their end."""
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
        """Write `found = []`, the actions of each branch, and a sort by rank."""
        yield set_("found", ast.List([], ast.Load()))
        for branch in branches:
            if isinstance(branch, Leaf):
                yield from self._added(branch.indexed, writer)
            else:
                below = self._code.thing(self._function((branch,)))
                yield ast.AugAssign(ast.Name("found", ast.Store()), ast.Add(), go(below))
        rank = self._code.thing(attrgetter("rank"), "rank")
        sort = ast.Call(method("found", "sort"), [], [ast.keyword("key", rank)])
        yield ast.Expr(sort)
        yield ast.Return(load("found"))

    def _added(self, indexed: IndexedRule, writer: Writer) -> Iterator[ast.stmt]:
        """Write `if this and that: found.append(…)`."""
        yield from writer.reads(*_asked_of(indexed))
        append = method("found", "append")
        body = self._alternatives(indexed, writer, lambda action: ast.Expr(call(append, action)))
        asked = [writer.condition(each.condition) for each in indexed.demands]
        yield from [ast.If(all_of(asked), body, [])] if asked else body

    def _path(
        self, branch: Branch, writer: Writer, names: Sequence[str] | None = None
    ) -> Iterator[ast.stmt]:
        """Write a path: one condition after the other, returning at the first that fails."""
        match branch:
            case Leaf(indexed):
                yield from self._asked(indexed.demands, writer)
                yield from writer.reads(*_asked_of(indexed))
                yield from self._alternatives(
                    indexed, writer, lambda action: ast.Return(ast.Tuple([action], ast.Load()))
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

    def _alternatives(
        self, indexed: IndexedRule, writer: Writer, gives: _Consequent
    ) -> list[ast.stmt]:
        """Write `if …: give this`, `elif …: give that`."""
        written: list[ast.stmt] = []
        for alternative in reversed(indexed.alternatives):
            action = [gives(self._code.thing(alternative.action, id(alternative.action)))]
            asked = [writer.condition(each.condition) for each in alternative.demands]
            written = [ast.If(all_of(asked), action, written)] if asked else action
        return written

    def _switch(self, switch: Switch, writer: Writer) -> Iterator[ast.stmt]:
        """Write the lookup of `operand`, which finds a function and its data, or returns."""
        cases = {value: self._case(below) for value, below in switch.cases.items()}
        yield from writer.reads(switch.operand)
        yield set_("case", get(self._code.thing(cases), writer.value(switch.operand)))
        yield unless(is_known(load("case")))
        yield unpacked(("go", "d"), "case")
        yield ast.Return(go(load("go"), load("d")))

    def _case(self, branches: Branches) -> tuple[Function, tuple[object, ...]]:
        """Compile one case. Tables of the same shape, after the same guards, share a function."""
        table, guards = _table_below(branches)
        if table is None:
            return self._function(branches, "d"), ()
        data = tuple(self._data(table))
        shape = guards, shape_of(table)
        if shape not in self._shared:
            names = tuple(f"d{number}" for number in range(len(data)))
            write = partial(self._function, branches, "d", names=names)
            self._shared[shape] = self._matcher(write)
        matcher = self._shared[shape]
        self._asks_frame = self._asks_frame or matcher.asks_frame
        return matcher.function, data

    def _table(
        self, table: Table, writer: Writer, names: Sequence[str] | None
    ) -> Iterator[ast.stmt]:
        """Write a table. Its data comes as `d` under these names, or is inlined."""
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


def _written_out(branch: Branch) -> Branch:
    """Return a branch whose table evaluates its few checks in its own code, as questions.

    Calls of their own functions took half a microsecond for three rules. Tables below a switch keep
    them, since they share code.
    """
    match branch:
        case Guard(demands, below):
            return Guard(demands, tuple(map(_written_out, below)))
        case Table(actions, questions, checks) if len(checks) <= FEW_CHECKS:
            more = [Ask(demand, check.rows) for check in checks for demand in check.demands]
            return Table(actions, (*questions, *more), ())
        case _:
            return branch


def _table_below(branches: Branches) -> tuple[Table | None, tuple[Demand, ...]]:
    """Return the table at the end of a path, and the demands of the guards before it."""
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


def _asked_of(indexed: IndexedRule) -> list[Condition]:
    return _conditions(
        [
            *indexed.demands,
            *(each for alternative in indexed.alternatives for each in alternative.demands),
        ]
    )


def _asked_in(branch: Branch) -> list[Condition]:
    """Return the conditions that a path's own function evaluates, not those below a switch."""
    match branch:
        case Leaf(indexed):
            return _asked_of(indexed)
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


_Consequent = Callable[[ast.expr], ast.stmt]
_Writes = Callable[[Writer], Iterable[ast.stmt]]
