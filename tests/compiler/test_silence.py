"""Warnings about clauses that do nothing, held against what the schedule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.check.silence import silent_clauses
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Campaign, DailyTrigger, MonthlyTrigger, Opening, Plan
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.project.project import load_project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CHANNELS = ("push", "rewards", "alerts")
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("starter") / "shop"
    assert invoke(["init", str(folder)]) == 0
    made = compile_project(load_project(Path(folder))).plan
    assert made is not None
    return made


def codes(plan: Plan, today: date | None = None) -> list[str]:
    return [one.code.id for one in silent_clauses(plan, CHANNELS, today)]


def only(plan: Plan, campaign: Campaign) -> Plan:
    return replace(plan, campaigns=(campaign,))


@st.composite
def schedules(draw: st.DrawFn, plan: Plan) -> Campaign:
    """The first scheduled campaign of the starter with another schedule and another period."""
    base = next(one for one in plan.campaigns if isinstance(step_of(one).trigger, DailyTrigger))
    step = step_of(base)
    opening = draw(
        st.none()
        | st.builds(
            Opening,
            from_day=st.integers(1, 31),
            from_time=st.just(datetime.min.time()),
            to_day=st.integers(1, 31),
        ).filter(lambda one: one.from_day <= one.to_day)
    )
    at = draw(st.times()).replace(second=0, microsecond=0)
    trigger = draw(
        st.builds(
            DailyTrigger,
            weekday=st.none() | st.integers(0, 6),
            at=st.just(at),
            opening=st.just(opening),
            origin=st.just(step.trigger.origin),
        )
        | st.builds(
            MonthlyTrigger,
            day=st.none() | st.integers(1, 31),
            at=st.just(at),
            opening=st.just(opening),
            origin=st.just(step.trigger.origin),
        )
    )
    start = datetime.combine(draw(DAYS), datetime.min.time(), UTC)
    end = start + timedelta(hours=draw(st.integers(0, 24 * 45)))
    steps = (replace(step, trigger=trigger),)
    return replace(base, steps=steps, active_from=start, active_to=end)


@given(data=st.data())
def test_a_trigger_is_warned_of_exactly_where_the_schedule_has_no_firing(
    plan: Plan, data: st.DataObject
) -> None:
    campaign = data.draw(schedules(plan))
    trigger = step_of(campaign).trigger
    period = campaign.active_from, campaign.active_to
    fired = list(trigger.instants(ZoneInfo(plan.time_zone), plan.holidays, *period))
    assert ("W302" in codes(only(plan, campaign))) is (not fired)


@given(today=DAYS)
def test_a_campaign_has_ended_from_the_day_after_its_last(plan: Plan, today: date) -> None:
    last = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    ended = replace(plan.campaigns[0], active_to=last)
    assert ("W301" in codes(only(plan, ended), today)) is (today > date(2026, 12, 31))


def test_without_a_day_nothing_has_ended(plan: Plan) -> None:
    ended = replace(plan.campaigns[0], active_to=datetime(2020, 1, 1, tzinfo=UTC))
    assert "W301" not in codes(only(plan, ended))


def test_the_starter_is_silent_about_nothing(plan: Plan) -> None:
    assert codes(plan, date(2026, 6, 1)) == []


# --- as campaigns are written -------------------------------------------------------------------

CAMPAIGN = """campaign tried {{
  audience consent_marketing
  trigger  {trigger}
  reward   {reward} limit 1 per customer
  budget   {{ total 1_000 CNY }}
  {message}
  compliance {{ follows fair_play }}
}}
"""


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


def warned(starter: Path, today: date, **clauses: str) -> list[str]:
    given_ = {"trigger": "on order", "reward": "coffee", "message": "", **clauses}
    (starter / "tried.campaign").write_text(CAMPAIGN.format(**given_), "utf-8")
    made = compile_project(load_project(starter), today)
    assert made.plan is not None, made.diagnostics
    return [one.code.id for one in made.diagnostics]


SPRING = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("amount", "is_more"),
    [
        ("150% of event.amount", True),
        ("100% of event.amount", False),
        ("event.amount * 1.5", True),
        ("event.amount / 0.5", True),
        ("event.amount / 2", False),
        ("event.amount + event.amount", True),
        ("event.amount - 5 CNY", False),
        ("event.amount * 3 / 2", True),
        ("event.amount * 3 / 4", False),
        ("min(event.amount * 3, 20 CNY)", False),
        ("max(event.amount * 3, 20 CNY)", True),
        ("50 CNY", False),
    ],
)
def test_cash_is_more_than_its_base(starter: Path, amount: str, is_more: bool) -> None:
    reward = f"{amount} as cash"
    assert warned(starter, SPRING, reward=reward) == (["W304"] if is_more else [])
    assert warned(starter, SPRING, reward=f"{reward} up to 20 CNY") == []


@settings(
    max_examples=24, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hour=st.integers(0, 23))
def test_a_message_of_one_instant_waits_in_quiet_hours(starter: Path, hour: int) -> None:
    trigger = f"at 2027-01-01 {hour:02}:00"
    quiet = hour >= 21 or hour < 8
    found = warned(starter, SPRING, trigger=trigger, message='message push "Hello"')
    assert found == (["W308"] if quiet else [])


def test_a_trigger_of_one_instant_ends_a_campaign(starter: Path) -> None:
    trigger = "at 2026-03-01 10:00"
    assert warned(starter, date(2026, 3, 1), trigger=trigger) == []
    assert warned(starter, date(2026, 3, 2), trigger=trigger) == ["W301"]


@pytest.mark.parametrize(
    ("trigger", "found"),
    [
        ("on day 31 of every month at 09:00 open every month from day 1 to day 5", ["W330"]),
        ("on last monday of every month at 09:00 open every month from day 1 to day 5", ["W330"]),
        ("on first monday of every month at 09:00 open every month from day 1 to day 5", []),
        ("on last day of every month at 09:00 open every month from day 28 to day 28", []),
        ("every hour at :30 open every month from day 7 at 23:45 to day 7", ["W330"]),
        ("every hour at :30 open every month from day 7 to day 7", []),
        ("on festival national_day at 09:00 open every month from day 2 to day 9", ["W330"]),
        ("at 2026-05-01 09:00 open every month from day 2 to day 9", ["W330"]),
        ("every day at 09:00", []),
    ],
)
def test_a_schedule_outside_of_its_own_window_never_fires(
    starter: Path, trigger: str, found: list[str]
) -> None:
    assert [one for one in warned(starter, SPRING, trigger=trigger) if one < "W4"] == found


@pytest.mark.parametrize(
    ("active", "trigger", "found"),
    [
        ("2026-01-06 to 2026-01-31", "on first monday of every month at 09:00", ["W302"]),
        ("2026-01-06 to 2026-02-02", "on first monday of every month at 09:00", []),
        ("2026-01-02 to 2026-03-30", "on first day of every quarter at 09:00", ["W302"]),
        ("2026-01-03 to 2026-01-15", "every 2 weeks on friday at 09:00", ["W302"]),
        ("2026-01-03 to 2026-01-16", "every 2 weeks on friday at 09:00", []),
        ("2026-01-01 10:20 to 2026-01-01 11:10", "every hour at :15", ["W302"]),
        ("2026-01-01 10:20 to 2026-01-01 11:15", "every hour at :15", []),
    ],
)
def test_a_schedule_outside_of_the_active_period_never_fires(
    starter: Path, active: str, trigger: str, found: list[str]
) -> None:
    clauses = f"{trigger}\n  active   {active}"
    today = date(2026, 1, 1)
    assert [one for one in warned(starter, today, trigger=clauses) if one != "W401"] == found


TWO = """campaign a_first {{
  audience {asks}
  trigger  {trigger}
  reward   coffee limit 1 per customer
  budget   {{ total 1_000 CNY }}
  {exclusive}
  compliance {{ follows fair_play }}
}}
campaign b_second {{
  {priority}
  audience consent_marketing
  trigger  {trigger}
  reward   5 points limit 1 per customer
  budget   {{ total 1_000 CNY }}
  compliance {{ follows fair_play }}
}}
audience lucky received(b_second)
lifecycle seen {{ stage met when received(b_second)  stage new when no received(b_second) }}
"""
ASKING = [
    ("consent_marketing and received(b_second)", ""),
    ("consent_marketing and lucky", ""),
    ("consent_marketing and stage is seen.met", ""),
    ("consent_marketing", "exclusive with b_second"),
    ("consent_marketing", "exclusive with b_second per event"),
]


@pytest.mark.parametrize("trigger", ["on order", "every friday at 10:00", "at 2027-01-01 10:00"])
@pytest.mark.parametrize(("asks", "exclusive"), ASKING)
def test_names_decide_who_sees_whose_grants(
    starter: Path, trigger: str, asks: str, exclusive: str
) -> None:
    for priority, found in ("", ["W307"]), ("priority 1", []):
        written = TWO.format(trigger=trigger, asks=asks, exclusive=exclusive, priority=priority)
        (starter / "tried.campaign").write_text(written, "utf-8")
        made = compile_project(load_project(starter), SPRING)
        assert [one.code.id for one in made.diagnostics] == found
