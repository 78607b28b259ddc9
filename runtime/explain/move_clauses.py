"""Entering and leaving, explained: at which instants it held, and at which it did not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, EnteringTrigger, Plan, Step
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.steps import step_of
from ...compiler.plan.values import encode
from ..decide.decisions import Identity
from ..decide.facts import CustomerRows, holds, named
from ..decide.past_grants import DecisionRow
from ..decide.patterns.moves import enters, facts_at, granted_later, is_in
from ..decide.reference import occurrence_of
from ..due.schedule import due
from .clauses import Clause, clause

Decided = Callable[[Identity], DecisionRow | None]
"""Returns the stored decision; `None` if it was never made."""

MOST = 400
"""The most instants of a schedule that are searched for the latest entering."""

_LOOK_BACK = (timedelta(days=60), timedelta(days=800))


def latest_entering(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    decided: Decided,
) -> tuple[datetime, bool] | None:
    """The latest instant up to `at` at which the customer enters, or of which a decision is kept.

    Whether the customer enters comes with it. `None` if there is no such instant among the last.
    """
    trigger, facts = step.trigger, facts_at(plan, step.trigger, rows, customer)
    if not isinstance(trigger, EnteringTrigger) or facts is None:
        return None
    end = at if campaign.active_to is None else min(at, campaign.active_to)
    searched: set[datetime] = set()
    for look_back in _LOOK_BACK:
        period = due(plan, campaign.name, end - look_back, end, step=step.name)
        instants = [one for one in period.instants[-MOST:] if one not in searched]
        asked = trigger.asked(ZoneInfo(plan.time_zone), plan.holidays, instants)
        for instant in reversed(instants):
            if enters(trigger, asked[instant], facts):
                return instant, True
            occurrence = occurrence_of(plan, instant)
            if decided(Identity(campaign.name, step.name, customer, occurrence)):
                return instant, False
        searched.update(instants)
    return None


def entering_clause(
    plan: Plan, step: Step, customer: str, now: datetime, rows: CustomerRows
) -> Iterator[Clause]:
    """Yield what the trigger waits for: whether it held before all that are asked, and at them."""
    trigger = step.trigger
    facts = facts_at(plan, trigger, rows, customer)
    if not isinstance(trigger, EnteringTrigger) or facts is None:
        return
    zone = ZoneInfo(plan.time_zone)
    asked = trigger.asked(zone, plan.holidays, (now,))[now]
    out = [one for one in asked.during if not is_in(trigger, facts(one))]
    shown = (asked.before, asked.during[0], *out[:1], now)
    values = {
        f"held at {one.astimezone(zone).isoformat()}": encode(holds(trigger.condition, facts(one)))
        for one in shown
        if one is not None
    }
    verb = "leaving" if trigger.leaving else "entering"
    origin = trigger.condition.origin or trigger.origin
    held = enters(trigger, asked, facts)
    yield clause(trigger.origin, held, values, depth=1, text=f"{verb} {origin.text}")


def is_granted_later(
    plan: Plan, who: Identity, customer: str, now: datetime, rows: CustomerRows, decided: Decided
) -> bool:
    """Whether an entering that no run has decided was granted at a later instant already."""
    campaign = named(plan.campaigns, who.campaign)
    trigger = step_of(campaign, who.step).trigger
    facts = facts_at(plan, trigger, rows, customer)
    if not isinstance(trigger, EnteringTrigger) or facts is None:
        return False
    start = now + INSTANT
    following = due(plan, who.campaign, start, start + _LOOK_BACK[0], step=who.step)
    later = (
        (one, who._replace(occurrence=occurrence_of(plan, one)))
        for one in following.instants[:MOST]
    )
    return granted_later(trigger, later, facts, decided)
