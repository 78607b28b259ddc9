"""Timers: every engine finds the same, at the edges of days, months and changes of clocks."""

from __future__ import annotations

import pytest
from campaigner.compiler.plan import TimerTrigger
from campaigner.compiler.plan.steps import step_of
from hypothesis import given, note

from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .engines import reference
from .test_agreement import hold

OFTEN = Wanted(depth=1, timers=1)


@at_most(40)
@given(cases(OFTEN))
def test_all_engines_find_the_same_timers(case):
    note(to_json(case))
    hold(case)


@pytest.mark.drawn
def test_what_is_generated_has_timers_that_fire():
    """Many such cases have a timer, and many of these give something."""
    counts = {"timers": 0, "fired": 0, "ended": 0, "carried": 0, "years": 0}

    @at_most(60)
    @given(cases(OFTEN))
    def count(case):
        plan = compile_case(case)
        for campaign in plan.campaigns:
            trigger = step_of(campaign).trigger
            if isinstance(trigger, TimerTrigger):
                found = reference(plan, campaign.name, case, case.due(plan, campaign.name))
                counts["timers"] += 1
                counts["fired"] += bool(found)
                counts["ended"] += trigger.unless is not None and bool(found)
                counts["carried"] += trigger.moment.of == "event_field"
                counts["years"] += trigger.moment.of == "anniversary"

    count()
    assert counts["timers"] > 30
    assert counts["fired"] > 5
    assert min(counts.values()) > 1, counts
