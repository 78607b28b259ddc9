"""A life of a ledger that is killed before some of its statements."""

import os
import random
import signal
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from campaigner.compiler.plan import Plan

from .ledgers import DIGEST, SOAKING, URL, dump, opened
from .test_kills import die_at
from .test_kills_postgresql import watch

T = TypeVar("T")
Live = Callable[..., None]
"""Does the work in a ledger: of its folder, its address, and what to do once it is open."""


def of_file(statement):
    return lambda ledger: ledger._store.connection.set_trace_callback(statement)


def of_server(statement):
    return lambda ledger: watch(ledger._store.connection, lambda: statement(""))


def statements(live: Live, root: Path, url: str, before) -> int:
    """How many a whole life takes."""
    count = [0]

    def one_more(_: str) -> None:
        count[0] += 1

    live(root, url, before(one_more))
    return count[0]


def killed(live: Live, root: Path, url: str, begin) -> int:
    """How a child ends that lives so."""
    child = os.fork()
    if child == 0:
        live(root, url, begin)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def chosen(points: int, most: int) -> Iterable[int]:
    """The numbers of statements to kill before."""
    every = range(points)
    return every if SOAKING else random.Random(20260110).sample(every, most)


def carries_out(project: Plan, lives: Sequence[Sequence[object]], outcomes: list[str]) -> Live:
    """A short life in transactions of these; lived again, and plain, it comes to the same."""

    def live(root: Path, url: str, begin=None) -> None:
        with opened(root, ["rewards"], url=url, plain=begin is None) as ledger:
            if begin is not None:
                begin(ledger)
            done = [one for some in lives for one in ledger.carry_out(project, some, DIGEST)]
            assert [one.outcome.replace("already_granted", "granted") for one in done] == outcomes

    return live


def dies_in_a_file(live: Live, folder: Path, most: int) -> dict[str, list[object]]:
    """Kill it and live it again: it comes to the tables of one that nobody kills, returned here."""
    whole = folder / "whole"
    points = statements(live, whole, URL, of_file)
    expected = dump(whole / "var/ledger.db")
    for point in chosen(points, most):
        root = folder / str(point)
        assert killed(live, root, URL, of_file(die_at(point))) == signal.SIGKILL
        with opened(root) as ledger:
            assert ledger.verify() == ()
        live(root, URL)
        assert dump(root / "var/ledger.db") == expected
    return expected


def dies_at(
    live: Live,
    new_url: Callable[[], str],
    most: int,
    state: Callable[[str], T],
    before=of_server,
    again: Live | None = None,
) -> T:
    """The same at other urls, on a server by default; `state` reads the ledger at one.

    `again` is how it is lived again.
    """
    whole = new_url()
    points = statements(live, Path(), whole, before)
    expected = state(whole)
    for point in chosen(points, most):
        url = new_url()
        assert killed(live, Path(), url, before(die_at(point))) == signal.SIGKILL
        (live if again is None else again)(Path(), url)
        assert state(url) == expected
    return expected
