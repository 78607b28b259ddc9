"""A life of a ledger that is killed before some of its statements."""

import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

from .ledgers import SOAKING
from .test_kills_postgresql import watch

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
