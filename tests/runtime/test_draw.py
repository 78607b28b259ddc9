"""Draws: the odds that are written, prizes that run out, and a hash that anybody can repeat."""

from collections import Counter
from hashlib import md5
from pathlib import Path

import pytest
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.explain.explain import explain

from .houses import at
from .shops import campaign, shop

DRAW = "draw { 1%: phone  9%: coffee  rest: 10 points }"
MANY = 20_000


def drawn(customer: str, occurrence: str) -> str:
    """The prize that a customer draws by docs/language.md, in the fewest words."""
    text = f"draw/gift/main/{customer}/{occurrence}"
    ticket = md5(text.encode(), usedforsecurity=False).hexdigest()[:8]
    if ticket < "028f5c28":
        return "phone"
    return "coffee" if ticket < "19999999" else "points"


def test_the_odds_are_those_written_and_every_row_can_be_drawn_again(tmp_path: Path) -> None:
    free = DRAW.replace("phone", "coffee and 1_000 points", 1)
    house = shop(tmp_path, campaign(free), customers=[f"c{n}" for n in range(100)])
    house.order((f"o{n}", f"c{n % 100}", "2026-01-05", 1, None) for n in range(MANY))
    house.run()
    rows = house.grants()
    prizes: dict[tuple[str, str], str] = {}
    for row in rows:
        prize = "phone" if row.amount == 1_000 else row.reward
        prizes.setdefault((row.recipient, row.occurrence), prize)
        if prize == "phone":
            prizes[row.recipient, row.occurrence] = prize
    assert len(prizes) == MANY
    assert all(prize == drawn(*of) for of, prize in prizes.items())
    counts = Counter(prizes.values())
    # Within five standard deviations: the hash is fixed, so this is the same on every run.
    for prize, odds in (("phone", 0.01), ("coffee", 0.09), ("points", 0.9)):
        allowed = 5 * (MANY * odds * (1 - odds)) ** 0.5
        assert abs(counts[prize] - MANY * odds) < allowed


def test_who_draws_no_prize_gets_no_decision(tmp_path: Path) -> None:
    house = shop(tmp_path, campaign("draw { 10%: coffee }"))
    house.order((f"o{n}", "ann", "2026-01-05", 1, None) for n in range(400))
    house.run()
    won = {row.occurrence for row in house.grants()}
    hashes = {
        f"o{n}": md5(f"draw/gift/main/ann/o{n}".encode(), usedforsecurity=False).hexdigest()[:8]
        for n in range(400)
    }
    assert won == {key for key, ticket in hashes.items() if ticket < "19999999"}
    assert house.outcomes() == {"granted": len(won)}


def test_a_prize_that_is_gone_is_out_of_stock_and_nothing_is_given_instead(tmp_path: Path) -> None:
    house = shop(tmp_path, campaign("draw { 50%: phone  rest: 10 points }"))
    house.order((f"o{n:03}", "ann", f"2026-01-05 00:{n:02}", 1, None) for n in range(60))
    house.run()
    counts = Counter(row.reward for row in house.grants())
    tickets = [
        md5(f"draw/gift/main/ann/o{n:03}".encode(), usedforsecurity=False).hexdigest()[:8]
        for n in range(60)
    ]
    phones = sum(ticket < "80000000" for ticket in tickets)
    assert phones > 3
    assert counts == {"phone": 3, "points": 60 - phones}
    assert house.outcomes() == {"granted": 3 + 60 - phones, "out_of_stock": phones - 3}


def test_the_customer_draws_also_where_a_friend_gets_it(tmp_path: Path) -> None:
    reward = f"{DRAW.replace('phone', 'coffee', 1)} to event.friend"
    house = shop(tmp_path, campaign(reward), customers=["ann", "bob"])
    house.order((f"o{n}", "ann", "2026-01-05", 1, "bob") for n in range(200))
    house.run()
    rows = house.grants()
    assert {row.recipient for row in rows} == {"bob"}
    expected = Counter(
        "points" if drawn("ann", f"o{n}") == "points" else "coffee" for n in range(200)
    )
    assert Counter(row.reward for row in rows) == expected


@pytest.mark.parametrize("key", [f"o{n}" for n in range(4)])
def test_an_explanation_shows_the_ticket(tmp_path: Path, key: str) -> None:
    house = shop(tmp_path, campaign("draw { 40%: coffee  rest: 10 points }"))
    house.order([(key, "ann", "2026-01-05", 1, None)])
    event = {"at": at("2026-01-05"), "key": key, "points": 1, "friend": None}
    rows = Rows({"ann": {"vip": False}}, {"order": {"ann": [event]}})
    with house.ledger() as ledger:
        found = explain(house.plan, "gift", "ann", at("2026-01-06"), rows, ledger)
    ticket = md5(f"draw/gift/main/ann/{key}".encode(), usedforsecurity=False).hexdigest()[:8]
    told = {clause.text: clause for clause in found.clauses}
    coffee = told["40%: coffee"]
    assert coffee.values == {"drawn": ticket, "below": "66666666"}
    assert coffee.held is (ticket < "66666666")
    assert ("60%: 10 points" in told) is not coffee.held
