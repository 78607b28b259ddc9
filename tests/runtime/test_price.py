"""Prices and what is taken, from the words of a campaign to the wallets of its customers."""

from pathlib import Path

import duckdb
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.due.schedule import due
from campaigner.runtime.explain.explain import explain

from .houses import at
from .shops import Shop, campaign, shop

EARN = campaign("event.points points", name="earn", audience="yes")
JAN = "2026-01-0"


def wallets(house: Shop) -> dict[str, int]:
    with house.ledger() as ledger:
        return {f"{row.customer} {row.wallet}": row.balance for row in ledger.balances()}


def given(house: Shop, name: str) -> list[str]:
    rows = (row for row in house.grants() if row.campaign == name)
    return [f"{row.occurrence}: {row.amount:f} {row.reward}" for row in rows]


def test_points_are_earned_and_spent_in_the_order_of_events(tmp_path: Path) -> None:
    buy = campaign("coffee for 500 points", name="spend")
    house = shop(tmp_path, EARN, buy)
    # At one event "earn" comes before "spend": the points of an order can pay for it.
    house.order([("o1", "ann", f"{JAN}5", 400, None), ("o2", "ann", f"{JAN}6", 150, None)])
    house.run()
    assert given(house, "spend") == ["o2: 30.00 coffee", "o2: -500 points"]
    assert house.outcomes() == {"granted": 3, "insufficient_balance": 1}
    assert wallets(house) == {"ann points": 50}
    house.run()
    assert wallets(house) == {"ann points": 50}


def test_a_price_of_each_branch_and_one_of_all(tmp_path: Path) -> None:
    cheap = "when event.points > 100: coffee for 20 growth"
    house = shop(
        tmp_path,
        EARN,
        campaign("100 growth", name="grow"),
        campaign(f"by {{ {cheap} otherwise: coffee }} for 60 points", name="spend"),
    )
    house.order([("o1", "ann", f"{JAN}5", 200, None), ("o2", "ann", f"{JAN}6", 10, None)])
    house.run()
    assert given(house, "spend") == [
        "o1: 30.00 coffee",
        "o1: -20 growth",
        "o1: -60 points",
        "o2: 30.00 coffee",
        "o2: -60 points",
    ]
    assert wallets(house) == {"ann growth": 180, "ann points": 90}


def test_a_ticket_of_a_draw_is_paid_whatever_comes(tmp_path: Path) -> None:
    draw = "draw { 50%: coffee  rest: 1 points } for 10 points"
    house = shop(tmp_path, campaign("100 points", name="earn"), campaign(draw, name="spend"))
    house.order((f"o{n}", "ann", f"{JAN}5", 1, None) for n in range(40))
    house.run()
    rows = given(house, "spend")
    assert sum(row.endswith(": -10 points") for row in rows) == 40
    consolations = sum(row.endswith(": 1 points") for row in rows)
    assert 0 < consolations < 40
    assert wallets(house) == {"ann points": 40 * 100 - 40 * 10 + consolations}


def test_a_price_that_is_unknown_or_nothing_sells_nothing(tmp_path: Path) -> None:
    buy = campaign("coffee for event.points - 5 points", name="spend")
    house = shop(tmp_path, campaign("100 points", name="earn"), buy)
    house.order((f"o{n}", "ann", f"{JAN}5", n, None) for n in (4, 5, 6))
    house.run()
    assert given(house, "spend") == ["o6: 30.00 coffee", "o6: -1 points"]


def test_a_pet_that_was_not_fed_loses_what_it_has_and_no_more(tmp_path: Path) -> None:
    feed = campaign("8 growth", name="feed")
    fade = """
campaign fade "fade" {
  audience no order in last 1 days
  trigger  every day at 23:00
  take     5 growth
           limit 3 per customer per week
  budget   { total 0 CNY }
  compliance { forbid phrase "sure" }
}
"""
    house = shop(tmp_path, feed, fade, customers=["ann", "bob"])
    house.order([("o1", "ann", f"{JAN}5 02:00", 1, None)])
    house.run(f"{JAN}5", f"{JAN}9")
    taken = [row for row in house.grants() if row.campaign == "fade"]
    assert [f"{row.occurrence[5:10]} {row.recipient} {row.amount}" for row in taken] == [
        *("01-05 bob 0", "01-06 ann -5", "01-06 bob 0"),
        *("01-07 ann -3", "01-07 bob 0", "01-08 ann 0"),
    ]
    assert house.outcomes() == {"granted": 7, "over_limit": 1}
    assert not any(wallets(house).values())


def test_the_readable_sql_shows_what_goes_out_below_zero(tmp_path: Path) -> None:
    buy = campaign("by { when yes: coffee and 2 growth for event.points points }", name="spend")
    house = shop(tmp_path, buy)
    house.order([("o1", "ann", f"{JAN}5", 7, None)])
    period = due(house.plan, "spend", at("2026-01-01"), at("2026-01-31"))
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        rows = connection.execute(decisions(house.plan, "spend", period)).fetchall()
    assert [(row[5], row[6], row[7]) for row in rows] == [
        ("coffee", 30, "CNY"),
        ("growth", 2, "growth"),
        ("points", -7, "points"),
    ]


def test_why_it_was_not_sold(tmp_path: Path) -> None:
    house = shop(tmp_path, EARN, campaign("coffee for 500 points", name="spend"))
    house.order([("o1", "ann", f"{JAN}5 02:00", 400, None)])
    house.run()
    order = {"key": "o1", "at": at(f"{JAN}5 10:00"), "points": 400, "friend": None}
    rows = Rows({"ann": {"vip": False}}, {"order": {"ann": [order]}})
    with house.ledger() as ledger:
        told = explain(house.plan, "spend", "ann", at("2026-01-31"), rows, ledger)
    assert (told.outcome, told.decided) == ("insufficient_balance", True)
    last = told.clauses[-1]
    assert (last.text, last.held, last.values) == ("for 500 points", False, {"balance": "400"})


def test_two_prices_of_one_wallet_are_paid_together_or_not_at_all(tmp_path: Path) -> None:
    buy = campaign("by { otherwise: coffee for 20 points } for 60 points", name="spend")
    house = shop(tmp_path, EARN, buy)
    house.order([("o1", "ann", f"{JAN}5", 75, None), ("o2", "ann", f"{JAN}6", 10, None)])
    house.run()
    assert house.outcomes() == {"granted": 3, "insufficient_balance": 1}
    assert wallets(house) == {"ann points": 5}


def test_a_computed_benefit_is_worth_and_costs_what_its_reward_says(tmp_path: Path) -> None:
    voucher = "benefit voucher { kind coupon value computed up to 9 CNY stock 3 }\n"
    gift = campaign("event.points * 0.50 CNY as voucher up to 8 CNY", name="gift")
    house = shop(tmp_path, voucher + gift.replace("1_000_000", "20"))
    points = (3, 100, 0, 10, 4)
    house.order((f"o{n}", "ann", f"{JAN}{n}", many, None) for n, many in enumerate(points, 1))
    house.run()
    assert given(house, "gift") == ["o1: 1.50 voucher", "o2: 8.00 voucher", "o4: 5.00 voucher"]
    assert house.outcomes() == {"granted": 3, "out_of_stock": 1}
    with house.ledger() as ledger:
        spent = {row.account: row.spent for row in ledger.budgets(house.plan, "gift")}
    assert next(much for name, much in spent.items() if name.endswith("total")) == 14.5
