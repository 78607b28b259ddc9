"""Facts of a customer: unknown, windows, histories and stages, by example."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import (
    Audience,
    BeforeEventWindow,
    CalendarWindow,
    EventAggregate,
    EventPick,
    GrantCount,
    LastWindow,
    Lifecycle,
    SinceWindow,
    Stage,
    Window,
)
from campaigner.compiler.plan.calendar import WallClock
from campaigner.compiler.plan.expressions import (
    AudienceValue,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    RowValue,
    StageValue,
)
from campaigner.compiler.plan.types import DATE, INTEGER, TEXT, TIMESTAMP, EnumType, ValueType
from campaigner.compiler.plan.values import Value, encode
from campaigner.runtime.decide.facts import CustomerFacts, Row, evaluate
from campaigner.runtime.decide.past_grants import Received
from hypothesis import given
from hypothesis import strategies as st

from . import plans

SHANGHAI = ZoneInfo("Asia/Shanghai")
AMOUNT = RowValue("amount", plans.CNY, optional=True)


def at(text: str) -> datetime:
    """An instant on the project's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def invested(when: str, key: str = "i1", amount: str | None = "10", **more: Value | None) -> Row:
    known = None if amount is None else Decimal(amount)
    return {"at": at(when), "key": key, "amount": known, "device": None, **more}


def money(text: str) -> Constant:
    return Constant(plans.CNY, text)


def number(value: int) -> Constant:
    return Constant(INTEGER, str(value))


# --- histories ----------------------------------------------------------------------------------


def aggregate(
    function: str = "count",
    *,
    value: Expression | None = None,
    where: Expression | None = None,
    window: Window | None = None,
    type_: ValueType = INTEGER,
) -> EventAggregate:
    return EventAggregate("f", "invest", function, value, where, window, type_, True)


def seen(
    feature: EventAggregate | EventPick | GrantCount,
    *past: Row,
    now: str = "2026-03-31 10:00",
    trigger: Row | None = None,
    customer: Row | None = None,
    grants: tuple[Received, ...] = (),
) -> Value | None:
    """The value of a feature for a customer with this history."""
    made = plans.plan(features=(*plans.FIELDS, feature))
    row = customer or {"age": 30, "city": "上海", "consent": True}
    clock = WallClock(at(now), SHANGHAI)
    facts = CustomerFacts(made, row, {"invest": past}, trigger, clock, lambda: grants)
    return facts.feature(feature.id)


def test_over_nothing_counts_and_sums_are_zero_and_all_else_is_unknown() -> None:
    assert seen(aggregate("count")) == 0
    assert seen(aggregate("count_distinct", value=AMOUNT)) == 0
    total = seen(aggregate("sum", value=AMOUNT, type_=plans.CNY))
    assert (total, type(total)) == (0, Decimal)
    for function in ("average", "min", "max"):
        assert seen(aggregate(function, value=AMOUNT, type_=plans.CNY)) is None
    assert seen(EventPick("f", "invest", "last", "amount", None, None, plans.CNY)) is None


def test_unknown_values_are_left_out_of_aggregates() -> None:
    past = [
        invested("2026-01-01", "a", "10"),
        invested("2026-01-02", "b", None),
        invested("2026-01-03", "c", "10.00"),
        invested("2026-01-04", "d", "0.01"),
    ]
    assert seen(aggregate("count"), *past) == 4
    assert seen(aggregate("count", value=AMOUNT), *past) == 3
    assert seen(aggregate("count_distinct", value=AMOUNT), *past) == 2
    assert seen(aggregate("sum", value=AMOUNT, type_=plans.CNY), *past) == Decimal("20.01")
    assert seen(aggregate("average", value=AMOUNT, type_=plans.CNY), *past) == Decimal("6.67")
    assert seen(aggregate("min", value=AMOUNT, type_=plans.CNY), *past) == Decimal("0.01")
    assert seen(aggregate("max", value=AMOUNT, type_=plans.CNY), *past) == Decimal(10)


def test_a_mean_is_rounded_as_a_division_is() -> None:
    past = [invested("2026-01-01", key, amount) for key, amount in zip("abc", "112", strict=True)]
    mean = seen(aggregate("average", value=AMOUNT, type_=plans.CNY), *past)
    assert mean == Decimal("1.3333333333")


def test_a_sum_that_is_too_large_is_the_limit() -> None:
    huge = [invested("2026-01-01", key, "9" * 18) for key in "ab"]
    assert seen(aggregate("sum", value=AMOUNT, type_=plans.CNY), *huge) == Decimal("9" * 18)


@pytest.mark.parametrize(
    ("window", "now", "inside", "outside"),
    [
        (
            LastWindow(30, "day"),
            "2026-03-31 10:00",
            ["2026-03-01 10:00:00.000001", "2026-03-31 10:00"],
            ["2026-03-01 10:00", "2026-03-31 10:00:00.000001"],
        ),
        (
            LastWindow(1, "month"),
            "2026-03-31 10:00",
            ["2026-02-28 10:00:01", "2026-03-31 10:00"],
            ["2026-02-28 10:00"],
        ),
        (
            LastWindow(24, "hour"),
            "2026-03-31 10:00",
            ["2026-03-30 10:00:01"],
            ["2026-03-30 10:00"],
        ),
        (
            CalendarWindow("day", False),
            "2026-03-31 10:00",
            ["2026-03-31 00:00", "2026-03-31 10:00"],
            ["2026-03-30 23:59:59", "2026-03-31 10:00:01"],
        ),
        (
            CalendarWindow("week", False),
            "2026-03-29 10:00",  # a Sunday
            ["2026-03-23 00:00"],
            ["2026-03-22 23:59:59"],
        ),
        (
            CalendarWindow("week", True),
            "2026-03-29 10:00",
            ["2026-03-16 00:00", "2026-03-22 23:59:59"],
            ["2026-03-15 23:59:59", "2026-03-23 00:00"],
        ),
        (
            CalendarWindow("month", True),
            "2026-03-31 10:00",
            ["2026-02-01 00:00", "2026-02-28 23:59:59.999999"],
            ["2026-01-31 23:59:59", "2026-03-01 00:00"],
        ),
        (
            CalendarWindow("quarter", True),
            "2026-03-31 10:00",
            ["2025-10-01 00:00", "2025-12-31 23:59:59"],
            ["2025-09-30 23:59:59", "2026-01-01 00:00"],
        ),
        (
            CalendarWindow("year", False),
            "2026-03-31 10:00",
            ["2026-01-01 00:00"],
            ["2025-12-31 23:59:59"],
        ),
        (None, "2026-03-31 10:00", ["1999-01-01", "2026-03-31 10:00"], ["2026-03-31 10:00:01"]),
    ],
)
def test_windows(window: Window | None, now: str, inside: list[str], outside: list[str]) -> None:
    for when in inside:
        assert seen(aggregate(window=window), invested(when), now=now) == 1, when
    for when in outside:
        assert seen(aggregate(window=window), invested(when), now=now) == 0, when


def test_a_window_since_an_instant_or_a_day_has_both_ends_in() -> None:
    day = SinceWindow(Constant(DATE, "2026-03-01"))
    assert seen(aggregate(window=day), invested("2026-03-01 00:00")) == 1
    assert seen(aggregate(window=day), invested("2026-02-28 23:59:59")) == 0
    instant = SinceWindow(Constant(TIMESTAMP, encode(at("2026-03-01 09:00"))))
    assert seen(aggregate(window=instant), invested("2026-03-01 09:00")) == 1
    assert seen(aggregate(window=instant), invested("2026-03-01 08:59")) == 0


def test_since_something_unknown_there_is_nothing() -> None:
    window = SinceWindow(EventValue("day", DATE, optional=True))
    assert seen(aggregate(window=window), invested("2026-03-01")) == 0


def test_before_the_event_goes_by_time_and_then_by_key_as_text() -> None:
    trigger = invested("2026-03-31 10:00", "9")
    past = [
        invested("2026-03-31 09:59", "99"),
        invested("2026-03-31 10:00", "10"),
        trigger,
        invested("2026-03-31 10:00", "91"),
    ]
    assert seen(aggregate(window=BeforeEventWindow()), *past, trigger=trigger) == 2
    assert seen(aggregate(), *past, trigger=trigger) == 4


def test_a_where_sees_the_row_the_customer_and_the_triggering_event() -> None:
    larger = of("greater", AMOUNT, EventValue("amount", plans.CNY, optional=True))
    city = FeatureValue("customer.city", TEXT, optional=False)
    where = of("and", larger, of("equal", city, Constant(TEXT, "上海")))
    past = [invested("2026-01-01", "a", "11"), invested("2026-01-02", "b", "9")]
    trigger = invested("2026-03-31 10:00", "t", "10")
    assert seen(aggregate(where=where), *past, trigger, trigger=trigger) == 1


def test_the_first_and_last_event_go_by_time_and_then_by_key_as_text() -> None:
    past = [
        invested("2026-03-01", "9", "1"),
        invested("2026-03-01", "10", "2"),
        invested("2026-03-02", "9", None),
        invested("2026-03-02", "10", "4"),
    ]
    first = EventPick("f", "invest", "first", "amount", None, None, plans.CNY)
    last = EventPick("f", "invest", "last", "amount", None, None, plans.CNY)
    assert seen(first, *past) == 2
    assert seen(last, *past) is None
    at_last = EventPick("f", "invest", "last", "at", None, None, TIMESTAMP)
    assert seen(at_last, *past) == at("2026-03-02")
    big = of("at_least", AMOUNT, money("1"))
    assert seen(EventPick("f", "invest", "last", "amount", big, None, plans.CNY), *past) == 4


def test_what_was_received_counts_bundles_of_campaigns_and_lines_of_benefits() -> None:
    def got(campaign: str, occurrence: str, benefit: str | None, when: str) -> Received:
        return Received(campaign, "main", "c1", occurrence, benefit, at(when))

    grants = (
        got("welcome", "e1", "coffee", "2026-03-01"),
        got("welcome", "e1", None, "2026-03-01"),
        got("welcome", "e2", "coffee", "2026-03-31 10:00"),
        got("other", "e3", "coffee", "2026-03-31 10:01"),
    )
    of_campaign = GrantCount("f", "campaign", "welcome", None, INTEGER)
    of_benefit = GrantCount("f", "benefit", "coffee", None, INTEGER)
    lately = GrantCount("f", "campaign", "welcome", LastWindow(7, "day"), INTEGER)
    assert seen(of_campaign, grants=grants) == 2
    assert seen(of_benefit, grants=grants) == 2
    assert seen(lately, grants=grants) == 1


moments = st.datetimes(datetime(2025, 11, 1), datetime(2026, 4, 15)).map(
    lambda local: local.replace(tzinfo=SHANGHAI).astimezone(UTC)
)


@given(st.lists(moments, max_size=12), moments, st.permutations(range(12)))
def test_windows_divide_the_past_and_no_order_of_rows_matters(
    times: list[datetime], now: datetime, order: list[int]
) -> None:
    rows = [
        {"at": when, "key": f"{n}", "amount": Decimal(n), "device": None}
        for n, when in enumerate(times)
    ]
    shuffled = [rows[n] for n in order if n < len(rows)]
    clock = now.astimezone(SHANGHAI).replace(tzinfo=None).isoformat()

    def count(window: Window | None) -> Value | None:
        found = seen(aggregate(window=window), *rows, now=clock)
        assert seen(aggregate(window=window), *shuffled, now=clock) == found
        return found

    past = [when for when in times if when <= now]
    assert count(None) == len(past)
    assert count(LastWindow(1, "minute")) == sum(now - when < timedelta(minutes=1) for when in past)
    local = [when.astimezone(SHANGHAI) for when in past]
    today = now.astimezone(SHANGHAI)
    month = (today.year, today.month)
    assert count(CalendarWindow("month", False)) == sum(
        (when.year, when.month) == month for when in local
    )
    before = (today.replace(day=1) - timedelta(days=1)).date()
    assert count(CalendarWindow("month", True)) == sum(
        (when.year, when.month) == (before.year, before.month) for when in local
    )
    last = EventPick("f", "invest", "last", "at", None, None, TIMESTAMP)
    assert seen(last, *shuffled, now=clock) == max(past, default=None)


# --- stages and audiences -----------------------------------------------------------------------


def test_a_customer_is_in_the_first_stage_that_holds_or_in_none() -> None:
    count = FeatureValue("n", INTEGER, optional=False)
    stages = tuple(
        Stage(name, name, of("at_least", count, number(least)), plans.origin(name))
        for name, least in (("loyal", 5), ("growing", 2))
    )
    counted = EventAggregate("n", "invest", "count", None, None, None, INTEGER, False)
    made = plans.replace(
        plans.plan(features=(counted,)),
        lifecycles=(Lifecycle("shop", "shop", stages, plans.origin()),),
        audiences=(
            Audience(
                "known",
                "known",
                of("is_known", StageValue("shop", EnumType(("loyal", "growing")), True)),
                plans.origin(),
            ),
        ),
    )
    found = {}
    for orders in (1, 2, 4, 5):
        past = [invested("2026-01-01", f"{n}") for n in range(orders)]
        clock = WallClock(at("2026-03-31"), SHANGHAI)
        facts = CustomerFacts(made, {}, {"invest": past}, None, clock, tuple)
        found[orders] = facts.stage("shop")
        assert evaluate(AudienceValue("known"), facts) is (found[orders] is not None)
    assert found == {1: None, 2: "growing", 4: "growing", 5: "loyal"}
