"""Reads a source: decides its events, and moves its offsets with the decisions.

Messages that are there already are read ahead, several batches at once (`EventWorker.expect`). A
batch has three steps, in this order. Unreadable messages go to the dead letters. The ledger keeps
the decisions and the new offsets in one transaction. The broker is let know. After a crash before
the transaction, the batch comes again. After a later one, the broker's offsets are a little behind
those of the ledger, which count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...dsl.diagnostics.diagnostic import Diagnostic
from ..events.concerns import Event, name_of
from ..events.lines import Line, Lines
from ..events.session import DecidedLines, EventSession, ReadLine
from ..events.worker import EventWorker
from ..ledger.contract import Ledger
from ..ledger.known_events import Moved, Offset
from .letters import Letters
from .messages import Message, Source
from .remembered import Remembered


class Reader:
    """A source and where it is. After a fault, another `Reader` of the same source goes on.

    `plain`: see `EventSession`.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        worker: EventWorker,
        lines: Lines,
        letters: Letters,
        *,
        plain: bool = False,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._worker = worker
        self._letters = letters
        self.session = EventSession(worker, lines, plain=plain)
        self._batches: Iterator[list[ReadLine]] = iter(())
        kept = ledger.offsets(source.name) if source.name else {}
        self._next = {part: one.next for part, one in kept.items()}
        self._remembered = Remembered()
        source.open(kept)

    def read(self, wait: float) -> Sequence[ReadLine] | None:
        """Return the next batch, with what each message is; see `Source.read`."""
        batch = next(self._batches, None)
        if batch is None:
            messages = self._source.read(wait)
            if messages is None:
                return None
            self._batches = self.session.parted(messages)
            batch = next(self._batches)
        return batch

    def decide(self, batch: Sequence[ReadLine]) -> DecidedLines:
        """Decide a batch; return the result of each message that is decided now."""
        again = [one for one in batch if not self._is_fresh(one)]
        read = [one for one in batch if self._is_fresh(one)]
        fresh = [_message(line) for line, _ in read]
        self._remember(again)
        after: dict[int, int] = {}

        def moving(lines: Sequence[ReadLine]) -> Moved:
            self._set_aside(lines)
            after.update(_after(fresh))
            self._note(lines)
            return Moved(
                self._source.name,
                {part: self._next[part] for part in after if part in self._next},
                {part: self._offset(part, to) for part, to in after.items()},
            )

        if not self._source.name:
            decided = self.session.decide_read(read)
            self._set_aside_decided(fresh, decided)
        elif fresh:
            decided = self.session.decide_read(read, moving)
            self._set_aside_decided(fresh, decided)
        else:
            decided = DecidedLines(())
        self._next.update(after)
        self._letters.forget(self._next)
        if batch:
            self._source.commit(dict(self._next) if self._source.name else _after(fresh))
        return decided

    def _is_fresh(self, one: ReadLine) -> bool:
        message = _message(one[0])
        return message.number >= self._next.get(message.part, 0)

    def _remember(self, read: Sequence[ReadLine]) -> None:
        """Let the worker know events that were decided before it was there."""
        self._worker.remember([event for _, event in read if isinstance(event, Event)])
        self._note(read)

    def _note(self, lines: Sequence[ReadLine]) -> None:
        remembers = self._worker.past.remembers
        for line, event in lines:
            match line, event:
                case Message(), Event() if remembers(event.customer, name_of(event)):
                    self._remembered.add(line.part, line.number, event)

    def _offset(self, part: int, after: int) -> Offset:
        """Return the offset of a part, without the events that the warehouse has by now."""
        first = self._remembered.first(part, self._worker.past.remembers)
        return Offset(after, after if first is None else min(first, after))

    def _set_aside(self, lines: Sequence[ReadLine]) -> None:
        self._letters.write(
            (line, became)
            for line, became in lines
            if isinstance(line, Message) and isinstance(became, Diagnostic)
        )

    def _set_aside_decided(self, messages: Sequence[Message], decided: DecidedLines) -> None:
        """Set aside what only the ledger could refuse; the letters that are there are kept."""
        became = [problem for _, problem in decided.lines]
        self._letters.write(
            (message, problem)
            for message, problem in zip(messages, became, strict=True)
            if isinstance(problem, Diagnostic)
        )


def _message(line: Line) -> Message:
    assert isinstance(line, Message)
    return line


def _after(messages: Sequence[Message]) -> Mapping[int, int]:
    after: dict[int, int] = {}
    for one in messages:
        after[one.part] = max(after.get(one.part, 0), one.number + 1)
    return after
