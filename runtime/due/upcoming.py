"""The next instant at which the schedule of a step falls due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...compiler.plan import Plan
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.calendar_ends import is_decidable
from ...compiler.plan.steps import StepKey, steps_of
from .schedule import due

_HORIZONS = tuple(timedelta(days=days) for days in (1, 8, 40, 400, 4_000))
"""The stretches that are searched, one after the other: most schedules fall due within a month."""


def upcoming(plan: Plan, after: datetime) -> Mapping[StepKey, datetime | None]:
    """The first instant (UTC) of each step's schedule after `after`.

    `None` for a step that events trigger, and for a schedule that never falls due again.
    """
    return {key: _next(plan, key, after) for key, _, _ in steps_of(plan)}


def _next(plan: Plan, key: StepKey, after: datetime) -> datetime | None:
    start = after + INSTANT
    for horizon in _HORIZONS:
        end = after + horizon
        if not is_decidable(end):
            return None
        found = due(plan, key.campaign, start, end, step=key.step).instants
        if found:
            return found[0]
        start = end + INSTANT
    return None
