"""A run from end to end: warehouse, decisions, ledger, outbox; again, late, cut off."""

from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast

import pytest
from campaigner.compiler.plan import (
    Check,
    DailyTrigger,
    FestivalTrigger,
    GrantCount,
    Holiday,
    Message,
    Plan,
)
from campaigner.compiler.plan.expressions import Constant, Expression, FeatureValue, Operation
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.run.permission import still_allowed
from campaigner.runtime.run.report import CampaignReport, RunReport
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import new_schema
from . import plans
from .houses import House, at, new_house

CITY = FeatureValue("customer.city", TEXT, optional=False)
CONSENT = FeatureValue("customer.consent", BOOLEAN, optional=False)


@pytest.fixture(params=["duckdb", "postgresql"])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    return new_house(tmp_path, new_schema() if request.param == "postgresql" else None)


def daily(hour: int = 10) -> DailyTrigger:
    return DailyTrigger(None, time(hour), None, plans.origin("every day"))


def is_(value: Expression, text: str) -> Operation:
    return Operation("equal", (value, Constant(TEXT, text)), BOOLEAN, optional=False)


def only(report: RunReport) -> CampaignReport:
    (found,) = report.campaigns
    return found


def of(report: RunReport, campaign: str) -> CampaignReport:
    return next(each for each in report.campaigns if each.campaign == campaign)


# --- schedules ----------------------------------------------------------------------------------


def test_a_schedule_reaches_everybody_once(house: House) -> None:
    house.plan = plans.plan([plans.campaign("gift", daily())])
    report = house.run(At(at("2026-01-10 12:00")))
    assert sorted(house.given()) == [
        (name, "2026-01-10T10:00:00+08:00") for name in ("ann", "bob", "cid")
    ]
    assert (only(report).looked, only(report).reached, only(report).granted) == (3, 3, 3)
    before = house.grants()
    again = house.run(Between(at("2026-01-10"), at("2026-01-10 23:59")))
    assert house.grants() == before
    assert (only(again).reached, only(again).granted, only(again).repeated) == (3, 0, 3)
    assert only(again).changed == 0


def test_the_days_since_the_last_run_are_made_up_for(house: House) -> None:
    house.plan = plans.plan([plans.campaign("gift", daily())])
    assert only(house.run(At(at("2026-01-10 09:00")))).granted == 0
    assert only(house.run(At(at("2026-01-13 10:00")))).granted == 4 * 3
    assert only(house.run(At(at("2026-01-13 23:00")))).looked == 0


def test_who_is_served_while_the_budget_lasts(house: House) -> None:
    account = plans.account("gift", "total", "25.00")
    campaign = plans.campaign("gift", daily(), charges=[account.id])
    house.plan = plans.plan([campaign], accounts=[account])
    found = only(house.run(At(at("2026-01-10 12:00"))))
    assert dict(found.outcomes) == {"granted": 2, "over_budget": 1}
    assert (str(found.spent), str(found.budget), str(found.left)) == ("25.00", "25.00", "0.00")


def test_shared_budgets_serve_in_the_order_of_time(house: House) -> None:
    pool = plans.account("q1", "total", "37.50", owner_kind="pool")
    late = plans.campaign("afternoon", daily(15), charges=[pool.id])
    early = plans.campaign("zmorning", daily(9), charges=[pool.id])
    house.plan = plans.plan([late, early], accounts=[pool])
    report = house.run(At(at("2026-01-10 16:00")))
    assert of(report, "zmorning").granted == 3
    assert of(report, "afternoon").granted == 0
    assert of(report, "afternoon").budget is None


def test_of_one_instant_the_higher_priority_goes_first(house: House) -> None:
    pool = plans.account("q1", "total", "37.50", owner_kind="pool")
    first = plans.campaign("a", daily(), charges=[pool.id], priority=1)
    second = plans.campaign("b", daily(), charges=[pool.id], priority=2)
    house.plan = plans.plan([first, second], accounts=[pool])
    report = house.run(At(at("2026-01-10 16:00")))
    assert (of(report, "a").granted, of(report, "b").granted) == (0, 3)


def test_a_festival_that_is_not_announced_yet_is_said_to_be(house: House) -> None:
    trigger = FestivalTrigger("mid_autumn", time(9), plans.origin("on festival mid_autumn"))
    holiday = Holiday("mid_autumn", date(2027, 9, 15), provisional=True)
    house.plan = plans.plan([plans.campaign("moon", trigger)], holidays=[holiday])
    report = house.run(At(at("2027-09-15 12:00")))
    assert only(report).granted == 3
    assert [warning.code.id for warning in report.warnings] == ["W703"]


# --- events -------------------------------------------------------------------------------------


def thanks(**settings: object) -> Plan:
    active = (at("2026-01-01"), None)
    return plans.plan([plans.campaign("thanks", plans.on("invest"), active=active, **settings)])


def test_events_since_the_start_and_then_since_the_last_run(house: House) -> None:
    house.plan = thanks()
    house.invest("i0", "ann", "2025-12-31 23:00")
    house.invest("i1", "ann", "2026-01-05 10:00")
    house.invest("i2", "bob", "2026-01-06 10:00")
    house.run(At(at("2026-01-05 12:00")))
    assert house.given() == [("ann", "i1")]
    report = house.run(At(at("2026-01-07")))
    assert house.given() == [("ann", "i1"), ("bob", "i2")]
    assert (only(report).looked, only(report).granted) == (1, 1)


def test_a_late_event_is_decided_at_its_own_time(house: House) -> None:
    house.plan = thanks()
    house.invest("i2", "bob", "2026-01-06 10:00")
    house.run(At(at("2026-01-07")))
    house.invest("i1", "ann", "2026-01-05 10:00")
    house.invest("i0", "ann", "2025-12-31 23:00")
    report = house.run(At(at("2026-01-08")))
    assert only(report).granted == 1
    assert [(grant.occurrence, grant.at) for grant in house.grants()] == [
        ("i1", at("2026-01-05 10:00")),
        ("i2", at("2026-01-06 10:00")),
    ]
    assert only(house.run(At(at("2026-01-09")))).looked == 0


def test_a_period_with_a_gap_before_it_loses_nothing(house: House) -> None:
    house.plan = thanks()
    for number in range(1, 10):
        house.invest(f"i{number}", "ann", f"2026-01-0{number} 10:00")
    house.run(At(at("2026-01-03")))
    house.run(Between(at("2026-01-06"), at("2026-01-07")))
    assert [key for _, key in house.given()] == ["i1", "i2", "i6"]
    house.run(At(at("2026-01-10")))
    assert [key for _, key in house.given()] == [f"i{number}" for number in range(1, 10)]


def test_a_new_campaign_looks_at_events_that_others_have_seen(house: House) -> None:
    house.plan = thanks()
    house.invest("i1", "ann", "2026-01-05 10:00")
    house.run(At(at("2026-01-06")))
    (old,) = house.plan.campaigns
    house.plan = plans.plan([old, plans.replace(old, name="welcome")])
    report = house.run(At(at("2026-01-07")))
    assert (of(report, "thanks").granted, of(report, "welcome").granted) == (0, 1)


def test_a_campaign_without_a_start_leaves_what_was_before_its_first_day(house: House) -> None:
    house.plan = plans.plan([plans.campaign("thanks", plans.on("invest"))])
    house.invest("i1", "ann", "2026-01-05 10:00")
    house.invest("i2", "ann", "2026-01-06 00:30")
    house.run(At(at("2026-01-06 12:00")))
    house.invest("i3", "bob", "2026-01-06 01:00")
    house.run(At(at("2026-01-07")))
    assert house.given() == [("ann", "i2"), ("bob", "i3")]


def test_nothing_after_the_end_of_a_campaign_is_decided_late(house: House) -> None:
    active = (at("2026-01-01"), at("2026-01-05"))
    house.plan = plans.plan([plans.campaign("thanks", plans.on("invest"), active=active)])
    house.run(At(at("2026-01-10")))
    house.invest("i1", "ann", "2026-01-04 10:00")
    house.invest("i2", "ann", "2026-01-06 10:00")
    house.run(At(at("2026-01-11")))
    assert house.given() == [("ann", "i1")]


def test_limits_by_a_field_of_the_event(house: House) -> None:
    limit = plans.account("thanks", "limit", "1", measure="grants", key="device")
    plan = thanks(charges=[limit.id])
    house.plan = plans.replace(plan, accounts=(limit,))
    house.invest("i1", "ann", "2026-01-05 10:00", device="d1")
    house.invest("i2", "bob", "2026-01-05 11:00", device="d1")
    house.invest("i3", "bob", "2026-01-05 12:00", device="d2")
    found = only(house.run(At(at("2026-01-06"))))
    assert dict(found.outcomes) == {"granted": 2, "over_limit": 1}


# --- received(…) --------------------------------------------------------------------------------


def never_received(name: str) -> tuple[GrantCount, Expression]:
    feature = GrantCount(f"received.{name}", "campaign", name, None, INTEGER)
    value = FeatureValue(feature.id, INTEGER, optional=False)
    return feature, Operation("equal", (value, Constant(INTEGER, "0")), BOOLEAN, optional=False)


def test_a_grant_of_the_same_run_is_seen(house: House) -> None:
    feature, never = never_received("first")
    first = plans.campaign("first", daily(9), eligibility=[is_(CITY, "Jinan")])
    second = plans.campaign("second", daily(10), eligibility=[never])
    house.plan = plans.plan([first, second], features=[*plans.FIELDS, feature])
    house.run(At(at("2026-01-10 12:00")))
    assert sorted(house.given("second")) == [("bob", "2026-01-10T10:00:00+08:00")]


def test_a_benefit_that_another_campaign_gave_is_seen(house: House) -> None:
    feature = GrantCount("received.coffee", "benefit", "coffee", None, INTEGER)
    value = FeatureValue(feature.id, INTEGER, optional=False)
    never = Operation("equal", (value, Constant(INTEGER, "0")), BOOLEAN, optional=False)
    first = plans.campaign("zfirst", daily(), eligibility=[is_(CITY, "Xian")], priority=1)
    second = plans.campaign("asecond", daily(), eligibility=[never])
    house.plan = plans.plan([first, second], features=[*plans.FIELDS, feature])
    house.run(At(at("2026-01-10 12:00")))
    assert {name for name, _ in house.given("asecond")} == {"ann", "cid"}


def test_a_decision_does_not_see_what_it_gave_itself(house: House) -> None:
    feature, never = never_received("gift")
    campaign = plans.campaign("gift", daily(), eligibility=[never])
    house.plan = plans.plan([campaign], features=[*plans.FIELDS, feature])
    period = Between(at("2026-01-10"), at("2026-01-12 23:00"))
    assert only(house.run(period)).granted == 3
    again = only(house.run(period))
    assert (again.granted, again.repeated, again.changed) == (0, 3, 0)
    assert len(house.grants()) == 3


def test_what_a_later_campaign_of_the_same_instant_gave_is_not_seen_again(house: House) -> None:
    feature, never = never_received("later")
    ever = plans.replace(never, operator="not_equal")
    before = plans.campaign("early", daily(), eligibility=[ever])
    later = plans.campaign("later", daily())
    house.plan = plans.plan([before, later], features=[*plans.FIELDS, feature])
    for _ in range(2):
        house.run(Between(at("2026-01-10"), at("2026-01-10 23:00")))
        assert (len(house.given("later")), house.given("early")) == (3, [])


def test_campaigns_that_exclude_each_other(house: House) -> None:
    not_b, without_b = never_received("b")
    not_a, without_a = never_received("a")
    first = plans.campaign("a", daily(), eligibility=[without_b], priority=1)
    second = plans.campaign("b", daily(), eligibility=[without_a, is_(CITY, "Jinan")], priority=2)
    house.plan = plans.plan([first, second], features=[*plans.FIELDS, not_a, not_b])
    for _ in range(2):
        house.run(Between(at("2026-01-10"), at("2026-01-11 23:00")))
        assert {name for name, _ in house.given("a")} == {"bob"}
        assert {name for name, _ in house.given("b")} == {"ann", "cid"}


def test_a_condition_of_ledger_and_warehouse(house: House) -> None:
    feature, never = never_received("gift")
    either = Operation("or", (never, is_(CITY, "Xian")), BOOLEAN, optional=False)
    campaign = plans.campaign("gift", daily(), eligibility=[either])
    house.plan = plans.plan([campaign], features=[*plans.FIELDS, feature])
    house.run(Between(at("2026-01-10"), at("2026-01-12 23:00")))
    names = [name for name, _ in house.given()]
    assert {name: names.count(name) for name in sorted(set(names))} == {
        "ann": 1,
        "bob": 3,
        "cid": 1,
    }


# --- delivery -----------------------------------------------------------------------------------


def messages(**settings: object) -> Plan:
    message = Message("push", "hello", (), plans.origin())
    return plans.plan([plans.campaign("gift", daily(), messages=[message], **settings)])


def test_what_was_granted_is_delivered_once(house: House) -> None:
    house.plan = messages()
    report = house.run(At(at("2026-01-10 12:00")))
    assert report.delivered.delivered == {"push": 3}
    house.run(At(at("2026-01-10 13:00")))
    assert len(house.messages()) == 3


def test_consent_that_was_withdrawn_stops_the_message(house: House) -> None:
    check = Check("cn_retail", CONSENT, None, plans.origin())
    (campaign,) = messages(checks=[check]).campaigns
    reward = step_of(campaign).reward
    assert reward is not None
    later = plans.replace(reward, deliver_on=plans.DeliveryDay(15, 0))
    step = plans.replace(step_of(campaign), reward=later)
    house.plan = plans.plan([plans.replace(campaign, steps=(step,))])
    report = house.run(Between(at("2026-01-10"), at("2026-01-10 23:00")))
    assert (report.delivered.delivered, report.waiting) == ({}, {"push": 3})
    house.fill("UPDATE customers SET consent = false WHERE customer_id = 'bob'")
    report = house.run(Between(at("2026-01-15"), at("2026-01-15 09:00")))
    assert report.delivered.delivered == {"push": 2}
    assert report.delivered.suppressed == {"push": 1}
    assert {line["recipient"] for line in house.messages()} == {"ann", "cid"}


def test_delivery_asks_the_warehouse_about_those_who_wait_alone(house: House) -> None:
    check = Check("cn_retail", CONSENT, None, plans.origin())
    plan = messages(checks=[check])
    kept: list[list[str]] = []

    class Watched:
        """A warehouse that shows what it is asked to keep."""

        def __init__(self, warehouse: Warehouse) -> None:
            self.warehouse = warehouse

        def __getattr__(self, name: str) -> Any:
            return getattr(self.warehouse, name)

        def keep(self, table: str, occurrences: Iterable[str]) -> None:
            kept.append([*occurrences])
            self.warehouse.keep(table, kept[-1])

    with open_warehouse(house.url(), house.folder) as opened:
        watched = cast(Warehouse, Watched(opened))
        may = still_allowed(plan, watched, at("2026-01-15"), [("gift", "ann"), ("gift", "bob")])
        assert may("gift", ["ann"]) == {"ann"}
        assert may("gift", ["ann", "bob"]) == {"ann", "bob"}
        assert kept == [["ann", "bob"]]
        # Those of messages that were not there before are asked about once.
        assert may("gift", ["bob", "cid", "nobody"]) == {"bob", "cid"}
        assert may("gift", ["cid", "nobody"]) == {"cid"}
        assert kept == [["ann", "bob"], ["cid", "nobody"]]


# --- rehearsal, mistakes, crashes ---------------------------------------------------------------


def test_a_dry_run_keeps_nothing(house: House) -> None:
    house.plan = messages()
    report = house.run(At(at("2026-01-10 12:00")), dry_run=True)
    assert (report.rehearsed, only(report).granted) == (True, 3)
    assert house.given() == []
    assert house.messages() == []
    assert only(house.run(At(at("2026-01-10 12:00")))).granted == 3


def test_a_warehouse_that_is_not_as_the_catalog_says_stops_the_run(house: House) -> None:
    house.plan = messages()
    house.fill("INSERT INTO customers VALUES ('ann', 1, 'Jinan', true)")
    with pytest.raises(CannotRun) as stopped:
        house.run(At(at("2026-01-10 12:00")))
    assert stopped.value.diagnostic.code.id == "E747"
    assert house.given() == []


def test_a_decision_that_would_come_out_otherwise_now_is_told(house: House) -> None:
    house.plan = plans.plan([plans.campaign("gift", daily())])
    house.run(At(at("2026-01-10 12:00")))
    dearer = plans.replace(plans.COFFEE, cost=plans.COFFEE.cost * 2)
    house.plan = plans.replace(house.plan, benefits=(dearer,))
    report = house.run(Between(at("2026-01-10"), at("2026-01-10 12:00")))
    assert only(report).changed == 3
    assert {(one.kept, one.now) for one in only(report).conflicts} == {
        ("coffee 30.00 CNY", "coffee 30.00 CNY")
    }
    values = plans.replace(plans.COFFEE, value=plans.COFFEE.value + 5)
    house.plan = plans.replace(house.plan, benefits=(values,))
    report = house.run(Between(at("2026-01-10"), at("2026-01-10 12:00")))
    assert {(one.kept, one.now) for one in only(report).conflicts} == {
        ("coffee 30.00 CNY", "coffee 35.00 CNY")
    }


class Cut(Exception):  # noqa: N818
    """The power goes."""


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_run_cut_off_and_run_again_is_as_if_it_had_not_been(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    cut: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    account = plans.account("thanks", "total", "60.00")
    plan = plans.replace(thanks(charges=[account.id]), accounts=(account,))
    whole = House(tmp_path_factory.mktemp("whole"), plan)
    monkeypatch.setattr("campaigner.runtime.run.deciding.deciding.BATCH", 2)
    house.plan = plan
    for number in range(1, 8):
        house.invest(f"i{number}", "ann", f"2026-01-0{number} 10:00")
    (whole.folder / "bank.duckdb").write_bytes((house.folder / "bank.duckdb").read_bytes())

    def stop(done: int, _: datetime) -> None:
        if done == cut * 2:
            raise Cut

    class Cutting(list[tuple[int, datetime]]):
        def append(self, told: tuple[int, datetime]) -> None:
            stop(*told)

    house.told = Cutting()
    with pytest.raises(Cut):
        house.run(At(at("2026-01-09")))
    house.told = []
    house.run(At(at("2026-01-10")))
    whole.run(At(at("2026-01-10")))
    assert house.grants() == whole.grants()
    assert len(house.given()) == 4


def test_progress_is_told_after_each_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigner.runtime.run.deciding.deciding.BATCH", 2)
    house.plan = plans.plan([plans.campaign("gift", daily())])
    house.run(At(at("2026-01-10 12:00")))
    assert house.told == [(2, at("2026-01-10 10:00")), (3, at("2026-01-10 10:00"))]


def test_a_date_is_a_day_of_the_projects_zone(house: House) -> None:
    house.plan = plans.plan([plans.campaign("thanks", plans.on("invest"))])
    house.fill(
        "ALTER TABLE investments ALTER invested_at TYPE DATE",
        "INSERT INTO investments VALUES ('i1', 'ann', '2026-01-10', 100, 'd')",
    )
    # Midnight in Shanghai is the afternoon before in UTC.
    assert house.run(Between(at("2026-01-10"), at("2026-01-10 01:00"))).warnings == ()
    assert house.given() == [("ann", "i1")]
