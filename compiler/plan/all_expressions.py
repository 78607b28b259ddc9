"""Every expression of a plan, with the events whose fields it may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from .. import plan
from . import (
    Campaign,
    Column,
    Conversion,
    CustomerField,
    CustomerTable,
    EnteringTrigger,
    EventAggregate,
    EventPick,
    EventTable,
    Feature,
    Guard,
    Plan,
    Revenue,
    Success,
    TimerTrigger,
)
from .expressions import EventValue, Expression, FeatureValue, RowValue
from .steps import checks_of, eligibility_of, events_of_steps

Clause = Literal["lifecycle", "audience", "history", "campaign", "check", "value"]
"""`check`: a condition of compliance. `value`: an amount or a text, not a condition."""


@dataclass(frozen=True, slots=True)
class Written:
    """An expression; `event` is the triggering one and `past` the one that a history sees.

    `steps` are the steps of its journey with their events, if they have any.
    """

    expression: Expression
    clause: Clause
    event: str | None = None
    past: str | None = None
    steps: Mapping[str, str | None] = field(default_factory=dict)


def expressions(made: Plan) -> Iterator[Written]:
    """Every expression of the plan, declarations before campaigns."""
    for lifecycle in made.lifecycles:
        for stage in lifecycle.stages:
            yield Written(stage.condition, "lifecycle")
    for audience in made.audiences:
        yield Written(audience.condition, "audience")
    for feature in made.features:
        yield from _of_feature(feature)
    for campaign in made.campaigns:
        yield from of_campaign(campaign)


def _of_feature(feature: Feature) -> Iterator[Written]:
    if not isinstance(feature, EventAggregate | EventPick):
        return
    if feature.where is not None:
        yield Written(feature.where, "history", past=feature.event)
    if isinstance(feature, EventAggregate) and feature.value is not None:
        yield Written(feature.value, "value", past=feature.event)


def of_campaign(campaign: Campaign) -> Iterator[Written]:
    """Every expression of a campaign."""
    reversal = campaign.reversal
    if reversal is not None and reversal.where is not None:
        yield Written(reversal.where, "campaign", reversal.event)
    yield from _of_measures(campaign)
    steps = {} if campaign.journey is None else events_of_steps(campaign)
    for one in _of_steps(campaign):
        yield replace(one, steps=steps) if steps else one


def _of_measures(campaign: Campaign) -> Iterator[Written]:
    for measure in campaign.measures:
        match measure:
            case Conversion(event=event, where=where) | Guard(event=event, where=where):
                asked = [(event, where)]
            case Revenue(parts=parts):
                asked = [(part.event, part.where) for part in parts]
            case Success(condition=condition):
                asked = []
                yield Written(condition, "campaign")
            case _:
                assert_never(measure)
        yield from (Written(one, "history", past=event) for event, one in asked if one is not None)


def _of_steps(campaign: Campaign) -> Iterator[Written]:
    for step in campaign.steps:
        trigger = step.trigger
        event = trigger.event
        for one in eligibility_of(campaign, step):
            yield Written(one.condition, "campaign", event)
        for check in checks_of(campaign, step):
            yield Written(check.condition, "check", event)
        if trigger.where is not None:
            yield Written(trigger.where, "campaign", event)
        if isinstance(trigger, TimerTrigger) and trigger.unless and trigger.unless.where:
            yield Written(trigger.unless.where, "campaign", event, trigger.unless.event)
        if isinstance(trigger, EnteringTrigger):
            yield Written(trigger.condition, "campaign")
        for unless in () if step.follows is None else step.follows.unless_event:
            if unless.where is not None:
                yield Written(unless.where, "campaign", event, unless.event)
        if step.reward is not None:
            yield from _of_reward(step.reward, event)
        for message in step.messages:
            yield from (Written(one.value, "value", event) for one in message.values)


def _of_reward(reward: plan.Reward, event: str | None) -> Iterator[Written]:
    for branch in reward.branches:
        if branch.condition is not None:
            yield Written(branch.condition, "campaign", event)
        for line in branch.lines:
            if line.amount is not None:
                yield Written(line.amount, "value", event)
    if reward.claims is not None and reward.claims.where is not None:
        yield Written(reward.claims.where, "campaign", reward.claims.event)


@dataclass(frozen=True, slots=True)
class Columns:
    """The plan's columns by where they belong: an event, or the empty name for customers."""

    features: Mapping[str, Feature]
    columns: Mapping[tuple[str, str], Column]

    def of(self, node: Expression, seen: Written) -> tuple[str, Column] | None:
        """The owner and the column that the node reads; `None` if it reads no column itself."""
        match node:
            case FeatureValue(feature=id_):
                return self._of_feature(self.features[id_])
            case EventValue(field=name) if "." in name:
                return self._of_step(name, seen)
            case EventValue(field=name) if seen.event is not None:
                return self._at(seen.event, name)
            case RowValue(field=name) if seen.past is not None:
                return self._at(seen.past, name)
            case _:
                return None

    def _of_step(self, name: str, seen: Written) -> tuple[str, Column] | None:
        """The column of a step's event; without one, that of the customer at its moment."""
        step, _, own = name.partition(".")
        event = seen.steps.get(step)
        found = None if event is None else self._at(event, own)
        feature = None if step not in seen.steps else self.features.get(own)
        return self._of_feature(feature) if found is None and feature is not None else found

    def _of_feature(self, feature: Feature) -> tuple[str, Column] | None:
        match feature:
            case CustomerField(field=name):
                return self._at("", name)
            case EventPick(event=event, field=name):
                return self._at(event, name)
            case _:
                return None

    def _at(self, owner: str, name: str) -> tuple[str, Column] | None:
        column = self.columns.get((owner, name))
        return None if column is None else (owner, column)


def columns_of(
    customers: CustomerTable, events: Iterable[EventTable], features: Mapping[str, Feature]
) -> Columns:
    """The columns of the catalog's tables."""
    found = {("", field.name): field for field in customers.fields}
    for event in events:
        found |= {(event.name, field.name): field for field in event.fields}
    return Columns(features, found)


def columns_of_plan(made: Plan) -> Columns:
    """The columns of a plan's tables."""
    features = {feature.id: feature for feature in made.features}
    return columns_of(made.customers, made.events, features)
