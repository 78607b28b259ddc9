"""Decisions over rows in memory: every part of one, by example."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from hashlib import md5
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import (
    Audience,
    BenefitLine,
    Branch,
    CashLine,
    Check,
    DailyTrigger,
    DeliveryDay,
    GrantCount,
    Message,
    MessageValue,
    Opening,
    Plan,
    Reward,
    RewardLine,
    Share,
    Span,
    WalletLine,
    WhenExhausted,
)
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Constant, EventValue, Expression, FeatureValue
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import BOOLEAN, DURATION, INTEGER, TEXT, TIMESTAMP
from campaigner.runtime.decide.decisions import Decision, Line
from campaigner.runtime.decide.facts import Row
from campaigner.runtime.decide.past_grants import Received
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.due.schedule import due
from hypothesis import given
from hypothesis import strategies as st

from . import plans

SHANGHAI = ZoneInfo("Asia/Shanghai")
AGE = FeatureValue("customer.age", INTEGER, optional=True)
CONSENT = FeatureValue("customer.consent", BOOLEAN, optional=False)
AMOUNT = EventValue("amount", plans.CNY, optional=False)
DEVICE = EventValue("device", TEXT, optional=True)
HERE = plans.origin("here")


def at(text: str) -> datetime:
    """An instant on the project's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


JANUARY = Due(at("2026-01-01"), at("2026-01-31 23:59:59"))


def customer(age: int | None = 30, *, consent: bool = True) -> Row:
    return {"age": age, "city": "上海", "consent": consent}


def invested(when: str, key: str, amount: str = "10", device: str | None = None) -> Row:
    return {"at": at(when), "key": key, "amount": Decimal(amount), "device": device}


def rows(
    customers: Mapping[str, Row] | Sequence[str], invest: Mapping[str, Sequence[Row]], **more: Any
) -> Rows:
    known = customers if isinstance(customers, Mapping) else {c: customer() for c in customers}
    return Rows(known, {"invest": invest}, **more)


def number(value: int) -> Constant:
    return Constant(INTEGER, str(value))


def made(reward: Reward | None = None, **more: Any) -> Plan:
    """A plan of one campaign, `gift`, on each investment."""
    trigger = more.pop("trigger", plans.on("invest", more.pop("where", None)))
    changes = more.pop("changes", {})
    outer = {name: more.pop(name) for name in ("accounts", "features") if name in more}
    audiences = more.pop("audiences", ())
    one = plans.campaign("gift", trigger, reward=reward, **more)
    plan = plans.plan([plans.replace(one, **changes)], **outer)
    return plans.replace(plan, audiences=audiences)


def decided(plan: Plan, seen: Rows, period: Due = JANUARY) -> list[Decision]:
    return decide(plan, "gift", seen, period)


def occurrences(decisions: list[Decision]) -> list[str]:
    return [decision.identity.occurrence for decision in decisions]


def only(decisions: list[Decision]) -> Decision:
    (one,) = decisions
    return one


# --- events -------------------------------------------------------------------------------------


def test_each_event_is_decided_in_the_order_of_time_and_key_as_text() -> None:
    seen = rows(
        ["b", "a"],
        {
            "a": [invested("2026-01-03", "9"), invested("2026-01-02", "7")],
            "b": [invested("2026-01-03", "10")],
        },
    )
    found = decided(made(), seen)
    assert occurrences(found) == ["7", "10", "9"]
    first = found[0]
    assert first.identity.campaign == "gift"
    assert first.identity.step == "main"
    assert first.identity.recipient == first.customer == "a"
    assert first.at == first.deliver_at == at("2026-01-02")
    assert first.lines == (Line("coffee", Decimal(30), "CNY", Decimal("12.50"), "coffee", None),)


def test_a_period_and_the_active_period_have_both_ends_in() -> None:
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"]
    seen = rows(["a"], {"a": [invested(day, day) for day in days]})
    period = Due(at("2026-01-02"), at("2026-01-04"))
    assert occurrences(decided(made(), seen, period)) == days[1:4]
    active = made(active=(at("2026-01-03"), at("2026-01-03")))
    assert occurrences(decided(active, seen, period)) == ["2026-01-03"]


def test_late_events_are_decided_at_their_own_time() -> None:
    past = [invested("2025-12-01", "old"), invested("2025-12-02", "older")]
    seen = rows(["a"], {"a": [*past, invested("2026-01-02", "new")]}, late=frozenset({"old"}))
    found = decided(made(), seen)
    assert occurrences(found) == ["old", "new"]
    assert found[0].at == at("2025-12-01")


def test_an_event_of_nobody_known_is_passed_over() -> None:
    assert decided(made(), rows(["a"], {"b": [invested("2026-01-02", "1")]})) == []


def test_the_where_of_a_trigger() -> None:
    where = of("at_least", AMOUNT, Constant(plans.CNY, "100"))
    past = [invested("2026-01-02", "1", "99.99"), invested("2026-01-03", "2", "100.00")]
    assert occurrences(decided(made(where=where), rows(["a"], {"a": past}))) == ["2"]


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("2026-01-10 09:59:59", False),
        ("2026-01-10 10:00", True),
        ("2026-01-28 23:59:59", True),
        ("2026-01-29 00:00", False),
    ],
)
def test_an_opening_window(when: str, held: bool) -> None:
    trigger = plans.replace(plans.on("invest"), opening=Opening(10, time(10), 28))
    seen = rows(["a"], {"a": [invested(when, "1")]})
    assert bool(decided(made(trigger=trigger), seen)) is held


def test_an_opening_day_that_the_month_lacks_is_its_last() -> None:
    trigger = plans.replace(plans.on("invest"), opening=Opening(31, time(10), 31))
    past = [invested("2026-02-28 09:00", "1"), invested("2026-02-28 23:00", "2")]
    february = Due(at("2026-02-01"), at("2026-02-28 23:59:59"))
    assert occurrences(decided(made(trigger=trigger), rows(["a"], {"a": past}), february)) == ["2"]


# --- schedules ----------------------------------------------------------------------------------


def hashed(name: str, occurrence: str) -> str:
    return md5(f"order/gift/{occurrence}/{name}".encode(), usedforsecurity=False).hexdigest()


def test_a_schedule_takes_customers_by_share_and_then_by_hash() -> None:
    old = Audience("old", "old", of("at_least", AGE, number(60)), HERE)
    young = Audience("young", "young", of("less", AGE, number(20)), HERE)
    plan = made(
        trigger=DailyTrigger(None, time(10), None, HERE),
        audiences=(old, young),
        shares=(Share("young", Decimal("0.4"), HERE), Share("old", Decimal("0.1"), HERE)),
    )
    ages = {f"c{n}": [70, 10, 40, None][n % 4] for n in range(12)}
    seen = rows({name: customer(age) for name, age in ages.items()}, {})
    period = due(plan, "gift", at("2026-01-10"), at("2026-01-11 12:00"))
    found = decided(plan, seen, period)
    expected = [
        name
        for day in ("2026-01-10T10:00:00+08:00", "2026-01-11T10:00:00+08:00")
        for group in ([10], [70], [40, None])
        for name in sorted(
            (n for n, age in ages.items() if age in group), key=lambda n: hashed(n, day)
        )
    ]
    assert [decision.customer for decision in found] == expected
    assert expected[:12] != expected[12:]  # nobody is first at every occurrence
    assert occurrences(found)[::12] == ["2026-01-10T10:00:00+08:00", "2026-01-11T10:00:00+08:00"]
    assert [decision.share for decision in found[:12]] == [0] * 3 + [1] * 3 + [None] * 6


# --- who ----------------------------------------------------------------------------------------


def test_eligibility_and_checks_must_hold() -> None:
    plan = made(
        eligibility=[of("at_least", AGE, number(18))],
        checks=[Check("cn_retail", CONSENT, None, HERE)],
    )
    people = {
        "adult": customer(18),
        "child": customer(17),
        "ageless": customer(None),
        "silent": customer(40, consent=False),
    }
    seen = rows(people, {name: [invested("2026-01-02", name)] for name in people})
    assert occurrences(decided(plan, seen)) == ["adult"]


def test_what_was_received_counts() -> None:
    count = GrantCount("received_other", "campaign", "other", None, INTEGER)
    never = of("equal", FeatureValue(count.id, INTEGER, optional=False), number(0))
    plan = made(features=(*plans.FIELDS, count), eligibility=[never])
    grants = (Received("other", "main", "a", "x", "coffee", at("2026-01-02")),)
    past = {
        "a": [invested("2026-01-01", "early"), invested("2026-01-03", "after")],
        "b": [invested("2026-01-03", "else")],
    }
    found = decided(plan, rows(["a", "b"], past, grants=grants))
    assert occurrences(found) == ["early", "else"]


def test_a_recipient_of_the_event_or_no_decision() -> None:
    plan = made(plans.give(recipient=DEVICE))
    past = [
        invested("2026-01-02", "1", device="friend"),
        invested("2026-01-03", "2"),
        invested("2026-01-04", "3", device="stranger"),
    ]
    one = only(decided(plan, rows(["a", "friend"], {"a": past})))
    assert (one.customer, one.identity.recipient) == ("a", "friend")


@given(st.sets(st.text(min_size=1, max_size=6), min_size=1, max_size=20), st.integers(0, 99))
def test_the_held_out_are_the_same_at_every_occurrence(names: set[str], percent: int) -> None:
    plan = made(changes={"holdout": Decimal(percent) / 100})
    past = {
        name: [invested("2026-01-02", f"{name}/1"), invested("2026-01-09", f"{name}/2")]
        for name in names
    }
    found = decided(plan, rows(sorted(names), past))
    held = {(decision.customer, decision.held_out) for decision in found}
    assert len(held) == len(names)
    for name, held_out in held:
        told = md5(f"holdout/gift/main/{name}".encode(), usedforsecurity=False).hexdigest()
        assert held_out is (int(told[:8], 16) < int(Decimal(percent) / 100 * 2**32))


# --- what ---------------------------------------------------------------------------------------


def cash(amount: Expression, cap: str | None = None) -> CashLine:
    return CashLine(amount, None if cap is None else Decimal(cap), "CNY", HERE)


def payout_for(amount: str, *lines: RewardLine, **more: Any) -> tuple[Line, ...] | None:
    """The lines that an investment earns; `None` without a decision."""
    plan = made(plans.give(*lines), **more)
    found = decided(plan, rows(["a"], {"a": [invested("2026-01-02", "1", amount)]}))
    return found[0].lines if found else None


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("100.10", "5.00"),  # 5.005
        ("100.30", "5.02"),  # 5.015
        ("999.99", "50.00"),
        ("5000", "50"),
        ("0.10", None),  # 0.005 is 0.00
        ("0.30", "0.02"),
        ("-20", None),
    ],
)
def test_cash_is_rounded_half_even_and_capped(amount: str, expected: str | None) -> None:
    line = cash(of("divide", AMOUNT, number(20)), "50")
    found = payout_for(amount, line)
    if expected is None:
        assert found is None
    else:
        money = Decimal(expected)
        assert found == (Line("cash", money, "CNY", money, None, None),)


@pytest.mark.parametrize(("age", "expected"), [(30, "30"), (1, "1"), (0, None), (None, None)])
def test_points_are_whole_and_above_zero(age: int | None, expected: str | None) -> None:
    plan = made(plans.give(BenefitLine("coffee", HERE), WalletLine("points", AGE, HERE)))
    found = decided(plan, rows({"a": customer(age)}, {"a": [invested("2026-01-02", "1")]}))
    if expected is None:
        assert found == []  # all or nothing: no coffee either
    else:
        points = Line("points", Decimal(expected), "points", Decimal(0), None, None)
        assert only(found).lines[1] == points


def test_the_first_branch_that_holds_is_given() -> None:
    branches = (
        Branch(of("at_least", AGE, number(60)), (WalletLine("points", number(60), HERE),)),
        Branch(of("at_least", AGE, number(18)), (WalletLine("points", number(18), HERE),)),
    )
    plan = made(Reward(branches, None, None, None, HERE))
    people = {name: customer(age) for name, age in (("x", 70), ("y", 20), ("z", 10), ("u", None))}
    seen = rows(people, {name: [invested("2026-01-02", name)] for name in people})
    found = {decision.customer: decision.lines[0].amount for decision in decided(plan, seen)}
    assert found == {"x": 60, "y": 18}


def test_a_campaign_of_messages_alone() -> None:
    city = FeatureValue("customer.city", TEXT, optional=False)
    values = (MessageValue("customer.age", AGE), MessageValue("customer.city", city))
    says = Message("push", "…", (*values, MessageValue("event.amount", AMOUNT)), HERE)
    plan = made(messages=(says,))
    step = plans.replace(step_of(plan.campaigns[0]), reward=None)
    plan = plans.replace(plan, campaigns=(plans.replace(plan.campaigns[0], steps=(step,)),))
    seen = rows({"a": customer(None)}, {"a": [invested("2026-01-02", "1", "12.50")]})
    one = only(decided(plan, seen))
    assert one.lines == ()
    assert one.values == {"customer.city": "上海", "event.amount": "12.50"}


def test_the_bundle_where_the_budget_is_exhausted() -> None:
    def instead(line: RewardLine) -> tuple[Line, ...]:
        plan = made(exhausted=WhenExhausted("reward", (line,)))
        seen = rows({"a": customer(None)}, {"a": [invested("2026-01-02", "1")]})
        return only(decided(plan, seen)).fallback

    assert instead(WalletLine("points", number(5), HERE)) == (
        Line("points", Decimal(5), "points", Decimal(0), None, None),
    )
    assert instead(WalletLine("points", AGE, HERE)) == ()


def test_what_limits_count_by() -> None:
    names = ["campaign/gift/device", "campaign/gift/customer", "campaign/gift/at"]
    accounts = [
        plans.account("gift", name, "1", key=name, measure="grants")
        for name in ("device", "customer", "at")
    ]
    plan = made(accounts=accounts, charges=names)
    past = [invested("2026-01-02", "1", device="d"), invested("2026-01-03", "2")]
    found = decided(plan, rows(["a"], {"a": past}))
    assert [decision.keys["device"] for decision in found] == ["d", None]
    assert found[0].keys == {"device": "d", "at": "2026-01-01T16:00:00.000000Z"}


# --- when it arrives and ends -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "day", "months", "expected"),
    [
        ("2026-01-20 15:00", 5, 2, "2026-03-05 00:00"),
        ("2026-01-31 15:00", 31, 1, "2026-02-28 00:00"),
        ("2026-01-20 15:00", 5, 0, "2026-01-20 15:00"),
    ],
)
def test_a_day_of_delivery(when: str, day: int, months: int, expected: str) -> None:
    reward = plans.replace(plans.give(), deliver_on=DeliveryDay(day, months))
    one = only(decided(made(reward), rows(["a"], {"a": [invested(when, "1")]})))
    assert one.deliver_at == at(expected)
    assert one.at == at(when)


def test_the_end_counts_from_the_arrival_and_the_reward_comes_before_the_benefit() -> None:
    coffee = plans.replace(plans.COFFEE, expires_after=Span(1, "month"))
    seen = rows(["a"], {"a": [invested("2026-01-31 15:00", "1")]})

    def end(reward: Reward) -> datetime | None:
        plan = plans.replace(made(reward), benefits=(coffee,))
        return only(decided(plan, seen)).lines[0].expires_at

    assert end(plans.give()) == at("2026-02-28 15:00")
    shorter = plans.replace(plans.give(), expires_after=Span(7, "day"))
    assert end(shorter) == at("2026-02-07 15:00")
    later = plans.replace(shorter, deliver_on=DeliveryDay(5, 2))
    assert end(later) == at("2026-03-12 00:00")
    points = plans.replace(shorter, branches=plans.give(WalletLine("p", number(1), HERE)).branches)
    assert end(points) == at("2026-02-07 15:00")


def test_now_is_the_events_own_time() -> None:
    young = of(
        "within_last", EventValue("at", TIMESTAMP, optional=False), Constant(DURATION, "1 minute")
    )
    seen = rows(["a"], {"a": [invested("2026-01-02", "1")]})
    assert decided(made(where=young), seen)
