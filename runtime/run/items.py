"""The items of a run in their order: decisions that the warehouse found, claims and reversals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import assert_never

from ..decide.claims import ClaimEvent
from ..decide.reversing.events import ReversalEvent
from .candidates import Candidate

Item = Candidate | ClaimEvent | ReversalEvent
"""An item of a run."""


def merged(*found: Iterator[Item]) -> Iterator[Item]:
    """Merge by instant, then decisions, claims and reversals.

    So an offer can be claimed at its own instant, and a grant can be taken back at its own.
    """
    return merge(*found, key=_place)


def _place(each: Item) -> tuple[datetime, int]:
    match each:
        case Candidate(decision=decision):
            return decision.at, 0
        case ClaimEvent(at=at):
            return at, 1
        case ReversalEvent(at=at):
            return at, 2
        case _:
            assert_never(each)
