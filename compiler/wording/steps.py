"""Steps in words: what fires them, what they follow, what they give and say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Campaign, Check, Deadline, Following, Message, Span, Step
from .caps import caps_of_step
from .clauses import Clause
from .conditions import said
from .names import Names
from .rewards import reward_clauses
from .schedules import opening
from .triggers import trigger, unless
from .values import last_instant, listed, number, quoted, span


def step_clauses(names: Names, campaign: Campaign, step: Step) -> Iterator[Clause]:
    """The clauses of a step; a campaign's only step has no name."""
    names = names.of_step(step)
    name = step.name if len(campaign.steps) > 1 else None
    told = trigger(names, step.trigger)
    if step.follows is not None and step.follows.leaves:
        yield Clause("leave", Phrase("wording.leaves", trigger=told), step.origin, name)
    else:
        sentence = Phrase("wording.sentence", words=told)
        yield Clause("trigger", sentence, step.trigger.origin, name)
    opened = step.trigger.opening
    if opened is not None:
        yield Clause("opening", opening(opened), step.trigger.origin, name)
    stops = getattr(step.trigger, "unless", None)
    if stops is not None:
        yield Clause("unless", unless(names, stops), stops.origin, name)
    if step.follows is not None:
        yield from _following(names, step.follows, name)
    for check in step.checks:
        # A later step repeats those of the campaign, which have their sentence already.
        if all(check.condition != one.condition for one in campaign.checks):
            yield Clause("compliance", required(names, check), check.origin, name)
    yield from caps_of_step(names, campaign, step)
    if step.reward is not None:
        yield from reward_clauses(names, step.reward, name)
    for message in step.messages:
        yield Clause("message", _message(message), message.origin, name)


def required(names: Names, check: Check) -> Phrase:
    """A condition of compliance, with its reason if it has one."""
    condition = said(names, check.condition)
    if check.because is None:
        return Phrase("wording.requires", condition=condition)
    return Phrase("wording.requires_because", condition=condition, because=check.because)


def _following(names: Names, follows: Following, step: str | None) -> Iterator[Clause]:
    entry = () if names.campaign is None else (names.campaign.steps[0].name,)
    if follows.steps and not (follows.leaves and follows.steps == entry):
        steps = listed([names.step(one) for one in follows.steps], "and")
        yield Clause("follows", Phrase("wording.follows", steps=steps), follows.origin, step)
    if follows.by is not None:
        yield Clause("deadline", _deadline(names, follows.by), follows.by.origin, step)
    if follows.unless_reached:
        steps = listed([names.step(one) for one in follows.unless_reached], "or")
        told = Phrase("wording.unless_reached", steps=steps)
        yield Clause("unless", told, follows.origin, step)
    for stops in follows.unless_event:
        yield Clause("unless", unless(names, stops), stops.origin, step)
    if follows.condition is not None:
        told = Phrase("wording.only_if", condition=said(names, follows.condition))
        yield Clause("if", told, follows.condition.origin or follows.origin, step)


def _deadline(names: Names, by: Deadline) -> Phrase:
    after = "" if by.step is None else names.step(by.step)
    match by:
        case Deadline(at=datetime() as at):
            return Phrase(
                "wording.by_instant", instant=last_instant(at.astimezone(UTC), names.zone)
            )
        case Deadline(months=0):
            return Phrase("wording.by_end_of_month", step=after)
        case Deadline(months=int() as months):
            return Phrase("wording.by_end_of_later_month", months=number(months), step=after)
        case Deadline(span=Span() as length):
            return Phrase("wording.by_span", span=span(length), step=after)
        case _:
            raise TypeError("a deadline has a span, months or an instant")


def _message(message: Message) -> Phrase:
    text = quoted(" ".join(message.template.split()))
    if message.staff:
        return Phrase("wording.message_staff", channel=message.channel, text=text)
    if message.otherwise:
        return Phrase("wording.message_otherwise", channel=message.channel, text=text)
    return Phrase("wording.message", channel=message.channel, text=text)
