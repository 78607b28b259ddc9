"""The clauses of a campaign's brief, evaluated for one customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    AllDoneTrigger,
    Branch,
    Check,
    Eligibility,
    EventTrigger,
    Opening,
    Reward,
    RewardLine,
    TimerTrigger,
    WalletBalance,
    WalletTrigger,
)
from ...compiler.plan.chance import threshold
from ...compiler.plan.expressions import EventValue
from ...compiler.plan.steps import checks_of, eligibility_of
from ...compiler.plan.triggers import is_open
from ...compiler.plan.types import INTEGER
from ...compiler.plan.values import encode
from ...compiler.rewards.payouts import goods_of
from ...compiler.rewards.table import kind_of
from ..decide.active import is_active
from ..decide.deciding import branch_of, recipient_of
from ..decide.drawing import is_held_out
from ..decide.facts import CustomerRows, evaluate, named
from ..decide.grant_gate import GrantFacts
from ..decide.lines import lines_of
from ..decide.patterns.counting import looking_back
from ..decide.patterns.firings import pattern_of
from ..decide.patterns.groups import Watch, watch_of
from ..decide.patterns.timers import TimerWatch, timers_of
from ..decide.recipients import Recipients
from .cases import Case
from .clauses import PRIVATE, Clause, Reader, active, as_text, clause, digits_of
from .move_clauses import entering_clause
from .timer_clauses import latest_timer, next_timer, timer_values, unless_clause


def reader_of(case: Case) -> Reader:
    """Return the reader that evaluates conditions for the case's customer."""
    event = case.step.trigger.event
    return Reader(case.plan, case.facts, event, case.came or event is None)


def brief(case: Case, rows: CustomerRows, ticket: str) -> Iterator[Clause]:
    """Yield every clause up to the holdout, in the order of the brief, whether it held or not."""
    reader = reader_of(case)
    yield from active_period(case)
    for demand in eligibility_of(case.campaign, case.step):
        if demand.clause == "exclusive":
            yield from _demand(reader, demand)
        else:
            yield from reader.parts(demand.condition, demand.origin)
    yield from trigger_clauses(case, reader, rows)
    for check in checks_of(case.campaign, case.step):
        yield from _demand(reader, check)
    if case.step.reward is not None:
        yield from reward_clauses(case, case.step.reward, reader, ticket)
    if case.campaign.holds_out:
        yield holdout_clause(case)


def active_period(case: Case) -> Iterator[Clause]:
    """Yield the active period, in the plan's words: the plan does not keep the file's."""
    campaign, zone = case.campaign, ZoneInfo(case.plan.time_zone)
    if campaign.active_from is None and campaign.active_to is None:
        return
    now = case.facts.clock.now
    trigger, started = case.step.trigger, case.facts.event("at")
    if isinstance(trigger, TimerTrigger) and trigger.follows_event:
        now = started if isinstance(started, datetime) else now
    values = {"now": _local(zone, now)}
    yield clause(campaign.origin, is_active(campaign, now), values, text=active(zone, campaign))


def trigger_clauses(case: Case, reader: Reader, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the trigger, with the event or instant that fired it, and its conditions."""
    trigger, zone = case.step.trigger, ZoneInfo(case.plan.time_zone)
    now = _local(zone, case.facts.clock.now)
    timers = timers_of(case.campaign, trigger, zone)
    if timers is not None:
        yield from _timer(case, timers, rows)
        yield from timer_clauses(case, rows)
        return
    if isinstance(trigger, WalletTrigger):
        yield _wallet(case, trigger)
        return
    if trigger.event is None:
        values = {"instant": now if case.came else f"none by {now}"}
        yield clause(trigger.origin, case.fired, values)
        yield from entering_clauses(case, rows)
        return
    seen = {trigger.event: f"none by {now}"}
    if case.came:
        key = as_text(case.facts.event("key"))
        seen = {trigger.event: key, f"{trigger.event}.at": now}
    yield clause(trigger.origin, case.fired, seen)
    yield from opening_clauses(case)
    if trigger.where is not None:
        yield from reader.parts(trigger.where, trigger.origin, depth=1)
    yield from group_clauses(case, reader, rows)
    yield from pattern_clauses(case, rows)
    yield from task_clauses(case)


def _timer(case: Case, watch: TimerWatch, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the timer: from what it is measured, and its own instant, which may be to come."""
    customer, now = case.occasion.customer, case.facts.clock.now
    row = rows.customer(customer) or {}
    find = latest_timer if case.came else next_timer
    timer = find(watch, customer, row, rows, now)
    values = {"timer": f"none by {_local(watch.zone, now)}"}
    if timer is not None:
        values = timer_values(watch, timer, row)
    yield clause(watch.trigger.origin, case.fired, values)


def timer_clauses(case: Case, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the event that must not have come before the timer, if its trigger names one."""
    watch = timers_of(case.campaign, case.step.trigger, ZoneInfo(case.plan.time_zone))
    if watch is None:
        return
    customer, now = case.occasion.customer, case.facts.clock.now
    row = rows.customer(customer) or {}
    timer = latest_timer(watch, customer, row, rows, now) if case.came else None
    yield from unless_clause(watch, timer, rows)


def entering_clauses(case: Case, rows: CustomerRows) -> Iterator[Clause]:
    """Yield what customers must enter or leave, if the trigger waits for that."""
    if case.came:
        customer, now = case.occasion.customer, case.facts.clock.now
        yield from entering_clause(case.plan, case.step, customer, now, rows)


def _wallet(case: Case, trigger: WalletTrigger) -> Clause:
    """Return the wallet that the step waits for, with what is in it after the decision, or now."""
    facts, values = case.facts, dict[str, str]()
    if isinstance(facts, GrantFacts):
        feature = WalletBalance("", trigger.wallet, INTEGER)
        held = facts.count(feature, case.occasion.customer, facts)
        values = {f"balance({trigger.wallet})": str(held)}
    if case.came:
        values["filled by"] = case.occasion.occurrence
    return clause(trigger.origin, case.fired, values)


def opening_clauses(case: Case) -> Iterator[Clause]:
    """Yield the trigger's monthly window, if it has one."""
    trigger, zone = case.step.trigger, ZoneInfo(case.plan.time_zone)
    if not isinstance(trigger, EventTrigger) or trigger.opening is None:
        return
    now = case.facts.clock.now
    opened = is_open(zone, trigger.opening, now) if case.came else None
    text = _opening(trigger.opening)
    yield clause(trigger.origin, opened, {"now": _local(zone, now)}, depth=1, text=text)


def group_clauses(case: Case, reader: Reader, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the group that the trigger waits for, if it does."""
    watch = watch_of(case.campaign, case.step.trigger, ZoneInfo(case.plan.time_zone))
    if watch is not None:
        yield _group(case, watch, reader, rows)


def pattern_clauses(case: Case, rows: CustomerRows) -> Iterator[Clause]:
    """Yield the pattern that the trigger waits for, with how far the customer has come."""
    trigger, zone = case.step.trigger, ZoneInfo(case.plan.time_zone)
    watch = pattern_of(case.campaign, trigger, zone)
    if watch is None:
        return
    values = {}
    if case.came:
        upto = (case.facts.clock.now, str(case.facts.event("key")))
        events = rows.events(watch.trigger.event, case.occasion.customer)
        values["reached"] = str(watch.reached(events, upto))
        if case.fired and trigger.task is None:
            values["firing"] = case.occasion.occurrence
    fired = case.fired if case.came else None
    yield clause(trigger.origin, fired, values, depth=1, text=watch.text)


def task_clauses(case: Case) -> Iterator[Clause]:
    """Yield how often the task may be done, and what it follows."""
    trigger = case.step.trigger
    if isinstance(trigger, AllDoneTrigger):
        text = f"all of {', '.join(trigger.tasks)}"
        values = {"period": case.occasion.occurrence} if case.fired else {}
        yield clause(trigger.origin, case.fired, values, depth=1, text=text)
    if trigger.task is None:
        return
    period, after = trigger.task.period, trigger.task.after
    often = "" if period is None else period if period == "once" else f"each {period}"
    text = " ".join(one for one in (often, f"after {after}" if after else "") if one)
    if text:
        values = {"period": case.occasion.occurrence} if case.fired else {}
        yield clause(trigger.origin, case.fired if case.came else None, values, depth=1, text=text)


def _group(case: Case, watch: Watch, reader: Reader, rows: CustomerRows) -> Clause:
    """Return the clause of the event's group, with the count at that time."""
    group, trigger = watch.group, watch.trigger
    within = looking_back(group.within)
    text = f"reaching {group.count} {group.of} per {group.field}{within}"
    if not case.came:
        return clause(trigger.origin, None, depth=1, text=text)
    field = named(named(case.plan.events, trigger.event).fields, group.field)
    named_ = replace(trigger.origin, text=f"{trigger.event}.{field.name}")
    own = EventValue(field.name, field.type, field.optional, named_)
    value = case.facts.event(group.field)
    alike = () if value is None else rows.alike(trigger.event, group.field, encode(value))
    last = (case.facts.clock.now, case.occasion.occurrence)
    upto = [event for event in watch.gathered(alike) if event[:2] <= last]
    reached = watch.reached(upto) if upto else 0
    values = {**reader.values(own), group.of: str(reached)}
    return clause(trigger.origin, case.fired, values, depth=1, text=text)


def _demand(reader: Reader, demand: Check | Eligibility) -> Iterator[Clause]:
    """Yield a demand in its author's words, then its parts, if it has any."""
    own, *parts = reader.tree(demand.condition, demand.origin)
    yield clause(demand.origin, own.held, own.values)
    yield from parts


def reward_clauses(case: Case, reward: Reward, reader: Reader, ticket: str) -> Iterator[Clause]:
    """Yield the reward: the chosen branch with its amounts, and the conditions of branches."""
    lines = branch_of(reward, case.facts, ticket)
    whole = gives(case, reward, ticket)
    named_ = recipient_of(case.step, case.occasion) is not None
    values = reader.values(reward.recipient)
    for line in lines or ():
        values |= _amount(line, reader)
    asked = list(recipient_clauses(case, reward))
    let = named_ and all(one.held for one in asked)
    yield clause(reward.origin, whole and let if case.came else None, values)
    yield from asked
    before = Decimal(0)
    for branch in reward.branches:
        if branch.condition is not None:
            yield from reader.tree(branch.condition, reward.origin, depth=1)
        if branch.chance is not None and branch.lines:
            yield _prize(case, branch, before, ticket)
            before = branch.chance
        if branch.lines is lines:
            return


def gives(case: Case, reward: Reward, ticket: str) -> bool:
    """Whether a branch is chosen and all of its amounts are positive."""
    lines = branch_of(reward, case.facts, ticket)
    return lines is not None and lines_of(case.plan, reward, lines, case.facts) is not None


def recipient_clauses(case: Case, reward: Reward) -> Iterator[Clause]:
    """Yield the conditions on a recipient who is not the customer."""
    name = recipient_of(case.step, case.occasion) if case.came else None
    if reward.recipient is None or name is None:
        return
    row = case.occasion.others(name)
    origin = reward.recipient.origin or reward.origin
    yield clause(origin, row is not None, {"recipient": name}, depth=1, text="a customer")
    for check in reward.asks if row is not None else ():
        alone = Recipients(case.plan, replace(reward, asks=(check,)))
        yield clause(check.origin, alone.let(row, case.facts.clock), depth=1)


def _prize(case: Case, branch: Branch, before: Decimal, ticket: str) -> Clause:
    """Return the clause of a prize, with the ticket drawn and the odds."""
    upto = branch.chance or Decimal(0)
    given = " and ".join(line.origin.text for line in branch.lines)
    seen = {"drawn": ticket, "below": "" if upto >= 1 else threshold(upto)}
    values = {name: value for name, value in seen.items() if value} if case.came else {}
    held = ticket < threshold(upto) if case.came else None
    text = f"{as_text((upto - before) * 100)}%: {given}"
    return clause(branch.lines[0].origin, held, values, depth=1, text=text)


def _amount(line: RewardLine, reader: Reader) -> dict[str, str]:
    """Return a line's amount, and the values that it was computed from."""
    if line.amount is None:
        return {}
    value = evaluate(line.amount, reader.facts)
    made = kind_of(line).python(line, value, goods_of(reader.plan))
    amount = as_text(made, digits_of(line.amount.type))
    shown = PRIVATE if reader.is_private(line.amount) else amount
    return {**reader.values(line.amount), line.origin.text: shown}


def holdout_clause(case: Case) -> Clause:
    """Return the clause of the control group, which holds if the customer is not in it."""
    held_out = is_held_out(case.campaign, case.occasion.customer)
    parts = (case.campaign.holdout, case.campaign.project_holdout)
    text = " or ".join(f"holdout {as_text(part * 100)}%" for part in parts if part)
    return clause(case.campaign.origin, not held_out, {"held out": encode(held_out)}, text=text)


# --- words --------------------------------------------------------------------------------------


def _local(zone: ZoneInfo, instant: datetime) -> str:
    """Format an instant in the project's zone, with its offset."""
    return instant.astimezone(zone).isoformat()


def _opening(opening: Opening) -> str:
    start = opening.from_time.isoformat("minutes")
    return f"open every month from day {opening.from_day} at {start} to day {opening.to_day}"
