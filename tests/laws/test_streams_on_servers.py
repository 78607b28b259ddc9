"""A stream over a warehouse on PostgreSQL comes to the ledger of one over a file of DuckDB.

One of them goes by the quick paths, the other is plain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.engine import Event
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import House, house
from .test_late import without
from .test_timers_in_streams import streamed
from .ways import Way

WANTED = Wanted(campaigns=4, scarce=True, timers=2)


@at_most(8)
@given(
    cases(WANTED, late=False, pasts=False),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_a_server_and_a_file_come_to_one_ledger(case, size, chance):
    """Some events of the stream are in the warehouse already."""
    note(to_json(case))
    plan = compile_case(case)
    stream = streamed(plan, case)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.6)
    found = []
    plain = chance.random() < 0.5
    for schema in (None, new_schema()):
        with house(without(plan, case, late), plan, schema) as lived:
            way = Way(lived.url, lived.folder, plain=plain is (schema is None))
            found.append((decided(lived, plan, stream, size, way), lived.kept()))
    assert found[0] == found[1]


def decided(lived: House, plan: Plan, stream: Sequence[Event], size: int, way: Way) -> list[Any]:
    @contextmanager
    def opens() -> Iterator[Warehouse]:
        with open_warehouse(lived.url, lived.folder) as warehouse:
            yield warehouse

    with lived.opened(plain=way.plain) as (_, ledger):
        worker = way.worker(plan, opens, ledger, seeds_of(plan))
        return [*way.decided(worker, stream, size), list(worker.timed)]
