"""Journeys: the steps of a campaign that takes weeks."""

from __future__ import annotations

from dataclasses import dataclass

from .base import DateLiteral, Duration, Name, Node, Number, Text, TimeLiteral, TimestampLiteral
from .campaigns import Message, TriggerForm, Unless
from .expressions import Expression
from .rewards import Limit, Reward


@dataclass(frozen=True, slots=True)
class DayAfterStep(Node):
    """`on day 5 of month 2 after ticket at 10:00`."""

    day: Number
    months: Number
    step: Name
    at: TimeLiteral


@dataclass(frozen=True, slots=True)
class BySpan(Node):
    """`by 30 days after ticket`."""

    duration: Duration
    step: Name


@dataclass(frozen=True, slots=True)
class ByMonth(Node):
    """`by end of month 1 after ticket`; month 0 is the one of the step itself."""

    months: Number
    step: Name


@dataclass(frozen=True, slots=True)
class ByDate(Node):
    """`by 2026-06-30`."""

    day: DateLiteral | TimestampLiteral


Deadline = BySpan | ByMonth | ByDate


@dataclass(frozen=True, slots=True)
class OneAtATime(Node):
    """`one at a time`: nobody enters who is inside."""


@dataclass(frozen=True, slots=True)
class JourneyStep(Node):
    """`step nudge "…" after ticket 7 days after ticket at 10:00 unless upgrade`, and its parts."""

    name: Name
    label: Text | None
    renamed_from: Name | None
    after: tuple[Name, ...]
    form: TriggerForm | DayAfterStep
    by: Deadline | None
    unless: Unless | None
    condition: Expression | None
    limits: tuple[Limit, ...]
    parts: tuple[Reward | Message | OneAtATime, ...]


@dataclass(frozen=True, slots=True)
class Leave(Node):
    """`leave on account_closed where …`."""

    event: Name
    where: Expression | None


@dataclass(frozen=True, slots=True)
class While(Node):
    """`while consent_marketing`: where it is false at a step, the journey ends."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class RemovedStep(Node):
    """`removed hello: pass`: what becomes of who waits for a step that is no longer there."""

    step: Name
    does: Name


JourneyStatement = JourneyStep | Leave | While | RemovedStep


@dataclass(frozen=True, slots=True)
class Journey(Node):
    statements: tuple[JourneyStatement, ...]
