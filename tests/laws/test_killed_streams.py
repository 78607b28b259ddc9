"""Killed while a stream decides steps and timers: started again, the ledger is as undisturbed."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from ..runtime.ledger.kills import dies_at, of_file, of_server
from ..runtime.test_event_workers import ledger_url
from .lives import END, START, built, lives, put
from .test_whole_runtime import at, kept, read, run_until, working

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

IN_A_FILE, ON_A_SERVER = 4, 2
"""How many statements are killed before in CI; a soak kills before each of both."""

CAMPAIGNS = ("stays", "late_timer", "timer")
CUSTOMERS, SIZE = 3, 5


class Lives:
    """A shop whose warehouse has no events. `live` streams all of them into a ledger."""

    def __init__(self, folder: Path) -> None:
        self.shop = built(folder, CAMPAIGNS, CUSTOMERS)
        self.events = read(self.shop, lives(3, CUSTOMERS))

    def live(self, _: Path, url: str, begin=lambda _: None, *, ahead: bool = False) -> None:
        with working(self.shop, url) as worker:
            begin(worker._ledger)
            worker.expect(self.events if ahead else [])
            for first in range(0, len(self.events), SIZE):
                worker.decide(self.events[first : first + SIZE])
            worker.pass_time(at(END), is_last=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return Lives(tmp_path_factory.mktemp("killed"))


def held(house, address, before, most, *, ahead=False):
    """Kill before some statements; whoever starts again comes to what one life comes to."""
    live = partial(house.live, ahead=ahead)
    expected = dies_at(live, address, most, lambda url: kept(house.shop, url), before)
    assert {one[0] for one in expected[0]} == set(CAMPAIGNS)


@pytest.mark.parametrize("ahead", [False, True])
def test_a_file_at_its_statements(house, tmp_path, ahead):
    numbers = iter(range(1_000_000))
    url = partial("sqlite:///{}/{}.db".format, tmp_path)
    held(house, lambda: url(next(numbers)), of_file, IN_A_FILE, ahead=ahead)


def test_a_server_at_its_statements(house):
    held(house, ledger_url, of_server, ON_A_SERVER, ahead=True)


def test_the_life_is_that_of_a_run(house, tmp_path):
    """The life that is killed above comes to the ledger of a run."""
    streamed, ran = (f"sqlite:///{tmp_path}/{name}.db" for name in ("streamed", "ran"))
    house.live(Path(), streamed)
    put(house.shop, lives(3, CUSTOMERS))
    run_until(house.shop, ran, START, END)
    assert kept(house.shop, streamed) == kept(house.shop, ran)
