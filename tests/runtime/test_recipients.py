"""A reward for somebody else: compliance asks whoever gets it."""

from pathlib import Path

import pytest
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.due.schedule import due
from campaigner.runtime.explain.explain import explain

from .houses import at
from .shops import Shop, campaign, shop
from .test_claim_events import stream

DAY = "2026-01-05"
BROUGHT = campaign("coffee to event.friend").replace(
    'forbid phrase "sure"', 'require known_vip  forbid phrase "sure"'
)
FILES = "audience known_vip vip\n"


def friends(folder: Path) -> Shop:
    """bob is asked and may, cat may not, and nobody knows dan."""
    house = shop(folder, FILES + BROUGHT, customers=["ann", "bob", "cat"])
    house.change("UPDATE customers SET vip = customer_id IN ('ann', 'bob')")
    return house


def orders(*friends_: str | None) -> list[tuple[str, str, str, int, str | None]]:
    return [(f"o{n}", "ann", DAY, n, friend) for n, friend in enumerate(friends_)]


def test_it_goes_to_customers_whom_compliance_lets_have_it(tmp_path: Path) -> None:
    house = friends(tmp_path)
    house.order(orders("bob", "cat", "dan", None, "ann"))
    house.run()
    assert [f"{row.occurrence} {row.recipient}" for row in house.grants()] == ["o0 bob", "o4 ann"]


def test_the_customer_is_still_asked_too(tmp_path: Path) -> None:
    house = friends(tmp_path)
    house.order([("o1", "cat", DAY, 1, "bob")])
    house.run()
    assert house.grants() == []


def test_line_by_line_the_same(tmp_path: Path) -> None:
    house = friends(tmp_path)
    sent = [
        ("order", f"o{n}", "ann", "2026-01-05T10:00:00", n, friend)
        for n, friend in enumerate(("bob", "cat", "dan", None))
    ]
    assert stream(house, *sent) == [["granted"], [], [], []]


def test_the_readable_sql_says_so(tmp_path: Path) -> None:
    house = friends(tmp_path)
    text = decisions(
        house.plan, "gift", due(house.plan, "gift", at("2026-01-01"), at("2026-02-01"))
    )
    assert "recipient IN (" in text
    assert text.index("recipients AS (") < text.index("customers AS (")


@pytest.mark.parametrize(
    ("friend", "told"),
    [
        ("bob", [("a customer", True), ("require known_vip", True)]),
        ("cat", [("a customer", True), ("require known_vip", False)]),
        ("dan", [("a customer", False)]),
    ],
)
def test_why_a_friend_got_nothing(
    tmp_path: Path, friend: str, told: list[tuple[str, bool]]
) -> None:
    house = friends(tmp_path)
    order = {"key": "o1", "at": at(DAY), "points": 1, "friend": friend}
    people = {name: {"vip": name != "cat"} for name in ("ann", "bob", "cat")}
    rows = Rows(people, {"order": {"ann": [order]}})
    with house.ledger() as ledger:
        found = explain(house.plan, "gift", "ann", at("2026-01-31"), rows, ledger)
    fine = friend == "bob"
    assert found.outcome == ("granted" if fine else "not_eligible")
    place = next(n for n, one in enumerate(found.clauses) if one.text.startswith("reward "))
    assert found.clauses[place].held is fine
    below = [(one.text, one.held) for one in found.clauses[place + 1 :] if one.depth]
    assert below[: len(told)] == told
