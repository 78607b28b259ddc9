"""Resolve names: the meanings that a name can have in its context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from ..codes import journeys, names
from ..codes import logic as words
from ..operators.build import of
from ..plan import Column, CustomerField, EventPick, EventTable, Experiment, Feature
from ..plan.data import KEY, TO
from ..plan.experiments import bounds
from ..plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    RowValue,
)
from ..plan.steps import CUSTOMER_KEY
from ..plan.triggers import TIMES
from ..plan.types import INTEGER, TEXT, TIMESTAMP, EnumType
from .context import Context, find_column, origin
from .symbols import tasks_of

TIMES_WORD = "times"


@dataclass(frozen=True, slots=True)
class Scope:
    """The context in which a name has its meaning.

    `event`: the triggering event. `row`: the past event that the `where` of a history examines.

    `steps`: the steps of a journey that were surely reached before, each with its event, if it has
    one; `unsure` are all others.

    `bare`: whether bare names are first the fields of the event (in the `where` of a trigger).
    `asks_ledger`: whether `received` and `balance` may be asked. `times`: whether the bare name
    `times` is how many multiples the event crossed (in the reward of a trigger `every …`).

    `asks_arm`: whether it may ask in which arm of the campaign's `experiment` the customer is.

    `keyed`: whether `customer.key` is a field of the event, so that events alone answer for it.
    """

    event: EventTable | None = None
    row: EventTable | None = None
    bare: bool = False
    asks_ledger: bool = True
    times: bool = False
    steps: Mapping[str, EventTable | None] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    keyed: bool = False
    asks_arm: bool = False
    experiment: Experiment | None = None


def bare_name(c: Context, node: tree.NameRef, scope: Scope) -> Expression | None:
    """A bare name: a field of the event at hand, a customer field, or an audience."""
    name = node.name.text
    if scope.times and scope.row is None and name == TIMES_WORD:
        return EventValue(TIMES, INTEGER, optional=False, origin=origin(node.span))
    nearby = scope.row or (scope.event if scope.bare else None)
    column = find_column(nearby.fields, name) if nearby else None
    customers = c.customer_field(name)
    if column and nearby and (customers or name in c.symbols.audiences):
        other = names.CUSTOMER_FIELD if customers else names.AN_AUDIENCE
        owner = {"customer": "customer"} if customers else {}
        c.report(names.AMBIGUOUS, node, name=name, event=nearby.name, other=other, **owner)
        return None
    if column and scope.row:
        return RowValue(name, column.type, column.optional, origin(node.span))
    if column:
        return EventValue(name, column.type, column.optional, origin(node.span))
    if customers:
        return customer_value(c, customers, node)
    if name in c.symbols.audiences:
        return _audience(c, node, scope)
    _unknown(c, node, nearby)
    return None


def is_resolvable(c: Context, node: tree.NameRef, scope: Scope) -> bool:
    """Whether a bare name means anything here; if not, it may still be a word of an enum."""
    name = node.name.text
    nearby = scope.row or (scope.event if scope.bare else None)
    return bool(
        (scope.times and scope.row is None and name == TIMES_WORD)
        or (nearby and find_column(nearby.fields, name))
        or c.customer_field(name)
        or name in c.symbols.audiences
    )


def customer_key(c: Context) -> FeatureValue:
    """The key of the customer, as a feature."""
    c.feature(CustomerField(KEY, KEY, TEXT, optional=False))
    return FeatureValue(KEY, TEXT, optional=False)


def customer_value(c: Context, column: Column, node: tree.Node) -> FeatureValue:
    """A customer's field as a feature."""
    feature = feature_of(c, column)
    return FeatureValue(feature.id, column.type, column.optional, origin(node.span))


def feature_of(c: Context, column: Column) -> Feature:
    """The feature of a customer's field: its value now, or as of the instant if it has a past."""
    past = c.past.get(column.name)
    return c.feature(_field_now(column) if past is None else _field_then(column, past))


def _field_now(column: Column) -> CustomerField:
    return CustomerField(column.name, column.name, column.type, column.optional)


def _field_then(column: Column, past: EventTable) -> EventPick:
    """A field of which the past is kept: the value of the row that is true at the instant."""
    where = None
    if find_column(past.fields, TO) is not None:
        end = RowValue(TO, TIMESTAMP, optional=True)
        later = of("greater", end, Clock("now", TIMESTAMP))
        where = of("or", of("not", of("is_known", end)), later)
    return EventPick(
        column.name, past.name, "last", column.name, where, None, column.type, origin=column.origin
    )


def _audience(c: Context, node: tree.NameRef, scope: Scope) -> Expression | None:
    if scope.row:
        c.report(names.AUDIENCE_IN_HISTORY, node, what=names.AN_AUDIENCE)
        return None
    return AudienceValue(node.name.text, origin=origin(node.span))


def _unknown(c: Context, node: tree.NameRef, nearby: EventTable | None) -> None:
    name = node.name.text
    if name == TIMES_WORD:
        c.report(names.TIMES_OF_NOTHING, node)
        return
    if name in c.events:
        c.report(names.UNKNOWN_NAME, node, name=name, event=name)
        return
    if nearby and any(name in tasks_of(one) for one in c.symbols.campaigns.values()):
        c.report(names.UNKNOWN_NAME, node, name=name, task=name)
        return
    columns = (*c.customer_fields, *(nearby.fields if nearby else ()))
    known = chain((column.name for column in columns), c.symbols.audiences)
    nearest = suggestions(name, known).get("nearest")
    hint = {"nearest": nearest} if nearest else {"catalog": c.catalog_file}
    c.report(names.UNKNOWN_NAME, node, name=name, **hint)


def member(c: Context, node: tree.Member, scope: Scope) -> Expression | None:
    """`event.x`, `customer.x`, or a field of the row's event, qualified by the event's name."""
    owner = node.owner.text
    if scope.row and owner == scope.row.name:
        return _field(c, node, scope.row, row=True)
    if owner == "event" or (scope.bare and scope.event and owner == scope.event.name):
        if scope.event is None:
            c.report(names.NO_EVENT_HERE, node, name=node.field.text)
            return None
        return _field(c, node, scope.event, row=False)
    if owner in scope.steps or owner in scope.unsure:
        return _of_step(c, node, scope)
    if owner == "customer" and node.field.text == KEY and scope.keyed:
        return EventValue(CUSTOMER_KEY, TEXT, optional=False, origin=origin(node.span))
    if owner == "customer" and node.field.text == KEY:
        return replace(customer_key(c), origin=origin(node.span))
    if owner == "customer":
        column = c.customer_field(node.field.text)
        if column:
            return customer_value(c, column, node)
        fields = (column.name for column in c.customer_fields)
        _no_field(c, node, "customer", fields)
        return None
    near = {k: v for k, v in suggestions(owner, ("event", "customer")).items() if k == "nearest"}
    c.report(names.UNKNOWN_OWNER, node.owner, name=owner, **near)
    return None


def _of_step(c: Context, node: tree.Member, scope: Scope) -> Expression | None:
    """`ticket.level`: a field of a step that was reached before."""
    step, name = node.owner.text, node.field.text
    if step in scope.unsure:
        c.report(journeys.STEP_NOT_SURE, node, name=step)
        return None
    found = step_value(c, scope, step, name)
    if found is not None:
        return replace(found[0], origin=origin(node.span))
    event = scope.steps[step]
    if event is None:
        known = suggestions(name, (column.name for column in c.customer_fields))
        c.report(journeys.STEP_WITHOUT_EVENT, node, name=step, field=name, **known)
    else:
        _no_field(c, node, event.name, (column.name for column in event.fields))
    return None


def step_value(
    c: Context, scope: Scope, step: str, name: str
) -> tuple[EventValue, Column | None] | None:
    """The value of a step's field, and its column; `None` if the step has no such field.

    It is a field of the later step's own event, under the name of both. What the step's event does
    not have, or a step without one, is a field of the customer at the step's moment.
    """
    if name in ("at", "key"):
        return EventValue(f"{step}.{name}", TIMESTAMP if name == "at" else TEXT, False), None
    column = column_of_step(scope, step, name)
    if column is None:
        column = c.customer_field(name)
        if column is None:
            return None
        feature_of(c, column)
    return EventValue(f"{step}.{name}", column.type, column.optional), column


def column_of_step(scope: Scope, step: str, name: str) -> Column | None:
    """The column of a step's event; `None` if it waits for none, or that has no such field."""
    event = scope.steps[step]
    return None if event is None else find_column(event.fields, name)


def _field(c: Context, node: tree.Member, event: EventTable, *, row: bool) -> Expression | None:
    name = node.field.text
    make = RowValue if row else EventValue
    if name == "at":
        return make("at", TIMESTAMP, optional=False, origin=origin(node.span))
    if name == "key":
        return make("key", TEXT, optional=False, origin=origin(node.span))
    column = find_column(event.fields, name)
    if column is None:
        _no_field(c, node, event.name, (column.name for column in event.fields))
        return None
    return make(name, column.type, column.optional, origin(node.span))


def _no_field(c: Context, node: tree.Member, owner: str, fields: Iterable[str]) -> None:
    known = suggestions(node.field.text, fields)
    c.report(names.UNKNOWN_FIELD, node.field, owner=owner, name=node.field.text, **known)


def arm_is(c: Context, node: tree.ArmIs, scope: Scope) -> Expression | None:
    """Whether the customer is in an arm; where that cannot be asked it is reported."""
    name = node.arm.text
    if not scope.asks_arm or scope.row is not None:
        c.report(words.ARM_NOT_HERE, node, name=name)
        return None
    experiment = scope.experiment
    if experiment is None or not experiment.arms:
        c.report(words.NO_EXPERIMENT, node, name=name)
        return None
    names_ = tuple(arm.name for arm in experiment.arms)
    if name not in names_:
        near = suggestions(name, names_)
        c.report(words.UNKNOWN_ARM, node.arm, name=name, experiment=experiment.name, **near)
        return None
    arm, at = arm_value(c, experiment), origin(node.span)
    return of("equal", arm, Constant(arm.type, name, at), at=at)


def arm_value(c: Context, experiment: Experiment) -> Expression:
    """The name of the customer's arm; the experiment has arms."""
    type_ = EnumType(tuple(arm.name for arm in experiment.arms))
    return of(
        "arm",
        customer_key(c),
        Constant(TEXT, experiment.name),
        Constant(TEXT, ",".join(bounds(experiment))),
        *(Constant(type_, name) for name in type_.values),
    )
