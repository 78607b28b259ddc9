"""A worker decides the same however few events of the stream it has in memory."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.freshness import Seconds
from hypothesis import given, note
from hypothesis import strategies as st

from ..remembering import in_memory
from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import House, house
from .test_late import without
from .test_timers_in_streams import streamed

WANTED = Wanted(campaigns=4, scarce=True, timers=2, moves=3)


@at_most(20)
@given(
    cases(WANTED, late=False),
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from([None, 0, 1_000_000]),
    st.randoms(use_true_random=False),
)
def test_any_project_with_a_stream_in_any_order(case, size, most, reread, chance):
    note(to_json(case))
    plan = compile_case(case)
    stream = streamed(plan, case)
    chance.shuffle(stream)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.5)
    found = []
    for memory in (1_000_000, most):
        freshness = None if reread is None else Seconds(reread)
        with in_memory(memory), house(without(plan, case, late), plan) as lived:
            found.append((_decided(lived, plan, stream, size, freshness), lived.kept()))
    assert found[0] == found[1]


def _decided(lived: House, plan: Plan, stream, size, freshness):
    opens = partial(open_warehouse, lived.url, lived.folder)
    with lived.opened() as (_, ledger):
        seeds = seeds_of(plan)
        worker = EventWorker(plan, "digest", opens, ledger, seeds=seeds, freshness=freshness)
        starts = range(0, len(stream), size)
        found = [worker.decide(stream[start : start + size]) for start in starts]
        if stream:
            # Schedules are asked with all that is remembered.
            worker.pass_time(max(moment(one.row)[0] for one in stream) + timedelta(days=8))
        return found, worker.timed
