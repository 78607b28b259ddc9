"""Customers who are kept or read ahead are as fresh as the page says, and no staler."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.session import EventSession
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.warehouse.bad_rows import STANDARD_SHARE
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.freshness import FileStamp, Freshness, Seconds

from ..runtime.shops import Shop, shop
from .test_whole_runtime import ledger_of

CAMPAIGNS = """
campaign vips "vips" {
  audience vip
  trigger  on order
  reward   1 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign third "third" {
  audience count(order in last 20 days) >= 3
  trigger  on order
  reward   2 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
NAMES = ("ann", "ben")
START = datetime(2026, 3, 1, tzinfo=UTC)
TOGGLE = "UPDATE customers SET vip = NOT vip"


def order(number: int, customer: str = "ann", at: datetime = START) -> Event:
    row = {"points": 2, "friend": None, "key": f"e{number}", "at": at + timedelta(minutes=number)}
    return Event("order", customer, row)


def stamp(made: Shop) -> Freshness:
    """Every change counts at once: between two of them a file is opened, which takes a while."""
    return FileStamp(made.folder / "shop.duckdb", Seconds(0), lambda: time.time() + 60)


@contextmanager
def working(made: Shop, freshness: Freshness | None) -> Iterator[EventWorker]:
    with ledger_of(made, f"sqlite:///{made.folder}/ledger.db") as ledger:
        yield EventWorker(made.plan, "digest", opens(made), ledger, freshness=freshness)


def opens(made: Shop) -> Callable[[], object]:
    return lambda: open_warehouse(made.warehouse, made.folder)


def granted(worker: EventWorker, *events: Event) -> list[set[str]]:
    """The campaigns that give for each event of a batch."""
    return [
        {decision.identity.campaign for decision, _ in one.results} for one in worker.decide(events)
    ]


Steps = Callable[[Shop, EventWorker], Sequence[set[str]]]


def kept_and_not(folder: Path, steps: Steps) -> Sequence[set[str]]:
    """The grants of a worker that keeps customers; one that does not gives the same."""
    found = []
    for keeps in (True, False):
        made = shop(folder / f"{keeps}", CAMPAIGNS, customers=NAMES)
        with working(made, stamp(made) if keeps else None) as worker:
            found.append(steps(made, worker))
    assert found[0] == found[1]
    return found[0]


# --- an event of the stream that the warehouse has, or had --------------------------------------


def test_an_event_that_the_warehouse_has_later_counts_as_in_the_stream_until_then(tmp_path):
    def steps(made: Shop, worker: EventWorker) -> list[set[str]]:
        found = [granted(worker, order(0), order(1))[1]]
        later = START + timedelta(days=9)
        made.order([("e0", "ann", f"{later:%F %T}", 2, None)])
        found += granted(worker, order(2))
        found += granted(worker, order(3, at=later))
        made.change("DELETE FROM orders")
        made.change("DELETE FROM customers WHERE customer_id = 'ben'")
        return [*found, *granted(worker, order(4, at=later))]

    assert kept_and_not(tmp_path, steps) == [set(), {"third"}, {"third"}, {"third"}]


def test_an_event_that_comes_after_the_warehouse_moved_it_later(tmp_path):
    def steps(made: Shop, worker: EventWorker) -> list[set[str]]:
        later = START + timedelta(days=30)
        made.order([("e2", "ann", f"{later:%F %T}", 2, None)])
        found = granted(worker, order(0), order(1))
        found += granted(worker, order(2))
        found += granted(worker, order(3))
        return [*found, *granted(worker, order(4, at=later))]

    assert kept_and_not(tmp_path, steps) == [set(), set(), {"third"}, {"third"}, set()]


def test_an_event_that_came_and_went_between_reading_and_deciding(tmp_path):
    def steps(made: Shop, worker: EventWorker) -> list[set[str]]:
        worker.decide([order(0), order(1)])
        made.order([("e0", "ann", f"{START:%F %T}", 2, None)])
        coming = [order(2, "ben"), order(3)]
        worker.expect(coming)
        found = granted(worker, coming[0])
        made.change("DELETE FROM orders")
        return [*found, *granted(worker, coming[1])]

    assert kept_and_not(tmp_path, steps) == [set(), {"third"}]


def test_an_event_that_a_broker_gives_again_counts_for_who_was_read_ahead(tmp_path):
    def steps(made: Shop, worker: EventWorker) -> list[set[str]]:
        coming = [order(2, "ben"), order(3), order(4)]
        worker.expect(coming)
        found = granted(worker, coming[0])
        worker.remember([order(0), order(1)])
        return [*found, *granted(worker, coming[1])]

    assert kept_and_not(tmp_path, steps) == [set(), {"third"}]


# --- rows that have become bad since the worker began -------------------------------------------

BAD = {
    "an instant before all": "('b', 'ann', TIMESTAMP '0044-03-15 (BC) 00:00:00', 2, NULL)",
    "an instant after all": "('b', 'ann', TIMESTAMP '20000-01-01 00:00:00', 2, NULL)",
    "no end": "('b', 'ann', TIMESTAMP 'infinity', 2, NULL)",
    "no key": "(NULL, 'ann', TIMESTAMP '2026-02-25 00:00:00', 2, NULL)",
    "a key of two customers": "('b', 'ann', TIMESTAMP '2026-02-25 00:00:00', 2, NULL),"
    " ('b', 'ben', TIMESTAMP '2026-02-26 00:00:00', 2, NULL)",
}


@pytest.mark.parametrize("share", [STANDARD_SHARE, None])
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_row_stops_nobody_and_is_left_out(tmp_path, bad, share):
    """A key that repeats counts for each of its customers, whoever else is in the batch."""
    found = []
    for plain in (True, False):
        made = shop(tmp_path / f"{plain}", CAMPAIGNS, customers=NAMES)
        with ledger_of(made, f"sqlite:///{made.folder}/ledger.db") as ledger:
            freshness = None if plain else stamp(made)
            worker = EventWorker(
                made.plan, "digest", opens(made), ledger, share, freshness=freshness
            )
            worker.fit()
            given = granted(worker, order(0), order(1, "ben"))
            made.change(f"INSERT INTO orders VALUES {BAD[bad]}")
            coming = [order(2), order(3, "ben"), order(4), order(5, "ben")]
            worker.expect([] if plain else coming)
            given += granted(worker, *coming[:2])
            found.append(given + granted(worker, *coming[2:]))
    assert found[0] == found[1]
    counts = bad == "a key of two customers"
    assert found[0] == [set()] * 2 + [{"third"} if counts else set()] * 2 + [{"third"}] * 2


# --- a warehouse that changes -------------------------------------------------------------------

PATTERN = """
campaign often "often" {
  audience yes
  trigger  on order reaching 5 times within 1 day
  reward   1 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
WAYS = pytest.mark.parametrize("campaigns", [CAMPAIGNS, CAMPAIGNS + PATTERN], ids=["kept", "ahead"])
"""Customers are kept, or, since a pattern waits for them, read ahead."""


def lines(first: int, count: int) -> list[Line]:
    return [Line(number, _line(number)) for number in range(first, first + count)]


def _line(number: int) -> bytes:
    event = {"event": "order", "key": f"e{number}", "customer": "ann"}
    fields, at = {"points": 2, "friend": None}, START + timedelta(seconds=number)
    return json.dumps({**event, "at": f"{at:%FT%T}", "fields": fields}).encode()


def vip(session: EventSession, some: Sequence[Line]) -> Iterator[tuple[bool, bool]]:
    """Whether the first and the last order of each batch are those of a vip."""
    for batch in session.parted(some):
        decided = [became for _, became in session.decide_read(batch).lines]
        given = [{who.identity.campaign for who, _ in one.results} for one in decided]
        yield "vips" in given[0], "vips" in given[-1]


@WAYS
def test_a_change_of_a_file_is_seen_a_thousand_lines_later_at_most(tmp_path, campaigns):
    made = shop(tmp_path, campaigns, customers=NAMES)
    with working(made, stamp(made)) as worker:
        found = []
        for one in vip(EventSession(worker, Lines(made.plan, "all")), lines(0, 4_500)):
            found.append(one)
            if len(found) in (2, 4):
                made.change(TOGGLE)
    assert found == [(False, False)] * 2 + [(True, True)] * 2 + [(False, False)]


@WAYS
def test_with_no_seconds_rows_are_used_for_the_lines_that_were_there(tmp_path, campaigns):
    """Also if less than a batch comes after more than one: such lines are not read ahead."""
    made = shop(tmp_path, campaigns, customers=NAMES)
    with working(made, Seconds(0)) as worker:
        session, found = EventSession(worker, Lines(made.plan, "all")), []
        for first, count in ((0, 1_500), (1_500, 1), (1_501, 1), (1_502, 1_500)):
            found += vip(session, lines(first, count))
            made.change(TOGGLE)
    assert [one for one, _ in found] == [False, False, True, False, True, True]


def test_a_file_that_is_replaced_while_it_is_opened(tmp_path):
    """Such a file may be older than the one that is there."""
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    file, copy = made.folder / "shop.duckdb", made.folder / "copy.duckdb"
    shutil.copy(file, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(TOGGLE)
    os.utime(copy, (START.timestamp(), START.timestamp()))

    @contextmanager
    def opens_old() -> Iterator[Warehouse]:
        with open_warehouse(made.warehouse, made.folder) as warehouse:
            if copy.exists():
                copy.replace(file)
            yield warehouse

    with ledger_of(made, f"sqlite:///{made.folder}/ledger.db") as ledger:
        worker = EventWorker(made.plan, "digest", opens_old, ledger, freshness=stamp(made))
        found = [granted(worker, order(number)) for number in range(2)]
    assert found == [[set()], [{"vips"}]]


def test_a_file_with_the_times_of_a_backup_may_change_again_unseen(tmp_path):
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    file = made.folder / "shop.duckdb"
    os.utime(file, (START.timestamp(), START.timestamp()))
    assert FileStamp(file, Seconds(0)).stamp(1) is None
    assert stamp(made).stamp(1) is not None
