"""How far back a plan looks: no older event of the warehouse is worth reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

from ....compiler.plan import (
    BeforeEventWindow,
    CalendarWindow,
    EventAggregate,
    EventPick,
    LastWindow,
    Plan,
    SinceWindow,
    Window,
)
from ...warehouse.rows import BEGINNING

_DAYS: Mapping[str, float] = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1,
    "week": 7,
    "month": 31,
    "quarter": 92,
    "year": 366,
}
"""The longest that each unit takes."""

_MARGIN = 3
"""Days for clocks that are put back and zones that change their date."""

_MOST_DAYS = 40_000


def horizons(plan: Plan) -> dict[str, timedelta | None]:
    """Return how long before an event its past matters, by the kind of past event.

    `None`: always. Kinds that no feature of the plan reads are missing.
    """
    windows: dict[str, list[Window | None]] = defaultdict(list)
    for feature in plan.features:
        if isinstance(feature, EventAggregate | EventPick):
            windows[feature.event].append(feature.window)
    return {kind: _longest(some) for kind, some in windows.items()}


def beginning(at: datetime, horizon: timedelta | None) -> datetime:
    """Return where the past of an event begins; `BEGINNING` if it has no bound."""
    if horizon is None or at - BEGINNING < horizon:
        return BEGINNING
    return at - horizon


def _longest(windows: list[Window | None]) -> timedelta | None:
    days = [_days(window) for window in windows]
    known = [one for one in days if one is not None and one < _MOST_DAYS]
    return timedelta(days=max(known) + _MARGIN) if len(known) == len(days) else None


def _days(window: Window | None) -> float | None:
    match window:
        case None | BeforeEventWindow() | SinceWindow():
            return None
        case LastWindow(count, unit):
            return count * _DAYS[unit]
        case CalendarWindow(unit, previous):
            return _DAYS[unit] * (2 if previous else 1)
        case _:
            assert_never(window)
