"""What time itself does along a run: what has ended is settled, then who waits is served.

What ends is settled in the order of time, before anything is decided that comes after it. Who waits
is served as a run begins, at the first moment of every day that turns in it (of every hour, where
somebody may wait for a cap per hour), and when something came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...compiler.plan import Plan
from ...compiler.plan.calendar import at_clock
from ..decide.decisions import Decision, Result
from ..ledger.batches.entries import something_becomes
from ..ledger.contract import Ledger

HOUR = timedelta(hours=1)
MOST = timedelta(days=366)
"""A run that takes up what lies further back serves once for all of that."""


class Turns:
    """The ends and days that a run passes. `ended`: how many lines of grants have ended in it."""

    def __init__(self, plan: Plan, digest: str, ledger: Ledger, start: datetime) -> None:
        self.ended = 0
        self._plan = plan
        self._digest = digest
        self._ledger = ledger
        self._zone = ZoneInfo(plan.time_zone)
        waits = [one for one in plan.campaigns if one.when_exhausted.action == "waitlist"]
        charged = {charge.account for one in waits for step in one.steps for charge in step.charges}
        self._serves = bool(waits)
        self._hourly = any(one.period == "hour" for one in plan.accounts if one.id in charged)
        self._turn = self._after(start)
        self._next: datetime | None = None
        self._settled: datetime | None = None

    def _after(self, at: datetime) -> datetime:
        """The first moment after an instant at which accounts may be full again."""
        local = at.astimezone(self._zone)
        if self._hourly:
            since = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            return at.astimezone(UTC) - since + HOUR
        tomorrow = datetime.combine(local.date() + timedelta(days=1), time())
        return at_clock(self._zone, tomorrow).astimezone(UTC)

    def begin(self, at: datetime) -> list[Result]:
        """Settles what has ended, and serves those for whom there is room again."""
        return [*self._settle(at), *self._serve(at)]

    def looks_at(self, decision: Decision) -> None:
        """Remembers when something of what is about to be decided ends."""
        for line in (*decision.lines, *decision.fallback):
            if line.expires_at is not None and something_becomes(line):
                self._next = min(self._next or line.expires_at, line.expires_at)

    def has_turned(self, at: datetime) -> bool:
        """Whether something has ended by `at`, or a day or hour begun that served nobody yet."""
        ended = self._next is not None and self._next <= at
        return ended or (self._serves and self._turn <= at)

    def turn(self, at: datetime) -> Iterator[Result]:
        """Passes what lies before `at`; the first moment of a day finds its accounts full."""
        if self._serves:
            self._turn = max(self._turn, self._after(at - MOST))
            while self._turn <= at:
                turned, self._turn = self._turn, self._after(self._turn)
                yield from self._settle(turned)
                yield from self._serve(turned)
        yield from self._settle(at)

    def _settle(self, at: datetime) -> Iterator[Result]:
        """Settles what has ended by `at`; end by end, where somebody may wait for what returns."""
        end = self._ledger.next_end(self._settled) if self._serves else None
        while end is not None and end < at:
            yield from self._expire(end)
            end = self._ledger.next_end(end)
        yield from self._expire(at)
        self._settled, self._next = at, self._ledger.next_end(at)

    def _expire(self, at: datetime) -> Iterator[Result]:
        ended = self._ledger.expire(at)
        self.ended += len(ended)
        if any(one.returned for one in ended):
            yield from self._serve(at)

    def _serve(self, at: datetime) -> list[Result]:
        if not self._serves:
            return []
        served = self._ledger.serve(self._plan, self._digest, at)
        self._next = self._ledger.next_end(at)
        return served
