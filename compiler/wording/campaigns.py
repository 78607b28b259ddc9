"""A whole campaign in words: one sentence a clause, in the order of the brief."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import (
    Brake,
    Campaign,
    Eligibility,
    EventBrake,
    FailureBrake,
    QuietHours,
    Reversal,
    SpendBrake,
    Step,
    Target,
)
from ..plan.expressions import Origin, conjuncts
from .caps import caps_of_campaign
from .clauses import Clause, Kind
from .conditions import events_of, said
from .measures import measure_clauses
from .names import Names, spaced
from .rewards import costs_something, exhausted
from .steps import required, step_clauses
from .values import (
    Words,
    clock,
    first_instant,
    last_instant,
    listed,
    money,
    number,
    percent,
    quoted,
    span,
)


def clauses(names: Names, campaign: Campaign) -> tuple[Clause, ...]:
    """Every clause of a campaign, those that nobody wrote but that hold among them."""
    return tuple(_clauses(names.of_campaign(campaign), campaign))


def _clauses(names: Names, campaign: Campaign) -> Iterator[Clause]:
    yield from _head(names, campaign)
    for one in campaign.eligibility:
        yield from _eligibility(names, one)
    for check in campaign.checks:
        yield Clause("compliance", required(names, check), check.origin)
    yield from _journey(names, campaign)
    for step in campaign.steps:
        yield from step_clauses(names, campaign, step)
    yield from caps_of_campaign(names, campaign)
    yield from _budget(names, campaign)
    yield from _tail(names, campaign)


def _head(names: Names, campaign: Campaign) -> Iterator[Clause]:
    at = campaign.origin
    if campaign.owner is not None:
        yield Clause("owner", Phrase("wording.owner", owner=campaign.owner), at)
    if campaign.goal is not None:
        yield _goal(names, campaign.goal, campaign.target, at)
    start, end = campaign.active_from, campaign.active_to
    match start, end:
        case None, None:
            yield Clause("active", Phrase("wording.active_always"), None)
        case None, last if last is not None:
            told = Phrase("wording.active_until", end=last_instant(last, names.zone))
            yield Clause("active", told, at)
        case first, None if first is not None:
            told = Phrase("wording.active_from", start=first_instant(first, names.zone))
            yield Clause("active", told, at)
        case first, last if first is not None and last is not None:
            told = Phrase(
                "wording.active",
                start=first_instant(first, names.zone),
                end=last_instant(last, names.zone),
            )
            yield Clause("active", told, at)
    if campaign.peak is not None:
        peak = campaign.peak
        begins, ends = first_instant(peak.start, names.zone), last_instant(peak.end, names.zone)
        yield Clause("peak", Phrase("wording.peak", start=begins, end=ends), peak.origin)


def _goal(names: Names, goal: str, target: Target | None, at: Origin) -> Clause:
    if target is None:
        return Clause("goal", Phrase("wording.goal", goal=spaced(goal)), at)
    told = Phrase("wording.goal_with_target", goal=spaced(goal), target=target_words(names, target))
    return Clause("goal", told, target.origin)


def target_words(names: Names, target: Target) -> Phrase:
    """The target of a goal: `500 for purchase, counted from when it reached the customer`."""
    event = names.event_name(target.event or "")
    match target.of:
        case "customers":
            return Phrase("wording.target_customers", count=number(target.amount))
        case "events":
            return Phrase("wording.target_events", count=number(target.amount), event=event)
        case "money":
            amount = money(target.amount, target.currency or "")
            field = names.field_of(target.event, target.field or "")
            return Phrase("wording.target_money", amount=amount, field=field, event=event)
        case _:
            assert_never(target.of)


def _eligibility(names: Names, one: Eligibility) -> Iterator[Clause]:
    """The clauses of whom it may reach: of an audience each part that `and` joins."""
    match one.clause:
        case "stage":
            told = Phrase("wording.takes_part", condition=said(names, one.condition))
            yield Clause("stage", told, one.origin)
        case "audience":
            for part in conjuncts(one.condition):
                told = Phrase("wording.takes_part", condition=said(names, part))
                yield Clause("audience", told, part.origin or one.origin)
        case "exclusive":
            for part in conjuncts(one.condition):
                told = Phrase("wording.excludes", condition=said(names, part))
                yield Clause("exclusive", told, part.origin or one.origin)
        case "while":
            told = Phrase("wording.while", condition=said(names, one.condition))
            yield Clause("while", told, one.origin)
        case "if":
            told = Phrase("wording.only_if", condition=said(names, one.condition))
            yield Clause("if", told, one.origin)
        case _:
            assert_never(one.clause)


def _journey(names: Names, campaign: Campaign) -> Iterator[Clause]:
    journey = campaign.journey
    if journey is None:
        return
    if journey.one_at_a_time:
        yield Clause("one_at_a_time", Phrase("wording.one_at_a_time"), journey.origin)
    for condition in journey.during:
        told = Phrase("wording.while", condition=said(names, condition))
        yield Clause("while", told, condition.origin or journey.origin)
    gone = (*journey.removed, *journey.ended)
    if gone:
        removed = listed([quoted(spaced(one)) for one in gone], "comma")
        yield Clause("removed", Phrase("wording.removed", steps=removed), journey.origin)


def _budget(names: Names, campaign: Campaign) -> Iterator[Clause]:
    """The lot of customers for whom nothing is left, if that can happen."""
    funded = any(_is_funded(names, step) for step in campaign.steps)
    if funded:
        yield Clause("funds", Phrase("wording.funds"), None)
    if funded or any(_has_stock(names, step) for step in campaign.steps):
        yield from exhausted(names, campaign.when_exhausted, campaign.origin)


def _has_stock(names: Names, step: Step) -> bool:
    charged = (names.accounts[charge.account] for charge in step.charges)
    return any(one.refusal == "out_of_stock" for one in charged)


def _is_funded(names: Names, step: Step) -> bool:
    """Whether it gives what costs, from a budget that other customers use too."""
    charged = (names.accounts[charge.account] for charge in step.charges)
    return _costs(names, step) and any(
        one.refusal == "over_budget" and one.key is None for one in charged
    )


def _costs(names: Names, step: Step) -> bool:
    branches = () if step.reward is None else step.reward.branches
    return any(costs_something(names, branch.lines) for branch in branches)


def _tail(names: Names, campaign: Campaign) -> Iterator[Clause]:
    at = campaign.origin
    for quiet in campaign.quiet_hours:
        yield Clause("quiet_hours", _quiet(quiet), quiet.origin)
    if campaign.holdout:
        told = Phrase("wording.holdout", percent=percent(campaign.holdout))
        yield Clause("holdout", told, at)
    if campaign.project_holdout:
        told = Phrase("wording.project_holdout", percent=percent(campaign.project_holdout))
        yield Clause("holdout", told, at)
    yield from _experiment(campaign)
    yield from measure_clauses(names, campaign)
    if campaign.priority:
        yield Clause("priority", Phrase("wording.priority", value=number(campaign.priority)), at)
    for policy in campaign.policies:
        yield Clause("policy", Phrase("wording.policy", policy=quoted(spaced(policy))), at)
    if campaign.settled_days is not None:
        yield Clause("settled", _settled(campaign.settled_days, campaign.settled_working), at)
    if campaign.reversal is not None:
        reversed_ = campaign.reversal
        yield Clause("reversal", _reversal(names, campaign, reversed_), reversed_.origin)
    late: tuple[tuple[Kind, Phrase], ...] = (
        ("late_events", Phrase("wording.late_events")),
        ("catch_up", Phrase("wording.catch_up")),
    )
    for (kind, told), within in zip(late, (campaign.late_events, campaign.catch_up), strict=True):
        if within is not None:
            yield Clause(kind, told.filled(span=span(within.span)), within.origin)
    if campaign.while_paused == "lapse":
        yield Clause("paused", Phrase("wording.paused_lapse"), at)
    for brake in campaign.brakes:
        yield Clause("brake", _brake(names, brake), brake.origin)
    if campaign.appeal is not None:
        yield Clause("appeal", Phrase("wording.appeal", contact=campaign.appeal), at)


def _brake(names: Names, brake: Brake) -> Phrase:
    match brake:
        case FailureBrake(over, least, within):
            values: dict[str, Words] = {"share": percent(over), "span": span(within)}
            told = Phrase("wording.brake_failures", least=number(least), **values)
        case EventBrake(event, over, within):
            named = names.event_name(event)
            told = Phrase("wording.brake_event", count=number(over), event=named, span=span(within))
        case SpendBrake(over):
            told = Phrase("wording.brake_spend", share=percent(over))
        case _:
            assert_never(brake)
    if brake.call is not None:
        told = Phrase("wording.brake_called", brake=told, name=brake.call.name)
    return Phrase("wording.brake", brake=told)


def _quiet(quiet: QuietHours) -> Phrase:
    return Phrase("wording.quiet_hours", start=clock(quiet.start), end=clock(quiet.end))


def _settled(days: int, working: bool) -> Phrase:
    one = days == 1
    if working:
        return (
            Phrase("wording.settled_one_working_day")
            if one
            else Phrase("wording.settled_working_days", days=number(days))
        )
    if one:
        return Phrase("wording.settled_one_day")
    return Phrase("wording.settled_days", days=number(days))


def _reversal(names: Names, campaign: Campaign, reversal: Reversal) -> Phrase:
    inner = names.of_event(reversal.event).of_itself()
    events: Words = events_of(inner, reversal.event, reversal.where)
    if reversal.proportion is None:
        return Phrase("wording.reversed", events=events)
    granted = campaign.steps[0].trigger.event
    return Phrase(
        "wording.reversed_in_proportion",
        events=events,
        part=names.field_of(reversal.event, reversal.proportion.part),
        whole=names.field_of(granted, reversal.proportion.whole),
    )


def _experiment(campaign: Campaign) -> Iterator[Clause]:
    experiment = campaign.experiment
    if experiment is None or not experiment.arms:
        return
    parts = [
        Phrase("wording.arm_of", percent=percent(arm.part), arm=arm.name) for arm in experiment.arms
    ]
    told = Phrase("wording.experiment", arms=listed(parts, "and"), experiment=experiment.name)
    yield Clause("experiment", told, experiment.origin)
