"""Timers that a stream of events passes come to what the rules say, in batches of any size."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import Plan, TimerTrigger
from campaigner.compiler.plan.steps import step_of
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.due.schedule import due, start_of_day
from campaigner.runtime.events.engine import Event
from hypothesis import given, note
from hypothesis import strategies as st

from ..remembering import in_memory
from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .engines import reference
from .runs import house
from .test_late import without

TIMED = Wanted(campaigns=3, depth=0, ledger=False, timers=1, draws=False)
YEAR = timedelta(days=366)


@at_most(12)
@given(cases(TIMED, late=False, pasts=False), st.integers(1, 5), st.sampled_from([0, 3, 1_000]))
def test_a_stream_decides_the_timers_that_it_passes(case, size, most):
    note(to_json(case))
    plan = compile_case(case)
    stream = streamed(plan, case)
    if not stream:
        return
    keys = frozenset(moment(event.row)[1] for event in stream)
    first, last = (moment(stream[place].row)[0] for place in (0, -1))
    expected = list(passed(plan, case, first, last))
    cleared = without(plan, case, keys)
    with in_memory(most), house(cleared, plan) as lived, ExitStack() as stack:
        way = lived.way()
        warehouse, ledger = stack.enter_context(lived.opened(plain=way.plain))

        @contextmanager
        def opens():
            yield warehouse

        worker = way.worker(plan, opens, ledger, seeds_of(plan))
        assert sum(map(len, way.decided(worker, stream, size))) == len(stream)
        decided = {decision.identity: decision for decision, _ in worker.timed}
        assert len(worker.timed) == len(decided)
        assert set(decided) == {one.identity for one in expected}
        for one in expected:
            assert decided[one.identity] == one
            assert ledger.decision(one.identity) is not None


def streamed(plan: Plan, case: Case) -> list[Event]:
    """The events of the period and of the year before it, and one of nobody at its end."""
    rows = case.rows(plan)
    found = [
        Event(name, customer, row)
        for name, histories in rows.histories.items()
        for customer, history in histories.items()
        for row in history
        if case.start - YEAR <= moment(row)[0] <= case.end
    ]
    in_order = sorted(found, key=lambda event: moment(event.row))
    if not in_order:
        return []
    last = {**in_order[-1].row, "at": case.end, "key": "the last"}
    return [*in_order, Event(in_order[-1].name, "nobody", last)]


def passed(plan: Plan, case: Case, first: datetime, last: datetime) -> list[Decision]:
    """The decisions of the timers that the stream passes, by the rules."""
    found = []
    for campaign in plan.campaigns:
        if isinstance(step_of(campaign).trigger, TimerTrigger):
            since = campaign.active_from or start_of_day(ZoneInfo(plan.time_zone), first)
            found += reference(plan, campaign.name, case, due(plan, campaign.name, since, last))
    return found
