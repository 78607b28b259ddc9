"""Instants that are due: gaps, overlaps, short months, festivals; and written instants."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import (
    DailyTrigger,
    FestivalTrigger,
    Holiday,
    MonthlyTrigger,
    OnceTrigger,
    Opening,
    Trigger,
)
from campaigner.compiler.plan.expressions import Origin
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.schedule import due, parse_instant, start_of_day
from hypothesis import given
from hypothesis import strategies as st

from . import plans

HERE = Origin("a.campaign", 1, 1, "every day at 10:00")
SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def local(
    trigger: Trigger, start: str, end: str, zone: str = SHANGHAI, **plan: object
) -> list[str]:
    """The instants of a trigger in a period, both as the zone's clock shows them."""
    clock = ZoneInfo(zone)
    made = plans.plan(time_zone=zone, **plan)
    period = parse_instant(start, clock), parse_instant(end, clock, end_of_day=True)
    found = list(trigger.instants(clock, made.holidays, *period))
    assert all(instant.tzinfo is UTC for instant in found)
    return [f"{instant.astimezone(clock):%Y-%m-%d %H:%M}" for instant in found]


def daily(at: time, weekday: int | None = None, opening: Opening | None = None) -> DailyTrigger:
    return DailyTrigger(weekday, at, opening, HERE)


def monthly(day: int | None, at: time) -> MonthlyTrigger:
    return MonthlyTrigger(day, at, None, HERE)


def test_every_day() -> None:
    assert local(daily(time(10)), "2026-01-30", "2026-02-01") == [
        "2026-01-30 10:00",
        "2026-01-31 10:00",
        "2026-02-01 10:00",
    ]


def test_both_ends_are_in() -> None:
    at_ten = "2026-01-30 10:00"
    assert local(daily(time(10)), at_ten, at_ten) == [at_ten]
    assert local(daily(time(10)), "2026-01-30 10:00:00.000001", "2026-01-30") == []


def test_every_friday() -> None:
    fridays = local(daily(time(9), weekday=4), "2026-01-01", "2026-01-17")
    assert fridays == ["2026-01-02 09:00", "2026-01-09 09:00", "2026-01-16 09:00"]


def test_a_month_without_the_day_is_skipped() -> None:
    found = local(monthly(31, time(10)), "2026-01-01", "2026-05-31")
    assert found == ["2026-01-31 10:00", "2026-03-31 10:00", "2026-05-31 10:00"]


def test_the_last_day_of_every_month() -> None:
    found = local(monthly(None, time(18)), "2028-01-01", "2028-04-30")
    days = ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
    assert found == [f"{day} 18:00" for day in days]


def test_a_skipped_clock_time_counts_an_hour_later() -> None:
    found = local(daily(time(2, 30)), "2026-03-07", "2026-03-09", zone=NEW_YORK)
    assert found == ["2026-03-07 02:30", "2026-03-08 03:30", "2026-03-09 02:30"]


def test_of_a_day_that_was_skipped_as_a_whole_the_next_is_not_due_twice() -> None:
    found = local(daily(time(10)), "2011-12-29", "2012-01-01", zone="Pacific/Apia")
    assert found == ["2011-12-29 10:00", "2011-12-31 10:00", "2012-01-01 10:00"]


def test_a_clock_time_shown_twice_counts_once_the_first_time() -> None:
    zone = ZoneInfo(NEW_YORK)
    start, end = parse_instant("2026-11-01", zone), parse_instant("2026-11-01", zone, True)
    found = list(daily(time(1, 30)).instants(zone, (), start, end))
    assert found == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]


def test_once() -> None:
    trigger = OnceTrigger(datetime(2026, 2, 17, tzinfo=UTC), HERE)
    assert local(trigger, "2026-02-17", "2026-02-17") == ["2026-02-17 08:00"]
    assert local(trigger, "2026-02-18", "2026-02-19") == []


def test_festivals_are_those_of_the_plan() -> None:
    holidays = (
        Holiday("mid_autumn", date(2026, 9, 25), provisional=False),
        Holiday("mid_autumn", date(2027, 9, 15), provisional=True),
        Holiday("qingming", date(2026, 4, 5), provisional=False),
    )
    trigger = FestivalTrigger("mid_autumn", time(9), HERE)
    found = local(trigger, "2026-01-01", "2027-12-31", holidays=holidays)
    assert found == ["2026-09-25 09:00", "2027-09-15 09:00"]


def test_an_opening_keeps_the_days_inside_it() -> None:
    opening = Opening(from_day=29, from_time=time(10), to_day=31)
    found = local(daily(time(9), opening=opening), "2026-01-28", "2026-03-01")
    assert found == ["2026-01-30 09:00", "2026-01-31 09:00"]
    found = local(daily(time(10), opening=opening), "2026-01-28", "2026-03-01")
    assert found == [f"2026-{day} 10:00" for day in ("01-29", "01-30", "01-31", "02-28")]


def test_an_opening_holds_for_one_instant_and_for_festivals_too() -> None:
    early, late = Opening(1, time(), 16), Opening(17, time(8), 31)
    days = (Holiday("mid_autumn", date(2026, 9, 17), provisional=False),)
    at = datetime(2026, 2, 17, tzinfo=UTC)
    for opening, once in ((early, []), (late, ["2026-02-17 08:00"])):
        trigger = OnceTrigger(at, HERE, opening=opening)
        assert local(trigger, "2026-02-01", "2026-02-28") == once
    for opening, found in ((early, []), (late, ["2026-09-17 08:00"])):
        festival = FestivalTrigger("mid_autumn", time(8), HERE, opening=opening)
        assert local(festival, "2026-01-01", "2026-12-31", holidays=days) == found


def test_nothing_is_due_outside_the_active_period() -> None:
    active = datetime(2026, 1, 30, 2, tzinfo=UTC), datetime(2026, 1, 31, 2, tzinfo=UTC)
    campaign = plans.campaign("gift", daily(time(10)), active=active)
    plan = plans.plan(campaigns=(campaign,))
    everything = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = due(plan, "gift", *everything)
    assert found.instants == active
    assert (found.start, found.end) == active
    later = due(plan, "gift", datetime(2026, 6, 1, tzinfo=UTC), everything[1])
    assert later.instants == ()
    assert later.start > later.end


def test_of_an_event_trigger_the_period_is_due() -> None:
    plan = plans.plan(campaigns=(plans.campaign("thanks", plans.on("invest")),))
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    found = due(plan, "thanks", start, end, late_table="late")
    assert (found.start, found.end, found.instants, found.late_table) == (start, end, (), "late")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T10:00+08:00", datetime(2026, 1, 31, 2, tzinfo=UTC)),
        ("2026-01-31T10:00:30.25Z", datetime(2026, 1, 31, 10, 0, 30, 250_000, tzinfo=UTC)),
        ("2026-01-31 10:00", datetime(2026, 1, 31, 2, tzinfo=UTC)),
        ("2026-01-31t10:00:05-0500", datetime(2026, 1, 31, 15, 0, 5, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 30, 16, tzinfo=UTC)),
    ],
)
def test_people_write_instants(text: str, utc: datetime) -> None:
    assert parse_instant(text, ZoneInfo(SHANGHAI)) == utc


def test_a_date_as_the_end_is_the_whole_day() -> None:
    end = parse_instant("2026-01-31", ZoneInfo(SHANGHAI), end_of_day=True)
    assert end == datetime(2026, 1, 31, 16, tzinfo=UTC) - timedelta(microseconds=1)
    assert parse_instant("2026-01-31 10:00", ZoneInfo(SHANGHAI), True).hour == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-02-30",
        "2026-1-31",
        "31.01.2026",
        "2026-01-31 25:00",
        "20260131",
        "2026-W05",
    ],
)
def test_what_is_no_instant_says_how_to_write_one(text: str) -> None:
    with pytest.raises(CannotRun) as stopped:
        parse_instant(text, ZoneInfo(SHANGHAI))
    problem = stopped.value.diagnostic
    assert problem.message() == f"`{text}` is not a point in time"
    assert "2026-01-31" in (problem.help() or "")


@given(text=st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d([Z+-].*)?"))
def test_any_text_is_an_instant_or_a_diagnostic(text: str) -> None:
    with contextlib.suppress(CannotRun):
        assert parse_instant(text, ZoneInfo(SHANGHAI)).tzinfo is UTC


@given(
    day=st.dates(date(2000, 1, 1), date(2040, 12, 31)),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None)),
    cut=st.integers(0, 60 * 24 * 4),
    zone=st.sampled_from([SHANGHAI, NEW_YORK, "Australia/Lord_Howe", "America/Sao_Paulo"]),
)
def test_cutting_a_period_in_two_loses_and_repeats_nothing(
    day: date, at: time, cut: int, zone: str
) -> None:
    clock = ZoneInfo(zone)
    start = datetime.combine(day, time(), tzinfo=clock).astimezone(UTC)
    middle, end = start + timedelta(minutes=cut), start + timedelta(days=4)
    whole = list(daily(at).instants(clock, (), start, end))
    before = list(daily(at).instants(clock, (), start, middle))
    after = list(daily(at).instants(clock, (), middle + timedelta(microseconds=1), end))
    assert before + after == whole
    assert whole == sorted(set(whole))


def test_the_first_moment_of_a_day_is_the_zones() -> None:
    instant = datetime(2026, 1, 31, 17, tzinfo=UTC)
    assert start_of_day(ZoneInfo(SHANGHAI), instant) == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert start_of_day(ZoneInfo("UTC"), instant) == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end_of_day"),
    [("9999-12-31", False), ("9999-12-31", True), ("0001-01-01", False), ("0000-01-01", False)],
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_an_end_of_the_calendar_has_a_sentence_of_its_own(text, end_of_day, zone):
    with pytest.raises(CannotRun) as stopped:
        parse_instant(text, ZoneInfo(zone), end_of_day)
    assert stopped.value.diagnostic.code.id == "E746" or text.startswith("0000")
