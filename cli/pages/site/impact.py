"""Impact: which audiences, lifecycles and campaigns rest on which field of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ....compiler.plan import (
    Campaign,
    CustomerField,
    EventAggregate,
    EventBrake,
    EventPick,
    Feature,
    Plan,
    Step,
    TimerTrigger,
)
from ....compiler.plan.all_expressions import of_campaign
from ....compiler.plan.demands import Index, Key, feature_expressions
from ....compiler.plan.expressions import EventValue, Expression, RowValue, walk
from ....compiler.plan.steps import kinds_of

Kind = Literal["audience", "lifecycle", "campaign"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the customer (`event` is `None`), or of a kind of event."""

    event: str | None
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A declaration that rests on a field."""

    kind: Kind
    name: str


def impact(plan: Plan) -> dict[Field, tuple[User, ...]]:
    """The users of each field that has some, audiences first, then lifecycles and campaigns."""
    index = Index(plan)
    found: dict[Field, dict[User, None]] = {}

    def enter(user: User, fields: Iterable[Field]) -> None:
        for field in fields:
            found.setdefault(field, {})[user] = None

    for audience in plan.audiences:
        keys = index.with_basis([("audience", audience.name)])
        enter(User("audience", audience.name), _of_keys(index, keys))
    for lifecycle in plan.lifecycles:
        keys = index.with_basis([("stage", lifecycle.name)])
        enter(User("lifecycle", lifecycle.name), _of_keys(index, keys))
    for campaign in plan.campaigns:
        enter(User("campaign", campaign.name), fields_of(index, campaign))
    return {field: tuple(users) for field, users in found.items()}


def fields_of(index: Index, campaign: Campaign) -> tuple[Field, ...]:
    """The fields that decisions of a campaign, and its messages, rest on, each once."""
    return tuple(dict.fromkeys(_of_campaign(index, campaign)))


def _of_campaign(index: Index, campaign: Campaign) -> Iterator[Field]:
    written = list(of_campaign(campaign))
    yield from _of_keys(index, index.closure([one.expression for one in written]))
    events = {step.name: step.trigger.event for step in campaign.steps}
    for one in written:
        yield from _direct(one.expression, one.event, one.past, events)
    for step in campaign.steps:
        yield from _of_trigger(step)
        accounts = {charge.account for charge in step.charges}
        for account in index.plan.accounts:
            if account.id in accounts:
                yield from _of_limit(account.keys, step.trigger.event)
        for message in step.messages:
            if message.consent is not None:
                yield Field(None, message.consent)
    if campaign.reversal is not None:
        yield Field(campaign.reversal.event, campaign.reversal.field)
    for brake in campaign.brakes:
        if isinstance(brake, EventBrake):
            yield Field(brake.event, "at")


def _of_keys(index: Index, keys: Iterable[Key]) -> Iterator[Field]:
    for kind, name in keys:
        if kind == "feature":
            yield from _of_feature(index.features[name])


def _of_feature(feature: Feature) -> Iterator[Field]:
    match feature:
        case CustomerField(field=name):
            yield Field(None, name)
        case EventPick(event=event, field=name):
            yield Field(event, name)
    if isinstance(feature, EventAggregate | EventPick):
        yield Field(feature.event, "at")
        for expression in feature_expressions(feature):
            yield from _direct(expression, None, feature.event, {})


def _direct(
    expression: Expression, event: str | None, past: str | None, steps: dict[str, str | None]
) -> Iterator[Field]:
    for node in walk(expression):
        match node:
            case EventValue(field=name) if name.partition(".")[0] in steps and "." in name:
                step, _, own = name.partition(".")
                yield Field(steps[step], own)
            case EventValue(field=name) if event is not None:
                yield Field(event, name)
            case RowValue(field=name) if past is not None:
                yield Field(past, name)


def _of_trigger(step: Step) -> Iterator[Field]:
    trigger = step.trigger
    for kind in kinds_of(step):
        yield Field(kind, "at")
    for counted in (trigger.pattern, trigger.group):
        if counted is not None and counted.field is not None and trigger.event is not None:
            yield Field(trigger.event, counted.field)
    if isinstance(trigger, TimerTrigger):
        moment = trigger.moment
        if moment.field is not None and moment.of != "step":
            yield Field(moment.event, moment.field)


def _of_limit(keys: Iterable[str], event: str | None) -> Iterator[Field]:
    for key in keys:
        owner, dot, name = key.partition(".")
        if key not in ("customer", "customer.key", "event.key"):
            yield Field(None, name) if dot and owner == "customer" else Field(event, key)
