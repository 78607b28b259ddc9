"""Scenarios: what a campaign should do for made-up customers, step by step on a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass

from .base import (
    Boolean,
    DateLiteral,
    Duration,
    Money,
    Name,
    Node,
    Number,
    Percent,
    Text,
    TimeLiteral,
    TimestampLiteral,
)
from .expressions import StageRef

Day = DateLiteral | TimestampLiteral


@dataclass(frozen=True, slots=True)
class Distance(Node):
    """`10 days ago at 09:00`, or with `ahead` `in 10 days at 09:00`."""

    duration: Duration
    ahead: bool
    at: TimeLiteral | None


@dataclass(frozen=True, slots=True)
class MinusAmount(Node):
    """`-3`, `-5 CNY`."""

    amount: Number | Percent | Money


GivenValue = (
    Number
    | Percent
    | Money
    | MinusAmount
    | Text
    | DateLiteral
    | TimestampLiteral
    | TimeLiteral
    | Boolean
    | Name
    | Distance
)
"""The value of a field. A name is one of an enum's values, or `unknown`."""


@dataclass(frozen=True, slots=True)
class GivenField(Node):
    """`aum: 600_000 CNY`."""

    name: Name
    value: GivenValue


Fields = tuple[GivenField, ...]


@dataclass(frozen=True, slots=True)
class GivenNow(Node):
    """`given now 2026-03-01 10:00`."""

    at: Day


@dataclass(frozen=True, slots=True)
class GivenCustomer(Node):
    """`given customer ann { employee: no }`."""

    customer: Name | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class GivenEvent(Node):
    """`given order of ann 3 days ago { amount: 5 CNY }`: an event before the scenario."""

    event: Name
    customer: Name | None
    at: Distance | Day
    fields: Fields


@dataclass(frozen=True, slots=True)
class GivenReceived(Node):
    """`given received win_back of ann 3 days ago`: a grant of a campaign, or a benefit."""

    name: Name
    customer: Name | None
    at: Distance | Day


@dataclass(frozen=True, slots=True)
class GivenHeldOut(Node):
    """`given held out ann`."""

    customer: Name | None


@dataclass(frozen=True, slots=True)
class GivenArm(Node):
    """`given arm a`: of all customers who are not held out."""

    arm: Name


@dataclass(frozen=True, slots=True)
class GivenPrize(Node):
    """`given prize coffee`, `given prize 8 cut`; `None` is `given no prize`."""

    prize: Name | None
    count: Number | None


@dataclass(frozen=True, slots=True)
class GivenSpent(Node):
    """`given spent 90 CNY`."""

    amount: Money


@dataclass(frozen=True, slots=True)
class GivenBalance(Node):
    """`given balance(points) = 120 of ann`."""

    wallet: Name
    amount: Number
    customer: Name | None


@dataclass(frozen=True, slots=True)
class WhenEvent(Node):
    """`when order of ann { amount: 5 CNY }`."""

    event: Name
    customer: Name | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class WhenFilled(Node):
    """`when balance(points) = 100 of ann`: something else fills the wallet up to that."""

    wallet: Name
    amount: Number
    customer: Name | None


@dataclass(frozen=True, slots=True)
class AfterSpan(Node):
    """`after 40 days at 09:00`: the clock moves on."""

    duration: Duration
    at: TimeLiteral | None


@dataclass(frozen=True, slots=True)
class UntilDay(Node):
    """`until 2026-05-01 09:00`: the clock moves on to an instant."""

    at: Day


@dataclass(frozen=True, slots=True)
class ExpectedLine(Node):
    """`coffee`, `50 points`, `30 CNY as cash`, `-100 points`; `choose 1 of a, b` has `choices`."""

    amount: Number | Money | MinusAmount | None
    name: Name | None
    choices: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class ThenReward(Node):
    """`then reward coffee and 50 points to ann`."""

    lines: tuple[ExpectedLine, ...]
    customer: Name | None
    at: Day | None


@dataclass(frozen=True, slots=True)
class ThenMessage(Node):
    """`then message push "…" to ann at 2026-03-01 10:00`."""

    channel: Name
    text: Text | None
    customer: Name | None
    at: Day | None


@dataclass(frozen=True, slots=True)
class ThenStage(Node):
    """`then stage retail.growing of ann`."""

    stage: StageRef
    customer: Name | None


@dataclass(frozen=True, slots=True)
class ThenBalance(Node):
    """`then balance(points) = 50 of ann`."""

    wallet: Name
    amount: Number
    customer: Name | None


@dataclass(frozen=True, slots=True)
class ThenOutcome(Node):
    """`then over_limit of ann`, `then reached hello`; `step` is a step of the campaign."""

    outcome: Name
    step: Name | None
    customer: Name | None


@dataclass(frozen=True, slots=True)
class ThenNothing(Node):
    """`then nothing to ann because "registered_at within last 30 days"`."""

    customer: Name | None
    because: Text | None


Given = (
    GivenNow
    | GivenCustomer
    | GivenEvent
    | GivenReceived
    | GivenHeldOut
    | GivenArm
    | GivenPrize
    | GivenSpent
    | GivenBalance
)
Happening = WhenEvent | WhenFilled | AfterSpan | UntilDay
Expectation = ThenReward | ThenMessage | ThenStage | ThenBalance | ThenOutcome | ThenNothing
ScenarioStatement = Given | Happening | Expectation


@dataclass(frozen=True, slots=True)
class Scenario(Node):
    """`scenario "…" for welcome_gift { … }`."""

    title: Text
    campaign: Name
    statements: tuple[ScenarioStatement, ...]
