"""The times at which a campaign is active: its period, and windows that recur every month."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Opening
from ...compiler.plan.calendar import at_clock, days_in_month, first_moment


def is_active(campaign: Campaign, at: datetime) -> bool:
    """Whether an instant lies in the campaign's active period, both ends included."""
    after_start = campaign.active_from is None or campaign.active_from <= at
    before_end = campaign.active_to is None or at <= campaign.active_to
    return after_start and before_end


def is_open(zone: ZoneInfo, opening: Opening | None, at: datetime) -> bool:
    """Whether an instant lies in its month's opening window; `True` if there is no window."""
    if opening is None:
        return True
    today = at.astimezone(zone).date()
    last = days_in_month(today.year, today.month)
    first_day = today.replace(day=min(opening.from_day, last))
    last_day = today.replace(day=min(opening.to_day, last))
    start = at_clock(zone, datetime.combine(first_day, opening.from_time))
    return start <= at < first_moment(zone, last_day + timedelta(days=1))
