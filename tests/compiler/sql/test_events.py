"""A campaign on events by DuckDB: the rows that are expected, and those of the reference."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest
from campaigner.compiler.codes import sql
from campaigner.compiler.plan import (
    Account,
    BeforeEventWindow,
    Charge,
    Message,
    MessageValue,
    Opening,
)
from campaigner.compiler.plan.expressions import Expression
from campaigner.compiler.sql.campaign import decisions
from campaigner.dsl.diagnostics.diagnostic import CannotRun

from .asking import agreed, january, keys, people, period, shown
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
    origin,
    plan,
)
from .shop import ANN, BOB, CAT, Shop, order, person, utc

BIG = op("at_least", event("amount"), cny("100.00"))
ADULT = op("at_least", customer("age"), is_(18))
ORDERS = aggregate("count_order", "count")


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
        [ANN, BOB],
        [
            order("o1", "ann", "2026-01-01T10:00+08:00", friend="bob"),
            order("o2", "ann", "2026-01-02T10:00+08:00", friend=None),
            order("o3", "ann", "2026-01-03T10:00+08:00", friend="stranger"),
        ],
    )
    assert people(agreed(gift, shop, january(gift))) == ["bob"]
    assert [row[0] for row in shown(gift, shop, january(gift))] == ["bob"]


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


@pytest.mark.parametrize(
    ("key", "first", "depth"),
    [
        ("least", False, 90),
        ("greatest", True, 90),
        ("divide", False, 20),
        ("divide", True, 20),
        ("add", True, 90),
        ("else", False, 90),
    ],
)
def test_deeply_nested_arithmetic_costs_what_it_says(key: str, first: bool, depth: int) -> None:
    quantity = event("quantity")
    nested: Expression = quantity
    for _ in range(depth):
        nested = op(key, nested, quantity) if first else op(key, quantity, nested)
    gift = plan(campaign(on_order(op("greater", nested, is_(0))), give(coffee())))
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", quantity=1)])
    assert keys(agreed(gift, shop, january(gift), besides=("sqlite", "spark"))) == ["o1"]


def test_what_sqlite_cannot_read_is_told_with_its_place() -> None:
    nested: Expression = event("quantity")
    for _ in range(40):
        nested = op("add", nested, event("quantity"))
    gift = plan(campaign(on_order(op("greater", nested, is_(0))), give(coffee())))
    with pytest.raises(CannotRun) as told:
        decisions(gift, "gift", january(gift), "sqlite")
    diagnostic = told.value.diagnostic
    assert diagnostic.code == sql.TOO_DEEP_FOR_DIALECT
    assert diagnostic.place is not None
    assert (diagnostic.place.file, diagnostic.place.line) == ("some.campaign", 8)
