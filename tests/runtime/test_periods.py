"""How far a run looks back, and how far a campaign has come after it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from campaigner.compiler.plan import DailyTrigger, Plan
from campaigner.runtime.due.periods import At, Between, Period, periods, progress_after
from campaigner.runtime.ledger import Ledger, open_ledger

from . import plans

STEP = timedelta(microseconds=1)
DAILY = DailyTrigger(None, time(10), None, plans.origin())


def day(number: int, hour: int = 0) -> datetime:
    """An hour of a day of January 2026, in Shanghai."""
    return datetime(2026, 1, number, hour, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger("sqlite:///ledger.db", "test", "CNY", root=tmp_path) as opened:
        yield opened


def schedule(**settings: object) -> Plan:
    return plans.plan([plans.campaign("gift", DAILY, **settings)])


def events(start: datetime | None = None) -> Plan:
    return plans.plan([plans.campaign("gift", plans.on("invest"), active=(start, None))])


def looked(plan: Plan, ledger: Ledger, asked: At | Between) -> Period:
    """The period of the only campaign, as if the run had been carried out."""
    (period,) = periods(plan, asked, ledger)
    ledger.set_progress(progress_after((period,)))
    return period


def test_a_schedule_begins_on_its_first_day_and_goes_on_from_there(ledger: Ledger) -> None:
    plan = schedule()
    first = looked(plan, ledger, At(day(10, 12)))
    assert (first.start, first.end, first.done) == (day(10), day(10, 12), None)
    second = looked(plan, ledger, At(day(13, 9)))
    assert (second.start, second.end) == (day(10, 12) + STEP, day(13, 9))


def test_events_of_a_campaign_with_a_start_are_looked_at_from_there(ledger: Ledger) -> None:
    plan = events(day(2))
    first = looked(plan, ledger, At(day(10, 12)))
    assert (first.start, first.floor, first.done) == (day(2), day(2), None)
    second = looked(plan, ledger, At(day(11)))
    assert (second.start, second.floor, second.done) == (
        day(10, 12) + STEP,
        day(2),
        day(10, 12),
    )


def test_without_a_start_the_first_day_is_kept_as_one(ledger: Ledger) -> None:
    plan = events()
    assert looked(plan, ledger, At(day(10, 12))).start == day(10)
    second = looked(plan, ledger, At(day(20)))
    assert (second.floor, second.done) == (day(10), day(10, 12))


def test_an_earlier_instant_looks_at_nothing_but_late_events(ledger: Ledger) -> None:
    plan = events(day(2))
    looked(plan, ledger, At(day(10)))
    earlier = looked(plan, ledger, At(day(5)))
    assert earlier.start > earlier.end
    assert earlier.done == day(5)
    assert ledger.progress("gift") == day(10)


def test_a_period_is_taken_as_it_is_said(ledger: Ledger) -> None:
    plan = schedule()
    looked(plan, ledger, At(day(10)))
    period = looked(plan, ledger, Between(day(1), day(5)))
    assert (period.start, period.end, period.done) == (day(1), day(5), None)
    assert ledger.progress("gift") == day(10)


@pytest.mark.parametrize("plan", [schedule(), events(), events(day(1))])
def test_a_gap_is_left_for_a_later_run(plan: Plan, ledger: Ledger) -> None:
    looked(plan, ledger, At(day(10)))
    looked(plan, ledger, Between(day(15), day(17)))
    assert looked(plan, ledger, At(day(20))).start == day(10) + STEP


@pytest.mark.parametrize("plan", [schedule(), events(), events(day(1))])
def test_a_period_that_joins_on_moves_on(plan: Plan, ledger: Ledger) -> None:
    looked(plan, ledger, At(day(10)))
    looked(plan, ledger, Between(day(10) + STEP, day(17)))
    assert looked(plan, ledger, At(day(20))).start == day(17) + STEP


def test_a_first_period_after_the_start_leaves_a_gap_too(ledger: Ledger) -> None:
    plan = events(day(2))
    looked(plan, ledger, Between(day(5), day(7)))
    assert looked(plan, ledger, At(day(9))).start == day(2)


def test_a_first_period_is_where_a_campaign_without_a_start_begins(ledger: Ledger) -> None:
    plan = events()
    looked(plan, ledger, Between(day(5), day(7)))
    later = looked(plan, ledger, At(day(9)))
    assert (later.start, later.floor, later.done) == (day(7) + STEP, day(5), day(7))
