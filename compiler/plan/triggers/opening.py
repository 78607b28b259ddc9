"""Windows that recur every month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..calendar import at_clock, days_in_month, first_moment


@dataclass(frozen=True, slots=True)
class Opening:
    """Months' recurring window: first moment in, last day whole; a day past the end is the last."""

    from_day: int
    from_time: time
    to_day: int

    def days(self, month: date) -> tuple[date, date]:
        """The first and the last day of the window in a day's month."""
        last = days_in_month(month.year, month.month)
        first_day, last_day = min(self.from_day, last), min(self.to_day, last)
        return month.replace(day=first_day), month.replace(day=last_day)

    def is_open_in(self, zone: ZoneInfo, start: datetime, end: datetime) -> bool:
        """Whether it holds a day that [start, end] touches."""
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        # Two months hold every day that an opening can have.
        last = min(last, day + timedelta(days=62))
        while day <= last:
            first_open, last_open = self.days(day)
            if first_open <= day <= last_open:
                return True
            day += timedelta(days=1)
        return False


def is_open(zone: ZoneInfo, opening: Opening | None, at: datetime) -> bool:
    """Whether an instant lies in its month's opening window; `True` if there is no window."""
    if opening is None:
        return True
    first_day, last_day = opening.days(at.astimezone(zone).date())
    start = at_clock(zone, datetime.combine(first_day, opening.from_time))
    return start <= at < first_moment(zone, last_day + timedelta(days=1))
