"""Entering and leaving: which instants are asked, and what a check refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import EnteringTrigger
from campaigner.compiler.plan.due import Again, Due
from campaigner.compiler.plan.steps import StepKey
from campaigner.runtime.due.readings import readings

from ..projects import codes, compile_folder, write

SETTINGS = """[project]
name = "moves"
language = 1
time_zone = "Europe/Berlin"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[calendar.fair]
every_year = "03-15"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  since: joined
  fields:
    level: {type: integer}
    city: {type: text, optional: true}
events:
  order: {table: orders, key: order_id, customer: customer_id, at: ordered_at}
"""
CAMPAIGN = """audience moved "moved" CONDITION
audience nested "nested" moved and has order
campaign card {
  active 2026-03-02 to 2026-12-31
  audience yes
  trigger  when entering audience moved, every day at 06:00
  reward   5 points
           limit 1 per customer
  budget { total 0 CNY }
  compliance { forbid phrase "sure" }
}
"""
BERLIN = ZoneInfo("Europe/Berlin")


def compiled(folder: Path, trigger: str, condition: str = "has order in last 7 days"):
    text = CAMPAIGN.replace("CONDITION", condition)
    text = text.replace("when entering audience moved, every day at 06:00", trigger)
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": text}
    return compile_folder(write(folder, files))


def asked(folder: Path, trigger: str, day: str) -> tuple[str | None, list[str]]:
    """The instant before, and those asked, of the first instant on or after a day."""
    plan = compiled(folder, trigger).plan
    assert plan is not None
    (step,) = plan.campaigns[0].steps
    assert isinstance(step.trigger, EnteringTrigger)
    start = datetime.fromisoformat(day).replace(tzinfo=BERLIN).astimezone(UTC)
    end = start + timedelta(days=400)
    at = next(step.trigger.instants(BERLIN, plan.holidays, start, end))
    before, during = step.trigger.asked(BERLIN, plan.holidays, [at])[at]
    shown = [one.astimezone(BERLIN).isoformat(" ", "minutes")[:16] for one in during]
    return None if before is None else f"{before.astimezone(BERLIN):%Y-%m-%d %H:%M}", shown


@pytest.mark.parametrize(
    ("trigger", "day", "before", "during"),
    [
        ("every day at 06:00", "2026-03-02", "2026-03-01 06:00", ["2026-03-02 06:00"]),
        (
            "for 2 days, every day at 06:00",
            "2026-03-30",
            "2026-03-27 06:00",
            ["2026-03-28 06:00", "2026-03-29 06:00", "2026-03-30 06:00"],
        ),
        ("for 1 hour, every day at 06:00", "2026-03-02", "2026-03-01 06:00", ["2026-03-02 06:00"]),
        (
            "every 3 weeks on friday at 09:00",
            "2026-03-02",
            "2026-02-13 09:00",
            ["2026-03-06 09:00"],
        ),
        ("on festival fair at 09:00", "2026-03-02", "2025-03-15 09:00", ["2026-03-15 09:00"]),
        (
            "for 1 month, on last day of every month at 18:00",
            "2026-03-31",
            "2026-01-31 18:00",
            ["2026-02-28 18:00", "2026-03-31 18:00"],
        ),
        (
            "every day at 06:00 open every month from day 10 to day 12",
            "2026-04-01",
            "2026-03-12 06:00",
            ["2026-04-10 06:00"],
        ),
        (
            "for 2 hours, every hour at :30",
            "2026-03-29 03:00",
            "2026-03-28 23:30",
            # The hour from 02:00 on is skipped, so 00:30 is two hours before 03:30.
            ["2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 03:30"],
        ),
    ],
)
def test_the_instants_that_are_asked(tmp_path: Path, trigger, day, before, during):
    head = "when entering audience moved" + (" " if trigger.startswith("for") else ", ")
    assert asked(tmp_path, head + trigger, day) == (before, during)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("has order in last 7 days", []),
        ("last(order).at within last 3 days or today > 2026-04-01", []),
        ("customer.since within last 3 days", []),
        ("level >= 2", ["E370"]),
        ("level >= 2 and level <= 5", ["E370"]),
        ("level >= 2 and city is known", ["E370", "E370"]),
        ("count(order where level = 2) >= 1", ["E370"]),
        ("received(card)", ["E371"]),
    ],
)
@pytest.mark.parametrize("name", ["moved", "nested"])
def test_what_an_entering_may_rest_upon(tmp_path: Path, name, condition, found):
    trigger = f"when entering audience {name}, every day at 06:00"
    assert codes(compiled(tmp_path, trigger, condition)) == found


@pytest.mark.parametrize(
    ("lasting", "found"),
    [
        ("for 39 days, every day at 06:00", []),
        ("for 40 days, every day at 06:00", ["E372"]),
        ("for 39 hours, every hour at :15", []),
        ("for 40 hours, every hour at :15", ["E372"]),
        ("for 100 years, every day at 06:00", ["E372"]),
        ("for 39 years, on festival fair at 09:00", []),
        ("for 0 days, every day at 06:00", ["E374"]),
        ("for 1 day, at 2026-04-01 06:00", ["E373"]),
    ],
)
def test_how_many_instants_may_be_asked(tmp_path: Path, lasting, found):
    assert codes(compiled(tmp_path, f"when entering audience moved {lasting}")) == found


def test_earlier_instants_are_read_in_stretches_too():
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 6)]
    again = Again(tuple(days[:3]), (("order", "late"),))
    key = StepKey("card", "main")
    due = Due(days[3], days[4], tuple(days[3:]), again=again)
    found = list(readings([(key, due)], customers=1, occasions=1))
    assert [one[key].every for one in found] == [(day,) for day in days]
    assert [one[key].again is not None for one in found] == [True, True, True, False, False]
