"""Levels, tasks, points and coupons of the shop, worked out in plain Python from its purchases."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from hashlib import md5

from ..ran import Kept, Lines, campaigner
from .conftest import Shop, occurrence_of
from .purchases import DAY, Order, at, days, is_genuine, is_gold, upto


def step_coupons(orders: list[Order]) -> dict[str, tuple[str, str, datetime]]:
    """Outcome, coupon and instant of each order that asks for one."""
    found: dict[str, tuple[str, str, datetime]] = {}
    months: set[tuple[int, int]] = set()
    for order in orders:
        if order.amount < 30 or orders.index(order) < 3:
            continue
        amount = order.amount
        many = amount >= 100 and order.discs >= 6
        coupon = "coupon_15" if many else "coupon_10" if amount >= 60 else "coupon_5"
        month = order.day.year, order.day.month
        found[order.key] = ("over_limit" if month in months else "granted", coupon, order.at)
        months.add(month)
    return found


def test_more_off_for_more_to_who_has_bought_before(shop: Shop) -> None:
    expected: Kept = {}
    lines: Lines = {}
    for who, orders in shop.orders.items():
        for key, (outcome, coupon, when) in step_coupons(orders).items():
            expected["main", who, key, outcome] = when
            if outcome == "granted":
                worth = Decimal(coupon.removeprefix("coupon_"))
                lines["main", who, key] = [(coupon, worth)]
    assert shop.kept("step_coupon") == expected
    assert shop.lines("step_coupon") == lines
    assert len({coupon for ((coupon, _),) in lines.values()}) == 3


def stamps(orders: list[Order]) -> dict[tuple[str, str], tuple[datetime, int]]:
    """The tasks that a customer did: when, and for how many points."""
    done: dict[tuple[str, str], tuple[datetime, int]] = {}
    before = 0
    spent: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for number, order in enumerate(orders, 1):
        genuine = is_genuine(upto(orders, order.at))
        window = [one for one in orders[:number] if one.at > order.at - 30 * DAY]
        if len(window) >= 2 > before and genuine:
            done.setdefault(("again", "once"), (order.at, 30))
        before = len(window)
        if number % 5 == 0 and genuine:
            done["card", str(number)] = order.at, 50
        month = order.day.year, order.day.month
        if spent[month] < 100 <= spent[month] + order.amount and genuine:
            done["hundred", str(order.day.replace(day=1))] = order.at, 20
        spent[month] += order.amount
        if {task for task, _ in done} == {"again", "card", "hundred"}:
            done["all_done", "once"] = order.at, 100
    return done


def test_tasks_pay_once_a_month_and_by_the_card(shop: Shop) -> None:
    expected: Kept = {}
    lines: Lines = {}
    for who, orders in shop.orders.items():
        for (task, occurrence), (when, points) in stamps(orders).items():
            expected[task, who, occurrence, "granted"] = when
            lines[task, who, occurrence] = [("points", Decimal(points))]
    assert shop.kept("stamps") == expected
    assert shop.lines("stamps") == lines
    assert len({task for task, *_ in expected}) == 4


def golden(orders: list[Order]) -> list[tuple[datetime, bool]]:
    """The instants at which a customer comes to gold, or leaves it: at ten each day."""
    moves = []
    for day in days(date(1997, 1, 1)):
        now = at(day, 10)
        holds = is_gold(upto(orders, now), now)
        held = is_gold(upto(orders, now - DAY), now - DAY)
        if holds != held:
            moves.append((now, holds))
    return moves


def test_gold_is_welcomed_once_and_its_end_is_announced(shop: Shop) -> None:
    welcomed: Kept = {}
    warned: Kept = {}
    for who, orders in shop.orders.items():
        outcome = "granted"
        for when, comes in golden(orders):
            if comes:
                welcomed["main", who, occurrence_of(when), outcome] = when
                outcome = "over_limit"
            elif when >= at(date(1997, 4, 1)):
                warned["main", who, occurrence_of(when), "granted"] = when
    assert shop.kept("gold_welcome") == welcomed
    assert shop.kept("gold_leaving") == warned
    assert welcomed
    assert warned
    assert set(map(tuple, shop.lines("gold_welcome").values())) == {
        (("gift_cd", Decimal(13)), ("points", Decimal(50)))
    }


def test_gold_has_a_coupon_on_the_first_monday_of_a_month(shop: Shop) -> None:
    expected = set()
    for day in days(date(1997, 4, 1)):
        if day.weekday() or day.day > 7:
            continue
        now = at(day, 10)
        occurrence = occurrence_of(now)
        gold = [who for who, orders in shop.orders.items() if is_gold(upto(orders, now), now)]

        def turn(who: str, occurrence: str = occurrence) -> str:
            text = f"order/gold_monday/{occurrence}/{who}"
            return md5(text.encode(), usedforsecurity=False).hexdigest()

        expected |= {(who, occurrence) for who in sorted(gold, key=turn)[:500]}
    assert expected
    granted = {one[1:3] for one in shop.kept("gold_monday") if one[3] == "granted"}
    assert granted == expected


def test_a_hundred_points_become_a_disc(shop: Shop) -> None:
    """All that fills the wallet, in the order of time, of the campaigns' names, and of the file."""

    def turn(one: tuple[datetime, str, str, str, int]) -> tuple[datetime, str, int, str]:
        steps = ("again", "card", "hundred", "all_done")
        return one[0], one[1], steps.index(one[3]) if one[3] in steps else 0, one[2]

    turns: dict[str, list[tuple[datetime, str, str, str, int]]] = defaultdict(list)
    for campaign in ("gold_welcome", "lift", "order_points", "stamps"):
        kept = shop.kept(campaign)
        for (step, who, occurrence), lines in shop.lines(campaign).items():
            points = sum(int(amount) for reward, amount in lines if reward == "points")
            when = kept[step, who, occurrence, "granted"]
            turns[who].append((when, campaign, occurrence, step, points))
    expected: Kept = {}
    balances: Counter[str] = Counter()
    for who, filled in turns.items():
        for when, campaign, occurrence, step, points in sorted(filled, key=turn):
            before = balances[who]
            balances[who] += points
            if before < 100 <= balances[who] and is_genuine(upto(shop.orders[who], when)):
                expected["main", who, f"{campaign}/{step}/{occurrence}", "granted"] = when
                balances[who] -= 100
    assert shop.kept("points_disc") == expected
    assert expected
    text = campaigner("ledger", str(shop.folder), "balances", "--format", "json")
    left = {row["customer"]: int(row["balance"]) for row in json.loads(text)["balances"]}
    assert +Counter(left) == +balances


def test_a_point_is_earned_for_every_full_two_dollars(shop: Shop) -> None:
    expected: Lines = {}
    for who, orders in shop.orders.items():
        for order in orders:
            if order.amount >= 2 and is_genuine(upto(orders, order.at)):
                expected["main", who, order.key] = [("points", order.amount // 2)]
    assert shop.lines("order_points") == expected
