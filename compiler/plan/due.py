"""The scope of a query: the period, the instants in it, and late events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Again:
    """Earlier `instants` of a schedule, in order, to decide for those whose events came late.

    `tables`: by event, a table that has the keys of the late ones in its column `occurrence`. The
    late rows of a field's history are there by their marks (`sql.histories.marks`). A customer's
    instants are decided from the time of the first late event on.
    """

    instants: tuple[datetime, ...]
    tables: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """The part of a step that a query decides. Instants are aware, in UTC.

    For an event trigger: the events with `start` ≤ at ≤ `end`. With `late_table`, also the
    earlier events whose keys are in its column `occurrence`.

    For a schedule: `instants` in order, each inside the campaign's active period. With `again`,
    a trigger that waits for customers to enter something also decides earlier instants.

    For a later step of a journey: the moments with `start` ≤ moment ≤ `end`. `entries` is what is
    due of the entry up to `end`, since instances began there. With `late_table`, also those before
    `start` whose `occurrence|moment` (as `values.encode` has it) are in it.

    For a timer: those with their instants in [`start`, `end`]. With `late_table`, also those from
    `late_since` to before `start` whose keys (see `runtime.decide.patterns.timers`) are in it.
    """

    start: datetime
    end: datetime
    instants: tuple[datetime, ...] = ()
    late_table: str | None = None
    entries: Due | None = None
    late_since: datetime | None = None
    again: Again | None = None

    @property
    def every(self) -> tuple[datetime, ...]:
        """All instants that are decided, in order."""
        return self.instants if self.again is None else (*self.again.instants, *self.instants)
