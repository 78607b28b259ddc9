"""The quick paths of runs and of streams, on and off (`--plain`).

A law takes them in turns, so that it holds with and without them at the cost of one. Two runs,
workers or stores that must agree are a quick and a plain one. `docs/architecture.md` says which law
takes which.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.chance import NO_SEEDS, Seeds
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.part import WHOLE, Part
from campaigner.runtime.events.requests import Decided
from campaigner.runtime.events.worker import EventWorker, Opens
from campaigner.runtime.ledger.contract import Ledger
from campaigner.runtime.warehouse.duckdb.client import path_of
from campaigner.runtime.warehouse.freshness import FileStamp, Freshness, Seconds

LONG = 1_000_000
"""Seconds for which a server's rows may be used: longer than any test."""


def by_turns(first: int) -> Iterator[bool]:
    """Whether the next one is plain, in turns; the first if the number is odd."""
    return cycle((first % 2 == 1, first % 2 == 0))


class Way:
    """Makes workers, and has them decide, by the quick paths or without.

    The quick ones keep customers, and are let know what comes. Their ledger decides by columns.
    """

    def __init__(self, url: str, folder: Path, *, plain: bool) -> None:
        self.plain = plain
        self._freshness = None if plain else freshness(url, folder)

    def worker(
        self,
        plan: Plan,
        opens: Opens,
        ledger: Ledger,
        seeds: Seeds = NO_SEEDS,
        part: Part = WHOLE,
    ) -> EventWorker:
        """A worker over a warehouse, of all customers or a part."""
        return EventWorker(
            plan, "digest", opens, ledger, seeds=seeds, freshness=self._freshness, part=part
        )

    def decided(
        self, worker: EventWorker, events: Sequence[Event], size: int
    ) -> Iterator[list[Decided]]:
        """Decide events that are there, so many in a batch."""
        worker.expect(() if self.plain else events)
        for start in range(0, len(events), size):
            yield worker.decide(events[start : start + size])


def freshness(url: str, folder: Path) -> Freshness:
    """The freshness of a worker. A server's rows are used for long, so they must not change.

    Every change of a file counts at once: between two of them it is opened, which takes a while.
    """
    if not url.startswith("duckdb:"):
        return Seconds(LONG)
    return FileStamp(path_of(url, folder), Seconds(0), lambda: time.time() + 60)
