"""The statement itself, and what it leaves to the ledger."""

from decimal import Decimal
from typing import Any

from campaigner.compiler.plan import BeforeEventWindow, GrantCount, LastWindow
from campaigner.compiler.plan.demands import residual
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.types import INTEGER
from campaigner.compiler.sql.campaign import candidates, decisions

from .asking import agreed, asked, january, keys, opened, shown
from .plans import (
    aggregate,
    campaign,
    cny,
    coffee,
    customer,
    event,
    give,
    is_,
    of,
    on_order,
    op,
    pick,
    plan,
    stage_is,
)
from .shop import ANN, BOB, Shop, order, person, utc

BIG = op("at_least", event("amount"), cny("100.00"))
ADULT = op("at_least", customer("age"), is_(18))
ORDERS = aggregate("count_order", "count")

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
        ("gift", "main", "ann", "o0", "coffee", bundle),
        ("gift", "main", "ann", "o0", "ride", bundle),
        ("gift", "main", "dan", "d1", "coffee", utc("2025-12-10T10:00+08:00")),
        ("gift", "main", "dan", "d2", "coffee", utc("2025-12-22T10:00+08:00")),
        ("other", "main", "dan", "d3", "coffee", utc("2026-01-19T10:00+08:00")),
    ]
    assert [row[1] for row in shown(gift, shop, january(gift), grants)] == ["o1", "o3"]


def test_two_decisions_of_one_instant_are_two() -> None:
    shop = Shop([ANN], [order("o1", "ann", "2026-01-05T10:00+08:00")])
    at = utc("2026-01-01T00:00+08:00")
    once = [("gift", "main", "ann", "o0", name, at) for name in ("coffee", "ride")]
    twice = [("gift", "main", "ann", key, "ride", at) for key in ("o0", "p0")]
    assert [row[1] for row in shown(_asking(), shop, january(_asking()), once)] == ["o1"]
    assert shown(_asking(), shop, january(_asking()), twice) == []


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
    titles, (row_,) = opened(shop).ask(sql)
    known = dict(zip(titles, row_, strict=True))
    assert known["feature_count_order"] == 1
    assert known["event_amount"] == Decimal("100.00")


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
