"""An explanation shows the way of a customer: each step kept, still to come, or over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.explain.explain import explain

from .shops import Shop, shop
from .test_journeys import JOURNEY, Event, put, rows_of, run_until

STEPS = """
    step begun on order where points = 1
      reward 1 points
    step second on order where points > begun.points by 10 days after begun
      reward 2 points
    step third 1 day after second
      reward 3 points
    step nudge 3 days after begun unless second
      reward 4 points
    leave on pick"""


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def way(house: Shop, rows: Rows, at: datetime) -> list[tuple[str, bool | None, str | None]]:
    """Each step in its explanation: its name, its sign, and its outcome or its end."""
    with house.ledger() as ledger:
        clauses = explain(house.plan, "gift", "ann", at, rows, ledger).clauses
    # Before and after them come clauses of the step that came up last.
    first = next(n for n, one in enumerate(clauses) if one.text.startswith("step begun "))
    steps = clauses[first : first + 5]
    return [
        (
            one.text.split()[1] if one.text.startswith("step") else "leave",
            one.held,
            one.values.get("outcome") or one.values.get("until"),
        )
        for one in steps
    ]


BEGUN: Event = ("order", "ann", day(1), 1)
SECOND: Event = ("order", "ann", day(2), 2)
LEFT: Event = ("pick", "ann", day(2), 1)
CASES = {
    "a step after one that can still come can come too": (
        [BEGUN],
        day(5),
        [
            ("begun", True, "granted"),
            ("second", None, "2026-01-11T08:00:00+08:00"),
            ("third", None, None),
            ("nudge", True, "granted"),
            ("leave", False, None),
        ],
    ),
    "after a deadline neither can": (
        [BEGUN],
        day(12),
        [
            ("begun", True, "granted"),
            ("second", False, None),
            ("third", False, None),
            ("nudge", True, "granted"),
            ("leave", False, None),
        ],
    ),
    "nor can a step that another keeps away": (
        [BEGUN, SECOND],
        day(2),
        [
            ("begun", True, "granted"),
            ("second", True, "granted"),
            ("third", None, "2026-01-03T08:00:00+08:00"),
            ("nudge", False, None),
            ("leave", False, None),
        ],
    ),
    "nor can any for whoever has left": (
        [BEGUN, LEFT],
        day(2),
        [
            ("begun", True, "granted"),
            ("second", False, None),
            ("third", False, None),
            ("nudge", False, None),
            ("leave", True, "left"),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_way_of_a_customer(case: str, tmp_path: Path) -> None:
    events, at, expected = CASES[case]
    house = shop(tmp_path, JOURNEY.format(steps=STEPS, budget=""), customers=("ann", "bob", "cat"))
    put(house, events, range(len(events)))
    run_until(house, at)
    assert way(house, rows_of(events), at) == expected


def test_a_step_that_was_taken_back_is_not_reached(tmp_path: Path) -> None:
    events = [BEGUN, SECOND]
    house = shop(tmp_path, JOURNEY.format(steps=STEPS, budget=""), customers=("ann", "bob", "cat"))
    put(house, events, range(len(events)))
    run_until(house, day(2))
    with house.ledger() as ledger:
        (instance,) = ledger.inside("gift", "ann")
        second = ledger.decision(Identity("gift", "second", "ann", instance.occurrence))
        assert second is not None
        (done,) = ledger.reverse([second.number], "by mistake", day(2))
    assert done.outcome == "reversed"
    assert way(house, rows_of(events), day(2))[1:3] == [
        ("second", False, "taken_back"),
        ("third", False, None),
    ]


def test_a_condition_that_ended_a_journey_is_what_it_was_lost_at(tmp_path: Path) -> None:
    steps = STEPS.replace("leave on pick", "while no pick in last 9 days")
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=("ann", "bob", "cat"))
    events = [BEGUN, LEFT]
    put(house, events, range(len(events)))
    rows = rows_of(events)
    for _ in range(2):
        with house.ledger() as ledger:
            found = explain(house.plan, "gift", "ann", day(5), rows, ledger, step="nudge")
        if found.decided:
            break
        # Before the ledger has the entry, no step may follow it.
        assert (found.outcome, found.lost is None) == ("not_reached", False)
        run_until(house, day(5))
    assert (found.decided, found.outcome) == (True, "left")
    assert found.lost is not None
    assert found.lost.text == "no pick in last 9 days"
    ends = [("nudge", False, "left")]
    assert [one for one in way(house, rows, day(5)) if one[0] == "nudge"] == ends
