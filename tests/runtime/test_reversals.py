"""Refunds that take back what their order was granted, from a campaign to the ledger."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from campaigner.runtime.due.periods import Between
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from ..projects import compile_folder, write
from .houses import at
from .shops import BENEFITS, SETTINGS, Shop

CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    vip: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount: {type: money, currency: CNY}
      friend: {type: text, optional: true}
  refund:
    table: refunds
    key: refund_id
    customer: customer_id
    at: refunded_at
    fields:
      order_id: {type: text, optional: true}
      amount:   {type: money, currency: CNY, optional: true}
      full:     {type: boolean}
"""
CAMPAIGN = """
campaign gift {{
  audience yes
  trigger  on order {trigger}
  reward   {reward}
  {clause}
  budget {{ total 100 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign spree {{
  audience received(gift) in last 2 days
  trigger  on order where amount >= 90 CNY
  reward   20 stars for 30 points
  budget {{ total 100 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
PART = "reversed on refund where full by event.order_id in proportion event.amount to amount"
WHOLE = "reversed on refund where full by event.order_id"


def opened(folder: Path, clause: str, reward: str = "60 points", trigger: str = "") -> Shop:
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": CATALOG,
        "benefits.campaign": BENEFITS,
        "all.campaign": CAMPAIGN.format(clause=clause, reward=reward, trigger=trigger),
    }
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, vip BOOLEAN)")
        connection.execute("INSERT INTO customers VALUES ('ann', true), ('bob', true)")
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMP,"
            " amount DECIMAL(12, 2), friend TEXT)"
        )
        connection.execute(
            "CREATE TABLE refunds (refund_id TEXT, customer_id TEXT, refunded_at TIMESTAMP,"
            ' order_id TEXT, amount DECIMAL(12, 2), "full" BOOLEAN)'
        )
    return Shop(folder, compiled.plan)


def put(house: Shop, *events: tuple) -> None:
    """Rows of the warehouse: (kind, key, customer, when, …fields)."""
    for kind, *row in events:
        marks = ", ".join("?" for _ in row)
        with duckdb.connect(str(house.folder / "shop.duckdb")) as connection:
            connection.execute(f"INSERT INTO {kind}s VALUES ({marks})", row)


def line(number: int, event: tuple) -> Line:
    kind, key, customer, when, *fields = event
    names = ("amount", "friend") if kind == "order" else ("order_id", "amount", "full")
    told = {
        "event": kind, "key": key, "customer": customer, "at": f"{when}Z".replace(" ", "T"),
        "fields": dict(zip(names, fields, strict=True)),
    }  # fmt: skip
    return Line(number, json.dumps(told).encode())


def stream(house: Shop, ledger, events, size: int) -> list[str]:
    lines = Lines(house.plan, "events")
    where = lambda: open_warehouse("duckdb:///shop.duckdb", house.folder)  # noqa: E731
    worker = EventWorker(house.plan, "plan-1", where, ledger)
    read = [lines.read(line(number, event)) for number, event in enumerate(events)]
    told = []
    for start in range(0, len(read), size):
        for decided in worker.decide(read[start : start + size]):
            told += [result.outcome for _, result in decided.results]
            told += [one.outcome for one in decided.reversals]
    return told


def state(ledger):
    """All that there is in the end: grants, reversals, wallets, budgets; and it adds up."""
    assert ledger.verify() == ()
    return (
        [(one.campaign, one.recipient, one.occurrence, one.reward, one.amount, one.reversed_at)
         for one in ledger.grants()],
        [(one.identity.occurrence, one.of, one.part, one.outcome) for one in ledger.reversals()],
        sorted((one.customer, one.wallet, one.balance) for one in ledger.balances()),
        [(one.name, one.spent, one.exhausted) for one in ledger.budgets(None)],
        ledger.outcomes(),
    )  # fmt: skip


JAN = "2026-01-0"
ORDER = ("order", "o1", "ann", f"{JAN}5 10:00:00", "40.00", None)


def test_a_refund_takes_back_what_its_order_was_granted(tmp_path: Path) -> None:
    house = opened(tmp_path, WHOLE)
    put(house, ORDER, ("refund", "r1", "ann", f"{JAN}6 10:00:00", "o1", "40.00", True))
    put(house, ("refund", "r2", "bob", f"{JAN}6 11:00:00", "o1", "40.00", True))
    put(house, ("refund", "r3", "ann", f"{JAN}6 12:00:00", "o7", "40.00", True))
    put(house, ("refund", "r4", "ann", f"{JAN}6 13:00:00", "o1", "40.00", False))
    report = house.run().campaigns[0]
    assert report.reversals == {"reversed": 1, "of_another": 1, "kept": 1}
    with house.ledger() as ledger:
        assert [one.balance for one in ledger.balances("ann")] == [0]
        state(ledger)
    assert house.run().campaigns[0].reversals == {}


def test_a_refund_of_a_pattern_names_the_event_that_fired(tmp_path: Path) -> None:
    house = opened(tmp_path, WHOLE, trigger="every 2 times")
    orders = [("order", f"o{n}", "ann", f"{JAN}5 10:0{n}:00", "40.00", None) for n in range(5)]
    put(house, *orders, ("refund", "r1", "ann", f"{JAN}6 10:00:00", "o1", "40.00", True))
    put(house, ("refund", "r2", "ann", f"{JAN}6 11:00:00", "o2", "40.00", True))
    assert house.run().campaigns[0].reversals == {"reversed": 1, "kept": 1}
    assert [(one.occurrence, one.reversed_at is None) for one in house.grants()] == [
        ("2", False),
        ("4", True),
    ]


def test_a_grant_to_another_is_taken_back_from_them(tmp_path: Path) -> None:
    house = opened(tmp_path, WHOLE, reward="60 points to event.friend")
    put(house, (*ORDER[:-1], "bob"), ("refund", "r1", "ann", f"{JAN}6 10:00:00", "o1", "1", True))
    assert house.run().campaigns[0].reversals == {"reversed": 1}
    with house.ledger() as ledger:
        assert [(one.customer, one.balance) for one in ledger.balances()] == [("bob", 0)]


def test_what_comes_late_is_taken_back_when_it_comes(tmp_path: Path) -> None:
    """The refund first, in a run of its own; then its order, which is older."""
    house = opened(tmp_path, WHOLE)
    put(house, ("refund", "r1", "ann", f"{JAN}6 10:00:00", "o1", "40.00", True))
    first = house.run_at("2026-01-06 23:00").campaigns[0]
    assert first.reversals == {"kept": 1}
    put(house, ("order", "o1", "ann", f"{JAN}6 09:30:00", "40.00", None))
    put(house, ("refund", "r0", "bob", f"{JAN}6 09:00:00", "o8", "40.00", True))
    second = house.run_at("2026-01-07 23:00").campaigns[0]
    assert (second.outcomes, second.reversals) == ({"reversed": 1}, {"kept": 1})


moments = st.integers(0, 60)
who = st.sampled_from(["ann", "bob"])
amounts = st.sampled_from(["10.00", "33.33", "95.00", "0.00"])
an_order = st.tuples(st.just("order"), st.integers(0, 4), who, moments, amounts)
a_refund = st.tuples(
    st.just("refund"), st.integers(0, 5), who, moments, st.integers(0, 4) | st.none(),
    amounts | st.none(), st.booleans(),
)  # fmt: skip


def happened(found) -> list[tuple]:
    """The events, each key once, in the order of time."""
    events = {}
    for kind, number, customer, minute, *rest in found:
        when = f"{at('2026-01-05 10:00') + timedelta(minutes=minute):%Y-%m-%d %H:%M:%S}"
        key = f"{kind[0]}{number}"
        fields = [*rest, None]
        if kind == "refund":
            fields = [None if rest[0] is None else f"o{rest[0]}", *rest[1:]]
        events.setdefault(key, (kind, key, customer, when, *fields))
    return sorted(events.values(), key=lambda one: (one[3], one[0], one[1]))


@pytest.mark.drawn
@pytest.mark.parametrize("clause", [WHOLE, PART], ids=["whole", "in proportion"])
def test_a_run_is_its_slices_and_is_the_event_path(tmp_path: Path, clause: str) -> None:
    house = opened(tmp_path, clause, reward="60 points and 7.77 CNY as cash")

    @settings(max_examples=4, deadline=None)
    @given(st.lists(an_order | a_refund, min_size=1, max_size=12), st.integers(1, 4))
    def law(found, size):
        events = happened(found)
        with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
            connection.execute("DELETE FROM orders; DELETE FROM refunds")
        put(house, *events)
        states = []
        for pieces in (1, 5):
            with house.ledger() as ledger, ledger.rehearsal() as copy:
                for piece in range(pieces):
                    span = timedelta(minutes=70) / pieces
                    start = at("2026-01-05 10:00") + piece * span
                    end = start + span - timedelta(microseconds=1)
                    with open_warehouse("duckdb:///shop.duckdb", tmp_path) as warehouse:
                        run(Work(house.plan, "plan-1", warehouse, copy), Between(start, end))
                states.append(state(copy))
        with house.ledger() as ledger, ledger.rehearsal() as copy:
            stream(house, copy, events, size)
            states.append(state(copy))
        assert states[1:] == states[:1] * 2

    law()
