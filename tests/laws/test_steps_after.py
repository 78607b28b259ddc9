"""Campaigns of generated projects as steps of one journey: engines decide as the reference.

What each campaign asks becomes the condition of its step; steps on a schedule become timers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

from campaigner.compiler.plan import (
    Campaign,
    DayAfterStep,
    EventTrigger,
    Following,
    Journey,
    Plan,
    Span,
    SpanAfterStep,
    Step,
    Trigger,
    WhenExhausted,
)
from campaigner.compiler.plan.demands import Index
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Expression, Operation
from campaigner.compiler.plan.steps import StepKey, steps_of
from campaigner.compiler.plan.types import BOOLEAN
from campaigner.compiler.sql.all.campaigns import decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.decide.reference import decide
from hypothesis import given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from ..warehouses import EXECUTED
from . import at_most
from .cases import LATE, Case, compile_case, to_json
from .engines import public_rows
from .test_journeys import HERE, read_rows
from .warehouses import holding

SEVERAL = Wanted(campaigns=4, depth=1)
FAR = timedelta(days=60)


def journey_of(plan: Plan) -> Plan | None:
    """The plan with one campaign: the first one, followed by what the others do."""
    first, *others = plan.campaigns
    index = Index(plan)
    # Who enters is the matter of other laws: here many should.
    first = replace(first, eligibility=(), checks=(), active_from=None, active_to=None)
    lines = [line.amount for line in first.when_exhausted.lines if line.amount is not None]
    if _asks_event(index, lines):
        first = replace(first, when_exhausted=WhenExhausted("stop", ()))
    steps = [replace(first.steps[0], name="entry")]
    for place, other in enumerate(others):
        last = steps[place // 2]
        if last.follows is not None and last.follows.leaves:
            last = steps[0]
        made = _step(index, other, f"step_{place}", last.name, place)
        if made is not None:
            steps.append(made)
    if len(steps) == 1:
        return None
    way = replace(first, steps=tuple(steps), journey=Journey(False, (), HERE))
    return replace(plan, campaigns=(way,))


def _asks_event(index: Index, conditions: list[Expression]) -> bool:
    return any(kind == "event" for kind, _ in index.closure(conditions))


def _step(index: Index, campaign: Campaign, name: str, after: str, place: int) -> Step | None:
    (step,) = campaign.steps
    conditions = tuple(one.condition for one in campaign.eligibility)
    trigger: Trigger = SpanAfterStep(after, Span(1, "day"), None, HERE)
    if isinstance(step.trigger, EventTrigger):
        if step.trigger.group is not None:
            return None
        trigger = replace(step.trigger, opening=None)
        where = trigger.where
        if where is not None and any(kind != "event" for kind, _ in index.closure([where])):
            # The event of a step is found by its own fields alone.
            trigger, conditions = replace(trigger, where=None), (where, *conditions)
    elif step.trigger.event is not None:
        return None
    elif place % 2:
        trigger = DayAfterStep(after, 31, 0, time(2, 30), HERE)
    condition = None
    if conditions and place % 3:
        condition = conditions[0]
        if conditions[1:]:
            condition = Operation("and", conditions, BOOLEAN, optional=False)
    follows = Following((after,), None, (), condition, HERE)
    checks = campaign.checks if place % 2 else ()
    return replace(step, name=name, trigger=trigger, follows=follows, checks=checks)


def dues_of(plan: Plan, case: Case) -> Iterator[tuple[StepKey, Due]]:
    """The due part of each step, all of whose entries began in the period or late."""
    late = LATE if case.late else None
    for key, campaign, step in steps_of(plan):
        entry = campaign.steps[0]
        entries = case.due(plan, key.campaign, entry.name)
        if isinstance(entry.trigger, EventTrigger):
            entries = replace(entries, start=case.start - FAR)
        due = Due(case.start - FAR, case.end + FAR, entries=entries, late_table=late)
        yield key, entries if step.follows is None else due


@at_most(8)
@given(cases(SEVERAL))
def test_campaigns_decide_alike_as_steps_of_a_journey(case):
    note(to_json(case))
    plan = journey_of(compile_case(case))
    if plan is None:
        return
    dues, rows = dict(dues_of(plan, case)), case.rows(plan)
    found = []
    for place, (key, due) in enumerate(dues.items()):
        some = decide(plan, key.campaign, rows, due, seeds_of(plan), step=key.step)
        found += [(one.at, place, number, one) for number, one in enumerate(some)]
    wanted = [one for *_, one in sorted(found, key=lambda each: each[:3])]
    for engine in EXECUTED:
        warehouse = holding(engine, case)
        shown = warehouse.decisions(decisions_of_all(plan, dues, engine))[1]
        assert read_rows(shown) == public_rows(wanted), engine
        key = next(reversed(dues))
        mine = [one for one in wanted if one.identity.key == key]
        shown = warehouse.decisions(
            decisions(plan, key.campaign, dues[key], engine, step=key.step)
        )[1]
        assert read_rows(shown) == public_rows(mine), engine
