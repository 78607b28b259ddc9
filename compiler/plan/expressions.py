"""Typed expressions: the conditions and values of a plan, ready for every engine.

An `Operation` names a row of `operators/` and nothing else knows what it means. Every node that
an author can point at carries its `origin`; origins do not count when nodes are compared.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from ...dsl.diagnostics.source import Place
from .types import BooleanType, ValueType

LEFT_OUT = "left_out"
"""The mark, in the schema, of an entry that documents lack while it has its default."""


def unless(default: Any) -> Any:  # noqa: ANN401  (the type is that of the field)
    """A field without an entry in the plan's document while it has its default.

    A field that is new to the language is one: plans of projects without it keep their bytes.
    """
    return dataclasses.field(default=default, metadata={"json_schema_extra": {LEFT_OUT: True}})


def is_left_out(field: dataclasses.Field[Any]) -> bool:
    """Whether the field is one of `unless`."""
    return LEFT_OUT in field.metadata.get("json_schema_extra", ())


@dataclass(frozen=True, slots=True)
class Origin:
    """The place where a part of the plan was written, and its words (white space folded)."""

    file: str
    line: int
    column: int
    text: str


def where(at: Origin) -> Place:
    """The place of an origin, as far as it is on one line."""
    return Place(at.file, at.line, at.column, at.line, at.column + len(at.text))


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. `value` is text that `values.decode(type, value)` reads: `60.00`, `2026-01-31`.

    A boolean is `yes` or `no`, a duration `30 day`, a timestamp the instant
    `2026-01-31T02:00:00.000000Z`, an enum its word.
    """

    type: ValueType
    value: str
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """The value of one of the plan's features for the customer at hand."""

    feature: str
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["feature"] = "feature"


@dataclass(frozen=True, slots=True)
class EventValue:
    """A field of the triggering event (`at` and `key` among them)."""

    field: str
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class RowValue:
    """A field of the past event that a history looks at; only inside a feature."""

    field: str
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["row"] = "row"


@dataclass(frozen=True, slots=True)
class Clock:
    """`now`, the decision's instant (a timestamp), or `today`, its date in the project's zone."""

    which: Literal["now", "today"]
    type: ValueType
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["clock"] = "clock"


@dataclass(frozen=True, slots=True)
class StageValue:
    """The customer's current stage in a lifecycle, an enum; unknown where no stage holds."""

    lifecycle: str
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True, slots=True)
class AudienceValue:
    """Whether the customer is in a declared audience; always known."""

    audience: str
    type: ValueType = dataclasses.field(default_factory=BooleanType)
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["audience"] = "audience"


CLOCKED = frozenset(
    {
        "within_last",
        "within_next",
        "days_since",
        "days_until",
        "anniversary_today",
        "anniversary_within",
    }
)
"""Operators that can only be answered at an instant."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the table of meaning over its arguments; `operator` is the row's key."""

    operator: str
    arguments: tuple[Expression, ...]
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["operation"] = "operation"


Expression = (
    Constant | FeatureValue | EventValue | RowValue | Clock | StageValue | AudienceValue | Operation
)


def may_be_unknown(expression: Expression) -> bool:
    """Whether the value can be unknown."""
    match expression:
        case Constant() | Clock() | AudienceValue():
            return False
        case _:
            return expression.optional


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """The conditions that a top-level `and` joins; the expression itself where there is none."""
    if isinstance(expression, Operation) and expression.operator == "and":
        return tuple(part for argument in expression.arguments for part in conjuncts(argument))
    return (expression,)


def walk(expression: Expression) -> tuple[Expression, ...]:
    """The expression and all below it, in reading order."""
    if isinstance(expression, Operation):
        below = (node for argument in expression.arguments for node in walk(argument))
        return (expression, *below)
    return (expression,)


def of_the_event_alone(condition: Expression) -> bool:
    """Whether an event answers it by its own fields, at any time and whoever's it is."""
    return all(
        isinstance(part, Constant | EventValue | RowValue)
        or (isinstance(part, Operation) and part.operator not in CLOCKED)
        for part in walk(condition)
    )


def without_origins(expression: Expression) -> Expression:
    """The expression without positions, so that equal expressions compare equal."""
    if isinstance(expression, Operation):
        arguments = tuple(without_origins(argument) for argument in expression.arguments)
        return dataclasses.replace(expression, arguments=arguments, origin=None)
    return dataclasses.replace(expression, origin=None)
