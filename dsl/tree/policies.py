"""Nodes of policies: demands and prohibitions of compliance."""

from __future__ import annotations

from dataclasses import dataclass

from .base import DateLiteral, Duration, Money, Name, Node, Number, Percent, Text, TimeLiteral
from .expressions import Expression
from .rewards import CapPeriod


@dataclass(frozen=True, slots=True)
class EventHas(Node):
    """`event has product_risk`: the triggering event has such a field."""

    field: Name


@dataclass(frozen=True, slots=True)
class GoalIs(Node):
    goal: Name


@dataclass(frozen=True, slots=True)
class BudgetOver(Node):
    amount: Money


Applies = EventHas | GoalIs | BudgetOver


@dataclass(frozen=True, slots=True)
class Require(Node):
    condition: Expression
    applies: Applies | None
    because: Text | None


@dataclass(frozen=True, slots=True)
class ForbidPhrase(Node):
    phrases: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ForbidField(Node):
    """`forbid field from C2 in messages`: fields of that class and above."""

    sensitivity: Name


@dataclass(frozen=True, slots=True)
class Disclose(Node):
    text: Text
    applies: Applies | None


@dataclass(frozen=True, slots=True)
class QuietHours(Node):
    start: TimeLiteral
    end: TimeLiteral


@dataclass(frozen=True, slots=True)
class AtMostMessages(Node):
    """`at most 2 messages per 7 days`: in any 7 days, of all campaigns under the policy."""

    count: Number
    duration: Duration


@dataclass(frozen=True, slots=True)
class AtMostMoney(Node):
    """`at most 500 CNY per customer per month`, of all campaigns under the policy."""

    amount: Money
    period: CapPeriod | None


@dataclass(frozen=True, slots=True)
class HoldoutAtLeast(Node):
    percent: Percent


@dataclass(frozen=True, slots=True)
class ApprovalBy(Node):
    """`approval by "compliance" when budget over 1_000_000 CNY`."""

    who: Text
    applies: Applies | None


@dataclass(frozen=True, slots=True)
class ApprovedBy(Node):
    """`approved by "compliance" on 2026-01-15`: in a campaign, the approval that was given."""

    who: Text
    day: DateLiteral


PolicyStatement = (
    Require
    | ForbidPhrase
    | ForbidField
    | Disclose
    | QuietHours
    | AtMostMessages
    | AtMostMoney
    | HoldoutAtLeast
    | ApprovalBy
    | ApprovedBy
)


@dataclass(frozen=True, slots=True)
class Policy(Node):
    name: Name
    label: Text | None
    statements: tuple[PolicyStatement, ...]
