"""Cancelled events: the conditions by which nothing counts one from its cancellation on.

A rule that reads an event asks whether it is cancelled by the instant of the decision. That is a
condition of the plan like any other, so engines need no rule of their own. Only groups and patterns
have one: with each of their events they ask which others are cancelled by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from .operators.build import of
from .plan import (
    Campaign,
    CancelledBy,
    EventAggregate,
    EventPick,
    EventTrigger,
    Feature,
    Plan,
    Step,
    TimerTrigger,
    Unless,
)
from .plan.data import CANCELLED
from .plan.expressions import Clock, EventValue, Expression, RowValue
from .plan.triggers import Following
from .plan.types import TIMESTAMP

_ReaderT = TypeVar("_ReaderT", bound=EventAggregate | EventPick | EventTrigger | Unless)


def without_cancelled(plan: Plan) -> Plan:
    """Return the plan in which no cancelled event is counted."""
    cancels = {one.name: one.cancelled_by for one in plan.events if one.cancelled_by is not None}
    if not cancels:
        return plan
    rules = _Rules(cancels)
    return replace(
        plan,
        features=tuple(map(rules.feature, plan.features)),
        campaigns=tuple(map(rules.campaign, plan.campaigns)),
    )


class _Rules:
    """Adds the conditions, by the kind of the event that is read."""

    def __init__(self, cancels: Mapping[str, CancelledBy]) -> None:
        self._cancels = cancels

    def feature(self, feature: Feature) -> Feature:
        """The feature over the events that are not cancelled."""
        match feature:
            case EventAggregate() | EventPick():
                return self._asking(feature, past=True)
            case _:
                return feature

    def campaign(self, campaign: Campaign) -> Campaign:
        """The campaign with steps that read no cancelled event."""
        return replace(campaign, steps=tuple(map(self._step, campaign.steps)))

    def _step(self, step: Step) -> Step:
        trigger = step.trigger
        match trigger:
            case EventTrigger():
                trigger = self._asking(trigger, past=False)
            case TimerTrigger():
                trigger = self._timer(trigger)
            case _:
                pass
        follows = None if step.follows is None else self._following(step.follows)
        return replace(step, trigger=trigger, follows=follows)

    def _timer(self, trigger: TimerTrigger) -> TimerTrigger:
        started = self._cancels.get(trigger.event or "")
        if started is not None:
            trigger = replace(trigger, where=_not_cancelled(started, past=False))
        if trigger.unless is not None:
            trigger = replace(trigger, unless=self._asking(trigger.unless, past=True))
        return trigger

    def _following(self, follows: Following) -> Following:
        absent = tuple(self._asking(one, past=True) for one in follows.unless_event)
        return replace(follows, unless_event=absent)

    def _asking(self, reader: _ReaderT, *, past: bool) -> _ReaderT:
        """Return a reader of events whose `where` asks for those that are not cancelled too."""
        cancels = self._cancels.get(reader.event)
        if cancels is None:
            return reader
        asked: Expression = _not_cancelled(cancels, past=past)
        return replace(
            reader, where=asked if reader.where is None else of("and", reader.where, asked)
        )


def _not_cancelled(cancels: CancelledBy, *, past: bool) -> Expression:
    """Whether an event is not cancelled by now: the one at hand, or (`past`) an earlier one."""
    value = (RowValue if past else EventValue)(CANCELLED, TIMESTAMP, True, cancels.origin)
    return of("not", of("at_most", value, Clock("now", TIMESTAMP)), at=cancels.origin)
