"""Compile a table: `left`, the bits of the rows that may still fire, loses bits.

The code evaluates the questions in order; the bit masks are data (`data_of`). Tables with equal
questions share their code (`shape_of`), and differ in their data.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Mapping

from .code import PARAMETERS, Code, Function, Writer, call, load
from .demands import DEAR
from .memory import Memories, checked
from .pieces import get, is_known, keep, left_of, negated, set_, unless
from .table import Ask, Cells, Lookup, Question, Table

Alone = Mapping[int, tuple[Function, int]]
"""From the bit of a row to the demands of its rule alone, and the rows of that rule."""


def shape_of(table: Table) -> Hashable:
    """Return a key that is equal for tables with equal code."""
    return tuple(_shape(each) for each in table.questions), bool(table.checks)


def _shape(question: Question) -> Hashable:
    match question:
        case Ask(demand):
            return "ask", demand
        case Lookup():
            return "lookup", question.operand
        case Cells():
            return question.side, question.operand


def data_of(table: Table, alone: Alone, memories: Memories) -> list[object]:
    """Return the values that a table's code refers to, in that order."""
    everybody = (1 << len(table.actions)) - 1
    data: list[object] = [everybody]
    for question in table.questions:
        match question:
            case Ask(_, asking):
                data += [asking, everybody & ~asking]
            case Lookup(_, cost, masks, others):
                data += [everybody & ~others] * (cost >= DEAR)
                data += [masks, others]
            case Cells(_, cost, _, bounds, cells, unknown):
                data += [everybody & ~unknown] * (cost >= DEAR)
                data += [bounds, cells, unknown]
    if alone:
        data += [sum(alone), alone]
    return [*data, memories.of(table.actions)]


class Rows:
    """Writes a table's code. `data` are the expressions for its data."""

    def __init__(self, code: Code, writer: Writer, data: Iterator[ast.expr]) -> None:
        self._code = code
        self._writer = writer
        self._data = data

    def statements(self, table: Table) -> Iterator[ast.stmt]:
        """Yield the body, from the first question to the answer."""
        data = self._data
        yield set_("left", next(data))
        for question in table.questions:
            about = question.demand.condition if isinstance(question, Ask) else question.operand
            yield from self._writer.reads(about)
            yield self._question(question)
            yield unless(load("left"))
        if table.checks:
            rows, alone = next(data), next(data)
            facts = map(load, PARAMETERS)
            who = call(self._code.thing(checked, checked), load("left"), rows, alone, *facts)
            yield ast.If(left_of(rows), [set_("left", who)], [])
        yield ast.Return(ast.Subscript(next(data), load("left"), ast.Load()))

    def _question(self, question: Question) -> ast.stmt:
        if isinstance(question, Ask):
            matters, rest = left_of(next(self._data)), next(self._data)
            fails = negated(self._writer.condition(question.demand.condition))
            return ast.If(ast.BoolOp(ast.And(), [matters, fails]), [keep(rest)], [])
        if question.cost >= DEAR:
            return ast.If(left_of(next(self._data)), [keep(self._found(question))], [])
        return keep(self._found(question))

    def _found(self, question: Lookup | Cells) -> ast.expr:
        """Return code for the rows that the operand's value leaves."""
        value = self._writer.value(question.operand)
        if isinstance(question, Lookup):
            return get(next(self._data), value, next(self._data))
        bounds, cells, unknown = next(self._data), next(self._data), next(self._data)
        may_be_unknown = self._writer.may_be_unknown(question.operand)
        first, then = self._writer.twice(value) if may_be_unknown else (value, value)
        function = bisect_left if question.side == "left" else bisect_right
        place = call(self._code.thing(function, function), bounds, then)
        found = ast.Subscript(cells, place, ast.Load())
        return ast.IfExp(is_known(first), found, unknown) if may_be_unknown else found
