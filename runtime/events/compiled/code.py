"""Compile expressions into Python functions, as trees of `ast`, never as text.

Each function has the same parameters. `f` is the frame of the decision. `e` and `c` are the rows of
the triggering event and of the customer. `now` is the event's instant. `r` is the row of a past
event, for aggregates. An operator with an `inline` form in the table of operators is written out;
the others are called.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ....compiler.operators import table
from ....compiler.operators.python_meaning import is_known
from ....compiler.operators.table import Operator
from ....compiler.plan import CustomerField, Opening, Plan
from ....compiler.plan.expressions import (
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
from ....compiler.plan.triggers import is_open
from ....compiler.plan.values import decode
from .rules import Condition

PARAMETERS = ("f", "e", "c", "now")


Function = Callable[..., Any]
"""A function that was made: `function(f, e, c, now, …)`."""


class Code:
    """Makes functions, and holds the constants that they refer to."""

    def __init__(self, plan: Plan) -> None:
        self._zone = ZoneInfo(plan.time_zone)
        self._fields = {
            feature.id: feature.field
            for feature in plan.features
            if isinstance(feature, CustomerField)
        }
        self._things: dict[str, Any] = {}
        self._known: dict[object, str] = {}

    def thing(self, value: object, key: object = None) -> ast.expr:
        """Return a name for a value that is not code; values with equal keys share one name."""
        name = self._known.get(key) if key is not None else None
        if name is None:
            name = f"k{len(self._things)}"
            self._things[name] = value
            if key is not None:
                self._known[key] = name
        return load(name)

    def function(self, body: list[ast.stmt], *more: str) -> Function:
        """Compile a body into a function of the usual parameters and `more`."""
        parameters = [ast.arg(each) for each in (*PARAMETERS, *more)]
        arguments = ast.arguments([], parameters, None, [], [], None, [])
        made = ast.FunctionDef("made", arguments, body, [])
        module = ast.fix_missing_locations(ast.Module([made], []))
        names: dict[str, Any] = {}
        # The tree comes from the plan, which contains no code. Functions are compiled one by one:
        # one tree of ten thousand campaigns would fill memory and slow the garbage collector.
        exec(compile(module, "<event path>", "exec"), self._things, names)  # noqa: S102
        function: Function = names["made"]
        return function

    def value(self, expression: Expression, *more: str) -> Function:
        """Return a function that evaluates an expression."""
        writer = self.writer([expression])
        body = [*writer.reads(expression), ast.Return(writer.value(expression))]
        return self.function(body, *more)

    def first(
        self, cases: Sequence[tuple[Expression, str | bool]], otherwise: bool | None
    ) -> Function:
        """Return a function that returns the constant of the first condition that holds."""
        writer = self.writer([condition for condition, _ in cases])
        body: list[ast.stmt] = []
        for condition, constant in cases:
            body += writer.reads(condition)
            gives = ast.Return(ast.Constant(constant))
            body.append(ast.If(writer.condition(condition), [gives], []))
        return self.function([*body, ast.Return(ast.Constant(otherwise))])

    def writer(self, about: Iterable[Condition]) -> Writer:
        """Return a writer for one function, which evaluates these conditions."""
        return Writer(self, self._fields, self._zone, about)


class Writer:
    """Writes the expressions of one function, in the order of their evaluation.

    A field that several conditions read is read once, before the first of them (`reads`). A value
    known from an earlier condition is not tested for `None` again (`held`). `asks_frame`: whether
    the function uses `f`.
    """

    def __init__(
        self, code: Code, fields: Mapping[str, str], zone: ZoneInfo, about: Iterable[Condition]
    ) -> None:
        self._code = code
        self._fields = fields
        self._zone = zone
        self._held = 0
        read = Counter(place for each in about for place in self._places(each))
        self._locals = {
            place: f"v{number}"
            for number, place in enumerate(place for place, times in read.items() if times > 1)
        }
        self._to_read = dict(self._locals)
        self._known: set[str] = set()
        self.asks_frame = False

    def reads(self, *about: Condition) -> list[ast.stmt]:
        """Return the assignments that these conditions need and that were not made yet."""
        places = dict.fromkeys(place for each in about for place in self._places(each))
        return [
            ast.Assign([ast.Name(self._to_read.pop(place), ast.Store())], _item(*place))
            for place in places
            if place in self._to_read
        ]

    def held(self, condition: Condition) -> None:
        """Note that the condition holds from here on, so that its operands are known."""
        if not isinstance(condition, Operation):
            return
        row = table.find(condition.operator, tuple(each.type for each in condition.arguments))
        if row is not None and (row.unknown == "false" or row.python is is_known):
            for argument in condition.arguments:
                place = self._place(argument)
                if place in self._locals:
                    self._known.add(self._locals[place])

    def _places(self, condition: Condition) -> Iterator[tuple[str, str]]:
        if isinstance(condition, Opening):
            return
        for node in walk(condition):
            place = self._place(node)
            if place is not None:
                yield place

    def _place(self, node: Expression) -> tuple[str, str] | None:
        """Return the row and the field that a node reads; `None` if it reads neither."""
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
        """Return code that is true if the condition holds, otherwise false or `None`."""
        if not isinstance(condition, Opening):
            return self.value(condition)
        zone = self._code.thing(self._zone, "zone")
        opening = self._code.thing(condition, condition)
        return call(self._code.thing(is_open, "is_open"), zone, opening, load("now"))

    def value(self, expression: Expression) -> ast.expr:
        """Return code for the value; unknown is `None`."""
        place = self._place(expression)
        if place is not None:
            return load(self._locals[place]) if place in self._locals else _item(*place)
        match expression:
            case Constant():
                return self._constant(expression)
            case FeatureValue():
                return self._ask("feature", expression.feature)
            case StageValue():
                return self._ask("stage", expression.lifecycle)
            case AudienceValue():
                return self._ask("audience", expression.audience)
            case Clock(which="now"):
                return load("now")
            case Clock():
                return _of(self._clock(), "today")
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
        """Return code that handles unknown operands as the operator's row says."""
        row = table.find(operation.operator, tuple(each.type for each in operation.arguments))
        if row is None:
            raise LookupError(f"the table of meaning has no {operation.operator} for these")
        if row.unknown == "own":
            return self._applied(row, [self.value(each) for each in operation.arguments])
        guards, operands = [], []
        for argument in operation.arguments:
            code = self.value(argument)
            if self.may_be_unknown(argument):
                guarded, code = self.twice(code)
                guards.append(guarded)
            operands.append(code)
        return _guarded(row, guards, self._applied(row, operands))

    def may_be_unknown(self, expression: Expression) -> bool:
        """Whether the value must be tested for `None`. Data may break the catalog's word."""
        if isinstance(expression, Constant | Clock):
            return False
        place = self._place(expression)
        return place is None or self._locals.get(place) not in self._known

    def twice(self, code: ast.expr) -> tuple[ast.expr, ast.expr]:
        """Return code for the first and for the second use of a value."""
        if isinstance(code, ast.Name):
            return code, code
        self._held += 1
        name = f"t{self._held}"
        return ast.NamedExpr(ast.Name(name, ast.Store()), code), load(name)

    def _applied(self, row: Operator, operands: list[ast.expr]) -> ast.expr:
        if row.inline is not None:
            return row.inline.code(operands)
        function = self._code.thing(row.python, row.python)
        # Others ignore the clock, and without it a function may need no frame.
        clock = self._clock() if row in table.TIME else ast.Constant(None)
        return call(function, clock, *operands)

    def _clock(self) -> ast.expr:
        self.asks_frame = True
        return _of(load("f"), "clock")

    def _ask(self, what: str, name: str) -> ast.expr:
        self.asks_frame = True
        return call(_of(load("f"), what), ast.Constant(name))


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
    """Return an expression that reads a name."""
    return ast.Name(name, ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    """Return a call expression."""
    return ast.Call(function, list(arguments), [])


def _item(row: str, field: str) -> ast.expr:
    return ast.Subscript(load(row), ast.Constant(field), ast.Load())


def _of(owner: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(owner, name, ast.Load())
