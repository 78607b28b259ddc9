"""`run --watch`: a run at each instant of a schedule, and every minute for events and deliveries.

A pass is a run up to now, so what a pass did not come to, the next one does. Several may watch one
ledger: each grant is made once, whoever comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ..dsl.diagnostics.diagnostic import CannotRun, Phrase

if TYPE_CHECKING:
    from ..runtime.run.report import RunReport

LONGEST_PAUSE = timedelta(minutes=1)
"""Events and retries of deliveries have no instant that is known beforehand."""


def watch(
    now: Callable[[], datetime],
    carry_out: Callable[[datetime], object],
    upcoming: Callable[[datetime], Iterable[datetime | None]],
    refused: Callable[[CannotRun], None],
    pause: Callable[[float], None],
) -> None:
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
