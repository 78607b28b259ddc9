"""Customers kept between batches come to the same ledger as customers who are read for each."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import CalendarWindow, LastWindow, Plan
from campaigner.compiler.plan.calendar import WallClock
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.decide.received import stretch_of
from campaigner.runtime.events.cache import horizon
from campaigner.runtime.events.cache.customers import Customers
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.freshness import FileStamp, Freshness, Seconds
from hypothesis import given, note
from hypothesis import strategies as st

from ..runtime.ledger.ledgers import SOAKING
from ..runtime.shops import Shop, shop
from ..runtime.test_event_workers import ledger_url
from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import House, house
from .test_late import without
from .test_timers_in_streams import streamed
from .test_whole_runtime import ledger_of

pytestmark = [pytest.mark.repeated]

WANTED = Wanted(campaigns=3, scarce=True, timers=1)


@at_most(25)
@given(
    cases(WANTED, late=False),
    st.integers(1, 4),
    st.integers(1, 5),
    st.sampled_from([0, 9, 1_000]),
    st.sampled_from([0, 3, 1_000]),
    st.randoms(use_true_random=False),
)
def test_any_project_with_a_stream_in_any_order(case, size, block, most, most_rows, chance):
    note(to_json(case))
    plan = compile_case(case)
    stream = streamed(plan, case)
    chance.shuffle(stream)
    late = frozenset(moment(event.row)[1] for event in stream if chance.random() < 0.5)
    found = []
    for freshness in (None, Seconds(0), Seconds(1_000_000)):
        with house(without(plan, case, late), plan) as lived:
            sizes, bounds = (size, block), (most, most_rows)
            decided = list(_decided(lived, plan, stream, sizes, bounds, freshness))
            found.append((decided, lived.kept()))
    assert found[0] == found[1] == found[2]


def _decided(
    lived: House,
    plan: Plan,
    stream: Sequence[Event],
    sizes: tuple[int, int],
    bounds: tuple[int, int],
    freshness: Freshness | None,
) -> Iterator[object]:
    size, block = sizes
    with lived.opened() as (warehouse, ledger):

        @contextmanager
        def opens() -> Iterator[Warehouse]:
            yield warehouse

        seeds = seeds_of(plan)
        worker = EventWorker(plan, "digest", opens, ledger, seeds=seeds, freshness=freshness)
        _bound(worker, *bounds)
        for first in range(0, len(stream), size * block):
            coming = stream[first : first + size * block]
            worker.expect(coming)
            for start in range(0, len(coming), size):
                yield worker.decide(coming[start : start + size])
        yield list(worker.timed)


def _bound(worker: EventWorker, most: int, most_rows: int) -> Customers | None:
    """Let little be kept and read at once, so that it is dropped and read again."""
    kept = worker._reading._kept
    if kept is not None:
        kept._bounds = (most, most_rows)
        worker.past._fresh._most = most
    return kept


# --- a warehouse that changes -----------------------------------------------------------------

CAMPAIGNS = """
campaign third "third" {
  audience count(order in last 20 days) >= 3 and vip
  trigger  on order
  reward   2 points limit 5 per customer per week
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign summed "summed" {
  audience sum(order.points in last 9 days) >= 6
  trigger  on order where points >= 2
  reward   1 points
  budget { total 40 CNY }
  compliance { forbid phrase "sure" }
}
campaign friends "friends" {
  audience count(received(third) in last 10 days) <= 2
  trigger  on order where friend is known
  reward   3 points to event.friend
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign picked "picked" {
  audience count(order where friend is unknown this month) >= 1 and has pick in last 2 days
  trigger  on pick
  reward   4 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
NAMES = tuple(f"c{number}" for number in range(9))
START = datetime(2026, 3, 1, tzinfo=UTC)


def _past(chance: random.Random) -> list[tuple[str, str, str, int, None]]:
    """Orders of the days before the stream, and of its first ones."""
    return [
        (
            f"o{number}",
            chance.choice(NAMES),
            f"{START + timedelta(days=number - 60):%F %T}",
            2,
            None,
        )
        for number in range(80)
    ]


def _stream(chance: random.Random, count: int) -> list[Event]:
    """Events of forty days, some late, some twice, some with the key of somebody else's."""
    found: list[Event] = []
    at = START
    for number in range(count):
        at += timedelta(hours=chance.choice((0, 0, 1, 3, 12)))
        when = at - timedelta(days=chance.choice((0, 0, 0, 0, 2, 45)))
        row = {"at": when, "key": f"e{number}"}
        if chance.random() < 0.1 and found:
            again = chance.choice(found)
            name = again.customer if chance.random() < 0.6 else chance.choice(NAMES)
            found.append(Event(again.name, name, again.row))
        elif chance.random() < 0.3:
            own = {"benefit": None, "channel": "app", **row}
            found.append(Event("pick", chance.choice((*NAMES, "nobody")), own))
        else:
            friend = chance.choice((None, None, *NAMES))
            own = {"points": chance.randrange(1, 5), "friend": friend, **row}
            found.append(Event("order", chance.choice(NAMES), own))
    return found


def _change(shop_: Shop, seen: Sequence[Event], chance: random.Random) -> None:
    """Some events arrive, others are corrected or go, and customers change; often nothing does."""
    kind = chance.randrange(8)
    new = [one for one in seen if chance.random() < 0.3]
    if kind == 0:
        there = _keys(shop_)
        orders = {one.row["key"]: one for one in new if one.name == "order"}
        shop_.order(
            [
                (key, one.customer, f"{one.row['at']:%F %T}", 4, None)
                for key, one in orders.items()
                if key not in there
            ]
            or [("x", "c0", f"{START:%F %T}", 1, None)][: "x" not in there]
        )
    number = chance.randrange(1_000)
    match kind:
        case 1:
            shop_.change(
                f"UPDATE orders SET points = 5 - points WHERE hash(order_id, {number}) % 3 = 0"
            )
        case 2:
            days = chance.choice((-60, -1, 1, 60))
            shop_.change(
                f"UPDATE orders SET ordered_at = ordered_at + to_days({days})"
                f" WHERE hash(order_id, {number}) % 4 = 0"
            )
        case 3:
            shop_.change(
                f"UPDATE customers SET vip = NOT vip WHERE hash(customer_id, {number}) % 2 = 0"
            )
        case 4:
            shop_.change(f"DELETE FROM orders WHERE hash(order_id, {number}) % 5 = 0")
        case 5:
            shop_.change(f"DELETE FROM customers WHERE hash(customer_id, {number}) % 9 = 0")
            shop_.change(
                "INSERT INTO customers SELECT 'c4', true"
                " WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customer_id = 'c4')"
            )


def _keys(shop_: Shop) -> set[str]:
    with open_warehouse(shop_.warehouse, shop_.folder) as warehouse:
        return {key for (key,) in warehouse.ask("SELECT order_id FROM orders").rows()}


LIVES = [("sqlite", 0, 0), ("sqlite", 1, 60), ("sqlite", 2, 1_000), ("postgresql", 2, 1_000)]
MORE = [(store, seed, most) for seed in range(30) for store, _, most in LIVES]


@pytest.mark.parametrize(("store", "seed", "most"), MORE if SOAKING else LIVES)
def test_a_warehouse_that_changes_and_workers_that_are_killed(tmp_path, store, seed, most):
    found = []
    for is_kept in (False, True):
        folder = tmp_path / f"{is_kept}"
        url = ledger_url() if store == "postgresql" else f"sqlite:///{folder}/ledger.db"
        found.append(_lived(folder, url, seed, most if is_kept else None))
    for some, others in zip(found[0], found[1], strict=True):
        assert [pair for pair in zip(some, others, strict=True) if pair[0] != pair[1]][:1] == []
    assert {name for name, *_ in found[0][1]} == {"third", "summed", "friends", "picked"}


def _lived(folder: Path, url: str, seed: int, most: int | None) -> tuple[list[object], ...]:
    chance = random.Random(seed)
    made = shop(folder, CAMPAIGNS, customers=NAMES)
    made.order(_past(chance))
    stream, size, decided = _stream(chance, 260), 6, list[object]()
    first = 0
    while first < len(stream):
        # A worker that is killed forgets the stream's events, and begins again.
        life, most_rows = chance.choice((12, 60, 300)), chance.choice((3, 1_000))
        with ledger_of(made, url) as ledger:
            worker = EventWorker(
                made.plan, "digest", _opens(made), ledger, freshness=_stamp(made, most)
            )
            if most is not None:
                assert _bound(worker, most, most_rows) is not None
            for begin in range(first, min(first + life, len(stream)), size * 4):
                coming = stream[begin : min(begin + size * 4, first + life)]
                worker.expect(() if most is None else coming)
                for start in range(0, len(coming), size):
                    batch = coming[start : start + size]
                    decided += [
                        [one.is_known, one.is_of_another, *one.results]
                        for one in worker.decide(batch)
                    ]
                    _change(made, stream[:begin], random.Random(f"{seed} {begin} {start}"))
        first += life
    with ledger_of(made, url) as ledger:
        assert ledger.verify() == ()
        grants = [
            (one.campaign, one.recipient, one.occurrence, one.amount) for one in ledger.grants()
        ]
        return decided, grants


def _stamp(made: Shop, most: int | None) -> Freshness | None:
    if most is None:
        return None
    # Every change counts at once: between two of them a file is opened, which takes a while.
    return FileStamp(made.folder / "shop.duckdb", Seconds(0), lambda: time.time() + 60)


def _opens(made: Shop) -> Callable[[], object]:
    return lambda: open_warehouse(made.warehouse, made.folder)


def test_an_event_that_the_warehouse_moved_into_the_past_no_longer_counts(tmp_path):
    found = []
    for most in (None, 1_000):
        made = shop(tmp_path / f"{most}", CAMPAIGNS, customers=NAMES)
        with ledger_of(made, f"sqlite:///{made.folder}/ledger.db") as ledger:
            freshness = _stamp(made, most)
            worker = EventWorker(made.plan, "digest", _opens(made), ledger, freshness=freshness)
            for number in range(2):
                worker.decide([_order(number, START)])
            made.order([("e0", "c1", f"{START - timedelta(days=60):%F %T}", 4, None)])
            (moved,) = worker.decide([_order(3, START)])
            made.change(f"UPDATE orders SET ordered_at = TIMESTAMP '{START:%F %T}'")
            (back,) = worker.decide([_order(4, START)])
            found.append([len(one.results) for one in (moved, back)])
    assert found[0] == found[1] == [0, 1]


def test_who_comes_next_makes_room_last(tmp_path):
    made = shop(tmp_path, CAMPAIGNS.partition("campaign friends")[0], customers=NAMES)
    opened = []

    def opens() -> object:
        opened.append(1)
        return open_warehouse(made.warehouse, made.folder)

    with ledger_of(made, f"sqlite:///{made.folder}/ledger.db") as ledger:
        worker = EventWorker(made.plan, "digest", opens, ledger, freshness=_stamp(made, 1))
        # Four customers find room, and the first one is still to come when a fifth is read.
        _bound(worker, 22, 1_000)
        for block in (["c0", "c1", "c2"], ["c3", "c4", "c0"]):
            coming = [
                _order(number, START, who) for number, who in enumerate(block, len(opened) * 3)
            ]
            worker.expect(coming)
            for event in coming:
                worker.decide([event])
    assert len(opened) == 2


def _order(number: int, at: datetime, customer: str = "c1") -> Event:
    row = {"points": 2, "friend": None, "key": f"e{number}", "at": at + timedelta(minutes=number)}
    return Event("order", customer, row)


# --- when it has changed -----------------------------------------------------------------------


def test_a_file_that_has_only_just_changed_may_change_again_unseen(tmp_path):
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    file = made.folder / "shop.duckdb"
    written = file.stat().st_mtime
    assert FileStamp(file, Seconds(0), lambda: written + 1).stamp(1) is None
    later = FileStamp(file, Seconds(0), lambda: written + 3)
    assert later.stamp(1) == later.stamp(2) is not None
    before = later.stamp(1)
    os.utime(file, (written - 60, written - 60))
    assert later.stamp(1) != before
    file.unlink()
    assert later.stamp(1) is None


@pytest.mark.parametrize("definition", ["SELECT * FROM orders_", "SELECT * FROM 'orders.parquet'"])
def test_a_view_may_read_more_than_the_file(tmp_path, definition):
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    parquet = f"'{made.folder / 'orders.parquet'}'"
    made.change("ALTER TABLE orders RENAME TO orders_")
    made.change(f"COPY orders_ TO {parquet}")
    tables = ["customers", "main.picks", "shop.main.picks", "orders_"]
    stamp = FileStamp(made.folder / "shop.duckdb", Seconds(0), lambda: time.time() + 60)
    made.change("CREATE VIEW orders AS " + definition.replace("'orders.parquet'", parquet))
    with open_warehouse(made.warehouse, made.folder) as warehouse:
        stamp.look(warehouse, tables)
        assert stamp.stamp(1) == stamp.stamp(2)
        stamp.look(warehouse, [*tables, "orders"])
        assert (stamp.stamp(1), stamp.stamp(2)) == (1, 2)


@given(st.integers(1, 100), st.floats(0, 1_000), st.floats(0, 1_000))
def test_rows_are_used_no_longer_than_the_project_says(seconds, first, later):
    instants = iter((first, first + later))
    freshness = Seconds(seconds, lambda: next(instants))
    assert later < seconds or freshness.stamp(1) != freshness.stamp(1)


# --- how far back ------------------------------------------------------------------------------

LAST = st.builds(
    LastWindow,
    st.integers(1, 400),
    st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
)
CALENDAR = st.builds(
    CalendarWindow, st.sampled_from(["day", "week", "month", "quarter", "year"]), st.booleans()
)


class _Clock:
    """The facts of a moment."""

    def __init__(self, at: datetime, zone: ZoneInfo) -> None:
        self.clock = WallClock(at, zone)


@given(
    LAST | CALENDAR,
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo"]),
)
def test_no_window_begins_before_its_horizon(window, at, zone):
    stretch = stretch_of(window, "anna", _Clock(at, ZoneInfo(zone)))
    assert stretch is not None
    assert stretch.since is not None
    assert horizon.beginning(at, horizon._longest([window])) <= stretch.since
