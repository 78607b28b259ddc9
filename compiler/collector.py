"""Python's garbage collector, paused where much is made and nothing becomes garbage in cycles."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NEW = 100_000
"""So many objects more than at the last search are searched: some 20 ms."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause it. Searching for cycles among many new objects takes a third to half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def collector_between_turns() -> Iterator[Callable[[], None]]:
    """Pause it in a long work that calls what this yields after each of its turns.

    It searches once `_NEW` objects have come, and only among these. Left to itself it searches all
    that a worker keeps, again and again: a sixth of the time. Trees of SQL are garbage in cycles;
    one that names many customers has many objects, however few the turns.
    """

    def turn() -> None:
        if gc.get_count()[0] >= _NEW:
            gc.collect()
            gc.freeze()

    with collector_paused():
        gc.freeze()
        try:
            yield turn
        finally:
            # The next search would go through all that is new; it is put with the old in passing.
            gc.freeze()
            gc.unfreeze()
