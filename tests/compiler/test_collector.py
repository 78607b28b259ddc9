"""Garbage in cycles does not pile up in a long work, and what is kept is not searched again."""

from __future__ import annotations

import gc
import weakref

import pytest
from campaigner.compiler import collector


class Knot:
    """An object in a cycle."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize("made", [10, 900, 3_000])
def test_garbage_is_searched_by_its_number(monkeypatch: pytest.MonkeyPatch, made: int) -> None:
    monkeypatch.setattr(collector, "_NEW", 1_000)
    there: weakref.WeakSet[Knot] = weakref.WeakSet()
    most = 0
    with collector.collector_between_turns() as turn:
        for _ in range(12_000 // made):
            for _ in range(made):
                there.add(Knot())
            most = max(most, len(there))
            turn()
    assert most <= 1_000 + made


def test_what_is_kept_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_NEW", 1_000)
    with collector.collector_between_turns() as turn:
        before = gc.get_freeze_count()
        kept = [[number] for number in range(5_000)]
        turn()
        assert gc.get_freeze_count() >= before + len(kept)
        assert gc.get_count()[0] < 1_000
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
