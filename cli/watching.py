"""`run --watch`: a run at each instant of a schedule, and every minute for events and deliveries.

A pass is a run up to now, so what a pass did not come to, the next one does. Several may watch one
ledger: each grant is made once, whoever comes first.

`check --watch`: a check at each edit.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

from ..dsl.diagnostics.diagnostic import CannotRun, Phrase

if TYPE_CHECKING:
    from ..compiler.watched import Watched
    from ..runtime.run.report import RunReport

LONGEST_PAUSE = timedelta(minutes=1)
"""Events and retries of deliveries have no instant that is known beforehand."""


def watch(
    now: Callable[[], datetime],
    carry_out: Callable[[datetime], object],
    upcoming: Callable[[datetime], Iterable[datetime | None]],
    refused: Callable[[CannotRun], None],
    pause: Callable[[float], None],
) -> NoReturn:
    """Carry out what is due, again and again, until an exception such as `Stopped` ends it.

    `carry_out` does all work up to an instant, and `upcoming` gives the next instants of schedules
    after it. `pause` waits for so many seconds. The first pass may raise `CannotRun`; a later one
    goes to `refused`, since a warehouse that is away now may be back in a minute.
    """
    is_first = True
    while True:
        at = now()
        try:
            carry_out(at)
        except CannotRun as stopped:
            if is_first:
                raise
            refused(stopped)
        is_first = False
        known = [instant for instant in upcoming(at) if instant is not None]
        wake = min([at + LONGEST_PAUSE, *known])
        pause(max(0.0, (wake - now()).total_seconds()))


def did_something(report: RunReport) -> bool:
    """Whether a pass decided, granted, settled or delivered anything."""
    decided = any(one.looked > one.repeated or one.claims for one in report.campaigns)
    served = any(one.granted for one in report.campaigns)
    return decided or served or bool(report.ended or report.delivered.delivered.total())


def passed(report: RunReport, zone: str) -> Phrase:
    """The line of a pass: how much it granted and delivered."""
    at = report.end.astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")
    granted = sum(one.granted for one in report.campaigns)
    delivered = report.delivered.delivered.total()
    return Phrase("run.passed", at=at, granted=f"{granted:,}", delivered=f"{delivered:,}")


# --- saves --------------------------------------------------------------------------------------

BETWEEN_LOOKS = 0.02
"""Seconds. Asking the system for the status of a thousand files takes a few milliseconds."""

AT_REST = 0.5
"""Seconds without an edit after which all of an edited project is checked."""


def watch_saves(
    watched: Watched, today: date, told: Callable[[], None], pause: Callable[[float], None]
) -> None:
    """Tell of the mistakes after each edit, until an exception such as `Stopped` ends it.

    An edit is answered at once, by what has changed. While nobody edits, another process checks the
    whole project, and what it finds else is shown too.
    """
    told()
    rest = 0.0
    whole: subprocess.Popen[bytes] | None = None
    # The project stays as long as the watch: no search for garbage has to go through it.
    gc.freeze()
    try:
        while True:
            pause(BETWEEN_LOOKS)
            if watched.look(today):
                _end(whole)
                whole, rest = None, 0.0
                told()
            elif not watched.is_whole:
                rest += BETWEEN_LOOKS
                if whole is None and rest >= AT_REST:
                    whole = _whole_check(watched, today)
                elif whole is not None and whole.poll() is not None:
                    whole = None
                    if watched.take_kept(today):
                        told()
    finally:
        gc.unfreeze()
        _end(whole)


def _whole_check(watched: Watched, today: date) -> subprocess.Popen[bytes]:
    """A check of all files by another process, which keeps what it finds."""
    words = ("check", str(watched.root), "--format", "json", "--today", today.isoformat())
    return subprocess.Popen(  # noqa: S603  (this program itself)
        [sys.executable, "-m", f"{__package__}", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _end(process: subprocess.Popen[bytes] | None) -> None:
    """End a check that nobody waits for any more."""
    if process is not None:
        process.terminate()
        process.wait()
