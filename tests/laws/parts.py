"""Several workers of one stream in this process, each with a part of the customers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack

from campaigner.runtime.decide.decisions import Result
from campaigner.runtime.decide.facts import moment
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.part import Part
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.events.workers.adding import passed_by_all
from campaigner.runtime.ledger import Ledger

Begins = Callable[[Part], AbstractContextManager[tuple[EventWorker, Ledger]]]
"""Begins a worker of a part, with a ledger of its own."""


class KilledError(Exception):
    """All workers have ended before the end of the stream."""


def carried_out(
    begins: Begins,
    stream: Sequence[Event],
    count: int,
    size: int,
    chance: random.Random,
    *,
    dies: bool,
) -> list[Result]:
    """Let workers decide a stream in batches of a size, in turns by chance; return all results.

    If one `dies`, all end, and begin again with the whole stream.
    """
    most = chance.randrange(len(stream) + 1) if dies else None
    results: list[Result] = []
    try:
        results += _lived(begins, stream, count, size, chance, most)
    except KilledError:
        results += _lived(begins, stream, count, size, chance, None)
    return results


def _lived(
    begins: Begins,
    stream: Sequence[Event],
    count: int,
    size: int,
    chance: random.Random,
    most: int | None,
) -> Iterator[Result]:
    """`most`: the number of events after which all are killed."""
    with ExitStack() as stack:
        parts = [Part(number, count) for number in range(count)]
        living = [stack.enter_context(begins(one)) for one in parts]
        workers = [one for one, _ in living]
        for one in workers:
            one.falling_due.begin(moment(stream[0].row)[0])
        for some in _pieces(stream, chance):
            left = [[one for one in some if part.has(one.customer)] for part in parts]
            while any(left):
                place = chance.choice([place for place, own in enumerate(left) if own])
                batch, left[place] = left[place][:size], left[place][size:]
                if most is not None and (most := most - len(batch)) < 0:
                    raise KilledError
                yield from of(workers[place], batch)
            upto = max(one.past.latest for one in workers)
            for one in chance.sample(workers, count):
                one.pass_due(upto, is_last=True)
            living[0][1].set_progress(passed_by_all([one.falling_due.progress for one in workers]))
        living[0][0].settle(upto)
        for one in workers:
            yield from (result for _, result in one.timed)


def _pieces(stream: Sequence[Event], chance: random.Random) -> Iterator[Sequence[Event]]:
    """Yield the stream in up to three pieces, after each of which all wait for one another."""
    ends = sorted(chance.randrange(1, len(stream) + 1) for _ in range(chance.randrange(3)))
    start = 0
    for end in (*ends, len(stream)):
        if end > start:
            yield stream[start:end]
            start = end


def of(worker: EventWorker, batch: Sequence[Event]) -> Iterator[Result]:
    """Yield the results of a batch."""
    for one in worker.decide(batch):
        yield from (result for _, result in one.results)
