"""The rules of a campaign as its customers may read them.

A clause is the customer's business if it decides whether, when or how much somebody is owed, and
for how long. The rest is the organiser's own. That is owner, goal, peak and priority, messages with
their quiet hours, budgets with their shares, costs, and holdouts. Fields of class C2 and C3 are
not named either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Campaign, Check, Plan, Step
from ..plan.all_expressions import of_campaign
from ..plan.experiments import asks_arm
from ..plan.expressions import EventValue, Expression, walk
from ..project.config import Organiser
from .campaigns import clauses
from .clauses import Clause, Kind
from .conditions import said
from .names import Names, names_of
from .values import last_instant

Topic = Literal["time", "who", "what", "rewards", "paid", "limits", "back", "words", "contact"]
"""The sections of the page, in their order."""


def topic_of(kind: Kind) -> Topic | None:
    """The section that a kind of clause is in; `None` if it is the organiser's own business."""
    match kind:
        case "active" | "opening":
            return "time"
        case "audience" | "stage" | "exclusive" | "compliance" | "while":
            return "who"
        case (
            "trigger"
            | "follows"
            | "deadline"
            | "unless"
            | "if"
            | "leave"
            | "one_at_a_time"
            | "late_events"
            | "paused"
            | "claim"
        ):
            return "what"
        case "reward" | "recipient" | "expiry" | "experiment":
            return "rewards"
        case "delivery" | "settled" | "catch_up":
            return "paid"
        case "limit" | "stock" | "funds" | "exhausted":
            return "limits"
        case "reversal":
            return "back"
        case "appeal":
            return "contact"
        case (
            "alert"
            | "brake"
            | "budget"
            | "goal"
            | "holdout"
            | "measure"
            | "message"
            | "message_cap"
            | "owner"
            | "peak"
            | "policy"
            | "priority"
            | "quiet_hours"
            | "removed"
            | "returns"
            | "share"
        ):
            return None
        case _:
            assert_never(kind)


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences under a heading: about one step, or about the whole campaign."""

    step: str | None
    sentences: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: sentences about the whole campaign, then step by step."""

    topic: Topic
    heading: Phrase
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The page: its title, a remark on whether it is over, and its sections."""

    title: str
    state: Phrase | None
    sections: tuple[Section, ...]


def rules_of(
    plan: Plan, campaign: Campaign, organiser: Organiser, digest: str | None, now: datetime
) -> Rules:
    """The public rules of a campaign.

    `digest` is the SHA-256 of the seed of its draws, if they have one that is known. `now` decides
    whether the campaign has ended.
    """
    public = _without_business(campaign)
    names = names_of(plan, public=True).of_campaign(campaign)
    found = [*clauses(names, public), *_added(names, public, organiser, digest)]
    return Rules(campaign.label, _state(names, campaign, now), tuple(_sections(names, found)))


def _without_business(campaign: Campaign) -> Campaign:
    """The campaign with what is public of it: no reasons, and no steps that owe nobody anything."""
    needed = owing(campaign)
    steps = tuple(_silent(step) for step in campaign.steps if step.name in needed)
    checks = _without_reasons(campaign.checks)
    return replace(
        campaign,
        steps=steps,
        checks=checks,
        measures=(),
        experiment=campaign.experiment if _arms_count(steps) else None,
    )


def _arms_count(steps: Iterable[Step]) -> bool:
    """Whether what a step owes depends on the arm."""
    rewards = [step.reward for step in steps if step.reward is not None]
    asked = [one.condition for reward in rewards for one in reward.branches]
    asked += [step.follows.condition for step in steps if step.follows is not None]
    return any(one is not None and asks_arm(one) for one in asked)


def _silent(step: Step) -> Step:
    reward = step.reward
    if reward is not None:
        reward = replace(reward, asks=_without_reasons(reward.asks))
    return replace(step, messages=(), checks=_without_reasons(step.checks), reward=reward)


def _without_reasons(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(replace(check, because=None) for check in checks)


def owing(campaign: Campaign) -> frozenset[str]:
    """The steps that give something, that others rest upon which do, or that end the journey."""
    steps = {step.name: step for step in campaign.steps}
    waiting = [step.name for step in campaign.steps if _owes(step)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or name not in steps:
            continue
        found.add(name)
        waiting.extend(_rests_on(campaign, steps[name]))
    return frozenset(found)


def _owes(step: Step) -> bool:
    return step.reward is not None or (step.follows is not None and step.follows.leaves)


def _rests_on(campaign: Campaign, step: Step) -> Iterator[str]:
    trigger, follows = step.trigger, step.follows
    yield from getattr(trigger, "tasks", ())
    yield from filter(None, [getattr(trigger, "step", None)])
    moment = getattr(trigger, "moment", None)
    if moment is not None and moment.of == "step":
        yield moment.field
    if trigger.task is not None and trigger.task.after is not None:
        yield trigger.task.after
    if follows is not None:
        yield from (*follows.steps, *follows.unless_reached)
        if follows.by is not None and follows.by.step is not None:
            yield follows.by.step
    own = replace(campaign, steps=(step,), eligibility=(), reversal=None)
    for written in of_campaign(own):
        for node in walk(written.expression):
            if isinstance(node, EventValue) and "." in node.field:
                yield node.field.partition(".")[0]


# --- sentences that no clause has -------------------------------------------------------------


def _added(
    names: Names, campaign: Campaign, organiser: Organiser, digest: str | None
) -> Iterator[Clause | tuple[Topic, Phrase]]:
    yield "time", Phrase("rules.time_zone", zone=names.plan.time_zone)
    if not any(step.reward is not None for step in campaign.steps):
        yield "rewards", Phrase("rules.no_reward")
    for step in campaign.steps:
        if step.reward is not None and step.reward.deliver_on is None:
            name = step.name if len(campaign.steps) > 1 else None
            yield Clause("delivery", Phrase("rules.at_once"), None, name)
    if campaign.draws and names.plan.seeded:
        yield "rewards", Phrase("rules.seeded")
        if digest is not None:
            yield "rewards", Phrase("rules.digest", digest=digest)
    yield from (("words", one) for one in _definitions(names, campaign))
    if campaign.appeal is None and organiser.contact is not None:
        yield "contact", Phrase("wording.appeal", contact=organiser.contact)
    yield "contact", Phrase("rules.organiser", organiser=organiser.name)


def _definitions(names: Names, campaign: Campaign) -> Iterator[Phrase]:
    """The audiences and stages that the rules name, each after those that it rests upon."""
    expressions = [written.expression for written in of_campaign(campaign)]
    expressions += _of_recipients(campaign)
    used = {*names.index.events_read(expressions), *(step.trigger.event for step in campaign.steps)}
    for event in sorted(filter(None, used)):
        table = names.index.events.get(event)
        by = None if table is None else table.cancelled_by
        if by is not None:
            kind, other = names.event_name(event), names.event_name(by.event)
            yield Phrase("rules.cancelled_by", event=kind, by=other)
    for kind, name in names.index.closure(expressions):
        if kind == "audience":
            condition = said(names, names.index.audiences[name].condition)
            audience = names.audience(name)
            yield Phrase("rules.audience", audience=audience, condition=condition)
        elif kind == "stage":
            lifecycle = names.index.lifecycles[name]
            for stage in lifecycle.stages:
                yield Phrase(
                    "rules.stage",
                    stage=names.stage(name, stage.name),
                    lifecycle=names.lifecycle(name),
                    condition=said(names, stage.condition),
                )


def _of_recipients(campaign: Campaign) -> Iterator[Expression]:
    for step in campaign.steps:
        if step.reward is not None:
            yield from (check.condition for check in step.reward.asks)


def _state(names: Names, campaign: Campaign, now: datetime) -> Phrase | None:
    """That it has ended, if it has, or that it has not begun."""
    start, end = campaign.active_from, campaign.active_to
    if end is not None and end < now:
        return Phrase("rules.ended", end=last_instant(end, names.zone))
    if start is not None and now < start:
        return Phrase("rules.not_begun")
    return None


# --- sections -----------------------------------------------------------------------------------

_HEADINGS: tuple[tuple[Topic, Phrase], ...] = (
    ("time", Phrase("rules.time")),
    ("who", Phrase("rules.who")),
    ("what", Phrase("rules.what")),
    ("rewards", Phrase("rules.rewards")),
    ("paid", Phrase("rules.paid")),
    ("limits", Phrase("rules.limits")),
    ("back", Phrase("rules.back")),
    ("words", Phrase("rules.words")),
    ("contact", Phrase("rules.contact")),
)


def _sections(names: Names, found: Iterable[Clause | tuple[Topic, Phrase]]) -> Iterator[Section]:
    said_: dict[Topic, dict[str | None, list[Phrase]]] = {
        topic: {None: []} for topic, _ in _HEADINGS
    }
    for one in found:
        match one:
            case Clause():
                topic, step, sentence = topic_of(one.kind), one.step, one.says
                step = None if one.kind == "leave" else step
            case (topic, sentence):
                step = None
        if topic is not None:
            sentences = said_[topic].setdefault(step, [])
            if sentence not in sentences:
                sentences.append(sentence)
    for topic, heading in _HEADINGS:
        parts = tuple(
            Part(None if step is None else names.step_label(step), tuple(sentences))
            for step, sentences in said_[topic].items()
            if sentences
        )
        if parts:
            yield Section(topic, heading, parts)
