"""Late deliveries: from which day a promise is broken, and one alert of each grant."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from campaigner.runtime.delivery import FileChannel, deliver
from campaigner.runtime.ledger.promised import broken_before, kept_until, last_day
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .ledgers import ZONE, ask, clock, gift, opened

CHANNELS = ("rewards", "alerts")


def promising(days, *, working=False):
    plan = gift()
    return replace(
        plan,
        campaigns=tuple(
            replace(one, settled_days=days, settled_working=working) for one in plan.campaigns
        ),
    )


def counted(granted, days, working):
    """The same day by day, in the plainest way."""
    day = granted
    while days:
        day += timedelta(days=1)
        days -= not working or day.weekday() < 5
    return day


@at_most(70)
@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
    st.booleans(),
    st.integers(-100, 100),
    st.sampled_from(("UTC", "Asia/Shanghai", "America/Sao_Paulo", "Pacific/Apia")),
)
def test_a_promise_is_broken_after_its_last_day(granted, days, working, later, zone):
    assert last_day(granted, days, working=working) == counted(granted, days, working)
    (campaign,) = promising(days, working=working).campaigns
    clock_ = ZoneInfo(zone)
    at = datetime(granted.year, granted.month, granted.day, 12, tzinfo=clock_)
    now = kept_until(at, campaign, clock_) + timedelta(hours=later)
    assert (at < broken_before(now, campaign, clock_)) == (later >= 0)


def test_a_promise_that_outlasts_the_calendar_is_never_broken():
    (campaign,) = promising(2**60).campaigns
    assert broken_before(datetime(2026, 1, 1, tzinfo=UTC), campaign, ZONE) is None


def alerts(ledger):
    with ledger.outbox() as outbox:
        rows = outbox.waiting("alerts", datetime(2027, 1, 1, tzinfo=UTC), 100)
    return [json.loads(row.body) for row in rows]


@pytest.fixture
def shop(tmp_path, url):
    with opened(tmp_path, CHANNELS, url) as one:
        yield one


def test_what_is_late_is_shown_and_alerted_of_once(shop):
    plan = promising(3)
    shop.decide(
        plan,
        [
            ask("ann", "2026-01-10 10:00", "coffee"),
            ask("bob", "2026-01-11 10:00", "coffee"),
            ask("cat", "2026-01-12 10:00", "coffee"),
        ],
        "p",
    )
    assert shop.overdue(plan, clock("2026-01-13 23:59")) == []
    (late,) = shop.overdue(plan, clock("2026-01-15 00:00"))
    assert (late.campaign, late.count) == ("gift", 2)
    assert (late.oldest, late.since) == (clock("2026-01-10 10:00"), clock("2026-01-14 00:00"))
    assert shop.alert_overdue(plan, clock("2026-01-13 23:59")) == 0
    assert shop.alert_overdue(plan, clock("2026-01-15 00:00")) == 1
    assert shop.alert_overdue(plan, clock("2026-01-15 09:00")) == 0
    assert shop.alert_overdue(plan, clock("2026-01-14 09:00")) == 0
    assert shop.alert_overdue(plan, clock("2026-01-16 00:00")) == 1
    # A late event is decided under the instant at which it happened.
    shop.decide(plan, [ask("dan", "2026-01-09 10:00", "coffee")], "p")
    assert shop.alert_overdue(plan, clock("2026-01-16 01:00")) == 1
    assert shop.alert_overdue(plan, clock("2026-01-16 02:00")) == 0
    assert [one["overdue"] for one in alerts(shop)] == [2, 1, 1]
    assert alerts(shop)[0]["oldest"] == "2026-01-10T02:00:00.000000Z"
    assert alerts(shop)[0]["settled_within"] == 3
    assert shop.verify() == ()


def test_what_was_delivered_or_taken_back_is_not_late(shop, tmp_path):
    plan, later = promising(1), clock("2026-02-01 00:00")
    results = shop.decide(
        plan,
        [ask("ann", "2026-01-10 10:00", "coffee"), ask("bob", "2026-01-10 10:00", "coffee")],
        "p",
    )
    assert len(results) == 2
    numbers = [row.number for row in shop.grants()]
    shop.reverse(numbers[:1], "mistake", later)
    assert [one.count for one in shop.overdue(plan, later)] == [1]
    path = tmp_path / "rewards.jsonl"
    deliver(shop, {"rewards": FileChannel("rewards", path, "rewards.jsonl")}, later)
    assert shop.overdue(plan, later) == []
    assert shop.alert_overdue(plan, later) == 0


def test_what_was_given_up_is_late(shop):
    plan, later = promising(1), clock("2026-02-01 00:00")
    shop.decide(plan, [ask("ann", "2026-01-10 10:00", "coffee")], "p")
    with shop.outbox() as outbox:
        outbox.fail([(row, "no", None) for row in outbox.waiting("rewards", later, 9)], later)
    assert [one.count for one in shop.overdue(plan, later)] == [1]
    assert shop.alert_overdue(plan, later) == 1


def test_without_a_promise_or_a_channel_nothing_is_told(tmp_path, url):
    later = clock("2026-02-01 00:00")
    with opened(tmp_path, ("rewards",), url) as ledger:
        ledger.decide(gift(), [ask("ann", "2026-01-10 10:00", "coffee")], "p")
        assert ledger.overdue(gift(), later) == []
        assert ledger.overdue(promising(1), later)
        assert ledger.alert_overdue(promising(1), later) == 0
