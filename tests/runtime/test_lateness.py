"""`late events within …` and `catch up within …`: the late is kept, and gives nothing."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from .houses import at
from .shops import Shop, campaign, shop

LATE = campaign("10 points\n  late events within 2 days")
DAILY = campaign("10 points\n  catch up within 36 hours").replace("on order", "every day at 10:00")


def outcome(house: Shop, key: str, who: str = "ann") -> str | None:
    with house.ledger() as ledger:
        row = ledger.decision(Identity("gift", "main", who, key))
        assert ledger.verify() == ()
        return None if row is None else row.outcome


def order(house: Shop, key: str, when: str) -> None:
    house.order([(key, "ann", at(when).isoformat(), 1, None)])


def test_an_event_is_too_late_by_the_end_of_the_last_run(tmp_path: Path) -> None:
    house = shop(tmp_path, LATE)
    order(house, "first", "2026-01-05 09:00")
    house.run_at("2026-01-05 10:00")
    house.run_at("2026-01-10 10:00")
    order(house, "edge", "2026-01-08 10:00")
    order(house, "late", "2026-01-08 09:59:59")
    for _ in range(2):
        house.run_at("2026-01-20 10:00")
        assert outcome(house, "edge") == "granted"
        assert outcome(house, "late") == "too_late"
    # A run has read it by now, and it stays too late.
    house.run("2026-01-01", "2026-01-31")
    assert outcome(house, "late") == "too_late"
    assert len(house.grants()) == 2


def test_a_worker_knows_what_runs_have_come_to(tmp_path: Path) -> None:
    house = shop(tmp_path, LATE)
    house.run_at("2026-01-10 10:00")
    events = [
        Event(
            "order", "ann", {"points": 1, "friend": None, "at": at(f"2026-01-{when}"), "key": key}
        )
        for key, when in (("late", "08 09:59"), ("edge", "08 10:00"), ("new", "11 10:00"))
    ]
    with house.ledger() as ledger:

        def opens():
            return open_warehouse(house.warehouse, house.folder)

        decided = EventWorker(house.plan, "plan-1", opens, ledger).decide(events)
    told = [[result.outcome for _, result in one.results] for one in decided]
    assert told == [["too_late"], ["granted"], ["granted"]]


def test_an_instant_is_made_up_if_it_lies_within(tmp_path: Path) -> None:
    house = shop(tmp_path, DAILY)
    house.run_at("2026-01-05 12:00")
    house.run_at("2026-01-09 22:00")
    found = [outcome(house, f"2026-01-{day:02}T10:00:00+08:00") for day in range(5, 10)]
    assert found == ["granted", "too_late", "too_late", "granted", "granted"]


DAYS = st.integers(0, 12)


@settings(max_examples=12)
@given(st.lists(st.tuples(DAYS, DAYS), max_size=6), st.sets(DAYS, min_size=1, max_size=4))
def test_runs_and_arrivals_in_any_order(events: list[tuple[int, int]], runs: set[int]) -> None:
    """(day of the event, days until it comes): noon of the day; runs are at 13:00."""
    first = datetime(2026, 1, 1, 12)
    expected: dict[str, str] = {}
    last: int | None = None
    with tempfile.TemporaryDirectory() as folder:
        source = LATE.replace("audience yes", "audience yes\n  active 2026-01-01 to 2026-12-31")
        house = shop(Path(folder), source)
        came: set[int] = set()
        for day in sorted(runs):
            for number, (happened, later) in enumerate(events):
                if number not in came and happened + later <= day:
                    came.add(number)
                    when = (first + timedelta(days=happened)).isoformat(" ", "minutes")
                    order(house, f"o{number}", when)
                    # The last run was an hour after the noon of its day.
                    late = last is not None and happened <= last - 2
                    expected[f"o{number}"] = "too_late" if late else "granted"
            house.run_at((first + timedelta(days=day, hours=1)).isoformat(" ", "minutes"))
            last = day
        assert {key: outcome(house, key) for key in expected} == expected


@pytest.mark.parametrize("clause", ["late events within 1 day", "catch up within 1 day"])
def test_a_clause_of_the_other_kind_is_an_error(tmp_path: Path, clause: str) -> None:
    wrong = campaign(f"10 points\n  {clause}")
    if clause.startswith("late"):
        wrong = wrong.replace("on order", "every day at 10:00")
    with pytest.raises(AssertionError, match="late events"):
        shop(tmp_path, wrong)
