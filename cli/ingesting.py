"""The work of `campaigner ingest`: batches of events, and between them what falls due.

A pass is a run up to now. It is made when the source is silent, at the next instant of a schedule
or a minute after the last pass. If events never pause, it is made a minute late.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..dsl.diagnostics.diagnostic import Diagnostic
from .failures import tell_all
from .resources import channels_of, ledger_of, seeds_of, warehouse_of, worker_of
from .screen.masking import secrets_masked
from .screen.speaking import speak
from .screen.terminal import Session
from .stopping import whole
from .watching import LONGEST_PAUSE, did_something, passed

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..compiler.plan import Plan
    from ..compiler.project.settings import Settings
    from ..runtime.events.session import DecidedLines, Totals
    from ..runtime.ingest.messages import Source
    from ..runtime.warehouse.bad_rows import LeftOut
    from ..runtime.warehouse.contract import Warehouse

WAIT = 0.5
"""Seconds for which a source may be silent before other work has its turn."""


class Backoff:
    """The seconds to wait after a fault: 1, 2, 4, … up to a minute."""

    def __init__(self) -> None:
        self._seconds = 1.0

    def next(self) -> float:
        """Return the seconds to wait now."""
        now, self._seconds = self._seconds, min(60.0, self._seconds * 2)
        return now

    def reset(self) -> None:
        """Begin anew."""
        self._seconds = 1.0


class Ingesting:
    """A source, and everything that its events need.

    `label` is the source's name for people, `letters` the file of its dead letters. Without `now`,
    events of the future are decided too. `plain`: see `campaigner events --plain`.
    """

    def __init__(
        self,
        session: Session,
        loaded: Settings,
        plan: Plan,
        source: Source,
        label: str,
        letters: Path,
        now: Callable[[], datetime] | None,
        *,
        plain: bool,
    ) -> None:
        self._session = session
        self._loaded = loaded
        self._plan = plan
        self._source = source
        self._label = label
        self._letters = letters
        self._now = now
        self._plain = plain
        self._warned: set[str] = set()
        self._next_pass = session.now()
        self._seeds = seeds_of(loaded, plan)
        self._channels = channels_of(loaded)
        self.totals: Totals | None = None
        self.left_out: tuple[LeftOut, ...] = ()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open the ledger, check the warehouse, and go to where the ledger is in the source.

        Raise `CannotRun` if something is away; it may be opened again later.
        """
        from ..runtime.events.lines import Lines
        from ..runtime.ingest.letters import Letters
        from ..runtime.ingest.reader import Reader

        with ledger_of(self._loaded, "write", plain=self._plain) as self._ledger:
            loaded, plan, bell = self._loaded, self._plan, self._session.bell
            self._worker = worker = worker_of(loaded, plan, self._ledger, bell, plain=self._plain)
            self._tell_new(worker.fit(self._session.now()))
            lines = Lines(plan, self._label, self._now, plain=self._plain)
            letters = Letters(self._letters, self._label, again=bool(self._source.name))
            with secrets_masked(self._loaded.secrets):
                self._reader = Reader(
                    self._source, self._ledger, worker, lines, letters, plain=self._plain
                )
            self.left_out = worker.left_out
            if self.totals is not None:
                self._reader.session.totals = self.totals
            self.totals = self._reader.session.totals
            yield

    def _warehouse(self) -> AbstractContextManager[Warehouse]:
        return warehouse_of(self._loaded, self._session.bell)

    def batches(self, *, until_idle: bool) -> Iterator[DecidedLines]:
        """Decide batch after batch, with passes between them, until the source ends."""
        while True:
            # A signal waits until the batch is whole: it is kept with its offsets, or not at all.
            with whole():
                batch = self._reader.read(WAIT)
                decided = self._reader.decide(batch) if batch else None
            if decided is not None:
                yield decided
            now, is_last = self._session.now(), batch is None
            is_idle = not batch and self._source.at_end
            is_late = now >= self._next_pass + LONGEST_PAUSE
            if is_last or (is_idle and (until_idle or now >= self._next_pass)) or is_late:
                self._pass(now)
            if is_last or (is_idle and until_idle):
                return

    def _pass(self, at: datetime) -> None:
        """Carry out what is due, as `run` does, and say that this process is alive."""
        from ..compiler.plan.plan_json import digest
        from ..runtime.due.periods import At
        from ..runtime.due.upcoming import upcoming
        from ..runtime.ledger.batches.kept_texts import heartbeat
        from ..runtime.run.run import run
        from ..runtime.run.work import Work

        plan, share = self._plan, self._loaded.config.bad_share
        with self._warehouse() as warehouse:
            work = Work(
                plan,
                digest(plan),
                warehouse,
                self._ledger,
                self._channels,
                share,
                self._seeds,
                lacking=self._worker.lacking,
            )
            report = run(work, At(at))
        self._worker.was_run(decided=did_something(report))
        self._ledger.set_progress({heartbeat(self._label): at})
        self._tell_new(report.warnings)
        if did_something(report):
            speak(passed(report, plan.time_zone))
        known = [instant for instant in upcoming(plan, at).values() if instant is not None]
        self._next_pass = min([at + LONGEST_PAUSE, *known])

    def _tell_new(self, found: Iterable[Diagnostic]) -> None:
        """Tell warnings that the last pass did not have."""
        by_text = {one.message(): one for one in found}
        tell_all([one for text, one in by_text.items() if text not in self._warned], self._session)
        self._warned = set(by_text)


def opened(file: str) -> BinaryIO:
    """Open a file of events; a named pipe would be waited for, and `-` reads one as it comes."""
    from ..compiler.files.folder import open_regular

    # A shell gives `<(…)` a path of its own, and no other process has to open it first.
    is_handed_over = not os.path.exists(os.path.realpath(file)) and os.path.exists(file)
    return Path(file).open("rb") if is_handed_over else open_regular(Path(file))
