"""The event path, by example: what an event meets, and what is in its history."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import (
    BeforeEventWindow,
    Campaign,
    DailyTrigger,
    EventAggregate,
    EventPick,
    GrantCount,
    LastWindow,
    Plan,
)
from campaigner.compiler.plan.expressions import (
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    RowValue,
)
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT
from campaigner.runtime.decide.decisions import Decision, Identity
from campaigner.runtime.decide.past_grants import Received
from campaigner.runtime.events.compiled import index
from campaigner.runtime.events.engine import Engine, Event, History, compile_events

from . import plans

SHANGHAI = ZoneInfo("Asia/Shanghai")
AMOUNT = EventValue("amount", plans.CNY, optional=False)
CONSENT = FeatureValue("customer.consent", BOOLEAN, optional=False)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def invested(when: str, key: str, amount: str = "10", who: str = "ann", **more: Any) -> Event:
    row = {"at": at(when), "key": key, "amount": Decimal(amount), "device": None, **more}
    return Event("invest", who, row)


def ready(
    *campaigns: Campaign, features: Any = (), customers: Any = None
) -> tuple[Engine, History]:
    made = plans.plan(campaigns, features=(*plans.FIELDS, *features))
    return opened(made, customers)


def opened(plan: Plan, customers: Any = None) -> tuple[Engine, History]:
    engine = compile_events(plan)
    history = engine.history()
    someone = {"age": None, "city": "上海", "consent": True}
    history.put_customers(customers or {"ann": someone, "bob": someone})
    return engine, history


def told(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(each.identity.campaign, each.identity.occurrence) for each in decisions]


def met(engine: Engine, event: Event, history: History) -> list[str]:
    return [campaign for campaign, _, _ in engine.offers(event, history)]


def at_least(amount: int) -> Expression:
    return of("at_least", AMOUNT, Constant(plans.CNY, str(amount)))


# --- what an event meets ------------------------------------------------------------------------


def test_an_event_that_nobody_waits_for_decides_nothing() -> None:
    engine, history = ready(plans.campaign("gift", plans.on("invest")))
    assert (
        engine.decide_batch([Event("login", "ann", invested("2026-01-02", "1").row)], history) == []
    )


def test_an_unknown_customer_is_in_the_history_and_decides_nothing() -> None:
    engine, history = ready(plans.campaign("gift", plans.on("invest")))
    assert engine.decide_batch([invested("2026-01-02", "1", who="eve")], history) == []


def test_campaigns_act_in_the_order_of_priority_then_name() -> None:
    trigger = plans.on("invest")
    engine, history = ready(
        plans.campaign("a", trigger),
        plans.campaign("b", trigger, priority=5),
        plans.campaign("c", trigger, priority=5),
    )
    event = invested("2026-01-02", "1")
    assert told(engine.decide_batch([event], history)) == [("b", "1"), ("c", "1"), ("a", "1")]
    assert met(engine, event, history) == ["b", "c", "a"]


def test_a_plain_decision_has_each_field_as_its_constructor_sets_it() -> None:
    engine, history = ready(plans.campaign("gift", plans.on("invest")))
    event = invested("2026-01-02", "1")
    (alone,) = engine.decide(event, history)
    (proposed,) = engine.decide_batch([event], history)
    identity, lines, now = Identity("gift", "main", "ann", "1"), alone.lines, event.row["at"]
    whole = Decision(identity, "ann", now, False, lines, (), now, None, {}, {})
    assert alone == proposed == whole
    assert type(alone) is type(proposed) is Decision
    assert type(alone.identity) is type(proposed.identity) is Identity


def test_events_of_one_instant_are_proposed_in_the_order_of_decisions() -> None:
    trigger = plans.on("invest")
    engine, history = ready(plans.campaign("a", trigger), plans.campaign("b", trigger, priority=5))
    days = ["2026-01-02", "2026-01-02", "2026-01-03", "2026-01-03", "2026-01-03"]
    events = [invested(day, key) for day, key in zip(days, "21543", strict=True)]
    assert told(engine.decide_batch(events, history)) == [
        *[("b", "1"), ("b", "2"), ("a", "1"), ("a", "2")],
        *[("b", "3"), ("b", "4"), ("b", "5"), ("a", "3"), ("a", "4"), ("a", "5")],
    ]


def test_a_schedule_is_not_the_event_paths_affair() -> None:
    trigger = DailyTrigger(None, time(10), None, plans.origin())
    engine, history = ready(plans.campaign("gift", trigger))
    assert engine.decide_batch([invested("2026-01-02 10:00", "1")], history) == []


def test_both_ends_of_the_active_period_are_in_it() -> None:
    active = (at("2026-01-02"), at("2026-01-03"))
    engine, history = ready(plans.campaign("gift", plans.on("invest"), active=active))
    found = engine.decide_batch(
        [
            invested("2026-01-01 23:59:59", "before"),
            invested("2026-01-02", "first"),
            invested("2026-01-03", "last"),
            invested("2026-01-03 00:00:01", "after"),
        ],
        history,
    )
    assert [occurrence for _, occurrence in told(found)] == ["first", "last"]


@pytest.mark.parametrize("count", [1, 3, 4, 40])
def test_bounds_are_the_same_one_by_one_and_sorted(count: int) -> None:
    campaigns = [
        plans.campaign(f"c{bound:02}", plans.on("invest", at_least(bound)))
        for bound in range(1, count + 1)
    ]
    engine, history = ready(*campaigns)
    for amount in (0, 1, 2, count, count + 1):
        event = invested("2026-01-02", "1", str(amount))
        expected = [f"c{bound:02}" for bound in range(1, min(amount, count) + 1)]
        assert met(engine, event, history) == expected


def test_a_value_among_several_meets_each_campaign_once() -> None:
    device = EventValue("device", TEXT, optional=True)

    def among(*names: str) -> Expression:
        return of("in", device, *(Constant(TEXT, name) for name in names))

    engine, history = ready(
        plans.campaign("one", plans.on("invest", among("a", "b", "a"))),
        plans.campaign("other", plans.on("invest", among("b", "c"))),
        plans.campaign("any", plans.on("invest")),
    )
    found = {
        name: met(engine, invested("2026-01-02", "1", device=name), history)
        for name in ("a", "b", "c", "d", None)
    }
    assert found == {
        "a": ["any", "one"],
        "b": ["any", "one", "other"],
        "c": ["any", "other"],
        "d": ["any"],
        None: ["any"],
    }


def test_an_unknown_value_fails_every_comparison() -> None:
    age = FeatureValue("customer.age", INTEGER, optional=True)
    bounds = [
        plans.campaign(
            f"c{n}", plans.on("invest"), eligibility=[of(key, age, Constant(INTEGER, n))]
        )
        for n, key in zip("123456", ["at_least", "less"] * 3, strict=True)
    ]
    engine, history = ready(*bounds)
    assert met(engine, invested("2026-01-02", "1"), history) == []


@pytest.mark.parametrize("most", [2, 40])
def test_many_campaigns_share_their_tables_and_their_code(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST", most)
    device = EventValue("device", TEXT, optional=True)
    spent = FeatureValue("spent", plans.CNY, optional=False)
    campaigns = [
        plans.campaign(
            f"{event}_{name}_{bound}",
            plans.on(
                event,
                of(
                    "and",
                    of("equal", device, Constant(TEXT, name)),
                    of("at_least", spent, Constant(plans.CNY, str(bound))),
                    of("greater", AMOUNT, Constant(plans.CNY, str(bound - 10))),
                ),
            ),
            active=(at(f"2026-01-0{bound // 10}"), at(f"2026-01-0{bound // 10 + 4}")),
        )
        for event in ("invest", "repay")
        for name in "abcd"
        for bound in range(10, 51, 10)
    ]
    engine, history = ready(*campaigns, features=[SPENT])
    history.record("invest", "ann", invested("2026-01-04 10:00", "0", "30").row)
    for event in ("invest", "repay"):
        for name in ("a", "d", "e", None):
            row = invested("2026-01-04 12:00", "1", "15", device=name).row
            expected = (
                [f"{event}_{name}_{bound}" for bound in (10, 20)] if name in ("a", "d") else []
            )
            assert met(engine, Event(event, "ann", row), history) == expected
            row = invested("2026-01-07 12:00", "1", "90", device=name).row
            assert met(engine, Event(event, "ann", row), history) == []


# --- what it knows of the past ------------------------------------------------------------------

SPENT = EventAggregate(
    "spent",
    "invest",
    "sum",
    RowValue("amount", plans.CNY, optional=False),
    None,
    LastWindow(2, "day"),
    plans.CNY,
    optional=False,
)


def spent(amount: int) -> Expression:
    value = FeatureValue("spent", plans.CNY, optional=False)
    return of("at_least", value, Constant(plans.CNY, str(amount)))


def test_an_event_is_part_of_the_history_it_sees() -> None:
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[spent(30)]), features=[SPENT]
    )
    found = [
        told(engine.decide_batch([event], history))
        for event in (
            invested("2026-01-01 12:00", "1", "10"),
            invested("2026-01-02 12:00", "2", "20"),
            invested("2026-01-03 12:00", "3", "5"),
            invested("2026-01-03 12:01", "4", "5"),
            invested("2026-01-03 12:01", "5", "100", who="bob"),
        )
    ]
    # At noon of the third, (now - 2 days, now] has lost the first.
    assert found == [[], [("gift", "2")], [], [("gift", "4")], [("gift", "5")]]


def test_events_of_one_instant_see_each_other() -> None:
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[spent(20)]), features=[SPENT]
    )
    together = [invested("2026-01-01 12:00", "2"), invested("2026-01-01 12:00", "1")]
    assert told(engine.decide_batch(together, history)) == [("gift", "1"), ("gift", "2")]


def test_a_late_event_is_decided_at_its_own_time() -> None:
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[spent(30)]), features=[SPENT]
    )
    engine.decide_batch([invested("2026-01-01 12:00", "1", "20")], history)
    engine.decide_batch([invested("2026-01-01 14:00", "3", "500")], history)
    late = invested("2026-01-01 13:00", "2", "9")
    assert engine.decide_batch([late], history) == []
    late = invested("2026-01-01 13:30", "2b", "1")
    assert told(engine.decide_batch([late], history)) == [("gift", "2b")]


def test_before_the_event_is_before_it_in_the_order_of_time_and_key() -> None:
    count = EventAggregate(
        "n", "invest", "count", None, None, BeforeEventWindow(), INTEGER, optional=False
    )
    first = of("equal", FeatureValue("n", INTEGER, optional=False), Constant(INTEGER, "0"))
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[first]), features=[count]
    )
    together = [
        invested("2026-01-01", "2"),
        invested("2026-01-01", "1"),
        invested("2026-01-01", "10"),
    ]
    assert told(engine.decide_batch(together, history)) == [("gift", "1")]


def test_a_history_may_ask_about_the_event_at_hand() -> None:
    same = of(
        "equal", RowValue("device", TEXT, optional=True), EventValue("device", TEXT, optional=True)
    )
    last = EventPick(
        "last", "invest", "last", "amount", same, BeforeEventWindow(), plans.CNY, optional=True
    )
    more = of("greater", AMOUNT, FeatureValue("last", plans.CNY, optional=True))
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[more]), features=[last]
    )
    events = [
        invested("2026-01-01", "1", "10", device="a"),
        invested("2026-01-02", "2", "20", device="b"),
        invested("2026-01-03", "3", "11", device="a"),
        invested("2026-01-04", "4", "19", device="b"),
    ]
    assert told(engine.decide_batch(events, history)) == [("gift", "3")]


def test_past_grants_are_asked_of_the_history() -> None:
    had = GrantCount("had", "campaign", "welcome", None, INTEGER)
    held = of("at_least", FeatureValue("had", INTEGER, optional=False), Constant(INTEGER, "1"))
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[held]), features=[had]
    )
    history.put_grants([Received("welcome", "main", "ann", "1", None, at("2026-01-02"))])
    events = [
        invested("2026-01-01", "1"),
        invested("2026-01-02", "2"),
        invested("2026-01-03", "3", who="bob"),
    ]
    assert told(engine.decide_batch(events, history)) == [("gift", "2")]


def test_what_no_feature_asks_about_is_not_kept() -> None:
    engine, history = ready(
        plans.campaign("gift", plans.on("invest"), eligibility=[spent(30)]), features=[SPENT]
    )
    history.record("login", "ann", invested("2026-01-01", "1").row)
    assert history.kept() == 0
    engine.decide_batch([invested("2026-01-01", "1")], history)
    assert history.kept() == 1
