"""Events that claim what was offered, from the words of a campaign to the ledger."""

import json
import shutil
from pathlib import Path

import pytest
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import copied, new_schema
from ..projects import compile_folder
from .houses import at
from .shops import Shop, campaign, shop

OFFER = "choose 1 of coffee, phone claimed on pick by event.benefit"
JAN = "2026-01-0"


def claiming(folder: Path, reward: str = OFFER, budget: str = "", **more: str) -> Shop:
    return shop(folder, campaign(reward, budget=budget, **more), customers=["ann", "bob"])


def given(house: Shop) -> list[str]:
    return [f"{row.recipient}: {row.reward} {row.became or ''}".rstrip() for row in house.grants()]


def test_an_event_chooses_from_its_customers_offer(tmp_path: Path) -> None:
    house = claiming(tmp_path)
    house.order([("o1", "ann", f"{JAN}5", 1, None), ("o2", "bob", f"{JAN}5", 1, None)])
    house.pick([("p1", "ann", f"{JAN}6", "coffee"), ("p2", "cat", f"{JAN}6", "coffee")])
    report = house.run()
    assert given(house) == ["ann: choice claimed", "ann: coffee", "bob: choice"]
    assert house.claims() == ["p1: claimed", "p2: unknown"]
    assert report.campaigns[0].claims == {"claimed": 1, "unknown": 1}
    again = house.run()
    assert (again.campaigns[0].claims, again.campaigns[0].claimed_before) == ({}, 2)
    assert given(house) == ["ann: choice claimed", "ann: coffee", "bob: choice"]


def test_each_claim_has_the_outcome_of_its_own_instant(tmp_path: Path) -> None:
    house = claiming(tmp_path, f"{OFFER} expires after 2 days")
    orders = [(f"o{n}", f"c{n}", f"{JAN}5 10:00", 1, None) for n in range(6)]
    house = shop(
        tmp_path / "x",
        campaign(f"{OFFER} expires after 2 days"),
        customers=[f"c{n}" for n in range(6)],
    )
    house.order(orders)
    house.pick(
        [
            ("early", "c0", f"{JAN}5 09:59:59", "coffee"),
            ("same", "c1", f"{JAN}5 10:00", "coffee"),
            ("last", "c2", f"{JAN}7 09:59:59.999999", "coffee"),
            ("over", "c3", f"{JAN}7 10:00", "coffee"),
            ("other", "c4", f"{JAN}6", "tea"),
            ("none", "c4", f"{JAN}6 01:00", None),
            ("right", "c4", f"{JAN}6 02:00", " coffee "),
            ("again", "c4", f"{JAN}6 03:00", "coffee"),
            ("swap", "c4", f"{JAN}6 04:00", "phone"),
        ]
    )
    house.run()
    assert sorted(house.claims()) == [
        "again: already_claimed",
        "early: unknown",
        "last: claimed",
        "none: not_offered",
        "other: not_offered",
        "over: expired",
        "right: claimed",
        "same: claimed",
        "swap: other_choice",
    ]


def stream(house: Shop, *events: tuple[object, ...]) -> list[list[str]]:
    """Puts events (kind, key, customer, when, points or benefit, friend) through a worker."""
    lines = Lines(house.plan, "events")
    read = []
    for kind, key, customer, when, what, *friend in events:
        fields = {"points": what} if kind == "order" else {"benefit": what, "channel": "app"}
        fields |= {"friend": friend[0]} if friend else {}
        told = {"event": kind, "key": key, "customer": customer, "at": when, "fields": fields}
        event = lines.read(Line(1, json.dumps(told).encode()))
        read.append(event)
    with house.ledger() as ledger:
        worker = EventWorker(
            house.plan,
            "plan-1",
            lambda: open_warehouse("duckdb:///shop.duckdb", house.folder),
            ledger,
        )
        return [
            [result.outcome for _, result in decided.results]
            + [f"{one.outcome}{' again' if one.repeated else ''}" for one in decided.claims]
            for decided in worker.decide(read)
        ]


def test_claims_come_line_by_line_too(tmp_path: Path) -> None:
    house = claiming(tmp_path)
    claim = ("pick", "p1", "ann", "2026-01-05T10:00:00", "coffee")
    order = ("order", "o1", "ann", "2026-01-05T10:00:00", 5)
    before = ("pick", "p0", "ann", "2026-01-05T09:59:59", "coffee")
    assert stream(house, claim, order, claim, before) == [
        ["claimed"],
        ["granted"],
        ["claimed again"],
        ["unknown"],
    ]
    assert stream(house, claim, before) == [["claimed again"], ["unknown again"]]
    # The run over the warehouse that has them later finds all of it done.
    house.order([("o1", "ann", "2026-01-05 10:00", 5, None)])
    house.pick([("p1", "ann", "2026-01-05 10:00", "coffee")])
    report = house.run().campaigns[0]
    assert (report.claims, report.claimed_before, report.granted) == ({}, 1, 0)
    assert given(house) == ["ann: choice claimed", "ann: coffee"]


PRICED = "choose 1 of coffee, phone for 500 points claimed on pick by event.benefit"
EARN = campaign("event.points points", name="earn", audience="event.points > 0")


def points(house: Shop) -> dict[str, int]:
    with house.ledger() as ledger:
        return {row.customer: row.balance for row in ledger.balances()}


def test_a_price_is_paid_when_the_choice_is_made(tmp_path: Path) -> None:
    once = campaign(f"{PRICED} limit 1 per customer")
    house = shop(tmp_path, EARN, once, customers=["ann"])
    house.order([("o1", "ann", f"{JAN}5", 499, None), ("o2", "ann", f"{JAN}7", 1, None)])
    house.pick([(f"p{day}", "ann", f"{JAN}{day} 10:00", "coffee") for day in (6, 7, 8)])
    house.run(end="2026-01-06 23:00")
    assert points(house) == {"ann": 499}
    assert house.claims() == ["p6: insufficient_balance"]
    house.run()
    assert house.claims() == ["p6: insufficient_balance", "p7: claimed", "p8: already_claimed"]
    assert points(house) == {"ann": 0}
    with house.ledger() as ledger:
        (number,) = {row.number for row in ledger.grants("gift") if row.reward == "coffee"}
        (taken,) = ledger.reverse([number], "a mistake", at("2026-01-09"))
        assert taken.outcome == "reversed"
        assert ledger.verify() == ()
    assert points(house) == {"ann": 500}


def test_an_offer_with_a_price_costs_nothing_when_it_ends(tmp_path: Path) -> None:
    house = shop(tmp_path, EARN, campaign(f"{PRICED} expires after 1 day"), customers=["ann"])
    house.order([("o1", "ann", f"{JAN}5", 600, None)])
    house.pick([("p1", "ann", f"{JAN}7", "coffee")])
    house.run()
    assert house.claims() == ["p1: expired"]
    assert points(house) == {"ann": 600}
    assert [row.became for row in house.grants() if row.reward == "choice"] == ["lapsed"]
    house.run()


def test_the_price_of_all_branches_stands_over_an_offer_too(tmp_path: Path) -> None:
    reward = "by { otherwise: choose 1 of coffee, phone for 20 points } for 60 points"
    house = shop(tmp_path, EARN, campaign(f"{reward} claimed on pick by event.benefit"))
    house.order([("o1", "ann", f"{JAN}5", 79, None), ("o2", "ann", f"{JAN}7", 1, None)])
    house.pick([("p1", "ann", f"{JAN}6", "coffee"), ("p2", "ann", f"{JAN}8", "coffee")])
    house.run()
    assert house.claims() == ["p1: insufficient_balance", "p2: claimed"]
    assert points(house) == {"ann": 0}


def test_stock_is_asked_at_the_claim_and_another_option_still_stands(tmp_path: Path) -> None:
    house = shop(tmp_path, campaign(OFFER), customers=[f"c{n}" for n in range(5)])
    house.order([(f"o{n}", f"c{n}", f"{JAN}5", 1, None) for n in range(5)])
    house.pick([(f"p{n}", f"c{n}", f"{JAN}6", "phone") for n in range(5)])
    house.pick([("q3", "c3", f"{JAN}7", "coffee")])
    house.run()
    assert house.claims() == [
        "p0: claimed",
        "p1: claimed",
        "p2: claimed",
        "p3: out_of_stock benefit/phone/stock",
        "p4: out_of_stock benefit/phone/stock",
        "q3: claimed",
    ]


def test_two_of_three_are_named_in_one_claim(tmp_path: Path) -> None:
    two = "choose 2 of coffee, phone claimed on pick by event.benefit"
    house = shop(tmp_path, campaign(two), customers=["ann", "bob"])
    house.order([("o1", "ann", f"{JAN}5", 1, None), ("o2", "bob", f"{JAN}5", 1, None)])
    house.pick(
        [
            ("p1", "ann", f"{JAN}6", "coffee"),
            ("p2", "ann", f"{JAN}7", "phone、 coffee"),
            ("p3", "bob", f"{JAN}7", "coffee, coffee"),
            ("p4", "bob", f"{JAN}8", ",coffee,phone,"),
        ]
    )
    house.run()
    assert house.claims() == [
        "p1: not_offered",
        "p2: claimed",
        "p3: not_offered",
        "p4: claimed",
    ]


def test_only_events_that_meet_the_where_claim(tmp_path: Path) -> None:
    house = claiming(
        tmp_path, 'choose 1 of coffee, phone claimed on pick where channel = "app" by event.benefit'
    )
    house.order([("o1", "ann", f"{JAN}5", 1, None)])
    house.pick([("p1", "ann", f"{JAN}6", "coffee")], channel="web")
    house.pick([("p2", "ann", f"{JAN}7", "phone")])
    house.run()
    assert house.claims() == ["p2: claimed"]


def test_of_two_open_offers_that_which_ends_first_is_claimed(tmp_path: Path) -> None:
    house = claiming(tmp_path)
    house.order([("o1", "ann", f"{JAN}5", 1, None), ("o2", "ann", f"{JAN}6", 1, None)])
    house.pick([(f"p{day}", "ann", f"{JAN}{day}", "coffee") for day in (7, 8, 9)])
    house.run()
    assert house.claims() == ["p7: claimed", "p8: claimed", "p9: already_claimed"]
    with house.ledger() as ledger:
        assert [row.offer for row in ledger.claims()] == [1, 2, 2]
    house.run()
    assert house.claims() == ["p7: claimed", "p8: claimed", "p9: already_claimed"]


def test_claims_come_after_the_campaign_and_late_ones_in_their_own_time(tmp_path: Path) -> None:
    text = campaign(OFFER).replace("  audience", "  active 2026-01-01 to 2026-01-05\n  audience")
    house = shop(tmp_path, text, customers=["ann", "bob"])
    house.order([("o1", "ann", f"{JAN}5", 1, None), ("o2", "bob", f"{JAN}5", 1, None)])
    house.run_at("2026-01-06")
    house.pick([("p2", "ann", f"{JAN}9", "coffee")])
    house.run_at("2026-01-10")
    assert house.claims() == ["p2: claimed"]
    # Late: from before the last run, which did not have it.
    house.pick([("p1", "bob", f"{JAN}8", "phone"), ("p0", "ann", f"{JAN}7", "phone")])
    report = house.run_at("2026-01-11")
    assert house.claims() == ["p0: other_choice", "p1: claimed", "p2: claimed"]
    assert report.campaigns[0].claims == {"claimed": 1, "other_choice": 1}
    assert house.run_at("2026-01-12").campaigns[0].claims == {}


def test_a_schedule_may_offer_too(tmp_path: Path) -> None:
    text = campaign(OFFER).replace("on order", "every day at 10:00")
    house = shop(tmp_path, text, customers=["ann"])
    house.pick([("p1", "ann", f"{JAN}5 01:59", "coffee"), ("p2", "ann", f"{JAN}5 02:00", "coffee")])
    house.run_at("2026-01-05 12:00")
    assert house.claims() == ["p1: unknown", "p2: claimed"]
    house.pick([("p3", "ann", f"{JAN}5 03:00", "coffee"), ("p4", "ann", f"{JAN}6 03:00", "coffee")])
    house.run_at("2026-01-06 12:00")
    assert house.claims() == [
        "p1: unknown",
        "p2: claimed",
        "p3: already_claimed",
        "p4: claimed",
    ]


def test_a_rehearsal_keeps_no_claim(tmp_path: Path) -> None:
    house = claiming(tmp_path)
    house.order([("o1", "ann", f"{JAN}5", 1, None)])
    house.pick([("p1", "ann", f"{JAN}6", "coffee")])
    assert house.run(dry_run=True).campaigns[0].claims == {"claimed": 1}
    assert house.claims() == []
    assert given(house) == []


def test_why_nothing_was_chosen(tmp_path: Path) -> None:
    house = claiming(tmp_path)
    house.order([("o1", "ann", f"{JAN}5 02:00", 1, None)])
    house.run()

    def told() -> tuple[str, bool | None, dict[str, str]]:
        order = {"key": "o1", "at": at(f"{JAN}5 10:00"), "points": 1, "friend": None}
        rows = Rows({"ann": {"vip": False}}, {"order": {"ann": [order]}})
        with house.ledger() as ledger:
            last = explain(house.plan, "gift", "ann", at("2026-01-31"), rows, ledger).clauses[-1]
        return last.text, last.held, dict(last.values)

    words = "claimed on pick by event.benefit"
    assert told() == (words, None, {})
    house.pick([("p1", "ann", f"{JAN}6", "tea")])
    house.run()
    assert told() == (words, False, {"pick p1": "not_offered"})
    house.pick([("p2", "ann", f"{JAN}7", "coffee")])
    house.run()
    assert told() == (words, True, {"pick p1": "not_offered", "pick p2": "claimed"})


def over(folder: Path, kind: str) -> Shop:
    """The tables of the shop's file on another engine, which then is run on."""
    house = Shop(folder, compile_folder(folder).plan)
    path = folder / "shop.duckdb"
    if kind == "postgresql":
        house.warehouse = copied(path, new_schema())
    if kind == "spark":
        from .test_warehouse_spark import written  # noqa: PLC0415

        shutil.rmtree(folder / "tables", ignore_errors=True)
        written(path, folder / "tables")
        house.warehouse = "spark:///tables"
    return house


@pytest.mark.parametrize(
    "kind", ["duckdb", "postgresql", pytest.param("spark", marks=pytest.mark.spark)]
)
def test_claims_are_read_from_any_warehouse_late_ones_too(tmp_path: Path, kind: str) -> None:
    if kind == "spark":
        from ..spark_house import session  # noqa: PLC0415

        session()
    offer = 'choose 1 of coffee, phone claimed on pick where channel = "app" by event.benefit'
    text = campaign(offer).replace("  audience", "  active 2026-01-01 to 2026-12-31\n  audience")
    house = shop(tmp_path, text, customers=["ann", "bob"])
    house.order([("o1", "ann", f"{JAN}5", 1, None), ("o2", "bob", f"{JAN}5", 1, None)])
    house.pick([("p9", "ann", f"{JAN}6 10:00:00.000001", None)])
    house.pick([("p10", "ann", f"{JAN}6 10:00:00.000001", "tea")])
    house.pick([("p11", "ann", f"{JAN}6 10:00:00.000001", "coffee")], channel="web")
    house.pick([("p8", "ann", f"{JAN}6 10:00:00.000002", "咖啡")])
    over(tmp_path, kind).run_at("2026-01-07")
    assert house.claims() == ["p10: not_offered", "p9: not_offered", "p8: not_offered"]
    house.pick([("late", "bob", f"{JAN}6", "coffee"), ("new", "ann", f"{JAN}7 01:00", "phone")])
    over(tmp_path, kind).run_at("2026-01-08")
    assert sorted(house.claims())[:2] == ["late: claimed", "new: claimed"]
    assert over(tmp_path, kind).run_at("2026-01-09").campaigns[0].claims == {}
