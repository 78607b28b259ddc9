"""Events that claim what was offered, from the words of a campaign to the ledger."""

import json
from pathlib import Path

from campaigner.runtime.event_lines import Line, Lines
from campaigner.runtime.event_worker import EventWorker
from campaigner.runtime.warehouse import open_warehouse

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


def stream(house: Shop, *events: tuple[str, str, str, str, object]) -> list[list[str]]:
    """Puts events (kind, key, customer, when, points or benefit) through one batch of a worker."""
    lines = Lines(house.plan, "events")
    read = []
    for kind, key, customer, when, what in events:
        fields = {"points": what} if kind == "order" else {"benefit": what, "channel": "app"}
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
