"""The instants of schedules, against a slow and obvious count: minute by minute, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import HourlyTrigger, NthTrigger, Opening, Schedule, WeeksTrigger
from campaigner.compiler.plan.expressions import Origin
from campaigner.compiler.plan.triggers import is_open
from hypothesis import given
from hypothesis import strategies as st

HERE = Origin("a.campaign", 1, 1, "on first monday of every month at 09:00")
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Asia/Kathmandu",  # 05:45
    "America/Sao_Paulo",  # at midnight
    "Pacific/Apia",  # a day was skipped
)
CHANGES = (
    date(2024, 3, 10),
    date(2024, 11, 3),
    date(2024, 4, 7),
    date(2024, 10, 6),
    date(2024, 3, 31),
    date(2024, 10, 27),
    date(2011, 12, 30),
    date(2018, 11, 4),
    date(2018, 2, 18),
)
"""Days on which a clock of one of them was set."""
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
ANY_DAY = st.dates(date(1995, 1, 1), date(2045, 12, 31)) | st.sampled_from(CHANGES)
OPENINGS = st.none() | st.builds(
    Opening, st.integers(1, 31), st.sampled_from((time(), time(10))), st.integers(1, 31)
).filter(lambda one: one.from_day <= one.to_day)


def fired(trigger: Schedule, zone: str, start: datetime, end: datetime) -> list[datetime]:
    return list(trigger.instants(ZoneInfo(zone), (), start, end))


# --- every hour ---------------------------------------------------------------------------------


def minutes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every minute of the period."""
    at = start.replace(second=0, microsecond=0)
    while at <= end:
        if at >= start:
            yield at
        at += timedelta(minutes=1)


@given(
    day=ANY_DAY,
    zone=st.sampled_from(ZONES),
    minute=st.sampled_from((0, 15, 30, 45, 59)),
    opening=OPENINGS,
    length=st.integers(0, 50 * 60),
)
def test_every_hour_fires_whenever_the_clock_shows_its_minute(
    day: date, zone: str, minute: int, opening: Opening | None, length: int
) -> None:
    clock = ZoneInfo(zone)
    start = datetime.combine(day, time(), UTC) - timedelta(hours=14)
    end = start + timedelta(minutes=length)
    assert fired(HourlyTrigger(minute, opening, HERE), zone, start, end) == [
        at
        for at in minutes(clock, start, end)
        if at.astimezone(clock).minute == minute and is_open(clock, opening, at)
    ]


def test_an_hour_that_is_shown_twice_fires_twice_and_a_skipped_one_not_at_all() -> None:
    hourly = HourlyTrigger(15, None, HERE)
    new_york = ZoneInfo("America/New_York")

    def local(day: date) -> list[str]:
        start = datetime.combine(day, time(), tzinfo=new_york).astimezone(UTC)
        found = fired(hourly, new_york.key, start, start + timedelta(hours=4))
        return [f"{at.astimezone(new_york):%H:%M%z}" for at in found]

    repeated = ["00:15-0400", "01:15-0400", "01:15-0500", "02:15-0500"]
    assert local(date(2026, 11, 1)) == repeated
    assert local(date(2026, 3, 8)) == ["00:15-0500", "01:15-0500", "03:15-0400", "04:15-0400"]


# --- the nth of a month or a quarter ------------------------------------------------------------


def period_of(day: date, of: str) -> tuple[int, int]:
    return day.year, day.month if of == "month" else (day.month + 2) // 3


def wanted_days(nth: int | None, weekday: int | None, of: str, years: range) -> list[date]:
    """All days of the years, one after the other, sorted into their months or quarters."""
    periods: dict[tuple[int, int], list[date]] = {}
    day = date(years.start, 1, 1)
    while day.year < years.stop:
        if weekday in (None, day.weekday()):
            periods.setdefault(period_of(day, of), []).append(day)
        day += timedelta(days=1)
    return [days[-1] if nth is None else days[nth - 1] for days in periods.values()]


def at_clock_by_hand(clock: ZoneInfo, day: date, at: time) -> datetime:
    """The first minute at which the clock shows it, or the one that it is moved to by a gap."""
    return datetime.combine(day, at, clock).astimezone(UTC)


def in_years(trigger: Schedule, zone: str, years: range) -> list[datetime]:
    clock = ZoneInfo(zone)
    start = datetime(years.start, 1, 1, tzinfo=clock).astimezone(UTC)
    end = datetime(years.stop, 1, 1, tzinfo=clock).astimezone(UTC) - timedelta(microseconds=1)
    return fired(trigger, zone, start, end)


@given(
    nth=st.none() | st.integers(1, 4),
    weekday=st.none() | st.integers(0, 6),
    of=st.sampled_from(("month", "quarter")),
    at=CLOCKS,
    zone=st.sampled_from(ZONES[:-1]),
    year=st.integers(1990, 2060),
)
def test_the_nth_day_of_a_month_or_quarter(
    nth: int | None, weekday: int | None, of: str, at: time, zone: str, year: int
) -> None:
    trigger = NthTrigger(nth, weekday, of, at, None, HERE)
    years = range(year, year + 3)
    assert in_years(trigger, zone, years) == [
        at_clock_by_hand(ZoneInfo(zone), day, at) for day in wanted_days(nth, weekday, of, years)
    ]


@pytest.mark.parametrize(
    ("nth", "weekday", "of", "days"),
    [
        (1, 0, "month", ["01-05", "02-02", "03-02"]),
        (None, 4, "month", ["01-30", "02-27", "03-27"]),
        (4, 3, "month", ["01-22", "02-26", "03-26"]),
        (1, None, "quarter", ["01-01"]),
        (None, None, "quarter", ["03-31"]),
        (1, 0, "quarter", ["01-05"]),
    ],
)
def test_days_of_the_first_quarter(
    nth: int | None, weekday: int | None, of: str, days: list[str]
) -> None:
    found = in_years(NthTrigger(nth, weekday, of, time(9), None, HERE), "UTC", range(2026, 2027))
    assert [f"{at:%m-%d}" for at in found if at.month <= 3] == days


# --- every so many weeks ------------------------------------------------------------------------


@given(
    first=ANY_DAY,
    weeks=st.integers(1, 9),
    weekday=st.integers(0, 6),
    at=CLOCKS,
    zone=st.sampled_from(ZONES[:-1]),
)
def test_every_so_many_weeks_before_and_after_the_first(
    first: date, weeks: int, weekday: int, at: time, zone: str
) -> None:
    monday = first - timedelta(days=first.weekday())
    trigger = WeeksTrigger(weeks, weekday, monday, at, None, HERE)
    numbers = range(-20, 200 // weeks)
    days = [monday + timedelta(days=7 * weeks * number + weekday) for number in numbers]
    clock = ZoneInfo(zone)
    start = at_clock_by_hand(clock, monday, time()) - timedelta(days=100)
    end = at_clock_by_hand(clock, monday + timedelta(days=500), time())
    expected = [at_clock_by_hand(clock, day, at) for day in days]
    assert fired(trigger, zone, start, end) == [one for one in expected if start <= one <= end]


# --- in pieces ----------------------------------------------------------------------------------

SCHEDULES: tuple[Callable[[Opening | None], Schedule], ...] = (
    lambda opening: HourlyTrigger(30, opening, HERE),
    lambda opening: NthTrigger(None, None, "month", time(0, 30), opening, HERE),
    lambda opening: NthTrigger(1, None, "quarter", time(2, 30), opening, HERE),
    lambda opening: WeeksTrigger(2, 6, date(2011, 12, 26), time(2, 30), opening, HERE),
)


@given(
    schedule=st.sampled_from(SCHEDULES),
    opening=OPENINGS,
    day=ANY_DAY,
    length=st.integers(0, 60 * 24 * 40),
    cut=st.integers(0, 60 * 24 * 40),
    zone=st.sampled_from(ZONES),
)
def test_a_period_in_two_pieces_is_the_period(
    schedule: Callable[[Opening | None], Schedule],
    opening: Opening | None,
    day: date,
    length: int,
    cut: int,
    zone: str,
) -> None:
    trigger = schedule(opening)
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(minutes=length)
    middle = start + timedelta(minutes=min(cut, length))
    whole = fired(trigger, zone, start, end)
    later = fired(trigger, zone, middle + timedelta(microseconds=1), end)
    assert fired(trigger, zone, start, middle) + later == whole
    assert whole == sorted(set(whole))
    assert trigger.may_fire(ZoneInfo(zone), (), start, end) is bool(whole)
    shown = {at.astimezone(ZoneInfo(zone)).time() for at in whole}
    gaps = zone not in ("UTC", "Asia/Shanghai", "Asia/Kathmandu")
    assert gaps or shown <= trigger.clocks(ZoneInfo(zone))
