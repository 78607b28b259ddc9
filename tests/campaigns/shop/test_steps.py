"""The journeys of the shop, worked out in plain Python from its purchases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from ..ran import Kept, Lines
from .conftest import Shop, occurrence_of
from .purchases import (
    DAY,
    LAST,
    Order,
    at,
    days,
    is_genuine,
    months_on,
    stages,
    total,
    upto,
)

END = at(LAST + DAY)
"""The run has everything before it."""


def first(orders: Iterable[Order]) -> Order | None:
    return next(iter(orders), None)


def after(orders: list[Order], when: datetime, until: datetime = END) -> list[Order]:
    """The orders later than an instant, up to another; the end is in."""
    return [one for one in orders if when < one.at <= until]


def test_a_second_order_is_reminded_of_and_rewarded(shop: Shop) -> None:
    expected: Kept = {}
    for who, orders in shop.orders.items():
        bought = orders[0]
        if bought.day > date(1998, 3, 31) or not is_genuine(upto(orders, bought.at)):
            continue
        expected["bought", who, "1", "reached"] = bought.at
        remind = at(bought.day + 30 * DAY, 10)
        if not after(orders, bought.at, remind):
            expected["remind", who, "1", "granted"] = remind
        second = first(after(orders, bought.at, bought.at + 60 * DAY))
        if second:
            expected["second", who, "1", "granted"] = second.at
    assert shop.kept("second_order") == expected
    assert {step for step, *_ in expected} == {"bought", "remind", "second"}
    assert shop.lines("second_order") == {
        one[:3]: [("coupon_3", Decimal(3))] for one in expected if one[0] == "second"
    }
    assert shop.messages("mail", "second_order") == sorted(
        (step, who, when) for (step, who, *_), when in expected.items() if step == "remind"
    )


def test_who_spends_more_is_paid_on_the_fifth_of_the_month_after_next(shop: Shop) -> None:
    expected: Kept = {}
    lines: Lines = {}
    for who, orders in shop.orders.items():
        had: set[tuple[int, int]] = set()
        for ticket in orders:
            in_time = ticket.day <= date(1998, 3, 31)
            if ticket.amount < 40 or not in_time or not is_genuine(upto(orders, ticket.at)):
                continue
            quarter = ticket.day.year, (ticket.day.month - 1) // 3
            if quarter in had:
                expected["ticket", who, ticket.key, "over_limit"] = ticket.at
                continue
            had.add(quarter)
            expected["ticket", who, ticket.key, "reached"] = ticket.at
            deadline = at(months_on(ticket.day, 2))
            later = [one for one in after(orders, ticket.at) if one.at < deadline]
            sums = ((total(later[: number + 1]), one) for number, one in enumerate(later))
            upgrade = first(one for spent, one in sums if spent >= 100)
            if upgrade:
                expected["upgrade", who, ticket.key, "reached"] = upgrade.at
                bonus = at(months_on(ticket.day, 2, 5), 10)
                expected["bonus", who, ticket.key, "granted"] = bonus
                points = Decimal(200 if upgrade.amount >= 60 else 80)
                lines["bonus", who, ticket.key] = [("points", points)]
            nudge = at(ticket.day + 14 * DAY, 10)
            if not (upgrade and upgrade.at <= nudge):
                expected["nudge", who, ticket.key, "granted"] = nudge
    assert shop.kept("lift") == expected
    assert shop.lines("lift") == lines
    assert {amount for ((_, amount),) in lines.values()} == {Decimal(80), Decimal(200)}


Holds = Callable[[list[Order], datetime], bool]


def entering(
    orders: list[Order], instants: Iterable[datetime], step: int, holds: Holds
) -> Iterator[datetime]:
    """The instants at which something holds that did not so many days before."""
    for when in instants:
        before = when - step * DAY
        if holds(upto(orders, when), when) and not holds(upto(orders, before), before):
            yield when


def is_slipping(orders: list[Order], when: datetime) -> bool:
    return len(orders) >= 2 and 61 <= (when.date() - orders[-1].day).days <= 90


def is_lost(orders: list[Order], when: datetime) -> bool:
    return stages(orders, when.date()) == ["lost"]


def test_who_slips_away_is_caught_by_value_and_an_order_ends_it(shop: Shop) -> None:
    expected: Kept = {}
    lines: Lines = {}
    instants = [at(day, 9) for day in days(date(1997, 3, 1))]
    for who, orders in shop.orders.items():
        for seen in entering(orders, instants, 1, is_slipping):
            before, occurrence = upto(orders, seen), occurrence_of(seen)
            if not is_genuine(before):
                continue
            coupon = 10 if total(before) >= 300 else 5 if len(before) >= 4 else 3
            expected["seen", who, occurrence, "granted"] = seen
            lines["seen", who, occurrence] = [(f"coupon_{coupon}", Decimal(coupon))]
            order = first(after(orders, seen))
            until = order.at if order else END
            again, call = at(seen.date() + 3 * DAY, 10), at(seen.date() + 7 * DAY, 10)
            if again < until:
                expected["again", who, occurrence, "granted"] = again
            if call < until and total(before) >= 300:
                expected["call", who, occurrence, "granted"] = call
    kept = shop.kept("intercept")
    assert {one: when for one, when in kept.items() if one[0] != "leave"} == expected
    assert shop.lines("intercept") == lines
    assert {coupon for ((coupon, _),) in lines.values()} == {"coupon_10", "coupon_5", "coupon_3"}
    assert shop.messages("desk", "intercept") == sorted(
        (step, who, when) for (step, who, *_), when in expected.items() if step == "call"
    )


def test_the_lost_are_won_back_by_group_and_followed_to_the_fifth_order(shop: Shop) -> None:
    expected: Kept = {}
    lines: Lines = {}
    mondays = [
        at(day, 9) for day in days(date(1997, 6, 1), date(1998, 3, 31)) if day.weekday() == 0
    ]
    for who, orders in shop.orders.items():
        for lost in entering(orders, mondays, 7, is_lost):
            before, occurrence = upto(orders, lost), occurrence_of(lost)
            if not is_genuine(before):
                continue
            worth = 15 if len(before) >= 5 else 10 if len(before) >= 2 else 5
            expected["lost", who, occurrence, "granted"] = lost
            lines["lost", who, occurrence] = [(f"coupon_{worth}", Decimal(worth))]
            back = first(after(orders, lost, lost + 60 * DAY))
            if not back:
                continue
            expected["back", who, occurrence, "reached"] = back.at
            more = after(orders, back.at, back.at + 30 * DAY)
            for step, count, coupon in (("half", 2, 5), ("five", 4, 15)):
                if len(more) >= count:
                    expected[step, who, occurrence, "granted"] = more[count - 1].at
                    lines[step, who, occurrence] = [(f"coupon_{coupon}", Decimal(coupon))]
    assert shop.kept("win_back") == expected
    assert shop.lines("win_back") == lines
    assert {step for step, *_ in expected} >= {"lost", "back", "half"}
