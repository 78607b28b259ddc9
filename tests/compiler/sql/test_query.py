"""A campaign's decisions by DuckDB: the rows that are expected, and those of the reference."""

from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from campaigner.compiler.plan import (
    Account,
    BeforeEventWindow,
    Charge,
    GrantCount,
    LastWindow,
    Message,
    MessageValue,
    MonthlyTrigger,
    OnceTrigger,
    Opening,
    Share,
    WhenExhausted,
)
from campaigner.compiler.sql.due import Due
from campaigner.compiler.sql.query import candidates, decisions
from campaigner.compiler.sql.residual import residual
from campaigner.compiler.types import INTEGER

from . import plans
from .asking import agreed, asked, january, period, shown
from .plans import (
    NOW,
    TODAY,
    Shop,
    aggregate,
    audience,
    by,
    campaign,
    cash,
    cny,
    coffee,
    customer,
    days,
    event,
    every_day,
    give,
    is_,
    member,
    of,
    on_order,
    op,
    origin,
    pick,
    plan,
    points,
    ride,
    row,
    stage_is,
    utc,
)


def person(key: str, **more: Any) -> plans.Row:
    plain = {"id": key, "age": 30, "city": "Shanghai", "consent": True, "wealth": Decimal(6000)}
    return plain | more


def order(key: str, who: str, at: str, amount: str = "100.00", **more: Any) -> plans.Row:
    return {
        "key": key,
        "customer": who,
        "at": utc(at),
        "amount": Decimal(amount),
        "quantity": 1,
        **more,
    }


def keys(found: list[Any]) -> list[str]:
    return [one.identity.occurrence for one in found]


def people(found: list[Any]) -> list[str]:
    return [one.identity.recipient for one in found]


ANN, BOB, CAT = person("ann"), person("bob", age=None), person("cat", consent=False)
BIG = op("at_least", event("amount"), cny("100.00"))
ADULT = op("at_least", customer("age"), is_(18))
ORDERS = aggregate("count_order", "count")


# --- events -------------------------------------------------------------------------------------


def test_each_event_that_fits_is_one_row_in_the_ledgers_words() -> None:
    gift = plan(campaign(on_order(BIG), give(coffee()), checks=[ADULT, customer("consent")]))
    shop = Shop(
        [ANN, BOB, CAT],
        [
            order("o2", "ann", "2026-01-05T10:00+08:00"),
            order("o1", "ann", "2026-01-05T10:00+08:00", "250.50"),
            order("o3", "ann", "2026-01-06T10:00+08:00", "99.99"),
            order("o4", "bob", "2026-01-06T10:00+08:00"),
            order("o5", "cat", "2026-01-06T10:00+08:00"),
            order("o6", "nobody", "2026-01-06T10:00+08:00"),
            order("o7", "ann", "2026-02-01T00:00+08:00"),
        ],
    )
    at = utc("2026-01-05T10:00+08:00").replace(tzinfo=None)
    assert shown(gift, shop, january(gift)) == [
        ("ann", "o1", at, "coffee", Decimal(30), "CNY"),
        ("ann", "o2", at, "coffee", Decimal(30), "CNY"),
    ]
    assert keys(agreed(gift, shop, january(gift))) == ["o1", "o2"]


def test_the_active_period_and_late_events() -> None:
    active = campaign(on_order(), give(coffee()), active_from=utc("2025-12-30T00:00+08:00"))
    gift = plan(active)
    shop = Shop(
        [ANN],
        [
            order("too early", "ann", "2025-12-29T23:59+08:00"),
            order("late", "ann", "2025-12-30T00:00+08:00"),
            order("done", "ann", "2025-12-31T00:00+08:00"),
            order("due", "ann", "2026-01-01T00:00+08:00"),
        ],
    )
    due = replace(january(gift), late_table="late_keys")
    assert keys(agreed(gift, shop, due, ["late", "too early"])) == ["late", "due"]


@pytest.mark.parametrize(
    ("opening", "opened"),
    [
        (Opening(10, time(10), 31), ["2026-01-10T10:00+08:00", "2026-01-31T23:59+08:00"]),
        (Opening(31, time(0), 31), ["2026-01-31T00:00+08:00", "2026-01-31T23:59+08:00"]),
        (Opening(1, time(0), 1), ["2026-01-01T00:00+08:00", "2026-01-01T23:59+08:00"]),
    ],
)
def test_an_opening_window(opening: Opening, opened: list[str]) -> None:
    gift = plan(campaign(on_order(opening=opening), give(coffee())))
    moments = [
        *("2026-01-01T00:00+08:00", "2026-01-01T23:59+08:00", "2026-01-02T00:00+08:00"),
        *("2026-01-10T09:59:59+08:00", "2026-01-10T10:00+08:00"),
        *("2026-01-31T00:00+08:00", "2026-01-31T23:59+08:00"),
    ]
    shop = Shop([ANN], [order(at, "ann", at) for at in moments])
    found = keys(agreed(gift, shop, january(gift)))
    assert set(opened) <= set(found)
    assert ("2026-01-10T09:59:59+08:00" in found) is False


def test_an_opening_window_in_february_ends_with_the_month() -> None:
    gift = plan(campaign(on_order(opening=Opening(30, time(12), 31)), give(coffee())))
    moments = ["2026-02-28T11:59+08:00", "2026-02-28T12:00+08:00", "2026-02-28T23:59+08:00"]
    shop = Shop([ANN], [order(at, "ann", at) for at in moments])
    due = period(gift, "2026-02-01T00:00+08:00", "2026-03-01T00:00+08:00")
    assert keys(agreed(gift, shop, due)) == moments[1:]


def test_the_event_is_part_of_its_own_history() -> None:
    history = aggregate("count_order_before_event", "count", window=BeforeEventWindow())
    third = op("and", op("equal", of(ORDERS), is_(3)), op("equal", of(history), is_(2)))
    gift = plan(campaign(on_order(third), give(coffee())), ORDERS, history)
    shop = Shop(
        [ANN], [order(f"o{day}", "ann", f"2026-01-0{day}T10:00+08:00") for day in range(1, 6)]
    )
    assert keys(agreed(gift, shop, january(gift))) == ["o3"]


def test_the_recipient_may_be_named_by_the_event() -> None:
    gift = plan(campaign(on_order(), give(coffee(), to=event("friend"))))
    shop = Shop(
        [ANN],
        [
            order("o1", "ann", "2026-01-01T10:00+08:00", friend="zoe"),
            order("o2", "ann", "2026-01-02T10:00+08:00", friend=None),
        ],
    )
    assert people(agreed(gift, shop, january(gift))) == ["zoe"]
    assert [row[0] for row in shown(gift, shop, january(gift))] == ["zoe"]


def test_the_fields_that_limits_and_messages_ask_for() -> None:
    account = Account(
        *("campaign/gift/per product", "campaign", "gift", "per product", "grants"),
        *(Decimal(1), None, "product", None, "over_limit", (), origin(7)),
    )
    values = (
        MessageValue("event.product", event("product")),
        MessageValue("customer.vip", customer("vip")),
        MessageValue("customer.registered_at", customer("registered_at")),
        MessageValue("customer.born", customer("born")),
        MessageValue("event.amount", event("amount")),
    )
    chosen = campaign(
        on_order(),
        None,
        charges=(Charge(account.id),),
        messages=(Message("push", "{{ event.product }}", values, origin(8)),),
    )
    gift = plan(chosen, accounts=(account,))
    shop = Shop(
        [person("ann", vip=True, registered_at=utc("2025-01-01T00:00+08:00")), BOB],
        [
            order("o1", "ann", "2026-01-01T10:00+08:00", product="书"),
            order("o2", "bob", "2026-01-02T10:00+08:00"),
        ],
    )
    first, second = agreed(gift, shop, january(gift))
    assert first.keys == {"product": "书"}
    assert first.values["customer.registered_at"] == "2024-12-31T16:00:00.000000Z"
    assert second.keys == {"product": None}
    assert [row[3:] for row in shown(gift, shop, january(gift))] == [(None, None, None)] * 2


# --- schedules ----------------------------------------------------------------------------------


def test_a_schedule_asks_everybody_at_each_instant() -> None:
    gift = plan(campaign(every_day(), give(coffee()), checks=[ADULT]))
    shop = Shop([ANN, BOB, person("dan"), person("eve")])
    due = period(gift, "2026-01-01T00:00+08:00", "2026-01-02T23:59+08:00")
    found = agreed(gift, shop, due)
    assert len(found) == 6
    assert keys(found[:3]) == ["2026-01-01T10:00:00+08:00"] * 3
    assert people(found[:3]) == people(found[3:])


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
        campaign(trigger, give(coffee()), audience=op("not_equal", TODAY, is_(_day("2026-02-28")))),
        time_zone="America/New_York",
    )
    due = period(gift, "2026-01-01T00:00-05:00", "2026-04-01T00:00-04:00")
    found = agreed(gift, Shop([ANN]), due)
    assert keys(found) == ["2026-01-31T02:30:00-05:00", "2026-03-31T02:30:00-04:00"]


def _day(text: str) -> Any:
    return utc(f"{text}T00:00+00:00").date()


# --- stages and audiences -----------------------------------------------------------------------


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
            person("bob", registered_at=utc("2025-06-05T10:00:01+08:00"), born=_day("1990-01-04")),
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


# --- rewards ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "cap", "expected"),
    [
        ("2.50", None, "0.12"),
        ("7.50", None, "0.38"),
        ("1000.00", "49.99", "49.99"),
        ("0.10", None, None),
        ("0.00", "50", None),
        ("-100.00", "50", None),
    ],
)
def test_cash_is_rounded_half_even_and_capped(
    amount: str, cap: str | None, expected: str | None
) -> None:
    share = op("multiply", is_(Decimal("0.05")), event("amount"))
    gift = plan(campaign(on_order(), give(coffee(), cash(share, cap))))
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", amount)])
    found = agreed(gift, shop, january(gift))
    assert [str(one.lines[1].amount) for one in found] == ([expected] if expected else [])
    rows = shown(gift, shop, january(gift))
    assert [str(one[4]) for one in rows] == (["30.00", expected] if expected else [])


def test_branches_and_bundles_are_all_or_nothing() -> None:
    reward = by(
        (op("greater", event("quantity"), is_(5)), [coffee(), points(event("quantity"))]),
        (op("less", event("quantity"), is_(3)), [points(event("quantity")), ride()]),
    )
    gift = plan(campaign(on_order(), reward))
    shop = Shop(
        [ANN],
        [
            order(f"o{index}", "ann", f"2026-01-0{index + 1}T10:00+08:00", quantity=quantity)
            for index, quantity in enumerate([6, 4, 2, 0, -1, None])
        ],
    )
    found = agreed(gift, shop, january(gift))
    assert [[line.reward for line in one.lines] for one in found] == [
        ["coffee", "points"],
        ["points", "ride"],
    ]
    rows = [(row[1], row[3], row[4], row[5]) for row in shown(gift, shop, january(gift))]
    assert rows == [
        ("o0", "coffee", Decimal(30), "CNY"),
        ("o0", "points", Decimal(6), "points"),
        ("o2", "points", Decimal(2), "points"),
        ("o2", "ride", Decimal(20), "CNY"),
    ]


def test_an_unknown_amount_is_not_the_cap() -> None:
    share = op("divide", event("amount"), event("quantity"))
    gift = plan(campaign(on_order(), give(cash(share, "5.00"))))
    orders = [
        order(f"o{index}", "ann", f"2026-01-0{index + 1}T10:00+08:00", quantity=quantity)
        for index, quantity in enumerate([None, 0, 30, 1])
    ]
    found = agreed(gift, Shop([ANN], orders), january(gift))
    assert [str(one.lines[0].amount) for one in found] == ["3.33", "5.00"]


def test_the_bundle_for_an_exhausted_budget() -> None:
    exhausted = WhenExhausted("reward", (coffee(), points(event("quantity"))))
    gift = plan(campaign(on_order(), give(ride()), when_exhausted=exhausted))
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", quantity=7)])
    (found,) = agreed(gift, shop, january(gift))
    assert [str(line.amount) for line in found.fallback] == ["30", "7"]


# --- past grants --------------------------------------------------------------------------------

TWICE = GrantCount("received_gift_last_30_day", "campaign", "gift", LastWindow(30, "day"), INTEGER)
BY_BENEFIT = GrantCount("received_coffee", "benefit", "coffee", None, INTEGER)


def _asking() -> Any:
    asks = op(
        "and",
        op("less", of(TWICE), is_(2)),
        op("or", op("equal", of(BY_BENEFIT), is_(0)), op("greater", of(ORDERS), is_(2)), BIG),
    )
    return plan(
        campaign(on_order(), give(coffee()), audience=op("and", asks, ADULT)),
        TWICE,
        BY_BENEFIT,
        ORDERS,
    )


def test_the_readable_query_counts_past_grants_in_their_table() -> None:
    gift = _asking()
    shop = Shop(
        [ANN, BOB, person("dan")],
        [
            order("o1", "ann", "2026-01-05T10:00+08:00"),
            order("o2", "dan", "2026-01-05T10:00+08:00", "1.00"),
            order("o3", "dan", "2026-01-20T10:00+08:00", "100.00"),
        ],
    )
    bundle = utc("2026-01-01T00:00+08:00")
    grants = [
        ("gift", "ann", "coffee", bundle),
        ("gift", "ann", "ride", bundle),
        ("gift", "dan", "coffee", utc("2025-12-10T10:00+08:00")),
        ("gift", "dan", "coffee", utc("2025-12-22T10:00+08:00")),
        ("other", "dan", "coffee", utc("2026-01-19T10:00+08:00")),
    ]
    assert [row[1] for row in shown(gift, shop, january(gift), grants)] == ["o1", "o3"]


def test_the_candidates_leave_what_the_ledger_must_say() -> None:
    gift = _asking()
    conditions = residual(gift, "gift")
    assert [one.operator for one in conditions if one.kind == "operation"] == ["less", "or"]
    sql = candidates(gift, "gift", january(gift))
    assert "campaigner_grants" not in sql
    shop = Shop(
        [ANN, BOB],
        [
            order("o1", "ann", "2026-01-05T10:00+08:00"),
            order("o2", "bob", "2026-01-05T10:00+08:00"),
        ],
    )
    assert keys(asked(gift, shop, january(gift))) == ["o1"]
    cursor = shop.connect().execute(sql)
    titles = [one[0] for one in cursor.description]
    (row_,) = cursor.fetchall()
    known = dict(zip(titles, row_, strict=True))
    assert known["feature_count_order"] == 1
    assert known["event_amount"] == Decimal("100.00")


# --- the statement itself -----------------------------------------------------------------------


def test_the_statement_reads_in_the_order_of_the_brief() -> None:
    stages = [("new", op("less", of(ORDERS), is_(3)))]
    chosen = campaign(
        on_order(BIG), give(coffee()), stage=stage_is("new"), checks=[ADULT, customer("consent")]
    )
    sql = decisions(
        plan(chosen, ORDERS, stages=stages),
        "gift",
        Due(utc("2026-01-01T00:00Z"), utc("2026-02-01T00:00Z")),
    )
    names = [
        *("WITH customers AS", "order_events AS", "triggered AS", "history_order AS"),
        *("stage AS", "audience AS", "reward AS"),
    ]
    places = [sql.index(name) for name in names]
    assert places == sorted(places)
    assert sql.startswith("/* decisions of gift 见面礼: some.campaign:1 */")
    assert "/* compliance: some.campaign:8 */" in sql
    assert "customer_city" not in sql
    assert '"logins"' not in sql


def test_the_same_plan_gives_the_same_statement() -> None:
    gift = _asking()
    assert decisions(gift, "gift", january(gift)) == decisions(_asking(), "gift", january(gift))


def test_pick_features_take_the_event_by_time_then_key() -> None:
    first = pick("first_order_product", "first", "product")
    last = pick("last_order_product", "last", "product", window=BeforeEventWindow())
    seen = op("and", op("equal", of(first), is_("b")), op("equal", of(last), is_("a")))
    gift = plan(campaign(on_order(seen), give(coffee())), first, last)
    at = "2026-01-05T10:00+08:00"
    shop = Shop(
        [ANN],
        [
            order("2", "ann", at, product="a"),
            order("10", "ann", at, product="b"),
            order("3", "ann", at, product=None),
            order("4", "ann", "2026-01-06T10:00+08:00", product="c"),
        ],
    )
    assert keys(agreed(gift, shop, january(gift))) == ["3"]
