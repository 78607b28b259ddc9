"""Keys of steps: (campaign, step) is the key of what is due, decided, kept and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from . import AfterStep, AllDoneTrigger, Campaign, Check, Eligibility, Plan, Step, TaskPeriod
from .due import Due
from .expressions import Expression
from .triggers.task_periods import longer, reached_back

UNNAMED = "main"
"""The name of a step that the file does not name. It is in the identities that ledgers keep."""


CUSTOMER_KEY = "customer.key"
"""The field of every event of a later step that has the customer's key."""


class StepKey(NamedTuple):
    """The names of a campaign and of one of its steps."""

    campaign: str
    step: str


Dues = Mapping[StepKey, Due]
"""The work that is due, step by step; steps without an entry are left out."""


def steps_of(plan: Plan) -> Iterator[tuple[StepKey, Campaign, Step]]:
    """Every step with its campaign, in the order of the plan."""
    for campaign in plan.campaigns:
        for step in campaign.steps:
            yield StepKey(campaign.name, step.name), campaign, step


def step_of(campaign: Campaign, name: str | None = None) -> Step:
    """The step of that name; without a name the campaign's only step.

    `LookupError` if there is no such step, or if several could be meant.
    """
    found = [step for step in campaign.steps if name in (None, step.name)]
    if len(found) != 1:
        names = ", ".join(step.name for step in campaign.steps)
        raise LookupError(f"{campaign.name} has the steps {names}: {name or 'none'} was asked for")
    return found[0]


def shown_name(campaign: Campaign, step: str) -> str:
    """The name of a step for people: `lift.bonus`, or its campaign's if it is the only step.

    It is the name in the file, also where the ledger keeps a former one.
    """
    name = campaign.renamed or campaign.name
    return name if len(campaign.steps) == 1 else f"{name}.{step}"


def shown_names(plan: Plan) -> dict[StepKey, str]:
    """The `shown_name` of every step."""
    return {key: shown_name(campaign, key.step) for key, campaign, _ in steps_of(plan)}


def eligibility_of(campaign: Campaign, step: Step) -> tuple[Eligibility, ...]:
    """The clauses that a customer must satisfy for this step, in the order of the brief.

    The plan's document keeps them at the campaign. Of a journey only the entry asks them; a later
    step asks its own condition. Every step asks what holds an instance open.
    """
    if all(one.name != step.name for one in campaign.steps):
        raise LookupError(f"{step.name} is no step of {campaign.name}")
    follows, journey = step.follows, campaign.journey
    if follows is not None and follows.leaves:
        return ()
    during = () if journey is None else journey.during
    own = tuple(Eligibility("while", one, one.origin or step.origin) for one in during)
    if follows is None:
        return campaign.eligibility + own
    if follows.condition is None:
        return own
    return (*own, Eligibility("if", follows.condition, follows.origin))


def checks_of(campaign: Campaign, step: Step) -> tuple[Check, ...]:
    """The conditions of compliance for this step: those of all steps, then its own.

    A later step of a journey has all of them as its own.
    """
    return step.checks if step.follows is not None else (*campaign.checks, *step.checks)


def in_order(campaign: Campaign) -> tuple[Step, ...]:
    """The steps of a journey, each after those that it follows or that keep it from being taken.

    `LookupError` if they form a circle.
    """
    done: dict[str, Step] = {}
    left = list(campaign.steps)
    while left:
        ready = [step for step in left if done.keys() >= set(_before(step))]
        if not ready:
            raise LookupError(f"the steps of {campaign.name} form a circle")
        done |= {step.name: step for step in ready}
        left = [step for step in left if step.name not in done]
    return tuple(done.values())


def _before(step: Step) -> tuple[str, ...]:
    return () if step.follows is None else (*step.follows.steps, *step.follows.unless_reached)


def followed_by(campaign: Campaign, step: Step) -> tuple[str, ...]:
    """The names of all steps that must have been reached before the step, in the file's order."""
    by_name = {one.name: one for one in campaign.steps}
    found: set[str] = set()
    waiting = [] if step.follows is None else list(step.follows.steps)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            step_before = by_name.get(name)
            follows = None if step_before is None else step_before.follows
            waiting.extend(() if follows is None else follows.steps)
    return tuple(one.name for one in campaign.steps if one.name in found)


def turn_in_instance(campaign: Campaign, step: Step) -> tuple[int, int]:
    """Return the order of a step among those of an instance that come at the same instant.

    Leaving comes first, then steps on events, then those on timers, each in the file's order.
    """
    follows = step.follows
    kind = 2 if isinstance(step.trigger, AfterStep) else 1
    if follows is not None and follows.leaves:
        kind = 0
    return kind, campaign.steps.index(step)


def in_turn(campaign: Campaign) -> tuple[Step, ...]:
    """The steps in the order in which they are decided at one instant.

    It is that of the file; of a journey see `turn_in_instance`.
    """
    if campaign.journey is None:
        return campaign.steps
    return tuple(sorted(campaign.steps, key=lambda step: turn_in_instance(campaign, step)))


def ranks_of(plan: Plan) -> Mapping[StepKey, int]:
    """The place of each step in the order of decisions of one instant, as rules have it."""
    ranked = sorted(plan.campaigns, key=lambda each: (-each.priority, each.name))
    keys = (StepKey(each.name, step.name) for each in ranked for step in in_turn(each))
    return {key: rank for rank, key in enumerate(keys)}


def held_open_by(campaign: Campaign, step: Step) -> tuple[Expression, ...]:
    """The conditions that end an instance where they are false at a step: none at its entry."""
    if step.follows is None or step.follows.leaves or campaign.journey is None:
        return ()
    return campaign.journey.during


def events_of_steps(campaign: Campaign) -> dict[str, str | None]:
    """The event of each step, by the step's name; `None` of one that no event fires."""
    return {step.name: step.trigger.event for step in campaign.steps}


# --- tasks --------------------------------------------------------------------------------------


def is_task(step: Step) -> bool:
    """Whether the step is a task, or `all done`."""
    return isinstance(step.trigger, AllDoneTrigger) or step.trigger.task is not None


def kinds_of(step: Step) -> tuple[str, ...]:
    """The kinds of event that fire a step: several of `all done`; none of a schedule."""
    if isinstance(step.trigger, AllDoneTrigger):
        return step.trigger.events
    return () if step.trigger.event is None else (step.trigger.event,)


def rests_on(campaign: Campaign, step: Step) -> tuple[Step, ...]:
    """A task with those that it follows, or `all done` with all of its tasks, each once."""
    found: dict[str, Step] = {}
    waiting = [step]
    while waiting:
        one = waiting.pop()
        if one.name in found:
            continue
        found[one.name] = one
        names = one.trigger.tasks if isinstance(one.trigger, AllDoneTrigger) else ()
        after = None if one.trigger.task is None else one.trigger.task.after
        waiting += [step_of(campaign, name) for name in (*names, *([after] if after else []))]
    return tuple(found.values())


def kinds_read(campaign: Campaign, step: Step) -> tuple[str, ...]:
    """The kinds of event with which a step may fire anew, each once."""
    steps = rests_on(campaign, step) if is_task(step) else (step,)
    return tuple(dict.fromkeys(kind for one in steps for kind in kinds_of(one)))


def read_from(campaign: Campaign, step: Step, zone: ZoneInfo, start: datetime) -> datetime | None:
    """The first instant whose events can tell what does the tasks of the period of `start`.

    `None` if that can be any event, however old.
    """
    steps = rests_on(campaign, step)
    periods: set[TaskPeriod] = set()
    for one in steps:
        if isinstance(one.trigger, AllDoneTrigger):
            periods.add(one.trigger.period)
        elif one.trigger.task is not None:
            own, after = one.trigger.task.period, one.trigger.task.after
            periods |= set() if own is None else {own}
            followed = None if after is None else step_of(campaign, after).trigger.task
            periods |= set() if followed is None else {longer(own, followed.period)}
    return reached_back(zone, periods, 2 * len(steps) + 2, start)
