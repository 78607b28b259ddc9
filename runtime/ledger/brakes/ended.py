"""Deliveries that ended, counted for the brakes on failures, by the instant of the delivery."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, FailureBrake, Plan
from ....compiler.plan.calendar import shift
from ....compiler.plan.values import Length
from ..instants import instant_text
from ..outbox import OutboxRow
from ..store import Store
from .braking import last_of
from .tripping import Pause, trip

_COUNT = (
    "INSERT INTO ended (campaign, turn, at, failed, ended) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (campaign, turn, at) DO UPDATE SET failed = ended.failed + excluded.failed,"
    " ended = ended.ended + excluded.ended"
)
_WITHIN = (
    "SELECT COALESCE(sum(failed), 0), COALESCE(sum(ended), 0) FROM ended"
    " WHERE campaign = ? AND turn = ? AND at > ? AND at <= ?"
)


class Watched:
    """The campaigns of a plan that watch their failures, for deliveries up to an instant."""

    def __init__(self, plan: Plan, until: datetime) -> None:
        self.until = until
        self.zone = ZoneInfo(plan.time_zone)
        self.campaigns = {one.name: one for one in plan.campaigns if brakes_of(one)}
        self._called: set[str] = set()

    def call(self, channel: str) -> None:
        """Remember a channel on which somebody is called."""
        self._called.add(channel)

    def take_called(self) -> set[str]:
        """Return the channels on which somebody was called since this was asked last."""
        called, self._called = self._called, set()
        return called


def brakes_of(campaign: Campaign) -> tuple[FailureBrake, ...]:
    """Return the brakes on failures of a campaign."""
    return tuple(one for one in campaign.brakes if isinstance(one, FailureBrake))


class Ended:
    """The rows that ended in one transaction of a delivery."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._counts: dict[str, list[int]] = {}
        self._last: dict[str, int] = {}

    def add(self, rows: Iterable[OutboxRow], *, failed: bool) -> None:
        """Count rows that were delivered, or that failed for good."""
        for row in rows:
            campaign = row.identity.campaign
            if campaign in self._watched.campaigns and row.kind != "alert":
                counts = self._counts.setdefault(campaign, [0, 0])
                counts[0] += failed
                counts[1] += 1
                self._last[campaign] = row.decision

    def keep(self, store: Store) -> None:
        """Store the counts, and pause each campaign of which too many failed."""
        at = instant_text(self._watched.until)
        chain = None
        for name, (failed, ended) in sorted(self._counts.items()):
            turn, now = last_of(store, name)
            store.change(_COUNT, [(name, turn, at, failed, ended)])
            if not failed or now != "resumed":
                continue
            pause = self._tripped(store, name, turn, at)
            if pause is not None:
                chain = chain or store.chain()
                if trip(store, chain, pause) and pause.brake.call is not None:
                    self._watched.call(pause.brake.call.channel)
        if chain is not None and chain.changed:
            store.keep_chain(chain)

    def _tripped(self, store: Store, name: str, turn: int, at: str) -> Pause | None:
        for brake in brakes_of(self._watched.campaigns[name]):
            length = Length(brake.within.count, brake.within.unit)
            start = shift(self._watched.zone, self._watched.until, length, -1)
            ((failed, ended),) = store.ask(_WITHIN, (name, turn, instant_text(start), at))
            failed, ended = int(failed), int(ended)
            if ended >= brake.of and failed > Fraction(brake.over) * ended:
                return Pause(name, brake, at, f"{failed} of {ended}", self._last[name])
        return None
