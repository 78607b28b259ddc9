"""Why: clauses in the order of the brief, the values they saw, and the cap that refused."""

import json
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import (
    Audience,
    Branch,
    CashLine,
    Check,
    DailyTrigger,
    Eligibility,
    EventAggregate,
    FestivalTrigger,
    Holiday,
    Lifecycle,
    Opening,
    Reward,
    Stage,
    WalletLine,
)
from campaigner.compiler.plan.expressions import AudienceValue, Constant, FeatureValue, StageValue
from campaigner.compiler.plan.types import INTEGER, TEXT, EnumType
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.explain.clauses import Clause
from campaigner.runtime.explain.explain import to_json
from campaigner.runtime.ledger import Ledger, open_ledger

from . import plans
from .explained import (
    AMOUNT,
    CITY,
    CONSENT,
    LARGE,
    age,
    at,
    at_least,
    at_most,
    find,
    invested,
    made,
    number,
    page,
    rows,
    told,
    why,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger("sqlite:///ledger.db", "test", "CNY", root=tmp_path) as opened:
        yield opened


# --- the clauses of the brief -------------------------------------------------------------------


def test_every_clause_in_the_order_of_the_brief(ledger: Ledger) -> None:
    either = of("or", at_most(17), at_least(60), at=told("age <= 17 or age >= 60", 4))
    stage = StageValue("shop", EnumType(("new", "loyal")), True, told("stage shop.loyal", 3))
    loyal = of("in", stage, Constant(stage.type, "loyal"), at=told("stage shop.loyal", 3))
    plan = made(
        active=(at("2026-01-01"), at("2026-12-31 23:59:59.999999")),
        checks=[Check("cn", CONSENT, None, told("require consent", 2))],
        accounts=[plans.account("gift", "total", "100")],
        charges=["campaign/gift/total"],
        changes={
            "eligibility": (
                Eligibility("stage", loyal, told("stage shop.loyal", 3)),
                Eligibility("audience", of("and", CONSENT, either), told("audience …", 4)),
            ),
            "holdout": Decimal("0.05"),
        },
    )
    condition = of("at_least", age(), number(18))
    stages = (Stage("loyal", "loyal", condition, told("loyal")),)
    plan = plans.replace(plan, lifecycles=(Lifecycle("shop", "shop", stages, told("shop")),))
    found = why(plan, rows(invested("2026-01-02", "i1")), ledger)
    assert page(found) == [
        "+ active 2026-01-01 to 2026-12-31",
        "+ stage shop.loyal",
        "+ consent",
        "- age <= 17 or age >= 60",
        "  - age <= 17",
        "  - age >= 60",
        "+ on invest",
        "  + event.amount >= 100 CNY",
        "+ require consent",
        "+ reward coffee",
        "+ holdout 5%",
    ]
    assert found.outcome == "not_eligible"
    assert not found.decided
    assert find(found, "stage shop.loyal").values == {"shop": "loyal"}
    assert find(found, "age <= 17").values == {"age": "30"}
    assert find(found, "on invest").values == {
        "invest": "i1",
        "invest.at": "2026-01-02T00:00:00+08:00",
    }
    assert find(found, "event.amount >= 100 CNY").values == {"event.amount": "100.00"}
    where = find(found, "age >= 60")
    assert (where.file, where.line) == ("some.campaign", 4)


def test_unknown_is_said(ledger: Ledger) -> None:
    found = why(
        made(eligibility=[at_least(18)]), rows(invested("2026-01-02", "1"), age=None), ledger
    )
    assert find(found, "age >= 18") == Clause(
        "age >= 18", "some.campaign", 4, False, {"age": "unknown"}, 0
    )


def test_a_declared_audience_shows_what_it_is_made_of(ledger: Ledger) -> None:
    adults = Audience("adults", "adults", of("and", at_least(18), CONSENT), told("adults"))
    member = of("not", AudienceValue("adults", origin=told("adults")), at=told("not adults"))
    plan = plans.replace(made(eligibility=[member]), audiences=(adults,))
    found = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert page(found)[:3] == ["- not adults", "  + age >= 18", "  + consent"]
    assert find(found, "not adults").values == {"adults": "yes"}


def test_a_history_is_named_by_what_it_counts(ledger: Ledger) -> None:
    counted = EventAggregate("n", "invest", "count", None, None, None, INTEGER, False)
    count = FeatureValue("n", INTEGER, False, told("no invest in last 7 days"))
    none = of("equal", count, number(0), at=told("no invest in last 7 days"))
    plan = made(features=(*plans.FIELDS, counted), eligibility=[none])
    found = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert find(found, "no invest in last 7 days").values == {"count(invest in last 7 days)": "1"}


def test_the_branch_that_was_taken_and_the_money_in_it(ledger: Ledger) -> None:
    back = CashLine(of("divide", AMOUNT, number(3)), None, "CNY", told("a third as cash"))
    branches = (
        Branch(at_least(60), (WalletLine("points", number(60), told("60 points")),)),
        Branch(at_least(18), (back,)),
        Branch(None, (WalletLine("points", number(1), told("1 points")),)),
    )
    plan = made(reward=Reward(branches, None, None, None, told("reward by { … }", 8)))
    found = why(plan, rows(invested("2026-01-02", "1")), ledger)
    assert page(found)[-3:] == ["+ reward by { … }", "  - age >= 60", "  + age >= 18"]
    assert find(found, "reward by { … }").values == {
        "event.amount": "100.00",
        "a third as cash": "33.33",
    }
    nothing = why(
        made(reward=plans.give(WalletLine("points", age(), told("age points")))),
        rows(invested("2026-01-02", "1"), age=0),
        ledger,
    )
    assert nothing.outcome == "not_eligible"
    assert nothing.clauses[-1].held is False
    assert nothing.clauses[-1].values == {"age": "0", "age points": "unknown"}


# --- which decision -----------------------------------------------------------------------------


def test_the_latest_event_that_fires_is_explained(ledger: Ledger) -> None:
    seen = rows(
        invested("2026-01-02", "first"),
        invested("2026-01-05", "second"),
        invested("2026-01-06", "small", "99"),
        invested("2026-02-05", "later"),
    )
    assert why(made(), seen, ledger).occurrence == "second"
    assert why(made(), seen, ledger, "2026-01-04").occurrence == "first"


def test_an_event_for_which_it_does_not_fire_says_why(ledger: Ledger) -> None:
    found = why(made(), rows(invested("2026-01-06", "small", "99")), ledger)
    assert page(found)[:2] == ["- on invest", "  - event.amount >= 100 CNY"]
    assert (found.outcome, found.occurrence) == ("not_eligible", "small")


def test_without_an_event_the_trigger_says_so_and_its_fields_are_not_asked(ledger: Ledger) -> None:
    outside = invested("2025-12-31", "before the campaign")
    plan = made(active=(at("2026-01-01"), None), eligibility=[LARGE, at_least(18)])
    found = why(plan, rows(outside), ledger)
    assert page(found) == [
        "+ active 2026-01-01",
        "? event.amount >= 100 CNY",
        "+ age >= 18",
        "- on invest",
        "  ? event.amount >= 100 CNY",
        "? reward coffee",
    ]
    assert find(found, "on invest").values == {"invest": "none by 2026-01-31T10:00:00+08:00"}
    assert (found.outcome, found.occurrence, found.decided) == ("not_eligible", None, False)


def test_a_closed_window(ledger: Ledger) -> None:
    trigger = plans.replace(plans.on("invest"), opening=Opening(10, time(10), 31))
    found = why(made(trigger=trigger), rows(invested("2026-01-10 09:00", "1")), ledger)
    assert page(found)[:2] == ["- on invest", "  - open every month from day 10 at 10:00 to day 31"]


def test_of_a_schedule_the_latest_instant_that_was_due(ledger: Ledger) -> None:
    trigger = DailyTrigger(4, time(9), None, told("every friday at 09:00"))
    plan = made(trigger=trigger, active=(at("2026-01-01"), at("2026-01-20")))
    found = why(plan, rows(), ledger, "2026-01-15 10:00")
    assert found.occurrence == "2026-01-09T09:00:00+08:00"
    assert why(plan, rows(), ledger, "2027-01-01").occurrence == "2026-01-16T09:00:00+08:00"
    early = why(plan, rows(), ledger, "2026-01-02 08:00")
    assert find(early, "every friday at 09:00").held is False
    assert early.occurrence is None


def test_the_latest_instant_may_be_years_ago(ledger: Ledger) -> None:
    trigger = FestivalTrigger("fair", time(9), told("on festival fair at 09:00"))
    days = (Holiday("fair", date(2012, 5, 1), provisional=False),)
    plan = plans.replace(made(trigger=trigger), holidays=days)
    found = why(plan, rows(), ledger, "2026-01-15 10:00")
    assert found.occurrence == "2012-05-01T09:00:00+08:00"


def test_a_customer_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(CannotRun) as stopped:
        why(made(), rows(), ledger, who="b")
    diagnostic = stopped.value.diagnostic
    assert diagnostic.code.id == "E716"
    assert diagnostic.message() == "there is no customer `b` in the table `customers`"


# --- what may be seen ---------------------------------------------------------------------------


def test_private_fields_are_masked(ledger: Ledger) -> None:
    private = tuple(
        plans.replace(field, sensitivity="C3") if field.name == "city" else field
        for field in plans.CUSTOMERS.fields
    )
    here = of("equal", CITY, Constant(TEXT, "北京"), at=told('city = "北京"', 8))
    customers = plans.replace(plans.CUSTOMERS, fields=private)
    found = why(
        made(eligibility=[here], customers=customers), rows(invested("2026-01-02", "1")), ledger
    )
    assert find(found, 'city = "北京"').values == {"city": "(private)"}
    assert "上海" not in json.dumps(to_json(found), ensure_ascii=False)


def test_the_json_form(ledger: Ledger) -> None:
    found = to_json(why(made(), rows(invested("2026-01-02", "1")), ledger))
    assert json.loads(json.dumps(found)) == found
    assert {name: found[name] for name in found if name != "clauses"} == {
        "format_version": 1,
        "campaign": "gift",
        "step": "main",
        "customer": "a",
        "at": "2026-01-31T02:00:00.000000Z",
        "occurrence": "1",
        "decided": False,
        "outcome": "granted",
        "lost": None,
    }
    clauses = found["clauses"]
    assert isinstance(clauses, list)
    assert clauses[1] == {
        "text": "event.amount >= 100 CNY",
        "file": "some.campaign",
        "line": 7,
        "column": 1,
        "held": True,
        "values": {"event.amount": "100.00"},
        "depth": 1,
    }
