"""The parent of several workers: deals lines, and tells answers in the order of the lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import wait
from typing import NamedTuple, Self, assert_never

from ...dsl.diagnostics.diagnostic import CannotRun
from ...runtime.decide.facts import moment
from ...runtime.events.cache.coming import AHEAD
from ...runtime.events.engine import Event
from ...runtime.events.lines import Line, Lines
from ...runtime.events.part import Part
from ...runtime.events.session import Totals
from ...runtime.events.stream import ROOM
from ...runtime.events.worker import BATCH
from ...runtime.events.workers.adding import added, passed_by_all
from ...runtime.events.workers.dealing import Dealer, Names, names_of
from ...runtime.ledger.batches.conflicts import Conflict
from ...runtime.run.report import SHOWN
from ..stopping import whole
from .in_order import InOrder, Told
from .messages import (
    NEVER,
    Answered,
    Began,
    Begin,
    End,
    Ended,
    Failed,
    From,
    FromWorker,
    Given,
    Pass,
    Passed,
    Settle,
    Settled,
    ToWorker,
)
from .process import Process


class _Dealt(NamedTuple):
    """A line that was dealt and not answered yet."""

    to: Process
    room: int
    names: Names | None


class Crew:
    """Workers for one stream, inside a `with` block.

    After a signal or a fault they stop once their batches are whole, and `tells` gets the answers
    to these. Another signal ends them at once.
    """

    def __init__(
        self, count: int, begin: Begin, now: Callable[[], datetime], tells: Callable[[Told], None]
    ) -> None:
        self._count = count
        self._begin, self._now, self._tells = begin, now, tells
        self._dealer = Dealer(count)
        self._workers: list[Process] = []
        self._dealt: dict[int, _Dealt] = {}
        self._in_order = InOrder()
        # Whether something falls due, from a day that the workers know.
        self._falls_due = self._knows_day = self._is_last = False
        self._latest = NEVER
        self._passed: list[Mapping[str, datetime]] = []
        self._progress: dict[str, datetime] = {}
        self._passes_time = False
        self._totals: list[Totals] = []
        self._conflicts: list[Conflict] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Wait for the workers to end."""
        with ExitStack() as stack:
            for one in self._workers:
                stack.callback(one.kill)
            if isinstance(error, CannotRun | KeyboardInterrupt):
                for one in self._workers:
                    one.stop()
            if error is None or isinstance(error, CannotRun | KeyboardInterrupt):
                while some := [one for one in self._workers if one.is_open]:
                    self._take(some, may_fail=True)

    def begin(self) -> Began:
        """Start the workers; return what the first one found. It alone carries out edits."""
        began = self._begun([0], None)[0]
        self._begun(range(1, self._count), began)
        self._falls_due = began.falls_due
        return began

    def _begun(self, numbers: Sequence[int], first: Began | None) -> list[Began]:
        some = [Process(number, self._count) for number in numbers]
        self._workers += some
        changed = None if first is None else first.changed
        for one in some:
            part = Part(one.number, self._count)
            one.send(replace(self._begin, part=part, changed=changed))
        return [_began(one.receive()) for one in some]

    # --- lines ----------------------------------------------------------------------------------

    def deal(self, lines: Sequence[Line]) -> None:
        """Give lines to the workers, once they have room for them."""
        self._until(lambda: all(one.lines <= AHEAD and one.room <= ROOM for one in self._workers))
        self._in_order.deal(line.number for line in lines)
        if self._falls_due and not self._knows_day:
            self._tell_day(lines[:BATCH])
        parts: list[list[Line]] = [[] for _ in self._workers]
        for line in lines:
            names = names_of(line.content, plain=self._begin.plain)
            place = self._dealer.place(names, line.content)
            if names is not None and self._dealer.first(names, place) != place:
                # Another customer has had the key: that one's worker can tell, unless the line
                # before was no event.
                self._give(parts)
                self._until(lambda: not self._dealt)
                place = self._dealer.first(names, place)
            to, room = self._workers[place], len(line.content or b"")
            parts[place].append(line)
            self._dealt[line.number] = _Dealt(to, room, names)
            to.lines, to.room = to.lines + 1, to.room + room
        self._give(parts)

    def _give(self, parts: Iterable[list[Line]]) -> None:
        """Send each worker its part, and empty that."""
        at = self._now()
        for one, part in zip(self._workers, parts, strict=True):
            if part:
                one.send(Given.of(part, at))
                part.clear()

    def _tell_day(self, lines: Sequence[Line]) -> None:
        """Let all begin with the day of the first of these lines, as one worker would."""
        begin = self._begin
        now = None if begin.even_in_the_future else self._now
        read = map(Lines(begin.plan, begin.file, now, plain=begin.plain).read, lines)
        instants = [moment(one.row)[0] for one in read if isinstance(one, Event)]
        if instants:
            self._knows_day = True
            self._send_all(From(min(instants)))

    def _send_all(self, message: ToWorker) -> None:
        for one in self._workers:
            one.send(message)

    def pass_time(self) -> None:
        """Let time pass once everything is decided."""
        if not self._dealt and not self._passes_time:
            self._passes_time = True
            self._pass(self._now(), is_last=False)

    def _pass(self, at: datetime, *, is_last: bool) -> None:
        """Have all workers decide what falls due by an instant, and one settle what has ended."""
        self._is_last = is_last
        self._passed.clear()
        if self._falls_due and at > NEVER:
            self._send_all(Pass(at, is_last))
        else:
            self._settle({})

    def _settle(self, progress: Mapping[str, datetime]) -> None:
        if progress == self._progress:
            progress = {}
        self._progress = {**self._progress, **progress}
        self._workers[0].send(Settle(self._now(), progress, self._is_last))

    def ready(self, descriptor: int, patience: float | None) -> bool:
        """Wait for input, and tell answers that come meanwhile; see `stream.Ready`."""
        end = None if patience is None else time.monotonic() + patience
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            found = wait([descriptor, *(one.connection for one in self._workers)], left)
            self._take([one for one in self._workers if one.connection in found])
            if descriptor in found:
                return True
            if left == 0.0:
                return False

    def end(self) -> Totals:
        """Have the workers end; return their totals."""
        self._until(lambda: not self._dealt and not self._passes_time)
        self._passes_time = True
        self._pass(self._latest, is_last=True)
        self._until(lambda: not self._passes_time)
        self._send_all(End())
        self._until(lambda: len(self._totals) == self._count)
        return added(self._totals, self._conflicts)

    # --- answers --------------------------------------------------------------------------------

    def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._take(self._workers)

    def _take(self, some: Sequence[Process], *, may_fail: bool = False) -> None:
        """Take a message of each of some workers that has one, once one of them has."""
        found = wait([one.connection for one in some]) if some else ()
        with whole():
            for one in some:
                if one.connection in found:
                    try:
                        self._answer(one.receive())
                    except CannotRun:
                        if not may_fail:
                            raise

    def _answer(self, message: FromWorker) -> None:
        match message:
            case Answered(numbers, _, problems, _, latest):
                self._latest = max(self._latest, latest)
                for number in numbers:
                    to, room, names = self._dealt.pop(number)
                    to.lines, to.room = to.lines - 1, to.room - room
                    if names is not None and number in problems:
                        self._dealer.forget(names)
                told = self._in_order.take(message)
                self._conflicts += told.conflicts[: SHOWN - len(self._conflicts)]
                self._tells(told)
            case Passed(progress):
                self._passed.append(progress)
                if len(self._passed) == self._count:
                    self._settle(passed_by_all(self._passed))
            case Settled():
                self._passes_time = False
            case Ended(totals):
                self._totals.append(totals)
            case Failed() | Began():
                _began(message)
            case _:
                assert_never(message)


def _began(message: FromWorker) -> Began:
    """Return the answer to `Begin`. Raise `CannotRun` if the worker cannot do its work."""
    if isinstance(message, Failed):
        stopped = CannotRun(message.diagnostic)
        stopped.diagnostics = message.every
        raise stopped
    assert isinstance(message, Began)
    return message
