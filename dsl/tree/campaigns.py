"""Lifecycles, audiences, campaigns and the file that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .base import (
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
from .expressions import Expression, Member, StageRef
from .policies import PolicyStatement
from .rewards import BudgetStatement, CapPeriod, Reward


@dataclass(frozen=True, slots=True)
class Stage(Node):
    """`condition` after `when` or a ladder's `from`; `threshold` after a score's `from`."""

    name: Name
    label: Text | None
    condition: Expression | None = None
    threshold: Expression | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle(Node):
    """`kind` is how it is cut: by conditions, a ladder, or a score (then `score` is there)."""

    name: Name
    label: Text | None
    kind: Literal["conditions", "ladder", "score"]
    score: Expression | None
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Audience(Node):
    name: Name
    label: Text | None
    condition: Expression


PatternPeriod = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """`reaching 3 customers per team_id within 72 hours`, `every 1_000 CNY of amount`.

    `of` is what a number counts: `times`, `customers`, `different`; nothing for a sum and for days
    (a `Duration`). `field` is what is added up, or must differ. `each` is a period of the calendar.
    """

    every: bool
    amount: Number | Money | Duration
    of: Name | None = None
    field: Name | None = None
    key: Name | None = None
    in_a_row: bool = False
    within: Duration | None = None
    each: PatternPeriod | None = None


@dataclass(frozen=True, slots=True)
class OnEvent(Node):
    """`on invest where event.amount >= 1_000 CNY`."""

    event: Name
    where: Expression | None
    pattern: Pattern | None


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`every day at 10:00`, `every friday at 09:00`."""

    day: Literal["day"] | Weekday
    at: TimeLiteral


@dataclass(frozen=True, slots=True)
class Monthly(Node):
    """`on day 10 of every month at 10:00`."""

    day: Number
    at: TimeLiteral


Which = Literal["first", "second", "third", "fourth", "last"]


@dataclass(frozen=True, slots=True)
class Nth(Node):
    """`on last day of every month at 18:00`, `on first monday of every quarter at 09:00`."""

    which: Which
    day: Literal["day"] | Weekday
    of: Literal["month", "quarter"]
    at: TimeLiteral


@dataclass(frozen=True, slots=True)
class Hourly(Node):
    """`every hour at :15`; `minute` should be one that a clock shows, and is of two digits."""

    minute: int


@dataclass(frozen=True, slots=True)
class EveryWeeks(Node):
    """`every 2 weeks on friday at 09:00`; `length` should be weeks, and `day` a weekday."""

    length: Duration
    day: Name
    at: TimeLiteral


@dataclass(frozen=True, slots=True)
class Once(Node):
    """`at 2026-02-17 08:00`."""

    at: TimestampLiteral


@dataclass(frozen=True, slots=True)
class OnFestival(Node):
    festival: Name
    at: TimeLiteral


@dataclass(frozen=True, slots=True)
class WhenBalance(Node):
    """`when balance(growth) reaching 100`."""

    wallet: Name
    amount: Number


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """`register`, `invest.matures_on`, `birth_date`, `anniversary of birth_date`.

    `owner` is what comes before the point: an event, or `customer`.
    """

    owner: Name | None
    name: Name
    anniversary: bool


@dataclass(frozen=True, slots=True)
class Unless(Node):
    """`unless invest where renews = event.key`."""

    event: Name
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Timer(Node):
    """`7 days before invest.matures_on at 10:00 unless invest`."""

    length: Duration
    before: bool
    moment: Moment
    at: TimeLiteral | None
    unless: Unless | None


@dataclass(frozen=True, slots=True)
class OpenMonthly(Node):
    """`open every month from day 10 at 10:00 to day 31`: the trigger fires only then.

    The last day is whole; a day that a month does not have means its last.
    """

    from_day: Number
    from_time: TimeLiteral | None
    to_day: Number


ScheduleForm = Every | Monthly | Nth | Hourly | EveryWeeks | Once | OnFestival


@dataclass(frozen=True, slots=True)
class Entering(Node):
    """`when entering stage retail.dormant for 3 days, every day at 06:00`, `when leaving …`.

    `of` is a stage, or the name of an audience.
    """

    leaving: bool
    of: StageRef | Name
    lasting: Duration | None
    schedule: ScheduleForm


TriggerForm = OnEvent | ScheduleForm | Timer | Entering | WhenBalance


@dataclass(frozen=True, slots=True)
class Trigger(Node):
    form: TriggerForm
    opening: OpenMonthly | None


TaskPeriod = Literal["once", "daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class Task(Node):
    """`task try_it "…" weekly on invest where … after checkin reward 20 points`.

    `parts` are its rewards and messages, of which the compiler says how many there may be.
    """

    name: Name
    label: Text | None
    period: TaskPeriod | None
    form: OnEvent
    after: Name | None
    parts: tuple[Reward | Message, ...]


@dataclass(frozen=True, slots=True)
class AllDone(Node):
    """`all done per week reward coupon_10`."""

    period: CapPeriod | None
    parts: tuple[Reward | Message, ...]


@dataclass(frozen=True, slots=True)
class Tasks(Node):
    """`tasks { task … all done … }`, in the order of the file."""

    statements: tuple[Task | AllDone, ...]


@dataclass(frozen=True, slots=True)
class Owner(Node):
    text: Text


@dataclass(frozen=True, slots=True)
class Active(Node):
    """`active 2026-01-01 to 2026-12-31`: both days are in, in the project's zone."""

    start: DateLiteral | TimestampLiteral
    end: DateLiteral | TimestampLiteral


@dataclass(frozen=True, slots=True)
class StageClause(Node):
    stages: tuple[StageRef, ...]


@dataclass(frozen=True, slots=True)
class AudienceClause(Node):
    condition: Expression


@dataclass(frozen=True, slots=True)
class BudgetClause(Node):
    statements: tuple[BudgetStatement, ...]


@dataclass(frozen=True, slots=True)
class Message(Node):
    """`message push "…" otherwise sms "…"`: a Jinja2 text for one channel, and those instead."""

    channel: Name
    template: Text
    otherwise: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Follows(Node):
    policies: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Compliance(Node):
    statements: tuple[Follows | PolicyStatement, ...]


@dataclass(frozen=True, slots=True)
class Priority(Node):
    value: Number


@dataclass(frozen=True, slots=True)
class ExclusiveWith(Node):
    """`exclusive with other_campaign`, `exclusive with a, b per event`."""

    campaigns: tuple[Name, ...]
    per_event: bool


@dataclass(frozen=True, slots=True)
class RenamedFrom(Node):
    """`renamed from old_name`: the name under which the ledger knows the campaign."""

    campaign: Name


@dataclass(frozen=True, slots=True)
class Appeal(Node):
    contact: Text


@dataclass(frozen=True, slots=True)
class SettledWithin(Node):
    """`settled within 3 working days`; `working` is false for plain days."""

    days: Number
    working: bool


@dataclass(frozen=True, slots=True)
class LateWithin(Node):
    """`late events within 2 days`, `catch up within 1 day`."""

    of: Literal["late events", "catch up"]
    duration: Duration


@dataclass(frozen=True, slots=True)
class WhilePaused(Node):
    """`while paused lapse`, `while paused resume`."""

    action: Literal["lapse", "resume"]


@dataclass(frozen=True, slots=True)
class PauseWhen(Node):
    """`pause when failures over 5% of at least 100 within 10 minutes call "Lin"`.

    `measure` is `failures`, `spend` or an event. Without `within` it is a part of yesterday's.
    """

    measure: Name
    over: Percent | Number
    at_least: Number | None
    within: Duration | None
    call: Text | None


@dataclass(frozen=True, slots=True)
class ReversedOn(Node):
    """`reversed on refund where full by event.order_id in proportion event.amount to amount`.

    `part` and `whole` are there together or not at all; `whole` is a field of the event that was
    granted.
    """

    event: Name
    where: Expression | None
    order: Member
    part: Member | None = None
    whole: Name | None = None
