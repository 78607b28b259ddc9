"""The normal form of a plan's parts: equal for parts that mean the same, and for no others.

The normal form of an expression is a short text, by which it is compared. Names of audiences and
of features are not in it: their conditions are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import TypeAlias, assert_never, cast

from ..plan import Campaign, CustomerField, Feature, Lifecycle, Plan, Share
from ..plan.campaigns import Branch, ChoiceLine, Message, Reward, Step
from ..plan.data import CANCELLED
from ..plan.demands import Index
from ..plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    Origin,
    RowValue,
    StageValue,
)
from ..plan.plan_json import plain

Normal: TypeAlias = "str | int | tuple[Normal, ...] | None"

_EXPRESSIONS = (
    Constant,
    FeatureValue,
    EventValue,
    RowValue,
    Clock,
    StageValue,
    AudienceValue,
    Operation,
)
_JOINED = frozenset({"and", "or"})
_EITHER_WAY = frozenset({"equal", "not_equal", "multiply"})
_MIRRORED = {"greater": "less", "at_least": "at_most"}

SORTED = frozenset(
    {
        (Branch, "lines"),
        (ChoiceLine, "options"),
        (Message, "values"),
        (Message, "forbidden"),
        (Reward, "asks"),
        (Step, "charges"),
        (Step, "checks"),
    }
)
"""Lists whose order has no meaning, by their class and field."""

LEFT_OUT = frozenset(
    {
        ("Check", "because"),
        ("Check", "policy"),
        ("QuietHours", "policy"),
        ("ChoiceLine", "value"),
        ("ChoiceLine", "cost"),
    }
)
"""Fields that follow from others, or that only explanations show."""


def digest(value: Normal) -> str:
    """A short text in place of a normal form: equal if and only if that is."""
    return blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Normals:
    """The normal forms of one plan. Each declaration is read once."""

    plan: Plan
    index: Index = field(init=False)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _parts: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", Index(self.plan))

    # --- expressions ----------------------------------------------------------------------------

    def key(self, expression: Expression) -> str:
        """The normal form of an expression."""
        match expression:
            case Constant():
                return f"{_kind(expression)} {expression.value}"
            case FeatureValue(feature=name):
                return self._once("feature", name)
            case EventValue(field=name) | RowValue(field=name) if name == CANCELLED:
                return f"{expression.kind} {expression.origin and expression.origin.text}"
            case EventValue(field=name):
                return f"event {name}"
            case RowValue(field=name):
                return f"row {name}"
            case Clock(which=which):
                return which
            case StageValue(lifecycle=name):
                return self._once("stage", name)
            case AudienceValue(audience=name):
                return self._once("audience", name)
            case Operation():
                return self._operation(expression)
            case _:
                assert_never(expression)

    def _once(self, kind: str, name: str) -> str:
        """The key of a declaration."""
        found = self._known.get((kind, name))
        if found is None:
            match kind:
                case "feature":
                    found = self._feature(self.index.features[name])
                case "stage":
                    found = digest(("stage", self.lifecycle(self.index.lifecycles[name])))
                case _:
                    found = self.key(self.index.audiences[name].condition)
            self._known[kind, name] = found
        return found

    def _feature(self, feature: Feature) -> str:
        if isinstance(feature, CustomerField):
            return f"field {feature.field}"
        left_out = ("id", "origin", "type", "optional")
        return digest(self._fields(feature, left_out))

    def lifecycle(self, lifecycle: Lifecycle) -> Normal:
        """The stages with their conditions, in order."""
        return (
            lifecycle.name,
            *((stage.name, self.key(stage.condition)) for stage in lifecycle.stages),
        )

    def _operation(self, operation: Operation) -> str:
        operator = operation.operator
        arguments = [self.key(one) for one in operation.arguments]
        if operator in _JOINED:
            return self._joined(operator, arguments)
        if operator in _EITHER_WAY:
            arguments.sort()
        elif operator in _MIRRORED:
            operator = _MIRRORED[operator]
            arguments.reverse()
        elif operator == "in":
            arguments = [arguments[0], *sorted(set(arguments[1:]))]
        elif operator == "add" and len({one.type.kind for one in operation.arguments}) == 1:
            arguments.sort()
        return digest(("operation", operator, *arguments))

    def _joined(self, operator: str, arguments: Iterable[str]) -> str:
        """`and` or `or`: in any order, each part once, brackets or not."""
        parts: set[str] = set()
        for one in arguments:
            joined, inside = self._parts.get(one, ("", frozenset()))
            parts |= inside if joined == operator else {one}
        if len(parts) == 1:
            return parts.pop()
        found = digest(("operation", operator, *sorted(parts)))
        self._parts[found] = (operator, frozenset(parts))
        return found

    def parts(self, expression: Expression) -> frozenset[str]:
        """The normal forms of the conditions that `and` joins."""
        key = self.key(expression)
        joined, inside = self._parts.get(key, ("", frozenset()))
        return inside if joined == "and" else frozenset({key})

    # --- everything else ------------------------------------------------------------------------

    def of(self, value: object) -> Normal:
        """The normal form of any part of the plan."""
        # Most are plain values; they come first for the sake of large plans.
        if value is None or isinstance(value, str | int):
            return value
        match value:
            case tuple():
                return tuple([self.of(one) for one in value])
            case Share():
                return ("share", self._once("audience", value.audience), str(plain(value.percent)))
            case Campaign():
                return self._campaign(value)
            case _ if isinstance(value, _EXPRESSIONS):
                return self.key(value)
            case _ if dataclasses.is_dataclass(value):
                return self._fields(value)
            case _:
                return cast(Normal, plain(value))

    def _fields(self, value: object, left_out: Iterable[str] = ()) -> Normal:
        """The class of a dataclass and its fields."""
        kind = type(value)
        found: list[Normal] = [kind.__name__]
        for name, default, is_sorted in _compared(cast(Hashable, kind)):
            here = getattr(value, name)
            if name in left_out or isinstance(here, Origin) or here == default:
                continue
            found.append((name, self.set_of(here) if is_sorted else self.of(here)))
        return tuple(found)

    def set_of(self, values: Iterable[object]) -> Normal:
        """Normal forms in an order of their own."""
        return tuple(sorted((self.of(one) for one in values), key=repr))

    def _campaign(self, campaign: Campaign) -> Normal:
        """A campaign without its names for people, and with its clauses in any order."""
        conditions: set[str] = set()
        for one in campaign.eligibility:
            conditions |= self.parts(one.condition)
        shown = any("campaign.label" in text for text in texts_of(campaign))
        left_out = ("label", "owner", "goal", "renamed", "policies", "eligibility", "steps")
        return (
            tuple(sorted(conditions)),
            campaign.label if shown else None,
            *(self.set_of(set(getattr(campaign, name))) for name in _SETS),
            self._fields(campaign, (*left_out, *_SETS)),
            *(self._step(campaign, step) for step in campaign.steps),
        )

    def _step(self, campaign: Campaign, step: Step) -> Normal:
        return (self._fields(step, ("messages",)), self.of(messages_in_order(campaign, step)))


@cache
def _compared(kind: type) -> tuple[tuple[str, object, bool], ...]:
    """The fields of a dataclass that are compared: name, default, and whether order is nothing."""
    return tuple(
        (one.name, one.default, (kind, one.name) in SORTED)
        for one in dataclasses.fields(kind)
        if (kind.__name__, one.name) not in LEFT_OUT
    )


_SETS = ("checks", "quiet_hours", "message_caps")


def messages_in_order(campaign: Campaign, step: Step) -> tuple[Message, ...]:
    """The messages of a step, in an order of their own where the file's has no meaning.

    It has one if a message only goes out in place of another, and where caps let the first ones
    through.
    """
    if campaign.message_caps or any(one.otherwise for one in step.messages):
        return step.messages
    return tuple(sorted(step.messages, key=lambda one: (one.channel, one.template)))


def _kind(constant: Constant) -> str:
    return f"{constant.type.kind} {getattr(constant.type, 'currency', '')}"


def texts_of(campaign: Campaign) -> list[str]:
    """The templates of all messages of a campaign."""
    return [message.template for step in campaign.steps for message in step.messages]
