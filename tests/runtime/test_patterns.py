"""Patterns of one customer's events: when they fire, as which occurrence, and late events."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from pathlib import Path

import pytest
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from .houses import at
from .shops import Shop, campaign, shop

Order = tuple[str, str, str, int, str | None]


def waiting(pattern: str, reward: str = "10 points", **more: str) -> str:
    """A campaign on orders that wait for a pattern."""
    return campaign(reward, name="card", **more).replace("on order", f"on order {pattern}")


def orders(*lines: str) -> list[Order]:
    """`o1 ann 05 10:00 3 x`: key, customer, day and clock (UTC) of January, points, friend."""
    found: list[Order] = []
    for line in lines:
        key, who, day, clock, points, friend = line.split()
        row = (key, who, f"2026-01-{day} {clock}", int(points), None if friend == "-" else friend)
        found.append(row)
    return found


def grants(house: Shop) -> list[str]:
    return [f"{row.recipient} {row.occurrence} {row.at:%d}" for row in house.grants()]


MONTH = orders(
    "o1 ann 05 10:00 3 x",
    "o2 ann 05 11:00 -4 x",
    "o3 ann 06 10:00 2 y",
    "o4 bob 06 10:00 9 x",
    "o5 ann 07 10:00 2 -",
    "o6 ann 20 10:00 9 z",
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("reaching 3 times", ["ann 1 06"]),
        ("every 2 times", ["ann 2 05", "ann 4 07"]),
        ("reaching 2 times within 1 day", ["ann 1 05"]),
        ("reaching 2 times each week", ["ann 2026-01-05 05"]),
        ("every 2 times each month", ["ann 2026-01-01 2 05", "ann 2026-01-01 4 07"]),
        ("reaching 3 different friend", ["ann 1 20"]),
        (
            "every 1 different friend each week",
            [
                "ann 2026-01-05 1 05",
                "ann 2026-01-05 2 06",
                "ann 2026-01-19 1 20",
                "bob 2026-01-05 1 06",
            ],
        ),
        ("reaching 3 of points", ["ann 1 05", "bob 1 06"]),
        ("reaching 3 of points within 2 days", ["ann 1 05", "ann 2 20", "bob 1 06"]),
        ("reaching 3 days in a row", ["ann 1 07"]),
        ("every 1 days in a row", ["ann 1 05", "ann 2 06", "ann 3 07", "ann 4 20", "bob 1 06"]),
        ("reaching 4 days each month", ["ann 2026-01-01 20"]),
        ("where points > 2 reaching 2 times", ["ann 1 20"]),
    ],
)
def test_a_pattern_fires_at_its_events(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    house = shop(tmp_path, waiting(pattern), customers=["ann", "bob"])
    house.order(MONTH)
    house.run()
    assert sorted(grants(house)) == expected


def test_what_was_before_the_campaign_does_not_count(tmp_path: Path) -> None:
    text = waiting("every 2 times").replace(
        "  audience", "  active 2026-01-06 to 2026-02-28\n  audience"
    )
    house = shop(tmp_path, text, customers=["ann"])
    house.order(MONTH)
    house.run()
    assert grants(house) == ["ann 2 07"]


def test_a_late_event_pays_nobody_twice(tmp_path: Path) -> None:
    house = shop(tmp_path, waiting("every 2 times"), customers=["ann"])
    house.order(orders("o1 ann 05 10:00 1 x", "o2 ann 06 10:00 1 x", "o3 ann 07 10:00 1 x"))
    house.run_at("2026-01-04")
    house.run_at("2026-01-10")
    assert grants(house) == ["ann 2 06"]
    house.order(orders("o0 ann 05 09:00 1 x"))
    house.run_at("2026-01-11")
    # The first stamp card is full at o1 now, and was paid at o2; the second is full at o3.
    assert grants(house) == ["ann 2 06", "ann 4 07"]


SUMS = orders(
    "o1 ann 05 10:00 60 x",
    "o2 ann 06 10:00 250 x",
    "o3 ann 07 10:00 -80 x",
    "o4 ann 08 10:00 180 x",
)


def paid(house: Shop) -> list[str]:
    return [f"{row.recipient} {row.occurrence} {row.at:%d} {row.amount}" for row in house.grants()]


def test_an_event_that_crosses_several_multiples_fires_once(tmp_path: Path) -> None:
    house = shop(tmp_path, waiting("every 100 of points", "times * 10 points"), customers=["ann"])
    house.order(SUMS)
    house.run()
    assert paid(house) == ["ann 300 06 30", "ann 400 08 10"]


def test_a_multiple_that_was_paid_is_not_paid_again(tmp_path: Path) -> None:
    text = waiting("every 100 of points", "times * 10 points and coffee")
    house = shop(tmp_path, text, customers=["ann"])
    house.order(SUMS[:2])
    house.run_at("2026-01-04")
    house.run_at("2026-01-10")
    assert paid(house) == ["ann 300 06 30", "ann 300 06 30.00"]
    house.order(orders("o0 ann 05 09:00 150 x"))
    house.run_at("2026-01-11")
    # 150, 210, 460: the multiples 100, 200, 300 were paid with 300, so that 400 is for one alone.
    assert paid(house)[2:] == ["ann 400 06 10", "ann 400 06 30.00"]
    house.run_at("2026-01-12")
    assert len(house.grants()) == 4


def test_a_late_line_pays_nobody_twice(tmp_path: Path) -> None:
    house = shop(tmp_path, waiting("every 2 times"), customers=["ann"])
    with house.ledger() as ledger:
        opens = partial(open_warehouse, house.warehouse, house.folder)
        worker = EventWorker(house.plan, "plan-1", opens, ledger)
        for key, when in (("o1", "05 10:00"), ("o2", "06 10:00"), ("o3", "07 10:00")):
            worker.decide([_event(key, when)])
        (late,) = worker.decide([_event("o0", "05 09:00")])
        found = [(one.identity.occurrence, result.outcome) for one, result in late.results]
    assert found == [("2", "already_granted"), ("4", "granted")]
    assert grants(house) == ["ann 2 06", "ann 4 07"]


def _event(key: str, when: str) -> Event:
    moment = at(f"2026-01-{when}").astimezone(UTC)
    return Event("order", "ann", {"at": moment, "key": key, "points": 1, "friend": None})


def test_a_run_in_slices_is_the_run_in_one_piece(tmp_path: Path) -> None:
    every = waiting("reaching 3 of points within 2 days")
    whole, sliced = (shop(tmp_path / name, every, customers=["ann", "bob"]) for name in "ws")
    for house in (whole, sliced):
        house.order(MONTH)
    whole.run_at("2026-01-01")
    whole.run_at("2026-01-31")
    for day in range(1, 32):
        sliced.run_at(f"2026-01-{day:02}")
    assert grants(sliced) == grants(whole)


def test_explain_says_how_far_the_customer_has_come(tmp_path: Path) -> None:
    house = shop(tmp_path, waiting("every 4 times"), customers=["ann", "bob"])
    house.order(MONTH)
    with open_warehouse(house.warehouse, house.folder) as warehouse, house.ledger() as ledger:
        rows = WarehouseRows(warehouse, house.plan)
        for who, reached, fired in (("ann", "4", True), ("bob", "1", False)):
            found = explain(house.plan, "card", who, at("2026-01-08"), rows, ledger)
            (clause,) = (one for one in found.clauses if one.text == "every 4 times")
            assert (clause.values["reached"], clause.held) == (reached, fired)


def test_of_one_event_only_one_of_two_campaigns_pays(tmp_path: Path) -> None:
    first, second = waiting("every 2 times"), waiting("reaching 3 times").replace("card", "third")
    rival = "  audience", "  exclusive with third per event\n  audience"
    house = shop(tmp_path, first.replace(*rival, 1) + second, customers=["ann"])
    house.order(orders("o1 ann 05 10:00 1 x", "o2 ann 06 10:00 1 x", "o3 ann 07 10:00 1 x"))
    house.run()
    assert sorted(grants(house)) == ["ann 1 07", "ann 2 06"]
    twice = shop(
        tmp_path / "b", first.replace(*rival, 1) + second.replace("3", "2"), customers=["ann"]
    )
    twice.order(orders("o1 ann 05 10:00 1 x", "o2 ann 06 10:00 1 x", "o3 ann 07 10:00 1 x"))
    twice.run()
    assert grants(twice) == ["ann 2 06"]
