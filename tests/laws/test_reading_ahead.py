"""Batches whose past is read ahead come to the same ledger as batches that read their own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import contextmanager

import pytest
from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from hypothesis import given, note
from hypothesis import strategies as st

from ..runtime.test_event_workers import ledger_url
from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .lives import END, PROJECTS, Happened, built, lives, put
from .runs import House, house
from .test_late import without
from .test_timers_in_streams import streamed
from .test_whole_runtime import at, kept, read, working

WANTED = Wanted(campaigns=3, scarce=True, timers=3)
CUSTOMERS, SIZE, BLOCK = 12, 7, 4


@at_most(12)
@given(
    cases(WANTED, late=False, pasts=False),
    st.integers(1, 4),
    st.integers(2, 5),
    st.sampled_from([0, 3, 1_000]),
    st.randoms(use_true_random=False),
)
def test_streams_in_any_order_over_any_project(case, size, block, most_rows, chance):
    note(to_json(case))
    plan = compile_case(case)
    stream = streamed(plan, case)
    chance.shuffle(stream)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.5)
    found = []
    for ahead in (False, True):
        with house(without(plan, case, late), plan) as lived:
            decided = list(_decided(lived, plan, stream, (size, block), most_rows, ahead=ahead))
            found.append((decided, lived.kept()))
    assert found[0] == found[1]


def _decided(
    lived: House,
    plan: Plan,
    stream: Sequence[Event],
    sizes: tuple[int, int],
    most_rows: int,
    *,
    ahead: bool,
):
    size, block = sizes
    with lived.opened() as (warehouse, ledger):

        @contextmanager
        def opens():
            yield warehouse

        worker = EventWorker(plan, "digest", opens, ledger, seeds=seeds_of(plan))
        worker._reading._ahead._most_rows = most_rows
        for first in range(0, len(stream), size * block):
            coming = stream[first : first + size * block]
            worker.expect(coming if ahead else ())
            for start in range(0, len(coming), size):
                yield worker.decide(coming[start : start + size])
        yield list(worker.timed)


def _changed(shop, events: Sequence[Happened], block: int) -> None:
    """More of the stream arrives in the warehouse, orders are corrected, customers go."""
    put(shop, events)
    shop.change(f"UPDATE orders SET points = points + 1 WHERE hash(order_id, {block}) % 3 = 0")
    shop.change(f"UPDATE customers SET vip = NOT vip WHERE hash(customer_id, {block}) % 3 = 0")
    shop.change(f"DELETE FROM customers WHERE hash(customer_id, {block}) % 9 = 0")


@pytest.mark.parametrize("campaigns", PROJECTS)
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_the_warehouse_changes_between_what_is_read_ahead(tmp_path, campaigns, store):
    happened = lives(5, CUSTOMERS)
    found = []
    for ahead in (False, True):
        shop = built(tmp_path / f"{ahead}", campaigns, CUSTOMERS)
        events = read(shop, happened)
        url = ledger_url() if store == "postgresql" else f"sqlite:///{tmp_path}/{ahead}.db"
        chance = random.Random(6)
        with working(shop, url, plain=not ahead) as worker:
            for number, first in enumerate(range(0, len(events), SIZE * BLOCK)):
                coming = events[first : first + SIZE * BLOCK]
                worker.expect(coming if ahead else ())
                for start in range(0, len(coming), SIZE):
                    worker.decide(coming[start : start + SIZE])
                seen = happened[first : first + SIZE * BLOCK]
                _changed(shop, [one for one in seen if chance.random() < 0.5], number)
            worker.pass_time(at(END), is_last=True)
        found.append(kept(shop, url))
    assert found[0] == found[1]
    assert {one[0] for one in found[0][0]} == set(campaigns)
