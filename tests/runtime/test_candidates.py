"""From a row of the candidates' query to a decision, and the conditions that ask the ledger."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from campaigner.compiler.plan import (
    BenefitLine,
    Branch,
    CalendarWindow,
    CashLine,
    DeliveryDay,
    GrantCount,
    LastWindow,
    Message,
    MessageValue,
    OnceTrigger,
    Plan,
    Reward,
    SinceWindow,
    Span,
    WalletLine,
    WhenExhausted,
    Window,
)
from campaigner.compiler.plan.expressions import (
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
)
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT, TIMESTAMP
from campaigner.runtime.decide.decisions import Identity, Line
from campaigner.runtime.decide.received import stretch_of
from campaigner.runtime.ledger import Stretch
from campaigner.runtime.run.candidates import Candidate, CandidateFacts, Candidates, passes
from hypothesis import given, settings
from hypothesis import strategies as st

from . import plans

AT = datetime(2026, 1, 10, 2, tzinfo=UTC)
FIVE = Constant(INTEGER, "5")
ROW: dict[str, Any] = {
    "customer": "ann",
    "recipient": "ann",
    "occurrence": "i1",
    "at": AT.replace(tzinfo=None),
    "held_out": False,
    "share": None,
    "branch": 0,
}


def read(plan: Plan, **more: Any) -> Candidate:
    """The candidate of the plan's only campaign in a row."""
    row = ROW | more
    columns = tuple(row)
    (campaign,) = plan.campaigns
    return Candidates(plan, campaign.name, columns).read(tuple(row.values()))


def one(**settings: Any) -> Plan:
    return plans.plan([plans.campaign("gift", plans.on("invest"), **settings)])


def branches(*bundles: tuple[Any, ...], **more: Any) -> Reward:
    settings: dict[str, Any] = {"recipient": None, "deliver_on": None, "expires_after": None} | more
    found = tuple(Branch(None, lines) for lines in bundles)
    return Reward(found, origin=plans.origin(), **settings)


COFFEE = BenefitLine("coffee", plans.origin())
POINTS = WalletLine("points", FIVE, plans.origin())
CASH = CashLine(FIVE, None, "CNY", plans.origin())


def test_a_benefit_has_its_value_and_its_cost() -> None:
    decision = read(one()).decision
    assert decision.identity == Identity("gift", "main", "ann", "i1")
    assert (decision.at, decision.deliver_at) == (AT, AT)
    assert decision.lines == (Line("coffee", Decimal(30), "CNY", Decimal("12.50"), "coffee", None),)


def test_amounts_come_from_the_columns_of_the_branch() -> None:
    plan = one(reward=branches((COFFEE,), (POINTS, CASH)))
    amounts = {"amount_1_0": Decimal(50), "amount_1_1": Decimal("7.25")}
    assert read(plan, branch=1, **amounts).decision.lines == (
        Line("points", Decimal(50), "points", Decimal(0), None, None),
        Line("cash", Decimal("7.25"), "CNY", Decimal("7.25"), None, None),
    )


def test_messages_alone_have_no_lines_and_unknown_values_are_left_out() -> None:
    values = tuple(MessageValue(name, FIVE) for name in ("event.b", "customer.a"))
    message = Message("push", "{{ customer.a }}", values, plans.origin())
    campaign = plans.campaign("gift", plans.on("invest"), messages=[message])
    step = plans.replace(step_of(campaign), reward=None)
    plan = plans.plan([plans.replace(campaign, steps=(step,))])
    decision = read(plan, branch=None, value_0="Jinan", value_1=None).decision
    assert decision.lines == ()
    assert decision.values == {"customer.a": "Jinan"}


def test_delivery_and_the_end_of_a_reward() -> None:
    reward = branches((COFFEE,), deliver_on=DeliveryDay(31, 1), expires_after=Span(30, "day"))
    decision = read(one(reward=reward)).decision
    assert decision.deliver_at == datetime(2026, 2, 27, 16, tzinfo=UTC)
    assert decision.lines[0].expires_at == datetime(2026, 3, 29, 16, tzinfo=UTC)


@pytest.mark.parametrize(("amount", "lines"), [(Decimal(3), 2), (None, 0), (Decimal(0), 0)])
def test_a_fallback_is_whole_or_nothing(amount: Decimal | None, lines: int) -> None:
    plan = one(exhausted=WhenExhausted("reward", (COFFEE, POINTS)))
    assert len(read(plan, fallback_1=amount).decision.fallback) == lines


AMOUNTS = st.one_of(
    st.none(), st.integers(-1, 3), st.sampled_from(("0", "1", "1.0", "1.00", "2.50")).map(Decimal)
)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1), *[AMOUNTS] * 4), max_size=8),
    lasting=st.booleans(),
)
def test_rows_with_the_bundle_of_an_earlier_row_are_read_alike(
    rows: list[tuple[Any, ...]], lasting: bool
) -> None:
    expires = Span(30, "day") if lasting else None
    reward = branches((COFFEE, POINTS), (POINTS, CASH), expires_after=expires)
    plan = one(reward=reward, exhausted=WhenExhausted("reward", (COFFEE, POINTS)))
    amounts = ("amount_0_1", "amount_1_0", "amount_1_1", "fallback_1")
    columns = (*ROW, *amounts)
    together = Candidates(plan, "gift", columns)
    for number, (branch, *given_) in enumerate(rows):
        at = ROW["at"] + timedelta(hours=7 * number)
        found = (*(ROW | {"at": at, "branch": branch}).values(), *given_)
        alone = Candidates(plan, "gift", columns).read(found)
        # As text, since equal decimals may have other digits.
        assert repr(together.read(found)) == repr(alone)


def test_keys_shares_and_the_control_group() -> None:
    decision = read(one(), key_device="d1", share=2, held_out=True).decision
    assert (decision.keys, decision.share, decision.held_out) == ({"device": "d1"}, 2, True)


# --- received(…) --------------------------------------------------------------------------------


def received(window: Window | None = None) -> GrantCount:
    return GrantCount("received.gift", "campaign", "gift", window, INTEGER)


def none_received(feature: GrantCount) -> Expression:
    value = FeatureValue(feature.id, INTEGER, optional=False)
    return Operation("equal", (value, Constant(INTEGER, "0")), BOOLEAN, optional=False)


@pytest.mark.parametrize("count", [0, 1])
def test_left_out_conditions_ask_the_ledger(count: int) -> None:
    feature = received()
    plan = plans.replace(one(), features=(*plans.FIELDS, feature))
    asked = []

    def counting(_: GrantCount, customer: str, __: object) -> int:
        asked.append(customer)
        return count

    held = passes(plan, [none_received(feature)], read(plan), counting)
    assert held is (count == 0)
    assert asked == ["ann"]


def test_their_other_values_are_columns_of_the_row() -> None:
    plan = one()
    row = {
        "feature_customer.city": "Jinan",
        "event_amount": Decimal(7),
        "event_at": datetime(2026, 1, 1),
    }
    facts = CandidateFacts(plan, read(plan, **row))
    assert facts.feature("customer.city") == "Jinan"
    assert facts.event("amount") == Decimal(7)
    assert facts.event("at") == datetime(2026, 1, 1, tzinfo=UTC)
    city = FeatureValue("customer.city", TEXT, optional=False)
    amount = EventValue("amount", plans.CNY, optional=False)
    conditions = [
        Operation("equal", (city, Constant(TEXT, "Jinan")), BOOLEAN, optional=False),
        Operation("greater", (amount, Constant(plans.CNY, "6")), BOOLEAN, optional=False),
    ]
    assert passes(plan, conditions, read(plan, **row), lambda *_: 0)


@pytest.mark.parametrize(
    ("window", "since", "until"),
    [
        (None, None, AT),
        (LastWindow(1, "day"), AT - timedelta(days=1) + timedelta(microseconds=1), AT),
        (CalendarWindow("month", previous=False), datetime(2025, 12, 31, 16, tzinfo=UTC), AT),
        (
            CalendarWindow("month", previous=True),
            datetime(2025, 11, 30, 16, tzinfo=UTC),
            datetime(2025, 12, 31, 16, tzinfo=UTC) - timedelta(microseconds=1),
        ),
        (
            SinceWindow(Constant(TIMESTAMP, "2026-01-01T00:00:00.000000Z")),
            datetime(2026, 1, 1, tzinfo=UTC),
            AT,
        ),
    ],
)
def test_windows_as_the_ledger_understands_them(
    window: Window | None, since: datetime | None, until: datetime
) -> None:
    plan = plans.plan([plans.campaign("gift", OnceTrigger(AT, plans.origin()))])
    facts = CandidateFacts(plan, read(plan))
    assert stretch_of(window, "ann", facts) == Stretch("ann", since, until)


def test_since_something_unknown_is_never() -> None:
    plan = one()
    facts = CandidateFacts(plan, read(plan, event_since=None))
    start = EventValue("since", TIMESTAMP, optional=True)
    assert stretch_of(SinceWindow(start), "ann", facts) is None
