"""The plan: the input of every engine.

Frozen dataclasses, written as canonical JSON by `plan_json.py`. Names are those of the files.
Lists are sorted by name unless their order has a meaning. Money is `Decimal` in the project's
currency unless a type has another.

Imports go one way: `calendar_ends` `chance` `currencies` `due` ← `types` ← `arithmetic`
`expressions` `values` ← `calendar` `data` `plan_json` `value` ← `brakes` `measuring` `triggers` ←
`steps` ← `all_expressions` `demands` `experiments` ← `campaigns`.
"""

from __future__ import annotations

from dataclasses import dataclass

from .brakes import Brake, Call, EventBrake, FailureBrake, SpendBrake
from .campaigns import (
    CASH,
    CHOICE,
    BenefitLine,
    Branch,
    Campaign,
    CashLine,
    Check,
    ChoiceLine,
    Claims,
    DeliveryDay,
    Eligibility,
    Message,
    MessageValue,
    Proportion,
    QuietHours,
    Reversal,
    Reward,
    RewardLine,
    Share,
    Step,
    WalletLine,
    WhenExhausted,
    Within,
)
from .data import (
    BeforeEventWindow,
    CalendarWindow,
    CancelledBy,
    Column,
    CostTable,
    CustomerField,
    CustomerTable,
    EventAggregate,
    EventPick,
    EventTable,
    Feature,
    GrantCount,
    LastWindow,
    LedgerFeature,
    SinceWindow,
    WalletBalance,
    Window,
)
from .experiments import Arm, Experiment
from .expressions import unless
from .measuring.goals import Peak, Target
from .measuring.measures import Conversion, Guard, Measured, Revenue, RevenuePart, Success
from .triggers import (
    AfterStep,
    AllDoneTrigger,
    DailyTrigger,
    DayAfterStep,
    Deadline,
    EnteringTrigger,
    EventTrigger,
    FestivalTrigger,
    Following,
    Group,
    Holiday,
    HourlyTrigger,
    Journey,
    Moment,
    MonthlyTrigger,
    NthTrigger,
    OnceTrigger,
    Opening,
    Pattern,
    Schedule,
    SpanAfterStep,
    Task,
    TaskPeriod,
    TimerTrigger,
    Trigger,
    Unless,
    WalletTrigger,
    WeeksTrigger,
)
from .value import (
    RESERVE,
    Account,
    Audience,
    Benefit,
    Charge,
    CodeTable,
    Lifecycle,
    Measure,
    Period,
    Pool,
    Refusal,
    Span,
    Stage,
    account_id,
)

FORMAT_VERSION = 2
"""The version of the plan's document."""

LANGUAGE = 1
"""The version of the language that this program knows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole project, ready to run.

    `seeded`: draws have a secret part, the campaign's seed, which is in no plan. `costs` of
    acquisition are asked by no decision.
    """

    project: str
    language: int
    time_zone: str
    currency: str
    customers: CustomerTable
    events: tuple[EventTable, ...]
    features: tuple[Feature, ...]
    lifecycles: tuple[Lifecycle, ...]
    audiences: tuple[Audience, ...]
    benefits: tuple[Benefit, ...]
    pools: tuple[Pool, ...]
    accounts: tuple[Account, ...]
    holidays: tuple[Holiday, ...]
    campaigns: tuple[Campaign, ...]
    seeded: bool = False
    format_version: int = FORMAT_VERSION
    costs: CostTable | None = unless(None)


__all__ = [
    "CASH",
    "CHOICE",
    "FORMAT_VERSION",
    "LANGUAGE",
    "RESERVE",
    "Account",
    "AfterStep",
    "AllDoneTrigger",
    "Arm",
    "Audience",
    "BeforeEventWindow",
    "Benefit",
    "BenefitLine",
    "Brake",
    "Branch",
    "CalendarWindow",
    "Call",
    "Campaign",
    "CancelledBy",
    "CashLine",
    "Charge",
    "Check",
    "ChoiceLine",
    "Claims",
    "CodeTable",
    "Column",
    "Conversion",
    "CostTable",
    "CustomerField",
    "CustomerTable",
    "DailyTrigger",
    "DayAfterStep",
    "Deadline",
    "DeliveryDay",
    "Eligibility",
    "EnteringTrigger",
    "EventAggregate",
    "EventBrake",
    "EventPick",
    "EventTable",
    "EventTrigger",
    "Experiment",
    "FailureBrake",
    "Feature",
    "FestivalTrigger",
    "Following",
    "GrantCount",
    "Group",
    "Guard",
    "Holiday",
    "HourlyTrigger",
    "Journey",
    "LastWindow",
    "LedgerFeature",
    "Lifecycle",
    "Measure",
    "Measured",
    "Message",
    "MessageValue",
    "Moment",
    "MonthlyTrigger",
    "NthTrigger",
    "OnceTrigger",
    "Opening",
    "Pattern",
    "Peak",
    "Period",
    "Plan",
    "Pool",
    "Proportion",
    "QuietHours",
    "Refusal",
    "Revenue",
    "RevenuePart",
    "Reversal",
    "Reward",
    "RewardLine",
    "Schedule",
    "Share",
    "SinceWindow",
    "Span",
    "SpanAfterStep",
    "SpendBrake",
    "Stage",
    "Step",
    "Success",
    "Target",
    "Task",
    "TaskPeriod",
    "TimerTrigger",
    "Trigger",
    "Unless",
    "WalletBalance",
    "WalletLine",
    "WalletTrigger",
    "WeeksTrigger",
    "WhenExhausted",
    "Window",
    "Within",
    "account_id",
]
