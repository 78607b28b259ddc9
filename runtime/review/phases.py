"""Warm-up, peak and close: by the clause of the file, or by the curve.

The peak of a curve is its full width at half maximum. That is from the first to the last day whose
value is at least half of the largest. The value is the cost, or the number of grants without cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign
from ...compiler.plan.calendar import at_clock
from .model import By, DayOf, PhaseName


@dataclass(frozen=True, slots=True)
class Parted:
    """The peak of a campaign in instants, both in; `None` if there is none."""

    by: By
    peak: tuple[datetime, datetime] | None

    def phase_of(self, at: datetime) -> PhaseName:
        """The phase of an instant: each has exactly one."""
        if self.peak is None:
            return "all"
        start, end = self.peak
        return "warm_up" if at < start else "peak" if at <= end else "close"


def parted(campaign: Campaign | None, days: Sequence[DayOf], zone: ZoneInfo) -> Parted:
    """Part a campaign by the clause of its file, or by the days on which something came."""
    if campaign is not None and campaign.peak is not None:
        return Parted("file", (campaign.peak.start, campaign.peak.end))
    spent = [(one.day, one.spent) for one in days]
    top = width_at_half(spent)
    if top is not None:
        return Parted("spend", _instants(top, zone))
    top = width_at_half([(one.day, Decimal(one.granted)) for one in days])
    return Parted("nothing", None) if top is None else Parted("grants", _instants(top, zone))


def width_at_half(curve: Sequence[tuple[date, Decimal]]) -> tuple[date, date] | None:
    """The first and the last day at half of the maximum or above; `None` if none is above zero."""
    most = max((value for _, value in curve), default=Decimal(0))
    if most <= 0:
        return None
    high = [day for day, value in curve if 2 * value >= most]
    return min(high), max(high)


def _instants(days: tuple[date, date], zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, last = days
    following = at_clock(zone, datetime.combine(last + timedelta(days=1), time()))
    start = at_clock(zone, datetime.combine(first, time()))
    return start, following.astimezone(UTC) - timedelta(microseconds=1)
