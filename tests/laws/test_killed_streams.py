"""Killed while a stream or a run decides steps and timers: the ledger is as undisturbed.

The worker that is killed is quick and the one that starts again is plain, or the other way round.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from campaigner.runtime.due.periods import At
from campaigner.runtime.run.deciding import deciding
from campaigner.runtime.run.run import run
from campaigner.runtime.run.work import Work
from campaigner.runtime.warehouse.engines import open_warehouse

from ..runtime.ledger.kills import dies_at, of_file, of_server
from ..runtime.ledger.ledgers import SOAKING
from ..runtime.test_event_workers import ledger_url
from .lives import END, START, built, lives, put
from .test_whole_runtime import at, kept, ledger_of, read, working

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

IN_A_FILE, ON_A_SERVER = 4, 2
"""How many statements are killed before in CI; a soak kills before each of both."""

CAMPAIGNS = ("stays", "late_timer", "timer")
CUSTOMERS, SIZE = 3, 5
BOTH = (False, True) if SOAKING else (False,)
"""Whether the one that is killed is plain, on a server."""


class Lives:
    """A shop whose warehouse has no events, and one that has all."""

    def __init__(self, folder: Path) -> None:
        happened = lives(3, CUSTOMERS)
        self.shop = built(folder / "empty", CAMPAIGNS, CUSTOMERS)
        self.full = built(folder / "full", CAMPAIGNS, CUSTOMERS)
        put(self.full, happened)
        self.events = read(self.shop, happened)

    def stream(self, _: Path, url: str, begin=lambda _: None, *, plain: bool = False) -> None:
        """Stream all events into a ledger."""
        with working(self.shop, url, plain=plain) as worker:
            begin(worker._ledger)
            worker.expect([] if plain else self.events)
            for first in range(0, len(self.events), SIZE):
                worker.decide(self.events[first : first + SIZE])
            worker.pass_time(at(END), is_last=True)

    def run(self, _: Path, url: str, begin=lambda _: None, *, plain: bool = False) -> None:
        """Run all of it, in portions of a few decisions."""
        where = open_warehouse(self.full.warehouse, self.full.folder)
        with ledger_of(self.full, url, plain=plain) as ledger, where as warehouse:
            begin(ledger)
            work = Work(self.full.plan, "digest", warehouse, ledger, plain=plain)
            with patch.object(deciding, "BATCH", SIZE):
                run(work, At(at(START)))
                run(work, At(at(END)))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return Lives(tmp_path_factory.mktemp("killed"))


def held(house, live, address, before, most, *, plain):
    """Kill before some statements; whoever starts again comes to what one life comes to."""
    killed, again = partial(live, plain=plain), partial(live, plain=not plain)
    state = partial(kept, house.shop)
    expected = dies_at(killed, address, most, state, before, again)
    assert {one[0] for one in expected[0]} == set(CAMPAIGNS)


@pytest.mark.parametrize("plain", [False, True], ids=["quick is killed", "plain is killed"])
@pytest.mark.parametrize("life", [Lives.stream, Lives.run], ids=["stream", "run"])
def test_a_file_at_its_statements(house, tmp_path, life, plain):
    numbers = iter(range(1_000_000))
    url = partial("sqlite:///{}/{}.db".format, tmp_path)
    live = partial(life, house)
    held(house, live, lambda: url(next(numbers)), of_file, IN_A_FILE, plain=plain)


@pytest.mark.parametrize(
    ("life", "plain"),
    [(one, plain) for one in (Lives.stream, Lives.run) for plain in BOTH],
)
def test_a_server_at_its_statements(house, life, plain):
    held(house, partial(life, house), ledger_url, of_server, ON_A_SERVER, plain=plain)


def test_the_lives_come_to_one_ledger(house, tmp_path):
    """Both of those that are killed above."""
    streamed, ran = (f"sqlite:///{tmp_path}/{name}.db" for name in ("streamed", "ran"))
    house.stream(Path(), streamed)
    house.run(Path(), ran, plain=True)
    assert kept(house.shop, streamed) == kept(house.shop, ran)
