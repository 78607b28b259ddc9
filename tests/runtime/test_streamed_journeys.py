"""Journeys in a stream of events: `events` comes to the ledger of a run over the same events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from campaigner.runtime.events.engine import Event as Streamed
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.ledger import Ledger
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from ..remembering import in_memory
from ..seeds import seeds_of
from .shops import Shop, shop
from .test_journeys import (
    CUSTOMERS,
    EVENTS,
    FORMS,
    JOURNEY,
    START,
    Event,
    by_rules,
    houses,
    kept,
    put,
    rows_of,
    run_until,
)

END = START + timedelta(days=40)


def streamed(events: Sequence[Event]) -> list[Streamed]:
    """The events as lines have them, in order."""
    found = [
        Streamed(kind, who, row)
        for kind, histories in rows_of(events).histories.items()
        for who, rows in histories.items()
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.row["at"], one.row["key"]))


def the_end(at: datetime) -> Streamed:
    """An event of nobody, with which the stream passes an instant."""
    return Streamed("order", "nobody", {"at": at, "key": f"{at}", "points": 1, "friend": None})


@contextmanager
def working(house: Shop) -> Iterator[tuple[EventWorker, Ledger]]:
    @contextmanager
    def opens() -> Iterator[Warehouse]:
        with open_warehouse(house.warehouse, house.folder) as warehouse:
            yield warehouse

    with in_memory(2), house.ledger() as ledger:
        yield EventWorker(house.plan, "digest", opens, ledger, seeds=seeds_of(house.plan)), ledger


def stream(house: Shop, events: Sequence[Streamed], size: int, most: int = 10_000) -> None:
    """Decide them in batches, with another worker after so many of them."""
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    for first in range(0, len(batches), most):
        with working(house) as (worker, _):
            for batch in batches[first : first + most]:
                worker.decide(batch)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=3)
@given(EVENTS, st.integers(1, 5), st.sampled_from([None, 1, 2, 10]))
def test_a_stream_comes_to_what_the_reference_says(
    form: str, events: list[Event], size: int, there: int | None
) -> None:
    """Whether the warehouse has the events already, or never; then a worker knows them all."""
    for house in houses(form):
        if there:
            put(house, events, range(len(events)))
        stream(house, [*streamed(events), the_end(END)], size, there or 10_000)
        wanted = by_rules(house, events, END)
        assert kept(house) == wanted
        put(house, events, () if there else range(len(events)))
        run_until(house, END)
        assert kept(house) == wanted


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6)
@given(EVENTS.filter(bool), st.integers(1, 5))
def test_all_that_is_due_by_the_last_event_is_done(
    form: str, events: list[Event], size: int
) -> None:
    """At its very instant too; nothing comes after it that says so."""
    last = max(when for _, _, when, _ in events)
    for house in houses(form):
        stream(house, streamed(events), size)
        assert kept(house) == by_rules(house, events, last)


GROUPED = """
    step together on order reaching 2 customers per friend within 5 days
      reward 1 points {each}
    step thanked 1 day after together
      reward 2 points
    step picked after together on pick by 5 days after together
      reward 3 points"""


@pytest.mark.parametrize("each", ["", "to each"])
def test_an_instance_that_begins_with_a_group(tmp_path: Path, each: str) -> None:
    """The events of others say whose order completes it, and who else is in it."""
    text = JOURNEY.format(steps=GROUPED.format(each=each), budget="")
    streamed_, ran = (shop(tmp_path / name, text, customers=CUSTOMERS) for name in ("a", "b"))
    orders = [
        ("o1", "ann", "2026-01-02 10:00", 1, "fay"),
        ("o2", "bob", "2026-01-03 10:00", 1, "fay"),
        ("o3", "cat", "2026-01-04 10:00", 1, "gil"),
    ]
    picks = [("p1", "ann", "2026-01-05 10:00", None), ("p2", "bob", "2026-01-05 11:00", None)]
    ran.order(orders)
    ran.pick(picks)
    run_until(ran, END)
    events = [
        *(
            Streamed("order", who, {"key": key, "at": clock(when), "points": 1, "friend": friend})
            for key, who, when, _, friend in orders
        ),
        *(
            Streamed(
                "pick", who, {"key": key, "at": clock(when), "benefit": None, "channel": "app"}
            )
            for key, who, when, _ in picks
        ),
    ]
    stream(streamed_, [*events, the_end(END)], 1)
    assert kept(streamed_) == kept(ran)
    assert len(kept(ran)) == (6 if each else 3)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def test_what_falls_due_while_a_campaign_is_paused_is_made_up_for(tmp_path: Path) -> None:
    """Timers, steps and schedules wait until it is resumed, and come at their own instants."""
    day = timedelta(days=1)
    steps = """
    step begun on order
      reward 1 points
    step later 1 day after begun
      reward 2 points"""
    others = [
        TIMED.format(name="timed", does="trigger 1 day after order"),
        TIMED.format(name="daily", does="trigger every day at 06:00"),
    ]
    text = "\n".join((JOURNEY.format(steps=steps, budget=""), *others))
    house = shop(tmp_path, text, customers=["ann"])
    events = streamed([("order", "ann", START + timedelta(hours=1), 1)])
    names = ("gift", "timed", "daily")
    with working(house) as (worker, ledger):
        worker.decide(events)
        ledger.brake(names, "paused", "a test", "me", START + day)
        worker.decide([the_end(START + 3 * day)])
        assert granted(ledger) == {("gift", "begun", 0), ("daily", "main", -1)}
        ledger.brake(names, "resumed", "a test", "me", START + 4 * day)
        worker.pass_time(START + 4 * day, is_last=True)
        wanted = {("gift", "begun", 0), ("gift", "later", 1), ("timed", "main", 1)}
        assert granted(ledger) == wanted | {("daily", "main", number) for number in range(-1, 4)}


TIMED = """
campaign {name} "{name}" {{
  active 2026-01-01 to 2026-03-31
  audience yes
  {does}
  reward 1 points
  budget {{ total 1_000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""


def granted(ledger: Ledger) -> set[tuple[str, str, int]]:
    """Each grant by campaign and step, with its day."""
    return {(one.campaign, one.step, (one.at - START).days) for one in ledger.grants()}
