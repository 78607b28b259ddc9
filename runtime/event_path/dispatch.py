"""The branches of an index as functions that put the ranks of the rules that act into `found`."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import assert_never

from ...compiler.expressions import (
    AudienceValue,
    FeatureValue,
    Operation,
    StageValue,
    walk,
)
from ...compiler.operators import find
from ...compiler.plan import CustomerField, Opening, Plan
from .code import PARAMETERS, Code, Function, Writer, call, load
from .index import Branch, Branches, Guard, Leaf, Steps, Switch
from .rules import Condition

FOUND = "found"


class Costs:
    """About how dear a condition is: what is in the rows is cheap, a history is not."""

    def __init__(self, plan: Plan) -> None:
        features = plan.features
        self._fields = {each.id for each in features if isinstance(each, CustomerField)}

    def __call__(self, condition: Condition) -> int:
        """A number to compare with others."""
        if isinstance(condition, Opening):
            return 3
        return max(self._of(node) for node in walk(condition))

    def _of(self, node: object) -> int:
        match node:
            case FeatureValue(feature):
                return 0 if feature in self._fields else 5
            case StageValue() | AudienceValue():
                return 4
            case Operation(operator, arguments):
                row = find(operator, tuple(each.type for each in arguments))
                return 0 if row is not None and row.inline is not None else 2
            case _:
                return 0


class Dispatch:
    """Writes branches."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def function(self, branches: Branches) -> Function:
        """A function for the branches."""
        writer = self._code.writer(_conditions_in(branches))
        body = list(self._statements(branches, writer))
        return self._code.function([*writer.head, *body], FOUND)

    def _statements(self, branches: Branches, writer: Writer) -> Iterator[ast.stmt]:
        for branch in branches:
            yield from self._statement(branch, writer)

    def _statement(self, branch: Branch, writer: Writer) -> Iterator[ast.stmt]:
        match branch:
            case Leaf(rank, conditions):
                append = ast.Attribute(load(FOUND), "append", ast.Load())
                yield from _when(conditions, writer, [ast.Expr(call(append, ast.Constant(rank)))])
            case Guard(conditions, below):
                yield from _when(conditions, writer, list(self._statements(below, writer)))
            case Switch():
                yield from self._switch(branch, writer)
            case Steps():
                yield from self._ladder(branch, writer)
            case _:
                assert_never(branch)

    def _switch(self, switch: Switch, writer: Writer) -> Iterator[ast.stmt]:
        """`if (case := cases.get(operand)) is not None: case(…)`; unknown is no case."""
        cases = {value: self.function(below) for value, below in switch.cases.items()}
        get = ast.Attribute(self._code.thing(cases), "get", ast.Load())
        case = ast.NamedExpr(ast.Name("case", ast.Store()), call(get, writer.value(switch.operand)))
        yield _if(_is_known(case), [_go(load("case"))])

    def _ladder(self, ladder: Steps, writer: Writer) -> Iterator[ast.stmt]:
        """`if (bound := operand) is not None: for step in steps[:bisect(bounds, bound)]: …`."""
        steps = [self.function(below) for below in ladder.branches]
        place = call(
            self._code.thing(bisect_left, "left")
            if ladder.ladder.side == "left"
            else self._code.thing(bisect_right, "right"),
            self._code.thing(ladder.bounds),
            load("bound"),
        )
        before = ladder.ladder.hold == "before"
        part = ast.Slice(None, place) if before else ast.Slice(place, None)
        taken = ast.Subscript(self._code.thing(steps), part, ast.Load())
        bound = ast.NamedExpr(ast.Name("bound", ast.Store()), writer.value(ladder.operand))
        loop = ast.For(ast.Name("step", ast.Store()), taken, [_go(load("step"))], [])
        yield _if(_is_known(bound), [loop])


def _conditions_in(branches: Branches) -> Iterator[Condition]:
    """What is asked in the function of these branches, not below an index."""
    for branch in branches:
        match branch:
            case Leaf(_, conditions):
                yield from conditions
            case Guard(conditions, below):
                yield from conditions
                yield from _conditions_in(below)
            case Switch() | Steps():
                yield branch.operand
            case _:
                assert_never(branch)


def _when(
    conditions: Sequence[Condition], writer: Writer, body: list[ast.stmt]
) -> Iterator[ast.stmt]:
    """The body, if all of the conditions hold."""
    if not conditions:
        yield from body
        return
    asked = [writer.condition(each) for each in conditions]
    yield _if(asked[0] if len(asked) == 1 else ast.BoolOp(ast.And(), asked), body)


def _if(condition: ast.expr, body: list[ast.stmt]) -> ast.stmt:
    return ast.If(condition, body, [])


def _is_known(value: ast.expr) -> ast.expr:
    return ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])


def _go(function: ast.expr) -> ast.stmt:
    return ast.Expr(call(function, *map(load, (*PARAMETERS, FOUND))))
