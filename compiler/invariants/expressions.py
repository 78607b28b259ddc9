"""Expressions: every operation is a row of the table of meaning, over values of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..operators.table import find
from ..plan import (
    Audience,
    Branch,
    Check,
    Claims,
    Column,
    Conversion,
    Eligibility,
    EventAggregate,
    EventPick,
    EventTrigger,
    Feature,
    Guard,
    RevenuePart,
    Reversal,
    RewardLine,
    Stage,
    Success,
    Unless,
)
from ..plan.data import CANCELLED
from ..plan.expressions import (
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    RowValue,
    StageValue,
    may_be_unknown,
)
from ..plan.steps import CUSTOMER_KEY
from ..plan.triggers import TIMES
from ..plan.types import BOOLEAN, INTEGER, TEXT, TIMESTAMP, EnumType, MoneyType, ValueType
from ..plan.values import decode
from ..rewards.payouts import Goods, goods_of
from ..rewards.table import kind_of
from .walking import Broken, Part, Walked

_FIXED: dict[str, ValueType] = {
    "at": TIMESTAMP,
    "key": TEXT,
    TIMES: INTEGER,
    CANCELLED: TIMESTAMP,
}


def types_fit(walked: Walked) -> Iterator[Broken]:
    """Operations have the type of their row, constants read as their type, amounts are amounts."""
    features = {feature.id: feature for feature in walked.plan.features}
    lifecycles, goods = walked.plan.lifecycles, goods_of(walked.plan)
    stages = {one.name: {stage.name for stage in one.stages} for one in lifecycles}
    for part in walked.parts:
        match part.node:
            case Operation() as node:
                yield from _operation(part, node)
            case Constant(type=type_, value=value):
                yield from _constant(part, type_, value)
            case FeatureValue(feature=name) as node if name in features:
                yield from _feature(part, node, features[name])
            case StageValue(lifecycle=name, type=type_) if name in stages:
                if not isinstance(type_, EnumType) or set(type_.values) != stages[name]:
                    yield part.broken(f"its type is not the stages of `{name}`")
            case _ as node if isinstance(node, RewardLine):
                yield from _amount(part, node, goods)
            case _:
                pass


def _amount(part: Part, line: RewardLine, goods: Goods) -> Iterator[Broken]:
    wanted = kind_of(line).amount_type(line, goods)
    if line.amount is not None and line.amount.type != wanted:
        yield part.broken(f"its amount is {line.amount.type}, not {wanted}")


def _operation(part: Part, node: Operation) -> Iterator[Broken]:
    types = tuple(argument.type for argument in node.arguments)
    row = find(node.operator, types)
    if row is None:
        yield part.broken(f"no row `{node.operator}` over {[one.kind for one in types]}")
        return
    if row.result(types) != node.type:
        yield part.broken(f"`{node.operator}` does not give {node.type.kind}")
    if row.may_be_unknown([may_be_unknown(one) for one in node.arguments]) != node.optional:
        yield part.broken(f"`{node.operator}` misstates whether it can be unknown")
    if len({type_.currency for type_ in types if isinstance(type_, MoneyType)}) > 1:
        yield part.broken(f"`{node.operator}` is over two currencies")


def _constant(part: Part, type_: ValueType, value: str) -> Iterator[Broken]:
    try:
        decode(type_, value)
    except (ValueError, ArithmeticError):
        yield part.broken(f"`{value}` does not read as {type_.kind}")
    if isinstance(type_, EnumType) and value not in type_.values:
        yield part.broken(f"`{value}` is not one of its words")


def _feature(part: Part, node: FeatureValue, feature: Feature) -> Iterator[Broken]:
    if (node.type, node.optional) != (feature.type, feature.optional):
        yield part.broken(f"it is not of the type of its feature `{feature.id}`")


def decided(walked: Walked) -> Iterator[Broken]:
    """A condition is yes or no for everybody: a boolean that is never unknown."""
    for part in walked.parts:
        for condition in _conditions(part.node):
            if condition.type != BOOLEAN or may_be_unknown(condition):
                yield part.broken("its condition is not always yes or no")


def _conditions(node: object) -> tuple[Expression, ...]:
    match node:
        case Stage(condition=condition) | Audience(condition=condition):
            return (condition,)
        case Eligibility(condition=condition) | Check(condition=condition):
            return (condition,)
        case Success(condition=condition):
            return (condition,)
        case Branch(condition=condition) if condition is not None:
            return (condition,)
        case EventTrigger(where=where) | Claims(where=where) | Unless(where=where) if (
            where is not None
        ):
            return (where,)
        case (
            Reversal(where=where)
            | Conversion(where=where)
            | Guard(where=where)
            | RevenuePart(where=where)
        ) if where is not None:
            return (where,)
        case EventAggregate(where=where) | EventPick(where=where) if where is not None:
            return (where,)
        case _:
            return ()


def fields_exist(walked: Walked) -> Iterator[Broken]:
    """Fields of the triggering event and of a history's event are columns, of the same type."""
    columns = {
        event.name: {"at": event.at, **{one.name: one for one in event.fields}}
        for event in walked.plan.events
    }
    for part in walked.parts:
        match part.node:
            case RowValue() as node:
                owner = columns.get(part.past or "")
                yield from _column(part, node, owner, "the history reads no event")
            case EventValue(field=name) as node if "." in name:
                yield from _of_step(walked, part, node, columns)
            case EventValue() as node if not part.place.startswith("features/"):
                owner = columns.get(part.event or "")
                yield from _column(part, node, owner, "no event triggers it")
            case _:
                pass


def _of_step(
    walked: Walked, part: Part, node: EventValue, columns: dict[str, dict[str, Column]]
) -> Iterator[Broken]:
    """A field of a step before it is one of its event, or of the customer at its moment."""
    if node.field == CUSTOMER_KEY and part.steps:
        return
    step, _, own = node.field.partition(".")
    if step not in dict(part.steps):
        yield part.broken(f"`{step}` is no step of its journey")
    owner = columns.get(dict(part.steps).get(step) or "", {})
    feature = next((one for one in walked.plan.features if one.id == own), None)
    if own in owner or own in _FIXED or feature is None:
        yield from _column(part, replace(node, field=own), owner, "its step has no event")
    elif node.type != feature.type:
        yield part.broken(f"`{own}` has another type")


def _column(
    part: Part, node: RowValue | EventValue, owner: dict[str, Column] | None, missing: str
) -> Iterator[Broken]:
    if owner is None:
        yield part.broken(missing)
    elif node.field not in owner and node.field not in _FIXED:
        yield part.broken(f"`{node.field}` is not a field of the event")
    elif node.type != (owner[node.field].type if node.field in owner else _FIXED[node.field]):
        yield part.broken(f"`{node.field}` has another type")
