"""Runs along which a waiting list is served."""

from datetime import time
from pathlib import Path

import pytest
from campaigner.compiler.plan import DailyTrigger, WhenExhausted
from campaigner.runtime.due.periods import At
from campaigner.runtime.ledger import open_ledger

from . import plans
from .houses import House, at, new_house


@pytest.fixture
def house(tmp_path: Path) -> House:
    return new_house(tmp_path)


def waiting(cap: str, *, period: str | None = None):
    account = plans.account("gift", "total", cap, period=period)
    trigger = plans.on("invest")
    return plans.plan(
        [
            plans.campaign(
                "gift", trigger, charges=[account.id], exhausted=WhenExhausted("waitlist", ())
            ),
            plans.campaign("daily", DailyTrigger(None, time(10), None, plans.origin("every day"))),
        ],
        accounts=[account],
    )


def test_days_that_turn_serve_those_who_wait(house: House) -> None:
    house.plan = waiting("12.50", period="day")
    for key, who in (("e1", "ann"), ("e2", "bob"), ("e3", "cid")):
        house.invest(key, who, f"2026-01-10 09:0{key[1]}")
    house.run(At(at("2026-01-10 12:00")))
    assert house.given("gift") == [("ann", "e1")]
    report = house.run(At(at("2026-01-12 12:00")))
    gift = next(each for each in report.campaigns if each.campaign == "gift")
    assert (gift.granted, gift.outcomes) == (2, {"granted": 2})
    assert house.given("gift") == [("ann", "e1"), ("bob", "e2"), ("cid", "e3")]


def test_hours_that_turn_serve_those_who_wait_for_an_hourly_cap(house: House) -> None:
    house.plan = waiting("12.50", period="hour")
    for key, who in (("e1", "ann"), ("e2", "bob"), ("e3", "cid")):
        house.invest(key, who, f"2026-01-10 09:0{key[1]}")
    house.run(At(at("2026-01-10 09:59:59")))
    assert house.given("gift") == [("ann", "e1")]
    house.run(At(at("2026-01-10 10:00")))
    assert house.given("gift") == [("ann", "e1"), ("bob", "e2")]
    # What comes after the turn finds who had waited served.
    house.invest("e4", "ann", "2026-01-10 11:30")
    house.run(At(at("2026-01-10 11:45")))
    assert house.given("gift") == [("ann", "e1"), ("bob", "e2"), ("cid", "e3")]
    house.run(At(at("2026-01-10 12:00")))
    assert house.given("gift")[3:] == [("ann", "e4")]


def test_a_run_begins_with_those_for_whom_there_is_room_again(house: House) -> None:
    house.plan = waiting("12.50")
    for key, who in (("e1", "ann"), ("e2", "bob")):
        house.invest(key, who, f"2026-01-10 09:0{key[1]}")
    house.run(At(at("2026-01-10 12:00")))
    house.invest("e3", "cid", "2026-01-10 13:00")
    (first,) = house.grants("gift")
    with open_ledger("sqlite:///ledger.db", "test", "CNY", root=house.folder) as ledger:
        ledger.reverse([first.number], "by mistake", at("2026-01-10 12:30"))
    house.run(At(at("2026-01-10 14:00")))
    stands = [row.recipient for row in house.grants("gift") if row.reversed_at is None]
    assert stands == ["bob"]
