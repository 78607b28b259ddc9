"""All timers of a campaign, for laws that follow them one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import Campaign, Plan
from campaigner.compiler.plan.steps import step_of
from campaigner.runtime.decide.patterns.timers import Timer, TimerWatch, timers_of
from campaigner.runtime.decide.reference import Rows

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def watch_of_timers(plan: Plan, campaign: Campaign) -> TimerWatch:
    """The timers of a campaign's only step, which has some."""
    watch = timers_of(campaign, step_of(campaign).trigger, ZoneInfo(plan.time_zone))
    assert watch is not None
    return watch


def all_timers(
    plan: Plan, campaign: Campaign, rows: Rows, between: tuple[datetime, datetime] = ALWAYS
) -> list[Timer]:
    """The timers of customers with instants in a period, ended ones too."""
    watch = watch_of_timers(plan, campaign)
    event, found = watch.trigger.event, list[Timer | None]()
    for name, row in rows.customers.items():
        if event is None:
            found.extend(watch.of_customer(name, row, *between))
        else:
            found.extend(watch.of_event(name, one) for one in rows.events(event, name))
    known = (one for one in found if one is not None)
    return [one for one in known if between[0] <= one.at <= between[1]]


def instant_of(plan: Plan, campaign: Campaign, rows: Rows, who: str, occurrence: str) -> datetime:
    """The instant of a customer's timer."""
    every = all_timers(plan, campaign, rows)
    return next(one.at for one in every if (one.customer, one.occurrence) == (who, occurrence))
