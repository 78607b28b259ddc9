"""Who waits for a budget is served when it has room again: as a run begins, and as days turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..compiler.meaning import at_clock
from ..compiler.plan import Plan
from .decisions import Result
from .ledger.contract import Ledger

MOST = timedelta(days=366)
"""A run that takes up what lies further back serves once for all of that."""


class Waitlist:
    """The waiting lists of a plan along a run; for campaigns that keep none it costs nothing."""

    def __init__(self, plan: Plan, digest: str, ledger: Ledger, start: datetime) -> None:
        self._plan = plan
        self._digest = digest
        self._ledger = ledger
        self._zone = ZoneInfo(plan.time_zone)
        self._keeps_one = any(
            campaign.when_exhausted.action == "waitlist" for campaign in plan.campaigns
        )
        self._day = self._day_of(start)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def begin(self, at: datetime) -> list[Result]:
        """Serves those for whom a cap was raised or a grant taken back since the last run."""
        return self._ledger.serve(self._plan, self._digest, at) if self._keeps_one else []

    def has_turned(self, at: datetime) -> bool:
        """Whether a day has begun by `at` on which nobody was served yet."""
        return self._keeps_one and self._day_of(at) > self._day

    def turn(self, at: datetime) -> Iterator[Result]:
        """Serves at the first moment of every day up to that of `at`: its accounts are full."""
        self._day = max(self._day, self._day_of(at) - MOST)
        while self.has_turned(at):
            self._day += timedelta(days=1)
            midnight = at_clock(self._zone, datetime.combine(self._day, time())).astimezone(UTC)
            yield from self._ledger.serve(self._plan, self._digest, midnight)
