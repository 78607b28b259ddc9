"""What time itself does along a run: what has ended is settled, then who waits is served.

What ends is settled in the order of time, before anything is decided that comes after it. Who waits
is served as a run begins, at the first moment of every day that turns in it, and when something
came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..compiler.meaning import at_clock
from ..compiler.plan import Plan
from .decisions import Decision, Result
from .ledger.contract import Ledger
from .ledger.entries import something_becomes

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
        self._serves = any(
            campaign.when_exhausted.action == "waitlist" for campaign in plan.campaigns
        )
        self._day = self._day_of(start)
        self._next: datetime | None = None
        self._settled: datetime | None = None

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def begin(self, at: datetime) -> list[Result]:
        """Settles what has ended, and serves those for whom there is room again."""
        return [*self._settle(at), *self._serve(at)]

    def looks_at(self, decision: Decision) -> None:
        """Remembers when something of what is about to be decided ends."""
        for line in (*decision.lines, *decision.fallback):
            if line.expires_at is not None and something_becomes(line):
                self._next = min(self._next or line.expires_at, line.expires_at)

    def has_turned(self, at: datetime) -> bool:
        """Whether something has ended by `at`, or a day begun on which nobody was served yet."""
        ended = self._next is not None and self._next <= at
        return ended or (self._serves and self._day_of(at) > self._day)

    def turn(self, at: datetime) -> Iterator[Result]:
        """Passes what lies before `at`; the first moment of a day finds its accounts full."""
        if self._serves:
            self._day = max(self._day, self._day_of(at) - MOST)
            while self._day_of(at) > self._day:
                self._day += timedelta(days=1)
                midnight = at_clock(self._zone, datetime.combine(self._day, time())).astimezone(UTC)
                yield from self._settle(midnight)
                yield from self._serve(midnight)
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
