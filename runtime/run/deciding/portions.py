"""The items of a run in portions: lists of decisions, parted where an answering event comes.

Rows stay lists from the engine to the ledger. Merging them one by one asks each for its place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from ....compiler.plan.due import Due
from ....compiler.plan.steps import StepKey
from ..claim_rows import Answering
from ..items import Item, answers, merged, place_of
from ..work import Work
from .rows import RowReader

TOGETHER = 2_500
"""The most rows that are decisions at a time, apart from those that wait for the ledger."""


class Portion(NamedTuple):
    """Items in their order. `expires`: something that decisions among them give may end."""

    items: Sequence[Item]
    expires: bool = False


def portions(
    work: Work, stretches: Sequence[tuple[StepKey, Due]], apart: Collection[StepKey]
) -> Iterator[Portion]:
    """All decisions in the order of `items.in_order`; those of steps `apart` are candidates."""
    for query, answer in answers(work, stretches):
        reader = RowReader(work.plan, query, apart)
        for batch in answer.batches:
            for first in range(0, len(batch), TOGETHER):
                items = reader.read(batch[first : first + TOGETHER])
                yield Portion(items, reader.expires)


def with_answers(
    found: Iterable[Portion], others: Sequence[Iterator[Answering]]
) -> Iterator[Portion]:
    """The portions of decisions, parted where a claim, a reversal or an alarm comes between."""
    answering = merged(*others)
    after = next(answering, None)
    for items, expires in found:
        start = 0
        while after is not None:
            end = bisect_left(items, place_of(after), start, key=place_of)
            if end == len(items):
                break
            yield Portion(items[start:end], expires)
            yield Portion([after])
            after, start = next(answering, None), end
        yield Portion(items[start:] if start else items, expires)
    while after is not None:
        yield Portion([after])
        after = next(answering, None)
