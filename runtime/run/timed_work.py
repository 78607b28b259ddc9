"""Time-driven ledger work in a run: settle expiries, then serve the waiting list.

Expiries are settled in the order of time, before later decisions are made. The waiting list is
served when a run begins, at the start of every day, and whenever something returned to the
accounts. If a campaign with a waiting list has a cap per hour, it is served hourly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...compiler.plan import Plan
from ...compiler.plan.calendar import at_clock
from ..decide.decisions import Decision, Result
from ..due.periods import Period
from ..ledger.batches.entries import something_becomes
from ..ledger.contract import Ledger
from .wallets.arrivals import Arrivals
from .wallets.firings import WalletFirings

HOUR = timedelta(hours=1)
MOST = timedelta(days=366)
"""A run that starts further back serves once for all of that time."""


class TimedWork:
    """The expiries and days that a run passes. `ended` counts the lines of grants that expired."""

    def __init__(
        self,
        plan: Plan,
        digest: str,
        ledger: Ledger,
        start: datetime,
        fires: WalletFirings | None = None,
        periods: Sequence[Period] = (),
    ) -> None:
        self.ended = 0
        self._plan = plan
        self._digest = digest
        self._ledger = ledger
        self.fires = fires
        self._zone = ZoneInfo(plan.time_zone)
        waits = [one for one in plan.campaigns if one.when_exhausted.action == "waitlist"]
        charged = {charge.account for one in waits for step in one.steps for charge in step.charges}
        self._serves = bool(waits)
        self._hourly = any(one.period == "hour" for one in plan.accounts if one.id in charged)
        self._next_turn = self._after(start)
        self._arrivals = None if fires is None else Arrivals(plan, digest, ledger, fires, periods)
        if fires is not None:
            fires.notes = self.note_expiries
        self._next: datetime | None = None
        self._settled: datetime | None = None

    def renew(self, fires: WalletFirings | None) -> None:
        """Go on with other rows of the warehouse."""
        self.fires = fires
        if fires is not None:
            fires.notes = self.note_expiries
            if self._arrivals is not None:
                self._arrivals.fires = fires

    def _after(self, at: datetime) -> datetime:
        """Return the first instant after `at` at which accounts may be full again."""
        local = at.astimezone(self._zone)
        if self._hourly:
            since = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            return at.astimezone(UTC) - since + HOUR
        tomorrow = datetime.combine(local.date() + timedelta(days=1), time())
        return at_clock(self._zone, tomorrow).astimezone(UTC)

    def begin(self, at: datetime) -> list[Result]:
        """Settle past expiries, and serve the waiting list."""
        return [*self._settle(at), *self._serve(at)]

    def note_expiries(self, decision: Decision) -> None:
        """Note the expiries of a decision that is about to be made."""
        if self._arrivals is not None:
            self._arrivals.note(decision)
        for line in (*decision.lines, *decision.fallback):
            if line.expires_at is not None and something_becomes(line):
                self._next = min(self._next or line.expires_at, line.expires_at)

    def note_all(self, decisions: Sequence[Decision], start: int, end: int) -> int:
        """Note those from `start` on, up to the first at which work is due then; return its place.

        The instants of decisions do not decrease.
        """
        for place in range(start, end):
            decision = decisions[place]
            if self._next is not None and self._next <= decision.at and place > start:
                return place
            self.note_expiries(decision)
        return end

    @property
    def has_arrivals(self) -> bool:
        """Whether steps wait for deliveries to a wallet, which decisions may bring."""
        return self._arrivals is not None and self._arrivals.are_awaited

    @property
    def next_due(self) -> datetime | None:
        """The next instant of work, apart from deliveries; `None` if there is none."""
        turn = self._next_turn if self._serves else None
        return min((one for one in (self._next, turn) if one is not None), default=None)

    def is_due(self, at: datetime) -> bool:
        """Whether work is due by `at`: an expiry, a delivery, or the start of a day or hour."""
        if self._arrivals is not None and self._arrivals.is_due(at):
            return True
        ended = self._next is not None and self._next <= at
        return ended or (self._serves and self._next_turn <= at)

    def catch_up(self, at: datetime) -> Iterator[Result]:
        """Do the work that is due by `at`, day by day."""
        if self._serves:
            self._next_turn = max(self._next_turn, self._after(at - MOST))
            while self._next_turn <= at:
                turned, self._next_turn = self._next_turn, self._after(self._next_turn)
                yield from self._settle(turned)
                yield from self._serve(turned)
        yield from self._settle(at)

    def catch_up_all(self, at: datetime) -> None:
        """Do all of the work that is due by `at`. Time never goes back: events may come late."""
        for _ in self.catch_up(max(at, self._settled or at)):
            pass

    def _settle(self, at: datetime) -> Iterator[Result]:
        """Settle expiries up to `at`, one by one if the waiting list may use what returns."""
        while self._arrivals is not None and self._arrivals.is_due(at):
            yield from self._expire(self._arrivals.next_at(at))
            self._arrivals.take()
        end = self._ledger.next_end(self._settled) if self._serves else None
        while end is not None and end < at:
            yield from self._expire(end)
            end = self._ledger.next_end(end)
        # An end that was settled is not due again, so the first that is left is mostly later.
        first = self._ledger.next_end(None)
        if first is not None and first <= at:
            yield from self._expire(at)
            first = self._ledger.next_end(at)
        self._settled, self._next = at, first

    def _expire(self, at: datetime) -> Iterator[Result]:
        ended = self._ledger.expire(at)
        self.ended += len(ended)
        if any(one.returned for one in ended):
            yield from self._serve(at)

    def _serve(self, at: datetime) -> list[Result]:
        if not self._serves:
            return []
        served = self._ledger.serve(self._plan, self._digest, at, self.fires)
        self._next = self._ledger.next_end(at)
        return served
