"""A campaign on a schedule by DuckDB: instants, shares, hold-outs, stages and audiences."""

from datetime import time
from decimal import Decimal

import pytest
from campaigner.compiler.plan import CalendarWindow, LastWindow, MonthlyTrigger, OnceTrigger, Share
from campaigner.compiler.sql.campaign import candidates

from .asking import agreed, january, keys, people, period, shown
from .plans import (
    NOW,
    TODAY,
    aggregate,
    audience,
    by,
    campaign,
    cny,
    coffee,
    customer,
    days,
    every_day,
    give,
    is_,
    member,
    of,
    on_order,
    op,
    origin,
    plan,
    ride,
    row,
    stage_is,
)
from .shop import ANN, BOB, CAT, Shop, day, order, person, utc

ADULT = op("at_least", customer("age"), is_(18))


def test_a_schedule_asks_everybody_at_each_instant() -> None:
    gift = plan(campaign(every_day(), give(coffee()), checks=[ADULT]))
    shop = Shop([ANN, BOB, person("dan"), person("eve")])
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-02T23:59+08:00")
    found = agreed(gift, shop, due)
    assert len(found) == 6
    assert keys(found[:3]) == ["2026-01-01T10:00:00+08:00"] * 3
    assert sorted(people(found[:3])) == sorted(people(found[3:]))


def test_a_schedule_that_is_not_due_gives_nothing() -> None:
    gift = plan(campaign(OnceTrigger(utc("2027-01-01T00:00+08:00"), origin(5)), give(coffee())))
    assert agreed(gift, Shop([ANN]), january(gift)) == []
    assert shown(gift, Shop([ANN]), january(gift)) == []


def test_an_event_trigger_outside_of_its_period_gives_nothing() -> None:
    over = campaign(on_order(), give(coffee()), active_to=utc("2025-06-01T00:00+08:00"))
    gift = plan(over)
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00")])
    assert agreed(gift, shop, january(gift)) == []


def test_shares_decide_who_comes_first() -> None:
    old, rich = (
        audience("old", op("greater", customer("age"), is_(60))),
        audience("rich", op("greater", customer("wealth"), cny("100000"))),
    )
    shares = (Share("rich", Decimal("0.4"), origin(9)), Share("old", Decimal("0.2"), origin(10)))
    gift = plan(campaign(every_day(), give(coffee()), shares=shares), audiences=[old, rich])
    shop = Shop(
        [
            *(ANN, BOB, person("dan", age=70), person("eve", wealth=Decimal(10**6))),
            person("fay", wealth=Decimal(10**6), age=70),
        ]
    )
    found = agreed(gift, shop, period(gift, "2026-01-01T00:00+08:00", "2026-01-01T23:00+08:00"))
    assert [one.share for one in found] == [0, 0, 1, None, None]


def test_a_holdout_is_a_share_of_the_customers_for_good() -> None:
    shop = Shop([person(f"c{number}") for number in range(400)])
    gift = plan(campaign(every_day(), give(coffee()), holdout=Decimal("0.25")))
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-02T23:59+08:00")
    found = agreed(gift, shop, due)
    held = {one.customer for one in found if one.held_out}
    assert 60 < len(held) < 140
    assert len(shown(gift, shop, due)) == len(found) - 2 * len(held)


def test_without_a_holdout_nobody_is_held_out() -> None:
    gift = plan(campaign(every_day(), give(coffee())))
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-01T23:59+08:00")
    (found,) = agreed(gift, Shop([ANN]), due)
    assert not found.held_out
    assert "MD5('holdout" not in candidates(gift, "gift", due)


def test_the_last_day_of_the_month_in_a_zone_with_summer_time() -> None:
    trigger = MonthlyTrigger(None, time(2, 30), None, origin(5))
    gift = plan(
        campaign(trigger, give(coffee()), audience=op("not_equal", TODAY, is_(day("2026-02-28")))),
        time_zone="America/New_York",
    )
    due = period(gift, "2026-01-01T00:00-05:00", "2026-04-01T00:00-04:00")
    found = agreed(gift, Shop([ANN]), due)
    assert keys(found) == ["2026-01-31T02:30:00-05:00", "2026-03-31T02:30:00-04:00"]


def test_stages_and_audiences_that_rest_upon_each_other() -> None:
    recent = aggregate("count_order_last_30_days", "count", window=LastWindow(30, "day"))
    logins = aggregate("count_login", "count", of_event="login")
    spent = aggregate(
        "sum_order_amount_big", "sum", row("amount"), where=op("and", member("rich"), BIG_ROW)
    )
    rich = audience("rich", op("at_least", customer("wealth"), cny("5000")))
    lively = audience("lively", op("or", stage_is("growing"), op("greater", of(logins), is_(0))))
    chosen = campaign(
        every_day(),
        by((op("not", member("lively")), [ride()]), (None, [coffee()])),
        stage=stage_is("new", "growing"),
        audience=op("or", member("lively"), op("greater", of(spent), cny("500"))),
    )
    stages = [
        ("new", op("equal", of(recent), is_(0))),
        ("growing", op("and", op("less", of(recent), is_(3)), member("rich"))),
    ]
    gift = plan(chosen, recent, logins, spent, audiences=[rich, lively], stages=stages)
    shop = Shop(
        [ANN, BOB, CAT, person("dan", wealth=Decimal(10))],
        [
            *(order(f"a{n}", "ann", f"2026-01-0{n}T10:00+08:00", "300.00") for n in (1, 2, 3)),
            *(order(f"b{n}", "bob", f"2025-12-0{n}T10:00+08:00", "300.00") for n in (1, 9)),
            order("d1", "dan", "2025-12-30T10:00+08:00"),
        ],
        [{"key": "l1", "customer": "cat", "at": utc("2026-01-01T00:00+08:00")}],
    )
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-12T00:00+08:00")
    found = agreed(gift, shop, due)
    assert {one.identity.recipient for one in found} == {"ann", "bob", "cat"}
    assert {one.lines[0].reward for one in found} == {"coffee", "ride"}


BIG_ROW = op("at_least", row("amount"), cny("100.00"))


def test_unknown_is_false_and_its_denial_true() -> None:
    vip = customer("vip")
    odd = op("or", op("not", op("holds", vip)), op("not_equal", customer("age"), is_(30)))
    gift = plan(campaign(every_day(), give(coffee()), audience=odd))
    shop = Shop([ANN, BOB, person("dan", vip=True), person("eve", vip=False, age=31)])
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-01T23:59+08:00")
    assert sorted(people(agreed(gift, shop, due))) == ["ann", "bob", "eve"]


def test_time_conditions_by_the_clock_of_the_project() -> None:
    young = op("within_last", customer("registered_at"), days(30))
    birthday = op("anniversary_today", customer("born"))
    long = op("greater", op("days_since", customer("registered_at")), is_(364))
    late = op("less", op("add", customer("registered_at"), days(1, "month")), NOW)
    gift = plan(
        campaign(
            every_day(), give(coffee()), audience=op("or", young, birthday, op("and", long, late))
        )
    )
    shop = Shop(
        [
            person("ann", registered_at=utc("2025-12-05T10:00+08:00")),
            person("bob", registered_at=utc("2025-06-05T10:00:01+08:00"), born=day("1990-01-04")),
            person("cat", registered_at=utc("2025-01-05T23:59+08:00")),
            person("dan"),
        ]
    )
    due = period(gift, "2026-01-03T00:00+08:00", "2026-01-06T23:59+08:00")
    found = [
        (one.identity.recipient, one.identity.occurrence[:10]) for one in agreed(gift, shop, due)
    ]
    assert ("bob", "2026-01-04") in found
    assert ("ann", "2026-01-03") in found
    assert ("ann", "2026-01-04") not in found
    assert ("cat", "2026-01-05") in found
    assert ("cat", "2026-01-04") not in found


@pytest.mark.parametrize("unit", ["minute", "hour", "day", "week", "month", "year"])
def test_durations_longer_than_the_calendar(unit: str) -> None:
    ages = days(10**9, unit)
    born = op("within_next", op("subtract", customer("born"), ages), ages)
    long = op("and", op("within_last", customer("registered_at"), ages), op("not", born))
    ever = aggregate("count_order_ever", "count", window=LastWindow(10**9, unit))
    busy = op("greater", of(ever), is_(0))
    gift = plan(campaign(every_day(), give(coffee()), audience=op("and", long, busy)), ever)
    ann = person("ann", registered_at=utc("1950-01-01T00:00+08:00"), born=day("2000-01-01"))
    shop = Shop([ann, BOB], [order("o1", "ann", "1955-01-01T00:00+08:00")])
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-02T23:59+08:00")
    assert people(agreed(gift, shop, due)) == ["ann", "ann"]


def test_what_the_instants_tell_is_written_down_beside_them() -> None:
    recent = aggregate("recent", "count", window=LastWindow(30, "day"))
    quarter = aggregate("quarter", "count", window=CalendarWindow("quarter", True))
    soon = op("within_next", customer("born"), days(1, "month"))
    busy = op("greater", op("add", of(recent), of(quarter)), is_(0))
    gift = plan(
        campaign(every_day(), give(coffee()), audience=op("or", soon, busy)),
        *(recent, quarter),
        time_zone="America/New_York",
    )
    due = period(gift, "2026-03-08T00:00-05:00", "2026-03-09T23:59-04:00")
    sql = candidates(gift, "gift", due)
    assert "last_30_days" in sql
    assert "this_quarter_start" in sql
    assert "next_1_month_date" in sql
    assert "LIST_TRANSFORM" not in sql
    assert "INTERVAL" not in sql
    shop = Shop(
        [ANN, person("dan", born=day("2026-04-09"))], [order("o", "ann", "2026-02-06T23:00+08:00")]
    )
    assert agreed(gift, shop, due)
