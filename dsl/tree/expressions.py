"""Conditions and values, and the histories they look into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class NameRef(Node):
    """A bare name: a customer field, an audience, an enum value, a field of a `where`'s event."""

    name: Name


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`event.amount`, `claim.tier`, `customer.aum`, `order.amount`, `retail.growing`."""

    owner: Name
    field: Name


@dataclass(frozen=True, slots=True)
class Now(Node):
    pass


@dataclass(frozen=True, slots=True)
class Today(Node):
    pass


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class And(Node):
    """Two or more; `a and b and c` is one node."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Expression, ...]


ComparisonSign = Literal[
    "=", "!=", "<", "<=", ">", ">=", "before", "after", "contains", "starts with"
]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    sign: ComparisonSign
    left: Expression
    right: Expression
    ignoring_case: bool = False


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`x in (a, b)`, `x not in (a, b)`."""

    operand: Expression
    choices: tuple[Expression, ...]
    negated: bool
    ignoring_case: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Both ends are in."""

    operand: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class IsKnown(Node):
    """`x is known` (`known`), `x is unknown`."""

    operand: Expression
    known: bool


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a + b - c`, or `a * b / c`: one run of operators of one precedence, left to right."""

    first: Expression
    rest: tuple[tuple[Literal["+", "-", "*", "/"], Expression], ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Else(Node):
    """`a else b else c`: the first that is known."""

    choices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Extreme(Node):
    """`min(a, b)`, `max(a, b)` of two or more values."""

    which: Literal["min", "max"]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Whole(Node):
    """`floor(a)`, `ceil(a)`, `round(a)`: a whole number."""

    which: Literal["floor", "ceil", "round"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Within(Node):
    """`x within last 30 days`, `x within next 7 days`."""

    operand: Expression
    direction: Literal["last", "next"]
    duration: Duration


@dataclass(frozen=True, slots=True)
class DaysSince(Node):
    """`days since registered_at`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class DaysUntil(Node):
    """`days until matures_on`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class AnniversaryToday(Node):
    """`anniversary of birth_date is today`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class AnniversaryWithin(Node):
    """`anniversary of birth_date within next 7 days`: not today."""

    operand: Expression
    duration: Duration


@dataclass(frozen=True, slots=True)
class StageRef(Node):
    """`retail.growing`, or `growing` where only one lifecycle has it."""

    lifecycle: Name | None
    stage: Name


@dataclass(frozen=True, slots=True)
class StageIs(Node):
    """`stage is retail.growing`, `stage in (…)`, `stage not in (…)`."""

    stages: tuple[StageRef, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class ArmIs(Node):
    """`arm is a`: of the experiment of the campaign."""

    arm: Name


@dataclass(frozen=True, slots=True)
class WindowLast(Node):
    """`in last 30 days`: (now − duration, now]."""

    duration: Duration


CalendarUnit = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class WindowCalendar(Node):
    """`this month` (its first moment to now), `last month` (`previous`: all of the one before)."""

    unit: CalendarUnit
    previous: bool


@dataclass(frozen=True, slots=True)
class WindowBeforeEvent(Node):
    """`before event`: what came before the triggering event, which is itself left out."""


@dataclass(frozen=True, slots=True)
class WindowSince(Node):
    """`since registered_at`: from that moment on, it included."""

    start: Expression


Window = WindowLast | WindowCalendar | WindowBeforeEvent | WindowSince


@dataclass(frozen=True, slots=True)
class History(Node):
    """The events of an aggregate: `order`, `order.amount where … in last 30 days`,
    `received(coffee)`.

    `event` is the event's name, or, if `received`, the name of a campaign or benefit. `field` is
    then the name of one of the campaign's steps.
    """

    event: Name
    field: Name | None = None
    received: bool = False
    where: Expression | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`has invest …` and `no invest …` (negated); a bare `received(x)` is a `Has` too."""

    history: History
    negated: bool


AggregateFunction = Literal["count", "sum", "average", "min", "max"]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`count(order)`, `count(distinct order.product)`, `sum(order.amount where … this month)`."""

    function: AggregateFunction
    history: History
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Balance(Node):
    """`balance(points)`: the units in the customer's wallet that can be spent."""

    wallet: Name


@dataclass(frozen=True, slots=True)
class Pick(Node):
    """`first(order).at`, `last(order where …).amount`; in `days since last(order)`, its time."""

    which: Literal["first", "last"]
    history: History
    field: Name | None


Expression = (
    Number
    | Percent
    | Money
    | Duration
    | DateLiteral
    | TimestampLiteral
    | TimeLiteral
    | Boolean
    | Text
    | NameRef
    | Member
    | Now
    | Today
    | Not
    | And
    | Or
    | Comparison
    | Membership
    | Between
    | IsKnown
    | Arithmetic
    | Negative
    | Else
    | Extreme
    | Whole
    | Within
    | DaysSince
    | DaysUntil
    | AnniversaryToday
    | AnniversaryWithin
    | StageIs
    | ArmIs
    | Has
    | Aggregate
    | Balance
    | Pick
)
