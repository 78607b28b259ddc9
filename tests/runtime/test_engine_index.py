"""However many campaigns share whatever conditions, an event meets those whose conditions hold."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators import rounding
from campaigner.compiler.operators.build import of
from campaigner.compiler.operators.table import OPERATORS, TIME
from campaigner.compiler.plan import Audience, Branch, Check, Opening, Plan, Reward, WalletLine
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import AudienceValue, Constant, EventValue, FeatureValue
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.events.compiled import dispatch, memory
from campaigner.runtime.events.engine import Event, compile_events
from hypothesis import given
from hypothesis import strategies as st

from . import plans

START = datetime(2026, 1, 8, 16, tzinfo=UTC)
AMOUNT = EventValue("amount", plans.CNY, optional=False)
DEVICE = EventValue("device", TEXT, optional=True)
AGE = FeatureValue("customer.age", INTEGER, optional=True)
CITY = FeatureValue("customer.city", TEXT, optional=False)
CONSENT = FeatureValue("customer.consent", BOOLEAN, optional=False)


def text(value: str) -> Constant:
    return Constant(TEXT, value)


comparisons = st.one_of(
    st.builds(
        lambda key, bound: of(key, AMOUNT, Constant(plans.CNY, str(bound))),
        st.sampled_from(["less", "at_most", "greater", "at_least", "equal", "not_equal"]),
        st.integers(0, 6),
    ),
    st.builds(
        lambda key, bound: of(key, AGE, Constant(INTEGER, str(bound))),
        st.sampled_from(["at_most", "at_least", "equal"]),
        st.integers(0, 3),
    ),
    st.builds(lambda city: of("equal", CITY, text(city)), st.sampled_from("abc")),
    st.builds(
        lambda names: of("in", DEVICE, *map(text, names)),
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=3),
    ),
    st.sampled_from([CONSENT, of("not", CONSENT), of("is_known", AGE), of("less", AGE, AGE)]),
    st.just(AudienceValue("fans")),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.builds(
        lambda key, parts: of(key, *parts),
        st.sampled_from(["and", "or"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
amounts = st.integers(0, 4).map(lambda number: Constant(INTEGER, str(number)))
branches = st.builds(
    lambda condition, amount: Branch(condition, (WalletLine("points", amount, plans.origin()),)),
    conditions,
    st.one_of(amounts, st.just(AGE)),
)
otherwise = amounts.map(
    lambda amount: Branch(None, (WalletLine("points", amount, plans.origin()),))
)
instants = st.integers(-3, 3).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def campaigns(draw: st.DrawFn, name: str) -> Any:
    where = draw(st.none() | conditions)
    opening = draw(st.none() | st.just(Opening(8, time(23), 9)))
    held = draw(st.lists(conditions, max_size=3))
    checks = [
        Check("rules", condition, None, plans.origin())
        for condition in draw(st.lists(conditions, max_size=1))
    ]
    ways = [*draw(st.lists(branches, max_size=3)), *draw(st.lists(otherwise, max_size=1))]
    given_ = Reward(tuple(ways), None, None, None, plans.origin()) if ways else None
    return plans.campaign(
        name,
        plans.replace(plans.on("invest", where), opening=opening),
        active=(draw(st.none() | instants), draw(st.none() | instants)),
        eligibility=held,
        checks=checks,
        priority=draw(st.integers(0, 1)),
        reward=given_,
    )


@st.composite
def projects(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 24))
    made = plans.plan([draw(campaigns(f"c{number:02}")) for number in range(count)])
    fans = Audience(
        "fans", "fans", of("and", CONSENT, of("equal", CITY, text("a"))), plans.origin()
    )
    return plans.replace(made, audiences=(fans,))


customers = st.fixed_dictionaries(
    {
        "age": st.none() | st.integers(0, 3),
        "city": st.sampled_from("abc"),
        "consent": st.booleans(),
    }
)
rows = st.fixed_dictionaries(
    {
        "at": instants,
        "amount": st.integers(0, 7).map(Decimal),
        "device": st.none() | st.sampled_from("abcde"),
    }
)


@given(projects(), customers, st.lists(rows, min_size=1, max_size=6))
def test_an_event_meets_exactly_those_whose_conditions_hold(
    plan: Plan, customer: Any, seen: list[Any]
) -> None:
    meets_as_the_reference(plan, customer, seen)


@given(projects(), customers, st.lists(rows, min_size=4, max_size=6))
def test_what_tables_remember_may_be_forgotten_at_any_time(
    plan: Plan, customer: Any, seen: list[Any]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(memory, "MOST", 2)
        meets_as_the_reference(plan, customer, seen)


@pytest.mark.parametrize("few", [0, 100])
@given(plan=projects(), customer=customers, seen=st.lists(rows, min_size=1, max_size=4))
def test_checks_of_single_rules_mean_the_same_in_functions_of_their_own(
    few: int, plan: Plan, customer: Any, seen: list[Any]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dispatch, "FEW_CHECKS", few)
        meets_as_the_reference(plan, customer, seen)


def test_only_operators_of_time_read_the_clock() -> None:
    for row in OPERATORS:
        clock = next(iter(signature(row.python).parameters))
        assert row in TIME or clock == "_" or row.python is rounding.whole_times
    nowhere: Any = None
    assert rounding.whole_times(nowhere, Decimal(7), 2) == 3


def meets_as_the_reference(plan: Plan, customer: Any, seen: list[Any]) -> None:
    history = [{**row, "key": str(number)} for number, row in enumerate(seen)]
    known = Rows({"ann": customer}, {"invest": {"ann": history}})
    engine = compile_events(plan)
    state = engine.history()
    state.put_customers(known.customers)
    events = [Event("invest", "ann", row) for row in history]
    found = engine.decide_batch(events, state)
    due = Due(START - timedelta(days=1), START + timedelta(days=1))
    for campaign in plan.campaigns:
        mine = [each for each in found if each.identity.campaign == campaign.name]
        assert mine == decide(plan, campaign.name, known, due)
    priority = {campaign.name: -campaign.priority for campaign in plan.campaigns}
    assert found == sorted(
        found,
        key=lambda each: (
            each.at,
            priority[each.identity.campaign],
            each.identity.campaign,
            each.identity.occurrence,
        ),
    )
    for event in events:
        mine = [each for each in found if each.identity.occurrence == event.row["key"]]
        assert engine.decide(event, state) == mine
        offered = [(*each.identity[:2], each.lines) for each in mine]
        assert engine.offers(event, state) == offered


def test_the_calendar_of_the_tests_opens_and_closes() -> None:
    # The ninth in Shanghai begins at START; the window opens an hour before and is then open.
    assert START.astimezone(ZoneInfo("Asia/Shanghai")).day == 9
