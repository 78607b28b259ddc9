"""Groups: the event that completes one, once, and everybody who is in it."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from ..remembering import in_memory
from .houses import at
from .shops import Shop, campaign, shop

Order = tuple[str, str, str, int, str | None]


def team(
    reward: str = "coffee to each",
    reaching: str = "reaching 3 customers per friend within 72 hours",
    **more: str,
) -> str:
    """A campaign on orders; `friend` is the team."""
    return campaign(reward, name="team", **more).replace("on order", f"on order {reaching}")


def orders(*told: str) -> list[Order]:
    """`o1 ann 05 10:00 t1`: key, customer, day and clock (UTC) of January, team."""
    found: list[Order] = []
    for one in told:
        key, who, day, clock, friend = one.split()
        found.append((key, who, f"2026-01-{day} {clock}", 1, None if friend == "-" else friend))
    return found


def given(house: Shop) -> list[str]:
    return [f"{row.occurrence}: {row.recipient}" for row in house.grants()]


def test_everybody_of_the_team_gets_it_at_the_event_that_completes_it(tmp_path: Path) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob", "cat", "dan"])
    house.order(
        orders(
            *("o1 ann 05 10:00 t1", "o2 bob 05 11:00 t1", "o3 ann 05 12:00 t1"),
            *("o4 dan 05 13:00 -", "o5 cat 06 10:00 t1", "o6 dan 06 11:00 t1"),
            *("o7 dan 07 10:00 t2", "o8 ann 07 10:00 t2"),
        )
    )
    house.run()
    assert given(house) == ["o5: ann", "o5: bob", "o5: cat"]
    house.run()
    assert given(house) == ["o5: ann", "o5: bob", "o5: cat"]


def test_whoever_completes_it_gets_it_without_to_each(tmp_path: Path) -> None:
    house = shop(tmp_path, team("coffee"), customers=["ann", "bob", "cat"])
    house.order(orders("o1 ann 05 10:00 t1", "o2 bob 05 11:00 t1", "o3 cat 05 11:00 t1"))
    house.run()
    assert given(house) == ["o3: cat"]


def test_too_long_ago_does_not_count_and_the_end_is_out(tmp_path: Path) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob", "cat", "dan"])
    house.order(
        orders("o1 ann 05 10:00 t1", "o2 bob 06 10:00 t1", "o3 cat 08 10:00 t1")
        + orders("o4 dan 09 09:59 t1", "o5 ann 12 10:00 t1")
    )
    house.run()
    # At o3 the order of ann is 72 hours old to the second: too old. At o4 bob, cat and dan are in.
    assert given(house) == ["o4: bob", "o4: cat", "o4: dan"]


def test_a_team_is_complete_once_even_if_three_more_come(tmp_path: Path) -> None:
    house = shop(tmp_path, team(), customers=list("abcdef"))
    house.order(orders(*(f"o{n} {who} 0{n + 1} 10:00 t1" for n, who in enumerate("abcdef"))))
    house.run()
    assert given(house) == ["o2: a", "o2: b", "o2: c"]


def test_times_instead_of_customers_and_a_reward_for_the_referrer(tmp_path: Path) -> None:
    invite = team("50 points to event.friend", "reaching 3 times per friend")
    house = shop(tmp_path, invite, customers=["ann", "bob", "zoe"])
    house.order(orders("o1 ann 01 10:00 zoe", "o2 ann 09 10:00 zoe", "o3 bob 20 10:00 zoe"))
    house.run()
    assert given(house) == ["o3: zoe"]


def test_only_what_the_event_itself_says_counts_and_the_audience_is_asked_of_each(
    tmp_path: Path,
) -> None:
    asked = team(
        "event.points points to each",
        "where points > 1 reaching 2 customers per friend",
        audience="no order where points > 5 in last 30 days",
    )
    house = shop(tmp_path, asked, customers=["ann", "bob", "cat"])
    house.order(
        [
            ("o1", "ann", "2026-01-05 10:00", 9, "t1"),
            ("o2", "cat", "2026-01-05 10:30", 1, "t1"),
            ("o3", "bob", "2026-01-05 11:00", 4, "t1"),
        ]
    )
    house.run()
    assert [f"{row.recipient} {row.amount}" for row in house.grants()] == ["bob 4"]


def test_who_is_no_customer_counts_and_gets_nothing(tmp_path: Path) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob"])
    house.order(orders("o1 ann 05 10:00 t1", "o2 bob 05 11:00 t1", "o3 who 05 12:00 t1"))
    house.run()
    assert given(house) == ["o3: ann", "o3: bob"]


def test_what_was_before_the_campaign_does_not_count(tmp_path: Path) -> None:
    later = team().replace("  audience", "  active 2026-01-06 to 2026-02-28\n  audience")
    house = shop(tmp_path, later, customers=["ann", "bob", "cat", "dan"])
    house.order(
        orders("o1 ann 05 15:59 t1", "o2 bob 05 16:00 t1")
        + orders("o3 cat 06 10:00 t1", "o4 dan 06 11:00 t1")
    )
    house.run()
    assert given(house) == ["o4: bob", "o4: cat", "o4: dan"]


def test_a_run_a_day_finds_the_same_as_one_over_all(tmp_path: Path) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob", "cat"])
    house.order(orders("o1 ann 05 10:00 t1", "o2 bob 06 11:00 t1", "o3 cat 07 12:00 t1"))
    for day in range(1, 12):
        house.run(f"2026-01-{day:02}", f"2026-01-{day + 1:02}")
    assert given(house) == ["o3: ann", "o3: bob", "o3: cat"]


@pytest.mark.parametrize(
    ("who", "until", "told"),
    [
        ("ann", "2026-01-31", ("o3", "granted")),
        ("cat", "2026-01-31", ("o3", "granted")),
        ("ann", "2026-01-06", ("o1", "not_eligible")),
        ("dan", "2026-01-31", ("o4", "not_eligible")),
    ],
)
def test_why_one_of_the_team_got_it(
    tmp_path: Path, who: str, until: str, told: tuple[str, str]
) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob", "cat", "dan"])
    house.order(
        orders("o1 ann 05 10:00 t1", "o2 bob 05 11:00 t1")
        + orders("o3 cat 06 12:00 t1", "o4 dan 07 12:00 t2")
    )
    house.run()
    instant: datetime = at(until)
    with house.ledger() as ledger, open_warehouse("duckdb:///shop.duckdb", tmp_path) as warehouse:
        rows = WarehouseRows(warehouse, house.plan)
        found = explain(house.plan, "team", who, instant, rows, ledger)
    assert (found.occurrence, found.outcome) == told
    group = next(one for one in found.clauses if one.text.startswith("reaching"))
    assert group.text == "reaching 3 customers per friend within 72 hours"
    assert (group.held, group.values) == (
        found.outcome == "granted",
        {
            "order.friend": "t2" if who == "dan" else "t1",
            "customers": "3" if found.outcome == "granted" else "1",
        },
    )


@pytest.mark.parametrize(("there", "most"), [(1, 0), (1, 1_000), (2, 1), (4, 0)])
def test_a_worker_sees_the_rest_of_the_team_in_the_warehouse_or_in_what_came_before(
    tmp_path: Path, there: int, most: int
) -> None:
    house = shop(tmp_path, team(), customers=["ann", "bob", "cat", "dan"])
    told = orders(
        *("o1 ann 05 10:00 t1", "o2 bob 05 11:00 t1", "o3 dan 05 12:00 t2"),
        *("o4 cat 06 10:00 t1", "o5 dan 06 11:00 t1"),
    )
    house.order(told[:there])
    with in_memory(most), house.ledger() as ledger:
        opens = partial(open_warehouse, "duckdb:///shop.duckdb", house.folder)
        worker = EventWorker(house.plan, "plan", opens, ledger)
        for key, who, when, points, friend in told:
            instant = datetime.fromisoformat(when).replace(tzinfo=UTC)
            row = {"at": instant, "key": key, "points": points, "friend": friend}
            worker.decide([Event("order", who, row)])
    assert given(house) == ["o4: ann", "o4: bob", "o4: cat"]
