"""Points that are delivered later: in the wallet as pending till then, and not to be spent."""

from datetime import timedelta
from pathlib import Path

from campaigner.runtime.decide.decisions import Identity

from .houses import at
from .shops import Shop, campaign, shop

EARN = "500 points deliver on day 5 of month 1 after event limit 1 per customer"


def bought(house: Shop, key: str) -> str | None:
    with house.ledger() as ledger:
        row = ledger.decision(Identity("buy", "main", "ann", key))
        assert ledger.verify() == ()
        return None if row is None else row.outcome


def wallet(house: Shop, when: str) -> list[tuple[int, int]]:
    with house.ledger() as ledger:
        return [(row.balance, row.pending) for row in ledger.balances("ann", at(when))]


def test_points_are_spent_from_the_day_of_their_delivery_on(tmp_path: Path) -> None:
    buy = campaign("coffee for 300 points", name="buy")
    house = shop(tmp_path, campaign(EARN, name="earn"), buy)
    days = ("2026-01-10 10:00", "2026-01-31 10:00", "2026-02-04 23:59", "2026-02-05 10:00")
    house.order([(when[5:10], "ann", at(when).isoformat(), 1, None) for when in days])
    for _ in range(2):
        house.run("2026-01-01", "2026-02-28")
        found = [bought(house, when[5:10]) for when in days]
        assert found == ["insufficient_balance"] * 3 + ["granted"]
    assert wallet(house, "2026-02-05 10:00") == [(200, 0)]


def test_what_is_pending_is_shown_apart_until_the_very_day(tmp_path: Path) -> None:
    house = shop(tmp_path, campaign(EARN, name="earn"))
    house.order([("o", "ann", at("2026-01-31 10:00").isoformat(), 1, None)])
    house.run("2026-01-01", "2026-01-31 23:00")
    with house.ledger() as ledger:
        (row,) = ledger.grants()
    instant = row.deliver_at
    with house.ledger() as ledger:
        (before,) = ledger.balances("ann", instant - timedelta(microseconds=1))
        (then,) = ledger.balances("ann", instant)
    assert (before.balance, before.pending) == (0, 500)
    assert (then.balance, then.pending) == (500, 0)
