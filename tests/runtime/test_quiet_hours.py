"""Quiet hours end, or never do, at any instant of the calendar and on any clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import QuietHours
from campaigner.runtime.quiet_hours import first_allowed
from hypothesis import given
from hypothesis import strategies as st

from .ledger.ledgers import HERE

HOURS = st.builds(
    lambda start, end: QuietHours("p", start, end, HERE), start=st.times(), end=st.times()
)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Pacific/Kiritimati", "America/New_York"])
INSTANTS = st.one_of(
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(datetime(9999, 12, 30), timezones=st.just(UTC)),
    st.datetimes(max_value=datetime(1, 1, 2), timezones=st.just(UTC)),
)


@given(ZONES, st.lists(HOURS, max_size=3), INSTANTS)
def test_the_first_instant_is_no_earlier_or_there_is_none(zone, quiet, at):
    found = first_allowed(ZoneInfo(zone), quiet, at)
    assert found is None or found >= at
    if not quiet:
        assert found == at


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_a_night_that_does_not_end_before_the_calendar(zone):
    night = QuietHours("p", time(21), time(8), HERE)
    assert first_allowed(ZoneInfo(zone), [night], datetime.max.replace(tzinfo=UTC)) is None
