"""Deliveries that a run passes: units that were granted before, and what they fire.

Each delivery is decided at its own instant, before the decisions of that instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ....compiler.plan import Plan
from ....compiler.plan.calendar import INSTANT
from ...decide.decisions import Decision
from ...decide.wallets.reached import thresholds
from ...due.periods import Period, open_periods
from ...ledger.contract import Expiry, Ledger
from .firings import WalletFirings


class Arrivals:
    """The deliveries to wallets for which campaigns wait, in the order of time.

    A step takes those of its own period.
    """

    def __init__(
        self,
        plan: Plan,
        digest: str,
        ledger: Ledger,
        fires: WalletFirings,
        periods: Sequence[Period],
    ) -> None:
        self._plan = plan
        self._digest = digest
        self._ledger = ledger
        self.fires = fires
        # Without periods no delivery counts, to whatever wallet.
        self._wallets = thresholds(plan) if periods else {}
        waiting = {one.key for some in self._wallets.values() for one in some}
        self._periods = {
            one.key: one for one in periods if one.key in waiting and one.start <= one.end
        }
        starts = [one.start for one in self._periods.values()]
        self._next = self._after(min(starts) - INSTANT) if starts else None

    def _after(self, at: datetime) -> datetime | None:
        return self._ledger.next_arrival(self._plan, self._digest, at)

    @property
    def are_awaited(self) -> bool:
        """Whether any step waits for deliveries in its period."""
        return bool(self._periods)

    def note(self, decision: Decision) -> None:
        """Note the delivery of a decision that is about to be made."""
        if not self._periods or decision.deliver_at <= decision.at:
            return
        if any(line.reward in self._wallets for line in (*decision.lines, *decision.fallback)):
            self._next = min(self._next or decision.deliver_at, decision.deliver_at)

    def is_due(self, at: datetime) -> bool:
        """Whether something is delivered by an instant."""
        return self._next is not None and self._next <= at

    def next_at(self, otherwise: datetime) -> datetime:
        """The instant of the next delivery."""
        return self._next or otherwise

    def take(self) -> None:
        """Decide what the next delivery fires."""
        at = self._next
        if at is None:
            return
        keys = {key for key, one in self._periods.items() if one.start <= at <= one.end}
        self._ledger.arrive(self._plan, self._digest, at, keys, self.fires)
        self._next = self._after(at)


def expire(
    plan: Plan, digest: str, ledger: Ledger, fires: WalletFirings | None, at: datetime
) -> list[Expiry]:
    """Settle what has ended by an instant, and decide the deliveries that are passed on the way."""
    done: list[Expiry] = []
    if fires is not None:
        arrivals = Arrivals(plan, digest, ledger, fires, open_periods(plan, at, ledger))
        while arrivals.is_due(at):
            done += ledger.expire(arrivals.next_at(at))
            arrivals.take()
    return [*done, *ledger.expire(at)]
