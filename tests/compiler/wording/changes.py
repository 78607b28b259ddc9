"""Every change of one value of a plan's part: the value's class and field, and the part changed."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from campaigner.compiler.plan.data import CANCELLED
from campaigner.compiler.plan.expressions import (
    Constant,
    EventValue,
    Operation,
    Origin,
    RowValue,
)
from campaigner.compiler.plan.types import (
    BooleanType,
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
)

REFERENCES = {
    *(("AudienceValue", "audience"), ("BenefitLine", "benefit"), ("ChoiceLine", "options")),
    *(("FeatureValue", "feature"), ("StageValue", "lifecycle"), ("Share", "audience")),
    *(("EventTrigger", "event"), ("Charge", "account"), ("Charge", "benefit")),
}
"""Names that must be those of something: another declaration is another value there."""
COMPARED = ("less", "at_most", "greater", "at_least", "equal", "not_equal")


class Change(NamedTuple):
    """The way to a value, `Step.trigger` first, and the whole with another value there."""

    path: tuple[str, ...]
    whole: Any

    @property
    def field(self) -> str:
        return self.path[-1]


@cache
def hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def classes_below(kind: Any, found: dict[type, None] | None = None) -> dict[type, None]:
    """The dataclasses that a type has in it, at any depth."""
    found = {} if found is None else found
    if get_origin(kind) in (Union, types.UnionType, tuple):
        for part in get_args(kind):
            classes_below(part, found)
    elif isinstance(kind, type) and is_dataclass(kind) and kind not in found:
        found[kind] = None
        for hint in hints(kind).values():
            classes_below(hint, found)
    return found


def fields_below(kind: Any) -> set[str]:
    return {f"{one.__name__}.{field.name}" for one in classes_below(kind) for field in fields(one)}


def changes(part: Any) -> Iterator[Change]:
    """Each change of one value of a dataclass or of what it has in it.

    The arm of a customer follows from the campaign's experiment, whether an event is cancelled from
    the catalog: no file changes either alone.
    """
    match part:
        case Operation(operator="arm"):
            return
        case Operation(arguments=(EventValue(field=name) | RowValue(field=name), *_)) if (
            name == CANCELLED
        ):
            return
        case Operation(operator="folded", arguments=(text, letters)):
            # The letters are those that the values compared have.
            for inner in changes(text):
                path = ("Operation.arguments", *inner.path)
                yield Change(path, replace(part, arguments=(inner.whole, letters)))
            return
    for field in fields(part):
        value, name = getattr(part, field.name), f"{type(part).__name__}.{field.name}"
        for other in _others(part, field.name, value):
            yield Change((name,), replace(part, **{field.name: other}))
        for inner in _inner(value):
            path = (name, *inner.path)
            yield Change(path, replace(part, **{field.name: inner.whole}))


def _inner(value: Any) -> Iterator[Change]:
    if isinstance(value, tuple):
        for place, one in enumerate(value):
            if is_dataclass(one):
                for change in changes(one):
                    rest = (*value[:place], change.whole, *value[place + 1 :])
                    yield Change(change.path, rest)
    elif is_dataclass(value) and not isinstance(value, Origin):
        yield from changes(value)


def _others(part: Any, name: str, value: Any) -> Iterator[Any]:
    if isinstance(part, Constant):
        yield from _constants(part) if name == "value" else ()
        return
    if isinstance(part, Operation) and name == "operator":
        yield from (one for one in COMPARED if value in COMPARED and not _alike(part, one))
        return
    if (type(part).__name__, name) in REFERENCES:
        return
    words = _words(hints(type(part))[name])
    match value:
        case str() if words:
            yield from (one for one in words if one != value)
        case bool():
            yield not value
        case int() if name in ("weekday", "nth"):
            yield value % 4 + 1
        case int():
            yield value + 1
        case Decimal():
            yield value / 2 + Decimal("0.125")
        case str():
            yield f"{value}x"
        case datetime():
            yield (
                value + timedelta(hours=1)
                if value.year < 9000
                else datetime(2026, 1, 1, tzinfo=UTC)
            )
        case date():
            yield value + timedelta(days=1)
        case time():
            yield value.replace(minute=(value.minute + 1) % 60)
        case tuple() if value and not is_dataclass(value[0]) and isinstance(value[0], str):
            yield (*value[:-1], f"{value[-1]}x")


def _alike(part: Operation, operator: str) -> bool:
    """Whether the other operator says the same: a count that is not 0 is above 0."""
    match part.arguments:
        case (_, Constant(value="0")) if {part.operator, operator} == {"greater", "not_equal"}:
            return True
        case (Operation(operator="arm"), *_):
            # `arm is a`: no file can compare an arm in another way.
            return True
        case _:
            return part.operator == operator


def _constants(constant: Constant) -> Iterator[str]:
    value = constant.value
    match constant.type:
        case IntegerType() | MoneyType():
            yield str(Decimal(value) + 1)
        case DecimalType():
            yield str(Decimal(value) / 2 + Decimal("0.125"))
        case BooleanType():
            yield "no" if value == "yes" else "yes"
        case TextType() | EnumType():
            yield f"{value}x"
        case _:
            pass


def _words(hint: Any) -> tuple[Any, ...]:
    """The words that a field may have, if it may have only some."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(
        word for part in get_args(hint) if get_origin(part) is Literal for word in get_args(part)
    )
