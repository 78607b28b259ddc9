"""The scope of a query: the period, the instants in it, and late events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Due:
    """The part of a campaign that a query decides. Instants are aware, in UTC.

    For an event trigger: the events with `start` ≤ at ≤ `end`. With `late_table`, also the
    earlier events whose keys are in its column `occurrence`.

    For a schedule: `instants` in order, each inside the campaign's active period.

    For a later step of a journey: the moments with `start` ≤ moment ≤ `end`. `entries` is what is
    due of the entry up to `end`, since instances began there.

    For a timer: those with their instants in [`start`, `end`]. With `late_table`, also those from
    `late_since` to before `start` whose keys (see `runtime.decide.patterns.timers`) are in it.
    """

    start: datetime
    end: datetime
    instants: tuple[datetime, ...] = ()
    late_table: str | None = None
    entries: Due | None = None
    late_since: datetime | None = None
