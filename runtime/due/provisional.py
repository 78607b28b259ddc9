"""Festivals on days that are not announced yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from ...compiler.plan import Plan
from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey, step_of
from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ...dsl.diagnostics.source import Place
from ..codes import running
from ..decide.facts import named


def provisional(plan: Plan, stretches: Sequence[tuple[StepKey, Due]]) -> Iterator[Diagnostic]:
    """Yield a warning for each festival that fell due on a day that is not announced yet."""
    zone = ZoneInfo(plan.time_zone)
    unsure = {(day.festival, day.day) for day in plan.holidays if day.provisional}
    for (campaign, step), stretch in stretches:
        trigger = step_of(named(plan.campaigns, campaign), step).trigger
        days = [instant.astimezone(zone).date() for instant in stretch.instants]
        for festival, day in ((one, day) for one in trigger.festivals for day in days):
            if (festival, day) in unsure:
                at = trigger.origin
                place = Place(at.file, at.line, at.column, at.line, at.column + len(at.text))
                code, year = running.DAY_PROVISIONAL, str(day.year)
                yield diagnose(code, place, festival=festival, day=str(day), year=year)
