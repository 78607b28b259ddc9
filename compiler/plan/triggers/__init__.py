"""Triggers: one class a kind, with all that the kind says of itself.

Every trigger has

- `event`: the event that fires it, or that its timer is measured from. The step's conditions may
  ask it. `None` for a schedule, and for a timer of a customer's field;
- `where`, `group`, `pattern`, `task`: what else an event must meet; `None` for a schedule;
- `is_keyed`: whether its occurrences are the keys of events, or instants;
- `opening`: the window of each month outside of which nothing fires;
- `festivals`: the names of the holidays that it reads from the plan;
- `once`: its one instant, if it has no other;
- `instants`: when it fires in a period, none for events and timers; SQL takes them as they are;
- `clocks`: the times of day at which it fires, none for events;
- `is_daily`: whether the schedule alone fires at least once on each day;
- `may_fire`: whether it can fire in a period at all;
- `broken`: which of its numbers no calendar has;
- `origin`: its text, which is what explanations show;
- `kind`: its name in the document of the plan.

Imports go one way: `opening` ← `schedules` ← `after_steps` `entering` `events` `timers`
`wallets` ← `journeys` `task_periods` `tasks`.
"""

from __future__ import annotations

from .after_steps import AfterStep, DayAfterStep, SpanAfterStep
from .entering import MOST_INSTANTS, Asked, EnteringTrigger, Repeating
from .events import (
    TIMES,
    EventTrigger,
    Group,
    Pattern,
    Task,
    TaskPeriod,
    digits_after_point,
    is_nameable,
)
from .journeys import Deadline, Following, Journey
from .opening import Opening, is_open
from .schedules import (
    DailyTrigger,
    FestivalTrigger,
    Holiday,
    HourlyTrigger,
    MonthlyTrigger,
    NthTrigger,
    OnceTrigger,
    Schedule,
    WeeksTrigger,
)
from .tasks import AllDoneTrigger
from .timers import Moment, TimerTrigger, Unless
from .wallets import WalletTrigger

Trigger = (
    EventTrigger
    | AllDoneTrigger
    | DailyTrigger
    | MonthlyTrigger
    | NthTrigger
    | WeeksTrigger
    | HourlyTrigger
    | OnceTrigger
    | FestivalTrigger
    | TimerTrigger
    | SpanAfterStep
    | DayAfterStep
    | EnteringTrigger
    | WalletTrigger
)

__all__ = [
    "MOST_INSTANTS",
    "TIMES",
    "AfterStep",
    "AllDoneTrigger",
    "Asked",
    "DailyTrigger",
    "DayAfterStep",
    "Deadline",
    "EnteringTrigger",
    "EventTrigger",
    "FestivalTrigger",
    "Following",
    "Group",
    "Holiday",
    "HourlyTrigger",
    "Journey",
    "Moment",
    "MonthlyTrigger",
    "NthTrigger",
    "OnceTrigger",
    "Opening",
    "Pattern",
    "Repeating",
    "Schedule",
    "SpanAfterStep",
    "Task",
    "TaskPeriod",
    "TimerTrigger",
    "Trigger",
    "Unless",
    "WalletTrigger",
    "WeeksTrigger",
    "digits_after_point",
    "is_nameable",
    "is_open",
]
