"""Triggers in words: what must happen, or when."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import (
    AllDoneTrigger,
    DailyTrigger,
    DayAfterStep,
    EnteringTrigger,
    EventTrigger,
    FestivalTrigger,
    Group,
    HourlyTrigger,
    Moment,
    MonthlyTrigger,
    NthTrigger,
    OnceTrigger,
    Pattern,
    SpanAfterStep,
    TaskPeriod,
    TimerTrigger,
    Trigger,
    Unless,
    WalletTrigger,
    WeeksTrigger,
)
from ..plan.types import MoneyType
from .conditions import events_of, said
from .names import Names
from .schedules import schedule
from .values import Words, clock, listed, money, number, period, span


def trigger(names: Names, of: Trigger) -> Phrase:
    """A trigger as a part of a sentence. `names` have its event at hand."""
    match of:
        case EventTrigger():
            return _event(names, of)
        case AllDoneTrigger(tasks=tasks, period=within):
            told = listed([names.step(one) for one in tasks], "comma")
            if within == "once":
                return Phrase("wording.all_done", tasks=told)
            return Phrase("wording.all_done_within", tasks=told, period=period(within))
        case (
            DailyTrigger()
            | MonthlyTrigger()
            | NthTrigger()
            | WeeksTrigger()
            | HourlyTrigger()
            | OnceTrigger()
            | FestivalTrigger()
        ):
            return Phrase("wording.scheduled", schedule=schedule(names, of))
        case TimerTrigger():
            return _timer(names, of)
        case SpanAfterStep(step=step, span=length, at=None):
            return Phrase("wording.after_step", span=span(length), step=names.step(step))
        case SpanAfterStep(step=step, span=length, at=at):
            return Phrase(
                "wording.after_step_at",
                span=span(length),
                step=names.step(step),
                time="" if at is None else clock(at),
            )
        case DayAfterStep():
            return _day_after(names, of)
        case EnteringTrigger():
            return _entering(names, of)
        case WalletTrigger(wallet=wallet, amount=amount):
            return Phrase("wording.balance_reaching", wallet=wallet, amount=number(amount))
        case _:
            assert_never(of)


def _event(names: Names, of: EventTrigger) -> Phrase:
    events = events_of(names.of_itself(), of.event, of.where)
    if of.group is not None:
        told = _group(names, of.group, of.event, events)
    elif of.pattern is not None:
        told = _pattern(names, of.pattern, of.event, events)
    else:
        told = Phrase("wording.each_event", events=events)
    return told if of.task is None else _task(names, of.task.period, of.task.after, told)


def _task(names: Names, every: TaskPeriod | None, after: str | None, told: Phrase) -> Phrase:
    match every:
        case None:
            pass
        case "once":
            told = Phrase("wording.task_once", task=told)
        case "day" | "week" | "month":
            told = Phrase("wording.task_each", task=told, period=period(every))
        case _:
            assert_never(every)
    if after is None:
        return told
    return Phrase("wording.task_after", task=told, step=names.step(after))


def _group(names: Names, group: Group, event: str, events: Words) -> Phrase:
    field = names.field_of(event, group.field)
    count = number(group.count)
    match group.of:
        case "customers":
            told = Phrase("wording.group_customers", count=count, events=events, field=field)
        case "times":
            told = Phrase("wording.group_times", count=count, events=events, field=field)
        case _:
            assert_never(group.of)
    if group.within is None:
        return told
    return Phrase("wording.group_within", group=told, span=span(group.within))


def _pattern(names: Names, pattern: Pattern, event: str, events: Words) -> Phrase:
    measure, amount = _measure(names, pattern, event, events)
    if pattern.every:
        told = Phrase("wording.reaching_another", measure=measure, amount=amount)
    else:
        told = Phrase("wording.reaching", measure=measure, amount=amount)
    if pattern.within is not None:
        told = Phrase("wording.reaching_within", reaching=told, span=span(pattern.within))
    if pattern.each is not None:
        told = Phrase("wording.reaching_each", reaching=told, period=period(pattern.each))
    if pattern.every or pattern.within is not None or pattern.each is not None:
        return Phrase("wording.each_time", reaching=told)
    return Phrase("wording.as_soon_as", reaching=told)


def _measure(names: Names, pattern: Pattern, event: str, events: Words) -> tuple[Words, Words]:
    """The measure of a pattern, and the amount that it must come to."""
    amount: Words = number(pattern.amount)
    field = "" if pattern.field is None else names.field_of(event, pattern.field)
    match pattern.of:
        case "times":
            return Phrase("wording.count", events=events), amount
        case "sum":
            column = names.event_column(event, pattern.field or "")
            if column is not None and isinstance(column.type, MoneyType):
                amount = money(Decimal(pattern.amount), column.type.currency)
            return Phrase("wording.sum", of=field, events=events), amount
        case "different":
            return Phrase("wording.count_distinct", of=field, events=events), amount
        case "days":
            return Phrase("wording.days_with", events=events), amount
        case "days_in_a_row":
            return Phrase("wording.days_in_a_row", events=events), amount
        case _:
            assert_never(pattern.of)


def _timer(names: Names, of: TimerTrigger) -> Phrase:
    moment, length = _moment(names, of.moment), span(of.span)
    if of.before:
        told = Phrase("wording.timer_before", span=length, moment=moment)
    else:
        told = Phrase("wording.timer_after", span=length, moment=moment)
    if of.span.count == 0:
        told = Phrase("wording.timer_on", moment=moment)
    if of.at is None:
        return Phrase("wording.timer", when=told)
    return Phrase("wording.timer_at", when=told, time=clock(of.at))


def _moment(names: Names, moment: Moment) -> Words:
    field = moment.field or ""
    match moment.of:
        case "event":
            return names.event_name(moment.event or "")
        case "event_field":
            event = moment.event or ""
            return Phrase(
                "wording.field_of",
                field=names.field_of(event, field),
                of=names.event_name(event),
            )
        case "customer_field":
            return names.customer_field(field)
        case "anniversary":
            return Phrase("wording.anniversary_of", field=names.customer_field(field))
        case "step":
            return names.step(field)
        case _:
            assert_never(moment.of)


def unless(names: Names, of: Unless) -> Phrase:
    """The event that keeps a timer or a step from firing."""
    inner = names.of_row(of.event)
    return Phrase("wording.unless_event", events=events_of(inner, of.event, of.where))


def _day_after(names: Names, of: DayAfterStep) -> Phrase:
    day, step, time = str(of.day), names.step(of.step), clock(of.at)
    if of.months == 0:
        return Phrase("wording.day_after_step_same", day=day, step=step, time=time)
    months = number(of.months)
    return Phrase("wording.day_after_step", day=day, months=months, step=step, time=time)


def _entering(names: Names, of: EnteringTrigger) -> Phrase:
    when, condition = schedule(names, of.schedule), said(names, of.condition)
    if of.leaving:
        told = Phrase("wording.leaving", condition=condition, schedule=when)
    else:
        told = Phrase("wording.entering", condition=condition, schedule=when)
    if of.lasting is None:
        return told
    return Phrase("wording.lasting", entering=told, span=span(of.lasting))
