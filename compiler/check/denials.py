"""Negations of values that may be unknown: `not`, `!=` and `not in` must handle unknown.

A comparison with an unknown operand is false, so its negation lets the customer through, which
few expect. It is an error unless another condition ensures that the value is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..codes import types as words
from ..operators.table import find
from ..plan.expressions import (
    Constant,
    Expression,
    Operation,
    StageValue,
    may_be_unknown,
    where,
    without_origins,
)


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values that are known where a condition is evaluated.

    `beside` counts, by value, the joined conditions that ensure it is known. `own` are those
    that the condition at hand ensures itself. Subtracting `own` makes each of many conditions
    cost no more than the first. `outer` has the values known in the enclosing conditions.
    """

    beside: Mapping[Expression, int]
    own: frozenset[Expression]
    outer: KnownValues | None

    def holds(self, value: Expression) -> bool:
        """Whether the value is known here."""
        others = self.beside.get(value, 0) - (value in self.own)
        return others > 0 or (self.outer is not None and self.outer.holds(value))


NOTHING = KnownValues({}, frozenset(), None)

_LOGIC = ("and", "or", "not")


Proof = Callable[[Expression], bool]
"""Whether a number is known never to be zero."""


def denials(expression: Expression, is_never_zero: Proof) -> tuple[Diagnostic, ...]:
    """Every denial in a condition of something that may be unknown there."""
    return tuple(_Denials(is_never_zero).of(expression))


@dataclass(frozen=True, slots=True)
class _Denials:
    """`found`: the denials so far."""

    is_never_zero: Proof
    found: list[Diagnostic] = field(default_factory=list)

    def of(self, expression: Expression) -> list[Diagnostic]:
        """All of an expression."""
        self._visit(expression, NOTHING, None)
        return self.found

    def _visit(self, node: Expression, known: KnownValues, denied: Expression | None) -> None:
        """`denied` is the enclosing `not`, if any."""
        if not isinstance(node, Operation):
            return
        match node.operator:
            case "and" | "or":
                strict = denied is not None
                settled = [_settled(one, node.operator, strict=strict) for one in node.arguments]
                beside = Counter(value for values in settled for value in values)
                for argument, own in zip(node.arguments, settled, strict=True):
                    self._visit(argument, KnownValues(beside, own, known), denied)
            case "not":
                self._visit(node.arguments[0], known, denied or node)
            case _:
                denial = denied or (node if node.operator == "not_equal" else None)
                if denial is not None and _is_false_on_unknown(node):
                    self._report(node, denial, known)

    def _report(self, node: Operation, denial: Expression, known: KnownValues) -> None:
        doubtful = next((one for one in node.arguments if self._in_doubt(one, known)), None)
        if doubtful is None or doubtful.origin is None or denial.origin is None:
            return
        negated = isinstance(denial, Operation) and denial.operator == "not"
        operator = "not" if negated else "!="
        place = where(doubtful.origin)
        name = doubtful.origin.text
        if isinstance(doubtful, StageValue):
            asked = doubtful.lifecycle
            told = diagnose(
                words.UNKNOWN_DENIED, place, name="stage", operator=operator, lifecycle=asked
            )
        else:
            told = diagnose(words.UNKNOWN_DENIED, place, name=name, operator=operator, value=name)
        # One negation of one value is one mistake, however often the value occurs in it.
        if all(one.values != told.values for one in self.found):
            self.found.append(told)

    def _in_doubt(self, node: Expression, known: KnownValues) -> bool:
        """Whether a value may be unknown here. Overflow of a sum is not reported."""
        if not may_be_unknown(node) or known.holds(without_origins(node)):
            return False
        if not isinstance(node, Operation):
            return True
        match node.operator:
            case "else":
                return all(self._in_doubt(argument, known) for argument in node.arguments)
            case "divide" | "bounded_divide":
                dividend, divisor = node.arguments
                if not (isinstance(divisor, Constant) or self.is_never_zero(divisor)):
                    return True
                return self._in_doubt(dividend, known) or self._in_doubt(divisor, known)
            case _:
                return any(self._in_doubt(argument, known) for argument in node.arguments)


def _is_false_on_unknown(node: Operation) -> bool:
    row = find(node.operator, tuple(argument.type for argument in node.arguments))
    return row is not None and row.unknown == "false"


def _settled(node: Expression, joint: str, *, strict: bool) -> frozenset[Expression]:
    """The values that a condition ensures to be known for the conditions joined to it.

    With `and`, these are known if the condition is true; with `or`, if it is false. `strict`:
    only an explicit `is known` counts, as under a `not`.
    """
    values = _known_if_true(node, strict) if joint == "and" else _known_if_false(node)
    return frozenset(without_origins(value) for value in values)


def _known_if_true(node: Expression, strict: bool) -> tuple[Expression, ...]:
    if not isinstance(node, Operation):
        return ()
    if node.operator == "is_known":
        return node.arguments
    if node.operator == "and":
        return tuple(value for one in node.arguments for value in _known_if_true(one, strict))
    if strict or node.operator in _LOGIC or not _is_false_on_unknown(node):
        return ()
    return node.arguments


def _known_if_false(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, Operation) and node.operator == "not":
        return _known_if_true(node.arguments[0], strict=True)
    return ()
