"""Welcome gifts, orders, rights of levels and points at the bank, worked out in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .happened import (
    DAY,
    MARCH,
    Events,
    Given,
    Kept,
    at_ten,
    by_customer,
    day,
    held_out,
    month,
    of,
    who,
)


def test_an_account_of_a_newcomer_earns_its_gift(
    grants: Given,
    history: Events,
    events: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
) -> None:
    invested = by_customer(history("investments"))
    gifts = {"debit_card": None, "e_cny_wallet": "wallet_30", "pension": "pension_80"}
    count: Counter[str] = Counter()
    expected: dict[tuple[str, str], str | None] = {}
    for one in events("accounts"):
        registered = customers[one.who]["registered_at"].replace(tzinfo=UTC)
        new = one.at - 30 * DAY < registered <= one.at
        if one.row["product"] not in gifts or not new or one.who not in reachable:
            continue
        before = [other.at for other in invested[one.who] if other.at <= one.at]
        recent = any(at > one.at - 180 * DAY for at in before)
        early = not before or (recent and len(before) < 5)
        if early and count[one.who] < 3 and not held_out("welcome_gift", one.who):
            count[one.who] += 1
            expected[one.who, one.key] = gifts[one.row["product"]]
    given = {(row["recipient"], row["occurrence"]): row for row in of(grants, "welcome_gift")}
    assert set(given) == set(expected)
    for one, gift in expected.items():
        assert gift in (None, given[one]["reward"])
    assert set(expected.values()) == {None, "wallet_30", "pension_80"}


def test_a_first_order_has_a_coupon_until_the_day_is_used_up(
    grants: Given, history: Events, reachable: frozenset[str]
) -> None:
    orders = by_customer(history("orders"))
    left: dict[Any, int] = defaultdict(lambda: 20)
    expected = []
    for one in history("orders"):
        first = [other.at for other in orders[one.who] if other.at <= one.at] == [one.at]
        if one.at < MARCH or not first or one.who not in reachable:
            continue
        if held_out("first_order", one.who):
            continue
        left[day(one.at)] -= 1
        prize = "flash_coupon" if left[day(one.at)] >= 0 else "points"
        expected.append((one.who, one.key, prize))
    given = of(grants, "first_order")
    assert [(row["recipient"], row["occurrence"], row["reward"]) for row in given] == expected
    assert {prize for *_, prize in expected} == {"flash_coupon", "points"}


def test_the_order_that_comes_to_the_target_earns_fuel(
    grants: Given, events: Events, reachable: frozenset[str]
) -> None:
    spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    expected = []
    for one in events("orders"):
        before = spent[one.who, month(one.at)]
        spent[one.who, month(one.at)] += one.row["amount"]
        crosses = before < 500 <= spent[one.who, month(one.at)]
        asked = one.at >= MARCH and one.who in reachable
        if crosses and asked and not held_out("order_target", one.who):
            expected.append((one.who, one.key))
    assert expected
    assert who(of(grants, "order_target")) == expected[: 20_000 // 92]


def test_from_v8_one_of_three_is_offered_on_the_tenth(
    grants: Given, customers: dict[str, dict[str, Any]], reachable: frozenset[str]
) -> None:
    tenths = [at_ten(MARCH.date().replace(month=number, day=10)) for number in (1, 2, 3)]
    expected = {
        (name, at.isoformat())
        for name in reachable
        for at in tenths
        if customers[name]["level"] >= 8 and not held_out("level_treat", name)
    }
    assert expected
    assert set(who(of(grants, "level_treat"))) == expected


def test_coffee_costs_thirty_points_that_are_there(
    grants: Given, events: Events, reachable: frozenset[str], kept: Kept
) -> None:
    """The wallet at each exchange, by all that came in and went out before it."""
    moves: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in grants:
        if row["reward"] == row["currency"] == "points":
            moves[row["recipient"]].append((datetime.fromisoformat(row["at"]), int(row["amount"])))
    asked = {
        ("main", one.who, one.key, one.at)
        for one in events("exchanges")
        if one.row["gift"] == "coffee"
        if one.who in reachable and not held_out("points_coffee", one.who)
    }
    found = kept["points_coffee"]
    poor = found["insufficient_balance"]
    assert found["granted"] | poor | found["over_limit"] | found["over_budget"] == asked
    for outcome, some in found.items():
        for _, name, _, at in some:
            had = sum(amount for when, amount in moves[name] if when < at)
            if outcome in ("granted", "insufficient_balance"):
                assert (had >= 30) == (outcome == "granted"), (name, at)
    a_month = Counter((name, month(at)) for _, name, _, at in found["granted"])
    assert max(a_month.values()) <= 2
    assert poor
