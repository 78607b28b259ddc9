"""Customers of the bank who slip away, are lost and come back, worked out in plain Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .happened import (
    DAY,
    END,
    START,
    ZONE,
    Events,
    Given,
    Happened,
    Kept,
    Sent,
    Step,
    at_ten,
    by_customer,
    capped,
    day,
    first_after,
    held_out,
    month,
    of,
)


def is_slipping(orders: list[Happened], logins: list[Happened], at: datetime) -> bool:
    bought = [one for one in orders if one.at <= at]
    if not bought or not 7 <= (day(at) - day(bought[-1].at)).days <= 14:
        return False
    return any(at - 7 * DAY < one.at <= at for one in logins)


def is_gone(logins: list[Happened], at: datetime) -> bool:
    known = [one for one in logins if one.at <= at]
    return bool(known) and known[-1].at <= at - 60 * DAY


def is_high_value(row: dict[str, Any]) -> bool:
    return row["aum"] >= 500_000 and row["segment"] in ("affluent", "private")


def test_who_slips_away_is_caught_and_an_order_ends_it(
    grants: Given,
    history: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    kept: Kept,
    sent: Sent,
) -> None:
    orders, logins = by_customer(history("orders")), by_customer(history("logins"))
    found = kept["churn_intercept"]
    refused = capped(found["over_limit"], sent)
    granted: set[Step] = set()
    limited: set[Step] = set()
    held: set[Step] = set()
    indoors: set[Step] = set()
    given: dict[tuple[str, str], tuple[str, Decimal]] = {}
    for who in reachable & set(orders):
        months: set[str] = set()
        inside = START - DAY
        at = START.replace(hour=9) - DAY
        while (at := at + DAY) < END:
            if not is_slipping(orders[who], logins[who], at):
                continue
            if is_slipping(orders[who], logins[who], at - DAY):
                continue
            entry = ("seen", who, at.isoformat(), at)
            if held_out("churn_intercept", who):
                held.add(entry)
                continue
            if at <= inside:
                indoors.add(entry)
                continue
            if month(at) in months or entry in refused:
                limited.add(entry)
                continue
            months.add(month(at))
            granted.add(entry)
            count = sum(one.at <= at for one in orders[who])
            valuable = is_high_value(customers[who])
            given[who, at.isoformat()] = (
                ("voucher_50", Decimal(50))
                if valuable
                else ("flash_coupon", Decimal(25))
                if count >= 2
                else ("stars", Decimal(20))
            )
            ended = first_after(orders[who], at)
            until = ended.at if ended else END
            again, call = at_ten(day(at) + 3 * DAY), at_ten(day(at) + 7 * DAY)
            inside = min(call, until)
            if again < min(until, END):
                granted.add(("again", who, at.isoformat(), again))
            if call < min(until, END) and valuable:
                granted.add(("call", who, at.isoformat(), call))
    again_refused = {one for one in refused if one[0] == "again"}
    assert found["granted"] | again_refused == granted
    assert found["over_limit"] - again_refused == limited
    assert found["held_out"] == held
    assert found["already_inside"] == indoors
    assert {step for step, *_ in granted} == {"seen", "again", "call"}
    assert given == {
        (row["recipient"], row["occurrence"]): (row["reward"], Decimal(row["amount"]))
        for row in of(grants, "churn_intercept")
    }
    assert len({reward for reward, _ in given.values()}) == 3


def test_three_groups_are_won_back_without_bonus_hunters(
    grants: Given,
    history: Events,
    reachable: frozenset[str],
    kept: Kept,
    sent: Sent,
) -> None:
    orders, logins = by_customer(history("orders")), by_customer(history("logins"))
    invested, asked = by_customer(history("investments")), by_customer(history("exchanges"))
    closings = by_customer(history("closings"))
    found = kept["win_back"]
    refused = capped(found["over_limit"], sent)
    reached: set[Step] = set()
    limited: set[Step] = set()
    held: set[Step] = set()
    indoors: set[Step] = set()
    given: dict[tuple[str, str, str], str] = {}
    hunters = 0
    for who in reachable:
        had = False
        inside = START - DAY
        at = datetime(2025, 12, 29, 10, tzinfo=ZONE)
        while (at := at + 7 * DAY) < END:
            if not is_gone(logins[who], at) or is_gone(logins[who], at - 7 * DAY):
                continue
            count = sum(one.at <= at for one in invested[who])
            if sum(one.at <= at for one in asked[who]) >= 3 and not count:
                hunters += 1
                continue
            occurrence = at.isoformat()
            entry = ("lost", who, occurrence, at)
            if held_out("win_back", who):
                held.add(entry)
                continue
            if at <= inside:
                indoors.add(entry)
                continue
            if had or entry in refused:
                limited.add(entry)
                continue
            had = True
            reached.add(entry)
            group = "voucher_50" if count >= 5 else "voucher_20" if count else "stars"
            given["lost", who, occurrence] = group
            closed = first_after(closings[who], at)
            until = min(closed.at if closed else END, END)
            back = first_after(orders[who], at)
            inside = min(at + 60 * DAY, until)
            if not back or back.at > at + 60 * DAY or back.at >= until:
                continue
            reached.add(("back", who, occurrence, back.at))
            inside = min(back.at + 30 * DAY, until)
            more = [one for one in orders[who] if back.at < one.at <= back.at + 30 * DAY]
            for step, number, reward in (("half", 2, "stars"), ("five", 4, "voucher_50")):
                if len(more) >= number and more[number - 1].at < until:
                    reached.add((step, who, occurrence, more[number - 1].at))
                    given[step, who, occurrence] = reward
    assert found["granted"] | found["reached"] == reached
    assert found["over_limit"] == limited
    assert found["held_out"] == held
    assert found["already_inside"] == indoors
    assert {step for step, *_ in reached} == {"lost", "back", "half", "five"}
    assert hunters
    assert given == {
        (row["step"], row["recipient"], row["occurrence"]): row["reward"]
        for row in of(grants, "win_back")
    }
    lost = {reward for (step, *_), reward in given.items() if step == "lost"}
    assert lost == {"voucher_50", "voucher_20", "stars"}


def test_whoever_stays_away_for_14_days_with_half_of_the_assets_is_woken(
    grants: Given,
    history: Events,
    events: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    kept: Kept,
    sent: Sent,
) -> None:
    logins, assets = by_customer(history("logins")), by_customer(history("asset_days"))
    expected: set[Step] = set()
    given: dict[tuple[str, str], str] = {}
    for login in events("logins"):
        who = login.who
        at = at_ten(day(login.at) + 14 * DAY) + timedelta(hours=8)
        if who not in reachable or held_out("wake_up", who) or at >= END:
            continue
        known = [one.row["assets"] for one in assets[who] if one.at <= at]
        away = not any(login.at < one.at <= at for one in logins[who])
        if away and known and known[-1] < max(known) / 2:
            expected.add(("main", who, login.key, at))
            aum = customers[who]["aum"]
            coffee = "30.00" if aum >= 500_000 else None
            given[who, login.key] = coffee or ("50" if aum >= 10_000 else "20")
    found = kept["wake_up"]
    assert found["granted"] | found["over_limit"] == expected
    months = {(who, month(at)) for _, who, _, at in found["granted"]}
    assert len(months) == len(found["granted"])
    for one in found["over_limit"] - capped(found["over_limit"], sent):
        assert (one[1], month(one[3])) in months
    assert {
        (row["recipient"], row["occurrence"]): row["amount"] for row in of(grants, "wake_up")
    } == {(who, key): given[who, key] for _, who, key, _ in found["granted"]}
