"""Brakes that work by themselves: runs and the event path pause where the plain rules say."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from campaigner.runtime.events.engine import Event
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ..runtime.houses import at
from ..runtime.shops import Shop, campaign, shop
from .ways import Way

START = datetime(2026, 1, 5)
WHO = ("ann", "bob", "cee")


@dataclass(frozen=True)
class Happened:
    """An order or a pick of a customer, at a minute of its own."""

    name: str
    who: str
    minute: int

    @property
    def key(self) -> str:
        return f"{self.name}{self.minute}"

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Rule:
    """`pause when pick over {over} within {hours} hours`, `pause when spend over {percent}%`."""

    over: int
    hours: int
    percent: int

    @property
    def text(self) -> str:
        return (
            f"10 CNY as cash\n  pause when pick over {self.over} within {self.hours} hours"
            f"\n  pause when spend over {self.percent}% of yesterday"
        )


def plainly(rule: Rule, story: list[Happened]) -> tuple[list[str], datetime | None]:
    """The orders that are granted, and when the campaign pauses."""
    granted: list[str] = []
    reached: set[str] = set()
    picks: list[datetime] = []
    spent: Counter[object] = Counter()
    for one in story:
        if one.name == "pick" and one.who in reached:
            picks.append(one.at)
            since = one.at - timedelta(hours=rule.hours)
            if sum(each > since for each in picks) > rule.over:
                return granted, one.at
        if one.name == "order":
            granted.append(one.key)
            reached.add(one.who)
            day = one.at.date()
            spent[day] += 10
            before = spent[day - timedelta(days=1)]
            if before and spent[day] > Fraction(rule.percent, 100) * before:
                return granted, one.at
    return granted, None


stories = st.lists(
    st.builds(
        Happened,
        st.sampled_from(["order", "order", "pick"]),
        st.sampled_from(WHO),
        st.integers(1, 4 * 24 * 60 - 2),
    ),
    min_size=4,
    max_size=25,
    unique_by=lambda one: one.minute,
).map(lambda found: sorted(found, key=lambda one: one.minute))
rules = st.builds(Rule, st.integers(0, 3), st.integers(1, 40), st.sampled_from([50, 100, 150, 250]))


def filled(folder: str, rule: Rule, story: list[Happened]) -> Shop:
    house = shop(Path(folder), campaign(rule.text), customers=WHO)
    told = [(one, at(one.at.isoformat(" ")).isoformat()) for one in story]
    orders = [(one.key, one.who, when, 1, None) for one, when in told if one.name == "order"]
    if orders:
        house.order(orders)
    picks = [(one.key, one.who, when, None) for one, when in told if one.name == "pick"]
    if picks:
        house.pick(picks)
    return house


def came(house: Shop) -> tuple[list[str], datetime | None]:
    """The granted orders, and when the campaign was paused."""
    granted = sorted(one.occurrence for one in house.grants())
    with house.ledger() as ledger:
        pauses = [one.at for one in ledger.brakes("gift")]
    assert len(pauses) <= 1
    return granted, pauses[0] if pauses else None


@settings(max_examples=8)
@given(rules, stories, st.lists(st.integers(1, 4 * 24 * 60), max_size=4))
def test_pauses_where_the_plain_rules_say(
    rule: Rule, story: list[Happened], cuts: list[int]
) -> None:
    orders, paused = plainly(rule, story)
    event("paused" if paused else "went on")
    expected = (sorted(orders), None if paused is None else at(paused.isoformat(" ")))
    with tempfile.TemporaryDirectory() as folder:
        house = filled(folder, rule, story)
        house.run("2026-01-05", "2026-01-09")
        assert came(house) == expected
    with tempfile.TemporaryDirectory() as folder:
        house = filled(folder, rule, story)
        for cut in [0, *sorted(cuts), 4 * 24 * 60]:
            house.run_at((START + timedelta(minutes=cut)).isoformat(" "))
        assert came(house) == expected
    with tempfile.TemporaryDirectory() as folder:
        house = filled(folder, rule, [])
        streamed(house, story)
        assert came(house) == expected


def streamed(house: Shop, story: list[Happened]) -> None:
    """The events as they come, two in a batch."""
    way = Way(house.warehouse, house.folder, plain=len(story) % 2 == 0)
    with house.ledger(plain=way.plain) as ledger:
        worker = way.worker(
            house.plan, lambda: open_warehouse(house.warehouse, house.folder), ledger
        )
        assert sum(map(len, way.decided(worker, [*map(_event, story)], 2))) == len(story)


def _event(one: Happened) -> Event:
    fields: dict[str, object] = {"points": 1, "friend": None}
    if one.name == "pick":
        fields = {"benefit": None, "channel": "app"}
    row = {**fields, "at": at(one.at.isoformat(" ")), "key": one.key}
    return Event(one.name, one.who, row)
