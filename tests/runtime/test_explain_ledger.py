"""Why: what the ledger says, or would say, down to the cap that refused."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import GrantCount, Message, Plan, Span, WalletLine, WhenExhausted
from campaigner.compiler.plan.expressions import FeatureValue
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import INTEGER
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.due.schedule import due
from campaigner.runtime.ledger import Ledger, open_ledger

from . import plans
from .explained import at, find, invested, made, number, page, rows, told, why


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger("sqlite:///ledger.db", "test", "CNY", root=tmp_path) as opened:
        yield opened


def run(plan: Plan, seen: Rows, ledger: Ledger) -> None:
    period = due(plan, "gift", at("2026-01-01"), at("2026-01-31"))
    ledger.decide(plan, decide(plan, "gift", seen, period), "digest")


def two_caps() -> Plan:
    accounts = [
        plans.account("gift", "per customer", "1", key="customer", measure="grants"),
        plans.account("gift", "total", "20", period="month"),
        plans.account("gift", "pool", "1000"),
    ]
    named = {
        account.name: plans.replace(account, origin=told(account.name, 9)) for account in accounts
    }
    return made(
        accounts=list(named.values()),
        charges=[named[name].id for name in ("per customer", "total", "pool")],
    )


def test_what_the_ledger_would_say_and_what_it_says(ledger: Ledger) -> None:
    plan, seen = two_caps(), rows(invested("2026-01-02", "1"))
    before = why(plan, seen, ledger)
    assert (before.outcome, before.decided) == ("granted", False)
    assert page(before)[-3:] == ["+ per customer", "+ total", "+ pool"]
    assert find(before, "total").values == {"used": "0.00", "cap": "20.00", "left": "20.00"}
    run(plan, seen, ledger)
    after = why(plan, seen, ledger)
    assert (after.outcome, after.decided) == ("granted", True)
    assert find(after, "total").values == {"used": "12.50", "cap": "20.00", "left": "7.50"}


def test_down_to_the_cap_that_refused(ledger: Ledger) -> None:
    plan = two_caps()
    seen = rows(invested("2026-01-02", "1"), invested("2026-01-03", "2"))
    run(plan, rows(invested("2026-01-02", "1")), ledger)
    would = why(plan, seen, ledger)
    assert (would.outcome, would.decided) == ("over_limit", False)
    assert page(would)[-1] == "- per customer"
    run(plan, seen, ledger)
    found = why(plan, seen, ledger)
    assert (found.outcome, found.decided) == ("over_limit", True)
    assert page(found)[-1] == "- per customer"
    assert found.clauses[-1].values == {"used": "1", "cap": "1", "left": "0"}


def test_an_exhausted_budget_and_what_is_given_instead(ledger: Ledger) -> None:
    points = WalletLine("points", number(5), told("5 points"))
    plan = made(
        accounts=[plans.account("gift", "total", "10")],
        charges=["campaign/gift/total"],
        changes={"when_exhausted": WhenExhausted("stop", ())},
    )
    refused = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert refused.outcome == "over_budget"
    assert refused.clauses[-1].held is False
    instead = plans.replace(plan.campaigns[0], when_exhausted=WhenExhausted("reward", (points,)))
    plan = plans.replace(plan, campaigns=(instead,))
    found = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert found.outcome == "granted"
    assert page(found)[-2] == "+ when exhausted reward 5 points"


def test_a_message_cap_refuses_a_campaign_of_messages_alone(ledger: Ledger) -> None:
    cap = plans.account(
        "cn", "messages", "0", measure="messages", key="customer", owner_kind="policy"
    )
    cap = plans.replace(
        cap,
        origin=told("at most 0 messages per 7 days"),
        window=Span(7, "day"),
        refusal="over_limit",
    )
    plan = made(accounts=[cap], messages=[Message("push", "hello", (), told("message …"))])
    step = plans.replace(step_of(plan.campaigns[0]), reward=None)
    gift = plans.replace(plan.campaigns[0], steps=(step,), message_caps=(cap.id,))
    found = why(plans.replace(plan, campaigns=(gift,)), rows(invested("2026-01-02", "1")), ledger)
    assert found.outcome == "over_limit"
    assert page(found)[-1] == "- at most 0 messages per 7 days"


def test_the_held_out_are_told_so(ledger: Ledger) -> None:
    plan = made(
        accounts=[plans.account("gift", "total", "100")],
        charges=["campaign/gift/total"],
        changes={"holdout": Decimal("0.999")},
    )
    found = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert found.outcome == "held_out"
    assert page(found)[-1] == "- holdout 99.9%"


def test_a_decision_did_not_see_what_it_gave(ledger: Ledger) -> None:
    counted = GrantCount("received_gift", "campaign", "gift", None, INTEGER)
    count = FeatureValue("received_gift", INTEGER, False, told("received(gift)"))
    never = of("equal", count, number(0), at=told("not received(gift)"))
    plan = made(features=(*plans.FIELDS, counted), eligibility=[never])
    run(plan, rows(invested("2026-01-02", "1")), ledger)
    first = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert first.outcome == "granted"
    assert find(first, "not received(gift)").held is True
    second = why(plan, rows(invested("2026-01-02", "1"), invested("2026-01-03", "2")), ledger)
    assert second.outcome == "not_eligible"
    assert find(second, "not received(gift)").values == {"received(gift)": "1"}
