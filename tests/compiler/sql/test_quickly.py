"""Hints for an engine's planner do not change decisions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from campaigner.compiler.plan import BeforeEventWindow, EventTrigger, LastWindow, Plan
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.due.schedule import due as due_of

from .asking import agreed, january, keys, opened, period
from .plans import (
    aggregate,
    campaign,
    coffee,
    customer,
    every_day,
    give,
    is_,
    of,
    on_order,
    op,
    origin,
    plan,
)
from .shop import ANN, BOB, Shop, order, person, utc

EARLIER = aggregate("count_order_before", "count", window=BeforeEventWindow())
MONTH = aggregate("count_order_month", "count", window=LastWindow(1, "month"))


def _again(least: int, zone: str = "Asia/Shanghai") -> Plan:
    asks = op("and", op("at_least", of(EARLIER), is_(1)), op("at_least", of(MONTH), is_(least)))
    told = campaign(on_order(), give(coffee()), audience=asks)
    return plan(told, EARLIER, MONTH, time_zone=zone)


def test_a_window_that_begins_when_clocks_show_a_time_twice_begins_with_the_first() -> None:
    """A month before 01:30 of 1 December, though nothing that is due is near a change of clocks."""
    told = _again(3, "America/New_York")
    moments = ("05:30:00", "05:30:01", "06:29:59", "06:30:00")
    orders = [
        *(order(f"n{at}", "ann", f"2026-11-01T{at}+00:00") for at in moments),
        *(order(f"b{at}", "bob", f"2026-11-01T{at}+00:00") for at in moments[:2]),
        *(order(f"d{who}", who, "2026-12-01T06:30:00+00:00") for who in ("ann", "bob")),
    ]
    due = period(told, "2026-12-01T00:00-05:00", "2026-12-02T00:00-05:00")
    assert keys(agreed(told, Shop([ANN, BOB], orders), due)) == ["dann"]


def test_customers_are_numbers_here_and_text_there() -> None:
    told = _again(2)
    times = ("05T10:00", "06T10:00", "07T10:00")
    house = opened(Shop([ANN, BOB]))
    house.ask("DROP TABLE orders")
    house.ask("DROP TABLE customers")
    house.ask(
        "CREATE TABLE customers AS SELECT 7 AS id, 30 AS age, 'x' AS city, true AS consent,"
        " true AS vip, 6000.00 AS wealth, 1.0 AS rate, TIMESTAMP '2020-01-01' AS registered_at,"
        " DATE '1990-01-01' AS born"
    )
    rows = ", ".join(
        f"({number}, '{who}', TIMESTAMP '2026-01-{at}', 100.00, 1, 'x', NULL)"
        for number, (who, at) in enumerate((who, at) for who in ("7", "07") for at in times)
    )
    house.ask(
        f"CREATE TABLE orders AS FROM (VALUES {rows})"
        ' AS t(order_id, customer_id, "at", amount, quantity, product, friend)'
    )
    _, found = house.decisions(decisions(told, "gift", january(told)))
    assert [row[2:4] for row in found] == [("7", "1"), ("7", "2")]


def test_who_is_looked_back_at_is_read_where_it_is_looked_at() -> None:
    logins = aggregate("count_login", "count", of_event="login")
    asks = op("at_least", of(logins), is_(2))
    told = campaign(EventTrigger("login", None, None, origin(5)), give(coffee()), audience=asks)
    whole = plan(told, logins)
    due = january(whole)
    assert "login_events AS NOT MATERIALIZED (" in decisions(whole, "gift", due)
    assert "MATERIALIZED" not in decisions(whole, "gift", due, "sqlite")


def _on_login(*windows: LastWindow | BeforeEventWindow | None) -> Plan:
    """Customers who log in for at least the second time in each of the windows."""
    logins = [
        aggregate(f"count_login_{place}", "count", of_event="login", window=window)
        for place, window in enumerate(windows)
    ]
    one, *more = [op("at_least", of(each), is_(1)) for each in logins]
    asks = op("and", one, *more) if more else one
    trigger = EventTrigger("login", None, None, origin(5))
    return plan(campaign(trigger, give(coffee()), audience=asks), *logins)


def _read(sql: str, events: str) -> str:
    """The SQL that reads the events."""
    return sql.partition(f"{events} AS ")[2].partition("triggered AS")[0]


@pytest.mark.parametrize("late", [(), ("l2",)])
def test_logins_after_the_period_count_for_nothing(late: tuple[str, ...]) -> None:
    told = _on_login(BeforeEventWindow(), None)
    moments = ("2025-12-30", "2025-12-31", "2026-01-10", "2026-01-10", "2026-01-20", "2026-02-01")
    logins = [
        {"key": f"l{2 * place + turn}", "customer": who, "at": utc(f"{at}T10:00+08:00")}
        for place, at in enumerate(moments)
        for turn, who in enumerate(("ann", "bob"))
        if who == "ann" or place > 3
    ]
    due = replace(january(told), late_table="late_keys" if late else None)
    assert "WHERE" not in _read(decisions(told, "gift", due), "login_events")
    found = agreed(told, Shop([ANN, BOB], (), logins), due, late)
    assert keys(found) == [*late, "l4", "l6", "l8"]


def test_when_past_events_are_read_is_said_wherever_more_than_the_join_rests_upon_it() -> None:
    before = _on_login(BeforeEventWindow())
    due = january(before)
    assert "WHERE" in _read(decisions(before, "gift", due, "sqlite"), "login_events")
    never = replace(due, start=due.end, end=due.start)
    assert "WHERE" in _read(decisions(before, "gift", never), "login_events")
    month = _on_login(LastWindow(1, "month"))
    assert "WHERE" in _read(decisions(month, "gift", due), "login_events")
    zoned = _again(1)  # whose clocks may show a time twice
    assert "WHERE" in _read(decisions(zoned, "gift", due), "order_events")


@pytest.mark.parametrize(
    ("zone", "changed"),
    [
        ("Asia/Shanghai", "2018-11-04T00:00+08:00"),
        ("America/New_York", "2018-11-04T02:00-04:00"),
        # A minute after midnight clocks are put back to the day before.
        ("America/St_Johns", "2010-11-07T00:01-02:30"),
        ("America/Sao_Paulo", "2018-11-04T00:00-03:00"),  # no midnight
        ("Pacific/Apia", "2011-12-29T23:59:59-10:00"),  # no 30 December
    ],
)
@pytest.mark.parametrize(
    ("operator", "count"),
    [("equal", 1), ("less", 1), ("at_most", 2), ("greater", 0), ("at_least", -1), ("equal", 10**9)],
)
def test_days_since_are_counted_on_the_clock(
    zone: str, changed: str, operator: str, count: int
) -> None:
    asks = op(operator, op("days_since", customer("registered_at")), is_(count))
    told = plan(campaign(every_day(), give(coffee()), audience=asks), time_zone=zone)
    change = utc(changed)
    around = [change + timedelta(minutes=30 * step - 1) for step in range(-110, 110, 3)]
    people = [person(f"c{n:03}", registered_at=at) for n, at in enumerate(around)]
    due = due_of(told, "gift", change - timedelta(days=2), change + timedelta(days=2))
    agreed(told, Shop([*people, ANN]), due)
    for instant in due.instants:
        agreed(told, Shop([*people, ANN]), due_of(told, "gift", instant, instant))


def test_who_is_held_out_is_asked_after_all_others_are_left_out() -> None:
    asks = op("at_least", of(MONTH), is_(1))
    told = campaign(every_day(), give(coffee()), audience=asks, holdout=Decimal("0.5"))
    due = january(plan(told, MONTH))
    assert "reward AS MATERIALIZED (" in decisions(plan(told, MONTH), "gift", due)
    assert "MATERIALIZED" not in decisions(plan(told, MONTH), "gift", due, "sqlite")
