"""Once kept, the event of a step is fixed: a late one before it changes nothing that follows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from campaigner.runtime.explain.explain import explain

from .shops import Shop, shop
from .test_journeys import CUSTOMERS, JOURNEY, START, Event, put, rows_of, run_until

STEPS = """
    step begun on order where points = 1
    step second on order where points > begun.points by 10 days after begun
      reward 1 points
    step third 2 days after second
      reward second.points points
    step fourth on pick by 9 days after third
      reward second.points points"""
EVENTS: list[Event] = [
    ("order", "ann", START, 1),
    ("order", "ann", START + timedelta(days=4), 3),
    ("order", "ann", START + timedelta(days=2), 2),
    ("pick", "ann", START + timedelta(days=5), 1),
    ("pick", "ann", START + timedelta(days=8), 1),
]


@pytest.fixture
def house(tmp_path: Path) -> Shop:
    """The second order is kept on the fourth day; the third one, of the second day, comes late."""
    made = shop(tmp_path, JOURNEY.format(steps=STEPS, budget=""), customers=CUSTOMERS)
    put(made, EVENTS, [0, 1, 3, 4])
    run_until(made, START + timedelta(days=5))
    put(made, EVENTS, [2])
    return made


def given(house: Shop) -> list[tuple[str, int, int]]:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        found = [(one.step, (one.at - START).days, int(one.amount)) for one in ledger.grants()]
        return sorted(found, key=lambda one: one[1])


@pytest.mark.parametrize("cuts", [[40], [5, 6, 40], [6, 7, 9, 40, 41]])
def test_later_steps_read_what_the_ledger_has(house: Shop, cuts: list[int]) -> None:
    for day in cuts:
        run_until(house, START + timedelta(days=day))
    assert given(house) == [("second", 4, 1), ("third", 6, 3), ("fourth", 8, 3)]


def test_an_explanation_reads_what_the_ledger_has(house: Shop) -> None:
    rows, at = rows_of(EVENTS), START + timedelta(days=7)
    with house.ledger() as ledger:
        before = explain(house.plan, "gift", "ann", at, rows, ledger, step="third")
    run_until(house, at)
    with house.ledger() as ledger:
        after = explain(house.plan, "gift", "ann", at, rows, ledger, step="third")
    assert (before.outcome, before.decided) == ("granted", False)
    assert (after.outcome, after.decided) == ("granted", True)


def test_an_event_that_comes_late_and_later_changes_nothing(tmp_path: Path) -> None:
    made = shop(tmp_path, JOURNEY.format(steps=STEPS, budget=""), customers=CUSTOMERS)
    put(made, EVENTS, [0, 2, 4])
    run_until(made, START + timedelta(days=5))
    put(made, EVENTS, [1, 3])
    run_until(made, START + timedelta(days=40))
    assert given(made) == [("second", 2, 1), ("third", 4, 2), ("fourth", 5, 2)]
