"""What a query is asked for: the stretch of time, the instants in it, and late events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Instants are aware, in UTC.

    Of an event trigger: the events with `start` ≤ at ≤ `end`, and those earlier ones whose keys
    stand in the column `occurrence` of the table `late_table`, where there is one. Of a schedule:
    `instants`, in order, each already inside the campaign's active period.
    """

    start: datetime
    end: datetime
    instants: tuple[datetime, ...] = ()
    late_table: str | None = None
