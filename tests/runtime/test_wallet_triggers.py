"""Campaigns that wait for wallets: deliveries, grants by hand, refusals, and what is reported."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from functools import partial
from pathlib import Path

from campaigner.runtime.decide.decisions import Decision, Identity, Line
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.run.wallets.arrivals import expire
from campaigner.runtime.run.wallets.firings import WalletFirings
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from .houses import at
from .shops import Shop, campaign, shop

WON = campaign("coffee for 10 points", name="won", audience="vip").replace(
    "on order", "when balance(points) reaching 10"
)


def earning(reward: str = "event.points points", **more: str) -> str:
    return campaign(reward, name="earn", **more)


def house(folder: Path, *campaigns: str) -> Shop:
    made = shop(folder, *campaigns, customers=["ann", "bob"])
    made.change("UPDATE customers SET vip = customer_id = 'ann'")
    return made


def orders(*lines: str) -> list[tuple[str, str, str, int, None]]:
    """`o1 ann 05 10:00 3`: key, customer, day and clock (UTC) of January, points."""
    found = []
    for line in lines:
        key, who, day, clock, points = line.split()
        found.append((key, who, f"2026-01-{day} {clock}", int(points), None))
    return found


def won(made: Shop) -> list[str]:
    return [
        f"{row.recipient} {row.occurrence} {row.at:%m-%d}"
        for row in made.grants()
        if row.campaign == "won" and row.reward == "coffee"
    ]


def test_units_fire_at_their_delivery(tmp_path: Path) -> None:
    late = "event.points points deliver on day 5 of month 1 after event"
    made = house(tmp_path, earning(late), WON)
    made.order(orders("o1 ann 05 10:00 6", "o2 ann 06 10:00 6", "o3 bob 06 10:00 20"))
    made.run("2026-01-01", "2026-01-31")
    assert won(made) == []
    made.run_at("2026-02-04")
    assert won(made) == []
    made.run_at("2026-02-06")
    assert won(made) == ["ann earn/main/o2 02-04"]
    made.run_at("2026-02-07")
    assert won(made) == ["ann earn/main/o2 02-04"]


def test_a_run_in_one_piece_passes_deliveries_at_their_instant(tmp_path: Path) -> None:
    late = "event.points points deliver on day 5 of month 1 after event"
    made = house(tmp_path, earning(late), WON)
    made.order(orders("o1 ann 05 10:00 6", "o2 ann 06 10:00 6"))
    made.run("2026-01-01", "2026-02-28")
    assert won(made) == ["ann earn/main/o2 02-04"]


def test_settling_what_has_ended_passes_deliveries_too(tmp_path: Path) -> None:
    late = "event.points points deliver on day 5 of month 1 after event"
    made = house(tmp_path, earning(late), WON)
    made.order(orders("o1 ann 05 10:00 6", "o2 ann 06 10:00 6", "o3 bob 06 10:00 9"))
    made.run("2026-01-01", "2026-01-31")
    for when in ("2026-02-04", "2026-02-06", "2026-02-07"):
        with made.ledger() as ledger, open_warehouse(made.warehouse, made.folder) as warehouse:
            fires = WalletFirings(made.plan, ledger, WarehouseRows(warehouse, made.plan))
            expire(made.plan, "plan-1", ledger, fires, at(when).astimezone(UTC))
        assert won(made) == ([] if when == "2026-02-04" else ["ann earn/main/o2 02-04"])
    made.run_at("2026-02-08")
    assert won(made) == ["ann earn/main/o2 02-04"]


def test_a_grant_by_hand_fires_too(tmp_path: Path) -> None:
    made = house(tmp_path, earning(budget="reserve 5%"), WON)
    now = at("2026-01-10").astimezone(UTC)
    line = Line("points", Decimal(12), "points", Decimal(0), None, None)
    who = Identity("earn", "main", "ann", "reserve/case")
    given = Decision(who, "ann", now, False, (line,), (), now, None, {}, {})
    with made.ledger() as ledger, open_warehouse(made.warehouse, made.folder) as warehouse:
        fires = WalletFirings(made.plan, ledger, WarehouseRows(warehouse, made.plan))
        ledger.grant_by_hand(made.plan, given, "plan-1", "case", "lost", fires)
    assert won(made) == ["ann earn/main/reserve/case 01-09"]


def test_who_was_refused_comes_again_from_below_only(tmp_path: Path) -> None:
    free = WON.replace("coffee for 10 points", "coffee").replace("1_000_000 CNY", "30 CNY")
    spending = campaign("1 seen for 5 points", name="spend").replace(
        "on order", "on order where points = 0"
    )
    earn = earning().replace("on order", "on order where points > 0")
    made = house(tmp_path, earn, spending, free.replace("audience vip", "audience yes"))
    made.order(
        orders(
            "o1 bob 05 10:00 10",  # takes the whole budget
            "o2 ann 06 10:00 10",  # refused
            "o3 ann 07 10:00 10",  # was there already
            "o4 ann 08 10:00 0",
            "o5 ann 08 11:00 0",
            "o6 ann 08 12:00 0",  # falls below
            "o7 ann 09 10:00 10",  # comes back, and is refused once more
        )
    )
    made.run()
    with made.ledger() as ledger:
        assert ledger.outcomes()["won", "over_budget"] == 2
        assert ledger.outcomes()["won", "granted"] == 1


def test_a_reversal_that_puts_units_back_fires_nothing(tmp_path: Path) -> None:
    made = house(tmp_path, earning(), WON)
    made.order(orders("o1 ann 05 10:00 10"))
    made.run()
    with made.ledger() as ledger:
        number = next(row.number for row in ledger.grants("won"))
        (done,) = ledger.reverse([number], "mistake", at("2026-01-20").astimezone(UTC))
        assert done.outcome == "reversed"
        assert [row.balance for row in ledger.balances("ann")] == [10]
    made.run_at("2026-02-01")
    assert won(made) == ["ann earn/main/o1 01-05"]


def test_an_event_shows_what_it_fired(tmp_path: Path) -> None:
    made = house(tmp_path, earning(), WON)
    moment = at("2026-01-05").astimezone(UTC)
    event = Event("order", "ann", {"at": moment, "key": "o1", "points": 11, "friend": None})
    with made.ledger() as ledger:
        opens = partial(open_warehouse, made.warehouse, made.folder)
        (done,) = EventWorker(made.plan, "plan-1", opens, ledger).decide([event])
    assert [(one.identity.campaign, result.outcome) for one, result in done.results] == [
        ("earn", "granted"),
        ("won", "granted"),
    ]


def test_a_run_says_why_a_wallet_fired_nothing(tmp_path: Path) -> None:
    made = house(tmp_path, earning(), WON)
    made.order(orders("o1 ann 05 10:00 3"))
    report = made.run()
    (silent,) = [one.nothing for one in report.campaigns if one.campaign == "won"]
    assert silent is not None
    assert silent.reason == "not_reached"


def test_an_explanation_shows_the_wallet(tmp_path: Path) -> None:
    made = house(tmp_path, earning(), WON)
    made.order(orders("o1 ann 05 10:00 11", "o2 bob 05 10:00 4"))
    made.run()
    with made.ledger() as ledger, open_warehouse(made.warehouse, made.folder) as warehouse:
        rows, now = WarehouseRows(warehouse, made.plan), at("2026-01-20").astimezone(UTC)
        ann, bob = (explain(made.plan, "won", who, now, rows, ledger) for who in ("ann", "bob"))
    assert ann.occurrence == "earn/main/o1"
    (shown,) = [one for one in ann.clauses if one.text.startswith("trigger")]
    assert (shown.held, shown.values["balance(points)"]) == (True, "11")
    (shown,) = [one for one in bob.clauses if one.text.startswith("trigger")]
    assert (shown.held, shown.values) == (False, {"balance(points)": "4"})
