"""A step takes the first event that meets its `where`; its `if` is asked of that event alone.

Cases in plain Python: what a run and a stream keep, also where the first event comes late.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from .shops import Shop, shop
from .test_journeys import CUSTOMERS, JOURNEY, START, Event, by_rules, put, run_until
from .test_streamed_journeys import stream, streamed, the_end

STEPS = """
    step begun on order where points = 1
    step second on order where points > 1 by 10 days after begun if event.points >= 3
      reward 1 points
    step third 2 days after second
      reward second.points points"""
DAY = timedelta(days=1)


def model(points: dict[int, int]) -> list[tuple[str, int, int]]:
    """By day of each order its points: the steps with their days, and what they give."""
    begun = min((day for day, one in points.items() if one == 1), default=None)
    if begun is None:
        return []
    after = [day for day, one in sorted(points.items()) if day > begun and one > 1]
    if not after or points[after[0]] < 3 or after[0] > begun + 10:
        return []
    return [("second", after[0], 1), ("third", after[0] + 2, points[after[0]])]


def events_of(points: dict[int, int]) -> list[Event]:
    return [("order", "ann", START + day * DAY, one) for day, one in points.items()]


def given(house: Shop) -> list[tuple[str, int, int]]:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        found = [(one.step, (one.at - START).days, int(one.amount)) for one in ledger.grants()]
        return sorted(found, key=lambda one: one[1])


CASES = [
    {0: 1, 4: 3},
    {0: 1, 2: 2, 4: 3},
    {0: 1, 2: 4, 4: 3},
    {0: 1, 2: 2},
    {0: 1, 11: 4},
    {0: 1, 10: 4},
]


@pytest.mark.parametrize("points", CASES)
def test_only_the_first_event_is_asked(tmp_path: Path, points: dict[int, int]) -> None:
    wanted, end = model(points), START + 40 * DAY
    for way in ("run", "stream"):
        made = shop(tmp_path / way, JOURNEY.format(steps=STEPS, budget=""), customers=CUSTOMERS)
        events = events_of(points)
        if way == "run":
            put(made, events, range(len(events)))
            run_until(made, end)
        else:
            stream(made, [*streamed(events), the_end(end)], 1)
        assert given(made) == wanted
        rules = by_rules(made, events, end)
        assert sorted(one.step for one in rules) == sorted(["begun", *(one[0] for one in wanted)])


@pytest.mark.parametrize("cut", [5, 7])
@pytest.mark.parametrize(
    ("points", "late", "wanted"),
    [
        # Kept on the fourth day; the first event comes late, and its `if` fails.
        ({0: 1, 4: 3}, {2: 2}, [("second", 4, 1), ("third", 6, 3)]),
        # It fails at the first known event, and holds at the one that comes late before it.
        ({0: 1, 4: 2, 5: 3}, {2: 4}, [("second", 2, 1), ("third", 4, 4)]),
        # It fails at both.
        ({0: 1, 4: 2}, {2: 2}, []),
        # Late, and after the one that was taken.
        ({0: 1, 2: 3}, {4: 4}, [("second", 2, 1), ("third", 4, 3)]),
    ],
)
def test_an_event_that_comes_late(tmp_path: Path, cut: int, points, late, wanted) -> None:
    made = shop(tmp_path, JOURNEY.format(steps=STEPS, budget=""), customers=CUSTOMERS)
    events = [*events_of(late), *events_of(points)]  # keys in this order
    put(made, events, range(len(late), len(events)))
    run_until(made, START + cut * DAY)
    put(made, events, range(len(late)))
    for day in (cut + 1, 40):
        run_until(made, START + day * DAY)
    assert given(made) == wanted
