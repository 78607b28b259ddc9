"""Journeys that a wallet enters: their later steps in runs, in slices and in streams."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from .shops import Shop, campaign, shop
from .test_journeys import CUSTOMERS, EVENTS, START, Event, put, run_until
from .test_streamed_journeys import END, stream, streamed, the_end

ENOUGH = 6
SHANGHAI = ZoneInfo("Asia/Shanghai")
EARN = campaign("event.points points", name="earn").replace(
    "  audience", "  active 2026-01-01 to 2026-03-31\n  audience"
)
JOURNEY = f"""
campaign grown "grown" {{{{
  active   2026-01-01 to 2026-03-31
  audience yes
  journey {{{{
    step full when balance(points) reaching {ENOUGH}
      reward coffee
    step picked on pick by 5 days after full
      reward 1 seen
    step nudge 2 days after full at 10:00 unless picked
      reward 2 seen
    step thanked after picked 1 day after picked{{gate}}
      reward 3 seen
  }}}}
  budget {{{{ total 1_000_000 CNY }}}}
  compliance {{{{ forbid phrase "sure" }}}}
}}}}
"""
Found = set[tuple[str, str, str, datetime]]


def expected(events: Sequence[Event], end: datetime) -> Found:
    """Return the steps of each customer and their instants, worked out one by one."""
    found: Found = set()
    by: dict[str, dict[str, list[tuple[datetime, str, int]]]] = defaultdict(
        lambda: {"order": [], "pick": []}
    )
    for number, (kind, who, at, points) in enumerate(events):
        by[who][kind].append((at, f"e{number:02}", points))
    for who, own in by.items():
        total, begun = 0, None
        for at, key, points in sorted(own["order"]):
            total += points
            if total >= ENOUGH:
                begun = (at, f"earn/main/{key}")
                break
        if begun is None or begun[0] > end:
            continue
        at, occurrence = begun
        steps = {"full": at}
        picks = [when for when, _, _ in own["pick"] if at < when <= at + timedelta(days=5)]
        if picks:
            steps["picked"] = min(picks)
            steps["thanked"] = min(picks) + timedelta(days=1)
        day = at.astimezone(SHANGHAI).date() + timedelta(days=2)
        nudge = datetime.combine(day, time(10), SHANGHAI)
        if not (picks and min(picks) <= nudge):
            steps["nudge"] = nudge
        found |= {(name, who, occurrence, when) for name, when in steps.items() if when <= end}
    return found


def granted(house: Shop) -> Found:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        return {
            (one.step, one.recipient, one.occurrence, one.at)
            for one in ledger.grants()
            if one.campaign == "grown"
        }


@settings(max_examples=4)
@given(
    EVENTS,
    st.lists(st.integers(1, 39), max_size=4),
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from(["", " if balance(points) >= 0"]),
)
def test_runs_and_streams_come_to_the_same(
    events: list[Event], cuts: list[int], size: int, most: int, gate: str
) -> None:
    wanted = expected(events, END)
    with tempfile.TemporaryDirectory() as folder:
        texts = (EARN, JOURNEY.format(gate=gate))
        whole, cut, came = (
            shop(Path(folder) / name, *texts, customers=CUSTOMERS) for name in ("a", "b", "c")
        )
        for house in (whole, cut):
            put(house, events, range(len(events)))
        run_until(whole, END)
        assert granted(whole) == wanted
        for day in (*sorted(cuts), 40):
            run_until(cut, START + timedelta(days=day))
        assert granted(cut) == wanted
        stream(came, [*streamed(events), the_end(END)], size, most)
        assert granted(came) == wanted
        put(came, events, range(len(events)))
        run_until(came, END)
        assert granted(came) == wanted
