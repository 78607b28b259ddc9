"""Every aggregate over every window: DuckDB against the reference.

The data is generated from a seed, in a zone with daylight saving time. It has ties, unknowns,
duplicates, customers without a past, and events exactly at the ends of windows.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import (
    BeforeEventWindow,
    CalendarWindow,
    DailyTrigger,
    EventAggregate,
    EventPick,
    LastWindow,
    Message,
    MessageValue,
    Plan,
    SinceWindow,
    Trigger,
    Window,
)
from campaigner.compiler.plan.calendar import shift
from campaigner.compiler.plan.expressions import Expression, FeatureValue
from campaigner.compiler.plan.values import Length

from .asking import agreed, period
from .plans import (
    aggregate,
    campaign,
    cny,
    customer,
    event,
    every_day,
    is_,
    of,
    on_order,
    op,
    origin,
    pick,
    plan,
    row,
)
from .shop import Row, Shop

WINDOWS: list[Window | None] = [
    None,
    BeforeEventWindow(),
    *(
        LastWindow(36, "hour"),
        LastWindow(90, "minute"),
        LastWindow(1, "day"),
        LastWindow(30, "day"),
    ),
    *(LastWindow(2, "week"), LastWindow(1, "month"), LastWindow(1, "year")),
    *(CalendarWindow(unit, False) for unit in ("day", "week", "month", "quarter", "year")),
    *(CalendarWindow(unit, True) for unit in ("day", "week", "month", "quarter", "year")),
    SinceWindow(customer("registered_at")),
    SinceWindow(customer("born")),
]
WHERES: list[Expression | None] = [
    None,
    op("greater", row("amount"), cny("20.00")),
    op("and", op("is_known", row("product")), op("not_equal", row("quantity"), customer("age"))),
]
VALUES = [
    ("count", None),
    ("count_distinct", row("product")),
    ("count_distinct", row("amount")),
    ("sum", row("amount")),
    ("sum", row("quantity")),
    ("average", row("amount")),
    ("average", row("quantity")),
    ("min", row("amount")),
    ("max", row("at")),
    ("max", op("multiply", row("quantity"), row("amount"))),
]
PICKS = [("first", "product"), ("last", "product"), ("first", "at"), ("last", "amount")]


def shop(zone: str, around: Sequence[datetime], seed: int) -> Shop:
    """Customers whose events lie around those instants, and on the ends of windows before them."""
    chance = random.Random(seed)
    ends = [Length(30, "day"), Length(1, "day"), Length(1, "month"), Length(36, "hour")]
    moments = [
        moment + chance.choice([timedelta(0), timedelta(microseconds=1), -timedelta(hours=1)])
        for at in around
        for moment in (at, *(shift(ZoneInfo(zone), at, length, -1) for length in ends))
    ]
    moments += [chance.choice(around) - timedelta(hours=chance.randint(0, 9000)) for _ in range(60)]
    orders: list[Row] = [
        {
            "key": f"o{number}",
            "customer": chance.choice(["ann", "bob", "cat", "gone"]),
            "at": moment,
            "amount": Decimal(chance.randint(-500, 9999)).scaleb(-2),
            "quantity": chance.choice([None, 0, 1, 2, 7]),
            "product": chance.choice([None, "a", "b", "B", "新"]),
        }
        for number, moment in enumerate(moments)
    ]
    people: list[Row] = [
        {"id": "ann", "age": 2, "registered_at": chance.choice(moments), "city": "x"},
        {"id": "bob", "age": None, "born": chance.choice(moments).date(), "city": "x"},
        {"id": "cat", "age": 7, "city": "x", "born": chance.choice(moments).date()},
        {"id": "dan", "age": 30, "city": "x", "registered_at": around[0]},
    ]
    every = [{"consent": True, "wealth": Decimal(1), **one} for one in people]
    return Shop(every, orders)


def telling(trigger: Trigger, features: Sequence[EventAggregate | EventPick], zone: str) -> Plan:
    """A campaign that tells everybody the value of every feature."""
    values = tuple(MessageValue(one.id, FeatureValue(one.id, one.type, True)) for one in features)
    message = Message("push", "", values, origin(8))
    return plan(campaign(trigger, None, messages=(message,)), *features, time_zone=zone)


NEW_YORK = [
    datetime(2026, 3, 8, 14, tzinfo=UTC),
    datetime(2026, 11, 1, 15, tzinfo=UTC),
    datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
    datetime(2026, 12, 1, 6, 30, tzinfo=UTC),
]
SHANGHAI = [datetime(2024, 2, 29, 2, tzinfo=UTC), datetime(2024, 3, 31, 2, tzinfo=UTC)]


@pytest.mark.parametrize("where", WHERES, ids=["all", "some", "row and customer"])
@pytest.mark.parametrize(
    ("zone", "around", "start", "end"),
    [
        ("America/New_York", NEW_YORK, "2026-03-07T00:00-05:00", "2026-12-02T00:00-05:00"),
        ("Asia/Shanghai", SHANGHAI, "2024-02-28T00:00+08:00", "2024-04-01T00:00+08:00"),
    ],
)
def test_of_every_event(
    zone: str, around: list[datetime], start: str, end: str, where: Expression | None
) -> None:
    windows: list[Window | None] = list(WINDOWS)
    features: list[EventAggregate | EventPick] = [
        aggregate(f"f{index}_{place}", function, value, where=where, window=window)
        for index, (function, value) in enumerate(VALUES)
        for place, window in enumerate(windows)
    ]
    features += [
        pick(f"p{index}_{place}", which, field, where=where, window=window)
        for index, (which, field) in enumerate(PICKS)
        for place, window in enumerate(windows)
    ]
    told = telling(on_order(), features, zone)
    found = agreed(told, shop(zone, around, 7), period(told, start, end))
    assert len(found) > 5
    assert len({value for one in found for value in one.values.values()}) > 20


@pytest.mark.parametrize("seed", range(3))
def test_of_every_day_across_a_change_of_clocks(seed: int) -> None:
    trigger = DailyTrigger(None, datetime(2026, 1, 1, 1, 30).time(), None, origin(5))
    chosen = random.Random(seed).sample(WINDOWS, 6)
    features = [
        aggregate(f"f{index}_{place}", function, value, window=window, where=WHERES[seed])
        for index, (function, value) in enumerate(VALUES)
        for place, window in enumerate(chosen)
    ]
    told = telling(trigger, features, "America/New_York")
    due = period(told, "2026-10-30T00:00-04:00", "2026-11-04T00:00-05:00")
    found = agreed(told, shop("America/New_York", NEW_YORK[1:3], seed), due)
    assert len(found) == 4 * 5


def test_windows_that_begin_at_an_unknown_moment_hold_nothing() -> None:
    since = aggregate("since", "count", window=SinceWindow(customer("registered_at")))
    other = aggregate("other", "count", window=LastWindow(9, "year"))
    told = telling(every_day(), [since, other], "Asia/Shanghai")
    data = shop("Asia/Shanghai", SHANGHAI, 1)
    due = period(told, "2024-03-01T00:00+08:00", "2024-03-01T23:00+08:00")
    by_name = {one.customer: one.values for one in agreed(told, data, due)}
    assert by_name["bob"]["since"] == "0"
    assert by_name["bob"]["other"] != "0"


def test_a_sum_that_is_too_large_is_the_limit() -> None:
    total = aggregate("sum_order_quantity", "sum", row("quantity"))
    told = telling(on_order(op("greater", of(total), is_(0))), [total], "Asia/Shanghai")
    data = shop("Asia/Shanghai", SHANGHAI, 1)
    huge = [{**one, "customer": "ann", "quantity": 2**62} for one in data.orders[:4]]
    due = period(told, "2020-01-01T00:00+08:00", "2024-12-01T00:00+08:00")
    found = agreed(told, replace(data, orders=huge), due)
    assert len(found) == 4
    assert sum(one.values["sum_order_quantity"] == str(2**63 - 1) for one in found) > 1


def test_the_triggering_event_has_a_say_in_its_history() -> None:
    """`count(order where product = event.product)`: the past is compared with the event at hand."""
    same = op("equal", row("product"), event("product"))
    repeat = aggregate("count_same", "count", where=same, window=BeforeEventWindow())
    told = telling(on_order(op("greater", of(repeat), is_(1))), [repeat], "Asia/Shanghai")
    due = period(told, "2020-01-01T00:00+08:00", "2024-12-01T00:00+08:00")
    assert agreed(told, shop("Asia/Shanghai", SHANGHAI, 3), due)
