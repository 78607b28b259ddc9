"""Conditions as clauses that people read: text, result, and the values seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import assert_never
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    BeforeEventWindow,
    Campaign,
    CustomerField,
    EventAggregate,
    EventPick,
    Feature,
    GrantCount,
    LedgerFeature,
    Plan,
    SinceWindow,
    WalletBalance,
)
from ...compiler.plan.calendar import local_clock
from ...compiler.plan.expressions import (
    AudienceValue,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    Origin,
    RowValue,
    StageValue,
    conjuncts,
    walk,
)
from ...compiler.plan.types import MoneyType, ValueType, minor_unit
from ...compiler.plan.values import Value, encode
from ..decide.facts import Facts, evaluate, named

UNKNOWN = "unknown"
PRIVATE = "(private)"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the campaign in its author's words, with its place in the file.

    `held`: whether it let the customer through; `None` if there was nothing to evaluate. `values`
    are the values it read, as text, by the author's names. `depth` is 0 for a clause of the brief,
    1 for a part of it, and so on.
    """

    text: str
    file: str
    line: int
    held: bool | None
    values: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0
    column: int = field(default=0, compare=False)


def clause(
    origin: Origin,
    held: bool | None,
    values: Mapping[str, str] | None = None,
    depth: int = 0,
    text: str | None = None,
) -> Clause:
    """Return a clause with the text of its origin, or with `text` if that says more."""
    said = text or origin.text
    return Clause(said, origin.file, origin.line, held, values or {}, depth, origin.column)


@dataclass(frozen=True, slots=True)
class Reader:
    """Evaluates conditions for one customer. `event` is the kind of the triggering event, if any.

    Without an event (`came` is false), conditions on it are not evaluated.
    """

    plan: Plan
    facts: Facts
    event: str | None
    came: bool

    def parts(self, expression: Expression, origin: Origin, depth: int = 0) -> tuple[Clause, ...]:
        """Return the clauses of each condition that a top-level `and` joins."""
        return tuple(
            told for part in conjuncts(expression) for told in self.tree(part, origin, depth)
        )

    def tree(self, expression: Expression, origin: Origin, depth: int = 0) -> tuple[Clause, ...]:
        """Return the clause of a condition, followed by its parts one level deeper.

        `origin` is used if the condition has no origin of its own. The part of an audience is its
        condition.
        """
        at = expression.origin or origin
        inner = _inner(expression)
        values = {} if inner else self.values(expression)
        own = clause(at, self.holds(expression), values, depth)
        below = [told for part in inner for told in self.tree(part, at, depth + 1)]
        if not inner:
            below = [
                told for name in _audiences(expression) for told in self._members(name, depth + 1)
            ]
        return (own, *below)

    def holds(self, condition: Expression | None) -> bool | None:
        """Whether a condition holds; `None` if it needs an event that never came."""
        if condition is None:
            return True
        if not self.came and self._asks_event(condition):
            return None
        return evaluate(condition, self.facts) is True

    def values(self, *expressions: Expression | None) -> dict[str, str]:
        """Return the values that the expressions read, by the author's names; mask private ones."""
        nodes = [node for one in expressions if one is not None for node in walk(one)]
        return {
            self._name(node): self._value_text(node)
            for node in nodes
            if isinstance(node, FeatureValue | EventValue | StageValue | AudienceValue)
        }

    def _members(self, audience: str, depth: int) -> tuple[Clause, ...]:
        declared = named(self.plan.audiences, audience)
        return self.parts(declared.condition, declared.origin, depth)

    def _name(self, node: FeatureValue | EventValue | StageValue | AudienceValue) -> str:
        match node:
            case StageValue():
                return node.lifecycle
            case AudienceValue():
                return node.audience
            case EventValue():
                return node.origin.text if node.origin else f"event.{node.field}"
            case FeatureValue():
                return _feature_name(node, self._feature(node.feature))
            case _:
                assert_never(node)

    def _value_text(self, node: FeatureValue | EventValue | StageValue | AudienceValue) -> str:
        value = evaluate(node, self.facts)
        if value is not None and self.is_private(node):
            return PRIVATE
        return as_text(value, digits_of(node.type))

    def is_private(self, expression: Expression) -> bool:
        """Whether a value reveals a field above class C1. Counts of events reveal nothing."""
        return any(self._is_private(node) for node in walk(expression))

    def _is_private(self, node: Expression) -> bool:
        match node:
            case EventValue():
                return self.event is not None and node.field in self._private_fields(self.event)
            case FeatureValue():
                return self._tells_private(self._feature(node.feature))
            case _:
                return False

    def _tells_private(self, feature: Feature) -> bool:
        match feature:
            case CustomerField():
                fields = self.plan.customers.fields
                return any(c.name == feature.field and c.sensitivity != "C1" for c in fields)
            case EventPick():
                return feature.field in self._private_fields(feature.event)
            case EventAggregate():
                if feature.value is None or feature.function in ("count", "count_distinct"):
                    return False
                private = self._private_fields(feature.event)
                rows = (node for node in walk(feature.value) if isinstance(node, RowValue))
                return any(row.field in private for row in rows) or self.is_private(feature.value)
            case GrantCount() | WalletBalance():
                return False
            case _:
                assert_never(feature)

    def _private_fields(self, event: str) -> set[str]:
        table = named(self.plan.events, event)
        return {column.name for column in table.fields if column.sensitivity != "C1"}

    def _feature(self, id_: str) -> Feature:
        return next(feature for feature in self.plan.features if feature.id == id_)

    def _asks_event(self, expression: Expression) -> bool:
        """Whether a value depends on the triggering event."""
        return any(
            isinstance(node, EventValue)
            or (isinstance(node, FeatureValue) and self._looks_back(self._feature(node.feature)))
            for node in walk(expression)
        )

    def _looks_back(self, feature: Feature) -> bool:
        """Whether an aggregate depends on the triggering event."""
        if isinstance(feature, CustomerField):
            return False
        if isinstance(feature.window, BeforeEventWindow):
            return True
        asked: list[Expression | None] = []
        if isinstance(feature.window, SinceWindow):
            asked.append(feature.window.start)
        if isinstance(feature, EventAggregate):
            asked.append(feature.value)
        if not isinstance(feature, LedgerFeature):
            asked.append(feature.where)
        return any(self._asks_event(one) for one in asked if one is not None)


def active(zone: ZoneInfo, campaign: Campaign) -> str:
    """Return the active period in the plan's words: the plan does not keep the file's."""
    first, last = campaign.active_from, campaign.active_to
    start = "" if first is None else f" {_day(zone, first)}"
    return "active" + start + ("" if last is None else f" to {_day(zone, last, end=True)}")


def _day(zone: ZoneInfo, instant: datetime, *, end: bool = False) -> str:
    """Format a bound of a period: as a date if it is the start or end of a day."""
    local = local_clock(zone, instant + timedelta(microseconds=1) if end else instant)
    if local.time() == time():
        return (local.date() - timedelta(days=1 if end else 0)).isoformat()
    return local_clock(zone, instant).isoformat(" ", "minutes")


def as_text(value: Value | None, digits: int = 0) -> str:
    """Format a value for people and programs; of trailing zeros, `digits` places are kept."""
    if value is None:
        return UNKNOWN
    if not isinstance(value, Decimal):
        return encode(value)
    whole, _, places = encode(value).partition(".")
    kept = places.rstrip("0").ljust(digits, "0")
    return f"{whole}.{kept}" if kept else whole


def digits_of(type_: ValueType) -> int:
    """Return the decimal places that a value of the type always shows."""
    return minor_unit(type_.currency) if isinstance(type_, MoneyType) else 0


def _inner(expression: Expression) -> tuple[Expression, ...]:
    """Return the parts of a condition: those of `and`, of `or`, and of a `not` around these."""
    if not isinstance(expression, Operation):
        return ()
    if expression.operator in ("and", "or"):
        return expression.arguments
    if expression.operator == "not" and _inner(expression.arguments[0]):
        return expression.arguments
    return ()


def _audiences(expression: Expression) -> tuple[str, ...]:
    named_ = (node.audience for node in walk(expression) if isinstance(node, AudienceValue))
    return tuple(dict.fromkeys(named_))


def _feature_name(node: FeatureValue, feature: Feature) -> str:
    """Return the author's words; `no login in last 30 days` reads a `count(…)` of the same."""
    text = node.origin.text if node.origin else feature.id
    first, _, rest = text.partition(" ")
    counts = isinstance(feature, EventAggregate) and feature.function == "count"
    return f"count({rest})" if counts and first in ("has", "no") else text
