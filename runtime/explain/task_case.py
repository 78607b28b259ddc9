"""The occasion of a task to explain: the event that did it, or the latest that did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...compiler.plan import AllDoneTrigger, Campaign, Plan, Step
from ...compiler.plan.steps import kinds_of
from ...compiler.plan.triggers.task_periods import period_of
from ..decide.facts import Facts, Row, moment
from ..decide.reference import fires
from ..decide.tasks.doing import Done, doing_of


def task_occasion(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    events: Callable[[str], Sequence[Row]],
    facts: Callable[[Row], Facts],
) -> tuple[Done | None, bool]:
    """Return the event to explain, `None` if there is none, and whether it fires.

    It is the one that did the task in the period of the latest event, or else the latest itself.
    """
    doing = doing_of(plan, campaign, events, facts, lambda _: True)
    done, task = doing.done(step), step.trigger.task
    every = [row for kind in kinds_of(step) for row in events(kind)]
    latest = max(every, key=moment, default=None)
    if latest is None:
        return None, False
    at, key = moment(latest)
    if isinstance(step.trigger, AllDoneTrigger) or task is None or task.period is None:
        last = max(done, key=_moment, default=None)
        return (last, True) if last is not None else (Done(at, key, "", latest, False), False)
    name = period_of(doing.zone, task.period, at)
    found = next((one for one in done if one.occurrence == name), None)
    if found is not None:
        return found, True
    fired = doing.fires(step, latest) and fires(plan, step.trigger, facts(latest))
    return Done(at, key, name if fired else "", latest, False), fired


def _moment(done: Done) -> tuple[object, ...]:
    return done.at, done.key
