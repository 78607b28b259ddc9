"""Demands: the conditions of rules, each once, with its cost and its index entry.

Rules with equal conditions share one `Demand`, which is compared by identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ....compiler.operators import table
from ....compiler.operators.codegen import Ladder
from ....compiler.plan import CustomerField, Opening, Plan
from ....compiler.plan.expressions import (
    AudienceValue,
    Constant,
    Expression,
    FeatureValue,
    Operation,
    StageValue,
    walk,
)
from ....compiler.plan.types import IntegerType, ValueType
from ....compiler.plan.values import Value, decode
from .rules import Condition


@dataclass(frozen=True, slots=True)
class Entry:
    """A comparison of an operand with constants: equality with any of them, or a ladder bound."""

    operand: Expression
    ladder: Ladder | None
    constants: frozenset[Value]


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """A condition. `cost` estimates its evaluation; `entry` is `None` if no index can answer it."""

    condition: Condition
    cost: int
    entry: Entry | None


class Demands:
    """The demands of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._fields = {each.id for each in plan.features if isinstance(each, CustomerField)}
        self._known: dict[Condition, Demand] = {}

    def of(self, conditions: Iterable[Condition]) -> tuple[Demand, ...]:
        """Return the demands of these conditions, each once."""
        return tuple(dict.fromkeys(map(self._one, conditions)))

    def _one(self, condition: Condition) -> Demand:
        known = self._known.get(condition)
        if known is None:
            known = Demand(condition, self._cost(condition), _entry(condition))
            self._known[condition] = known
        return known

    def _cost(self, condition: Condition) -> int:
        """Estimate a condition's cost: fields of rows are cheap, aggregates are expensive."""
        if isinstance(condition, Opening):
            return 3
        return max(self._cost_of(node) for node in walk(condition))

    def _cost_of(self, node: Expression) -> int:
        match node:
            case FeatureValue(feature):
                return 0 if feature in self._fields else 5
            case StageValue() | AudienceValue():
                return 4
            case Operation(operator, arguments):
                row = table.find(operator, tuple(each.type for each in arguments))
                return 0 if row is not None and row.inline is not None else DEAR
            case _:
                return 0


DEAR = 2
"""Demands of this cost or more are evaluated only for rows that need them."""


def _entry(condition: Condition) -> Entry | None:
    """Return the index entry of a comparison with constants; `None` if it has no index."""
    if not isinstance(condition, Operation):
        return None
    operand, *others = condition.arguments
    row = table.find(condition.operator, tuple(each.type for each in condition.arguments))
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
    """Rewrite a bound so that it belongs to the values above it, if the type has a next value.

    So `from A to B` becomes two bounds of one sorted list.
    """
    if ladder.side == "left":
        above = _next(type_, bound)
        if above is not None:
            return Ladder("right", ladder.hold), frozenset((above,))
    return ladder, frozenset((bound,))


def _next(type_: ValueType, value: Value) -> Value | None:
    """Return the next value of the type; `None` if there is none."""
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
