"""Expressions as Python code: trees of `ast`, never text, from what the table of meaning says.

Every function that is made takes the same names: `f`, the frame of the decision; `e` and `c`, the
rows of the triggering event and of the customer; `now`; and `r`, the row of a past event where a
history is looked at. A row of the table that has a form of its own (`inline`) is written out, the
others are called.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ...compiler import operators
from ...compiler.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    RowValue,
    StageValue,
    walk,
)
from ...compiler.operators import Operator
from ...compiler.plan import CustomerField, Opening, Plan
from ...compiler.values import decode
from ..reference import is_open
from .rules import Condition

PARAMETERS = ("f", "e", "c", "now")


class Function:
    """A function that is there once its code was compiled: `run(f, e, c, now, …)`."""

    __slots__ = ("name", "run")

    def __init__(self, name: str) -> None:
        self.name = name
        self.run: Callable[..., Any] = _not_yet


def _not_yet(*_: object) -> None:
    raise RuntimeError("the code was not compiled yet")


class Code:
    """A module in the making: functions, and the things that they mention."""

    def __init__(self, plan: Plan) -> None:
        self._zone = ZoneInfo(plan.time_zone)
        self._fields = {
            feature.id: feature.field
            for feature in plan.features
            if isinstance(feature, CustomerField)
        }
        self._things: dict[str, Any] = {}
        self._known: dict[object, str] = {}
        self._functions: list[Function] = []
        self._bodies: list[ast.stmt] = []

    def compile(self) -> None:
        """From now on the functions run."""
        module = ast.fix_missing_locations(ast.Module(self._bodies, []))
        names = dict(self._things)
        # Made of the plan's trees, in which nobody's code is.
        exec(compile(module, "<event path>", "exec"), names)  # noqa: S102
        for function in self._functions:
            function.run = names[function.name]

    def thing(self, value: object, key: object = None) -> ast.expr:
        """What is not code, under a name; things with equal keys share one."""
        name = self._known.get(key) if key is not None else None
        if name is None:
            name = f"k{len(self._things)}"
            self._things[name] = value
            if key is not None:
                self._known[key] = name
        return load(name)

    def function(self, body: list[ast.stmt], *more: str) -> Function:
        """A function of the usual parameters and more of them."""
        function = Function(f"do{len(self._functions)}")
        parameters = [ast.arg(each) for each in (*PARAMETERS, *more)]
        arguments = ast.arguments([], parameters, None, [], [], None, [])
        self._functions.append(function)
        self._bodies.append(ast.FunctionDef(function.name, arguments, body, []))
        return function

    def value(self, expression: Expression, *more: str) -> Function:
        """A function that gives the value of an expression."""
        writer = self.writer([expression])
        value = writer.value(expression)
        return self.function([*writer.head, ast.Return(value)], *more)

    def first(
        self, cases: Sequence[tuple[Expression, str | bool]], otherwise: bool | None
    ) -> Function:
        """A function that gives the constant beside the first condition that holds."""
        writer = self.writer([condition for condition, _ in cases])
        body: list[ast.stmt] = [
            ast.If(writer.condition(condition), [ast.Return(ast.Constant(constant))], [])
            for condition, constant in cases
        ]
        return self.function([*writer.head, *body, ast.Return(ast.Constant(otherwise))])

    def writer(self, about: Iterable[Condition]) -> Writer:
        """A writer for one function, which is about these conditions."""
        return Writer(self, self._fields, self._zone, about)


class Writer:
    """Writes the expressions of one function. `head`: what the function begins with.

    A field that several conditions read is read once, in the head.
    """

    def __init__(
        self, code: Code, fields: Mapping[str, str], zone: ZoneInfo, about: Iterable[Condition]
    ) -> None:
        self._code = code
        self._fields = fields
        self._zone = zone
        self._held = 0
        read = Counter(place for each in about for place in self._read(each))
        self._locals = {
            place: f"v{number}"
            for number, place in enumerate(place for place, times in read.items() if times > 1)
        }
        self.head: list[ast.stmt] = [
            ast.Assign([ast.Name(name, ast.Store())], _item(*place))
            for place, name in self._locals.items()
        ]

    def _read(self, condition: Condition) -> Iterator[tuple[str, str]]:
        if isinstance(condition, Opening):
            return
        for node in walk(condition):
            place = self._place(node)
            if place is not None:
                yield place

    def _place(self, node: Expression) -> tuple[str, str] | None:
        """The row and the field that a node reads."""
        match node:
            case EventValue():
                return ("e", node.field)
            case RowValue():
                return ("r", node.field)
            case FeatureValue() if node.feature in self._fields:
                return ("c", self._fields[node.feature])
            case _:
                return None

    def condition(self, condition: Condition) -> ast.expr:
        """Code that is true where the condition holds, and false or `None` where it does not."""
        if not isinstance(condition, Opening):
            return self.value(condition)
        zone = self._code.thing(self._zone, "zone")
        opening = self._code.thing(condition, condition)
        return call(self._code.thing(is_open, "is_open"), zone, opening, load("now"))

    def value(self, expression: Expression) -> ast.expr:
        """Code for the value; unknown is `None`."""
        place = self._place(expression)
        if place is not None:
            return load(self._locals[place]) if place in self._locals else _item(*place)
        match expression:
            case Constant():
                return self._constant(expression)
            case FeatureValue():
                return _ask("feature", expression.feature)
            case StageValue():
                return _ask("stage", expression.lifecycle)
            case AudienceValue():
                return _ask("audience", expression.audience)
            case Clock(which="now"):
                return load("now")
            case Clock():
                return _of(_of(load("f"), "world"), "today")
            case Operation():
                return self._operation(expression)
            case EventValue() | RowValue():
                raise LookupError(f"{expression.field} is in no row")
            case _:
                assert_never(expression)

    def _constant(self, constant: Constant) -> ast.expr:
        value = decode(constant.type, constant.value)
        if isinstance(value, bool | int | str):
            return ast.Constant(value)
        return self._code.thing(value, (constant.type, constant.value))

    def _operation(self, operation: Operation) -> ast.expr:
        """An unknown operand makes the result false or unknown, or is the function's own affair."""
        row = operators.find(operation.operator, tuple(each.type for each in operation.arguments))
        if row is None:
            raise LookupError(f"the table of meaning has no {operation.operator} for these")
        if row.unknown == "own":
            return self._applied(row, [self.value(each) for each in operation.arguments])
        guards, operands = [], []
        for argument in operation.arguments:
            code = self.value(argument)
            if not isinstance(argument, Constant | Clock):
                guarded, code = self._twice(code)
                guards.append(guarded)
            operands.append(code)
        return _guarded(row, guards, self._applied(row, operands))

    def _twice(self, code: ast.expr) -> tuple[ast.expr, ast.expr]:
        """Code for the first and for the second time that a value is asked for."""
        if isinstance(code, ast.Name):
            return code, code
        self._held += 1
        name = f"t{self._held}"
        return ast.NamedExpr(ast.Name(name, ast.Store()), code), load(name)

    def _applied(self, row: Operator, operands: list[ast.expr]) -> ast.expr:
        if row.inline is not None:
            return row.inline.code(operands)
        function = self._code.thing(row.python, row.python)
        return call(function, _of(load("f"), "world"), *operands)


def _guarded(row: Operator, guards: list[ast.expr], applied: ast.expr) -> ast.expr:
    nothing = ast.Constant(None)
    if not guards:
        return applied
    if row.unknown == "false":
        known: list[ast.expr] = [ast.Compare(each, [ast.IsNot()], [nothing]) for each in guards]
        return ast.BoolOp(ast.And(), [*known, applied])
    unknown: list[ast.expr] = [ast.Compare(each, [ast.Is()], [nothing]) for each in guards]
    asked = unknown[0] if len(unknown) == 1 else ast.BoolOp(ast.Or(), unknown)
    return ast.IfExp(asked, nothing, applied)


def load(name: str) -> ast.expr:
    """A name, read."""
    return ast.Name(name, ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    """A call."""
    return ast.Call(function, list(arguments), [])


def _item(row: str, field: str) -> ast.expr:
    return ast.Subscript(load(row), ast.Constant(field), ast.Load())


def _of(owner: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(owner, name, ast.Load())


def _ask(what: str, name: str) -> ast.expr:
    return call(_of(load("f"), what), ast.Constant(name))
