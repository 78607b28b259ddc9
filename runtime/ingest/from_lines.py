"""Lines of JSON as a source: a file, or a pipe that may stay open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..events.cache.coming import AHEAD
from ..events.lines import Line
from ..events.stream import SILENCE, batches
from ..ledger.known_events import Offset
from .messages import BATCH, Message


class LineSource:
    """The lines of an open file. They cannot be read twice: lines are kept until decided."""

    name = ""
    at_end = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._batches: Iterator[list[Line]] | None = None
        self._undecided: Sequence[Message] = ()

    def open(self, _: Mapping[int, Offset]) -> None:
        """See `Source.open`."""

    def read(self, wait: float) -> Sequence[Message] | None:
        """See `Source.read`."""
        if self._batches is None:
            silence, ahead = min(wait, SILENCE), AHEAD // BATCH
            self._batches = batches(self._descriptor, BATCH, silence, wait, ahead)
        if not self._undecided:
            batch = next(self._batches, None)
            if batch is None:
                return None
            self._undecided = [Message(line.number, line.content) for line in batch]
        return self._undecided

    def commit(self, after: Mapping[int, int]) -> None:
        """See `Source.commit`."""
        first = after.get(0, 0)
        self._undecided = [one for one in self._undecided if one.number >= first]

    def close(self) -> None:
        """See `Source.close`."""
