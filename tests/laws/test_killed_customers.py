"""Workers are killed by a signal while the warehouse changes, by the quick paths and plain.

A worker that is killed forgets what the warehouse lacks. So lives are compared that are killed at
one point of the stream: before a batch is committed, or after. Where between is drawn.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from itertools import cycle, product
from pathlib import Path

import pytest
from campaigner.runtime.ledger.contract import Ledger

from ..runtime.ledger.ledgers import SOAKING
from ..runtime.shops import Shop, shop
from ..runtime.test_event_workers import ledger_url
from .test_kept_customers import CAMPAIGNS, NAMES, _bound, _change, _opens, _past, _stream
from .test_whole_runtime import BOTH, ledger_of
from .ways import Way

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

SIZE, BLOCK = 6, 4
COUNT = 400 if SOAKING else 110
PLAIN, QUICK, IN_TURNS = (True,), (False,), (False, True)
"""Whether each worker is plain."""
LIVES = [("sqlite", 0, QUICK), ("postgresql", 1, IN_TURNS)]
MORE = [(*one, turns) for turns in (QUICK, IN_TURNS) for one in product(BOTH, range(20))]


@pytest.mark.parametrize(("store", "seed", "turns"), MORE if SOAKING else LIVES)
def test_a_warehouse_that_changes_and_workers_that_are_killed(tmp_path, store, seed, turns):
    found = []
    for number, each in enumerate((PLAIN, turns)):
        folder = tmp_path / f"{number}"
        url = ledger_url() if store == "postgresql" else f"sqlite:///{folder}/ledger.db"
        found.append(lived(folder, url, seed, cycle(each)))
    assert found[0] == found[1]
    assert {name for name, *_ in found[0]} >= {"summed", "friends"}


def lived(folder: Path, url: str, seed: int, turns: Iterator[bool]) -> list[tuple[object, ...]]:
    """The grants of workers that decide a stream one after the other."""
    chance = random.Random(seed)
    made = shop(folder, CAMPAIGNS, customers=NAMES)
    made.order(_past(chance))
    stream, first = _stream(chance, COUNT), 0
    while first < len(stream):
        last = min(first + SIZE * chance.choice((0, 3, 9, 20)), len(stream) - 1)
        last -= (last - first) % SIZE
        point, is_after = chance.randrange(60), chance.random() < 0.3
        plain = next(turns)

        def live(
            first: int = first,
            last: int = last,
            point: int | None = None if is_after else point,
            plain: bool = plain,
        ) -> None:
            decides(made, url, stream, (first, last), seed, point, plain=plain)

        assert killed(live) == signal.SIGKILL
        first = last + SIZE * is_after
    with ledger_of(made, url) as ledger:
        assert ledger.verify() == ()
        return [
            (one.campaign, one.recipient, one.occurrence, one.amount) for one in ledger.grants()
        ]


def killed(live: Callable[[], None]) -> int:
    """How a child ends that lives so."""
    child = os.fork()
    if child == 0:
        try:
            live()
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]


def decides(
    made: Shop,
    url: str,
    stream: list,
    span: tuple[int, int],
    seed: int,
    point: int | None,
    *,
    plain: bool,
) -> None:
    """Decide the batches of a span, and die in the last one: at a statement, or at its end."""
    first, last = span
    way = Way(made.warehouse, made.folder, plain=plain)
    with ledger_of(made, url, plain=plain) as ledger:
        worker = way.worker(made.plan, _opens(made), ledger)
        _bound(worker, 60, 1_000)
        for start in range(first, last + SIZE, SIZE):
            if (start - first) % (SIZE * BLOCK) == 0:
                worker.expect([] if plain else stream[start : start + SIZE * BLOCK])
            if start == last and point is not None:
                dies_uncommitted(ledger, point)
            worker.decide(stream[start : start + SIZE])
            if start == last:
                die()
            _change(made, stream[:start], random.Random(f"{seed} {start}"))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_uncommitted(ledger: Ledger, point: int) -> None:
    """Die before the statement of that number, or before the first one that commits."""
    left, connection = [point], ledger._store.connection

    def before(statement: str) -> None:
        left[0] -= 1
        if left[0] < 0 or b"COMMIT" in statement.upper().encode():
            die()

    if hasattr(connection, "set_trace_callback"):
        connection.set_trace_callback(before)
        return
    command, cursor = connection._exec_command, connection.cursor

    def watched_command(given, *arguments, **more):
        before(given.decode() if isinstance(given, bytes) else "")
        return command(given, *arguments, **more)

    def watched_cursor(*arguments, **more):
        before("")
        return cursor(*arguments, **more)

    connection._exec_command, connection.cursor = watched_command, watched_cursor
