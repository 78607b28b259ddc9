"""Windows of the event path begin where `stretch_of` says, in every zone and at every instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import LastWindow
from campaigner.compiler.plan.calendar import INSTANT, shift
from campaigner.compiler.plan.values import Length
from campaigner.runtime.events.compiled.windows import start_of
from hypothesis import example, given
from hypothesis import strategies as st

ZONES = [
    ZoneInfo(name)
    for name in (
        "Africa/Casablanca",  # goes back for Ramadan and forward after it
        "America/New_York",
        "America/Sao_Paulo",  # went forward at midnight
        "Asia/Shanghai",
        "Asia/Tehran",
        "Australia/Lord_Howe",  # goes forward by half an hour
        "Europe/Dublin",
        "Pacific/Apia",  # left out a day
        "UTC",
    )
]
zones = st.sampled_from(ZONES)
windows = st.builds(
    LastWindow,
    st.one_of(st.integers(0, 400), st.integers(0, 10**12)),
    st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
)
nows = st.one_of(
    st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.datetimes(timezones=st.just(UTC)),
)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def plainly(window: LastWindow, zone: ZoneInfo, now: datetime) -> datetime:
    return shift(zone, now, Length(window.count, window.unit), -1) + INSTANT


@given(windows, zones, nows)
@example(LastWindow(1, "day"), ZoneInfo("America/New_York"), FIRST)
@example(LastWindow(1, "day"), ZoneInfo("Asia/Shanghai"), LAST)
@example(LastWindow(1, "day"), ZoneInfo("UTC"), FIRST + timedelta(days=1) - INSTANT)
@example(LastWindow(1, "day"), ZoneInfo("Asia/Shanghai"), FIRST + timedelta(days=1) - INSTANT)
def test_a_window_begins_where_it_does_plainly(
    window: LastWindow, zone: ZoneInfo, now: datetime
) -> None:
    assert start_of(window, zone)(now) == plainly(window, zone, now)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("days", [1, 30])
def test_every_half_hour_of_years_with_transitions(zone: ZoneInfo, days: int) -> None:
    window = LastWindow(days, "day")
    start = start_of(window, zone)
    for year in (2011, 2026):
        now = datetime(year, 1, 1, tzinfo=UTC)
        while now.year == year:
            assert start(now) == plainly(window, zone, now)
            now += timedelta(minutes=30)
