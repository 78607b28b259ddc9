"""The work of one worker: lines in, answers out, until the parent ends it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.connection import Connection
from types import FrameType
from typing import assert_never

from ...compiler.collector import collector_between_turns
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic
from ...runtime.events.cache.coming import AHEAD
from ...runtime.events.lines import Lines
from ...runtime.events.session import DecidedLines, EventSession
from ...runtime.events.worker import EventWorker
from ...runtime.ledger import Ledger
from ..formats.events import as_lines
from ..resources import ledger_of, worker_of
from ..screen.crash import guard
from ..screen.terminal import Session
from .inbox import Inbox
from .messages import (
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
)

_PATIENCE = 120.0
"""Seconds to wait for other writers of a ledger in a file: many may be before this one."""


def work(connection: Connection) -> None:
    """Do what the parent says, until it ends the work or is gone."""
    inbox = Inbox(connection)
    begin = inbox.next()
    if not isinstance(begin, Begin):
        return
    guard(Session(begin.language, traceback=begin.settings.secrets.traceback))
    for message in _answers(begin, inbox):
        with suppress(ConnectionError):
            connection.send(message)


def _answers(begin: Begin, inbox: Inbox) -> Iterator[FromWorker]:
    try:
        with _begun(begin) as worker:
            yield from worker.answers(inbox)
    except CannotRun as stopped:
        yield Failed(stopped.diagnostic, stopped.diagnostics)


@contextmanager
def _begun(begin: Begin) -> Iterator[_Worker]:
    settings = begin.settings
    with (
        ledger_of(settings, "write", plain=begin.plain, patience=_PATIENCE) as ledger,
        collector_between_turns() as turn,
    ):
        worker = worker_of(settings, begin.plan, ledger, part=begin.part, plain=begin.plain)
        yield _Worker(begin, ledger, worker, turn)


class _Worker:
    """A session of the event path that a parent leads."""

    def __init__(
        self, begin: Begin, ledger: Ledger, worker: EventWorker, turn: Callable[[], None]
    ) -> None:
        self._begin = begin
        self._turn = turn
        self._ledger = ledger
        self._at = begin.at
        self._stops = False
        now = None if begin.even_in_the_future else self._now
        self._worker = worker
        lines = Lines(begin.plan, begin.file, now, plain=begin.plain)
        self._events = EventSession(worker, lines, plain=begin.plain)

    def _now(self) -> datetime:
        """The parent's clock."""
        return self._at

    def answers(self, inbox: Inbox) -> Iterator[FromWorker]:
        """Yield the answers to all messages; no more after a signal, or if the parent is gone."""
        warnings = self._events.fit(self._at, self._begin.changed)
        is_short, falls_due = bool(self._events.left_out), bool(self._worker.falling_due)
        yield Began(warnings, is_short, self._worker.changed, falls_due)
        # Only a batch has to be whole. A signal before ends the process at once.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self._stops:
            message = inbox.next()
            match message:
                case Given():
                    yield from self._decided(inbox, message)
                case From(at):
                    self._worker.falling_due.begin(at)
                case Pass(at, is_last):
                    self._at = at
                    self._events.pass_due(at, is_last=is_last)
                    yield Passed(self._worker.falling_due.progress)
                case Settle(at, progress, is_last):
                    if progress:
                        self._ledger.set_progress(progress)
                    self._events.settle(at)
                    if is_last:
                        self._ledger.alert_overdue(self._begin.plan, at)
                    yield Settled()
                case End():
                    yield Ended(self._events.totals)
                    return
                case Begin() | None:
                    return
                case _:
                    assert_never(message)

    def _decided(self, inbox: Inbox, given: Given) -> Iterator[Answered]:
        more = inbox.more(given, AHEAD)
        self._at = more.at
        for batch in self._events.parted(more.lines):
            if self._stops or inbox.is_closed:
                return
            decided = self._events.decide_read(batch)
            yield _answered(decided, self._begin, self._worker.past.latest)
            self._turn()

    def _stop(self, _: int, __: FrameType | None) -> None:
        self._stops = True


def _answered(decided: DecidedLines, begin: Begin, latest: datetime) -> Answered:
    problems: dict[int, Diagnostic] = {}
    conflicts = {}
    for number, became in decided.lines:
        if isinstance(became, Diagnostic):
            problems[number] = became
        elif became.conflicts:
            conflicts[number] = became.conflicts
    shown = list(as_lines(decided, begin.language)) if begin.in_json else ()
    numbers = [number for number, _ in decided.lines]
    return Answered(numbers, shown, problems, conflicts, latest)
