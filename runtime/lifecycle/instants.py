"""The instants at which a period is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ...compiler.plan.calendar import INSTANT, shift
from ...compiler.plan.values import Length
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import lifecycles as codes

Every = Literal["day", "week", "month"]

MOST = 400
"""The most instants of a period: a year of days, and some."""

_SHORTEST = {"day": timedelta(hours=23), "week": timedelta(days=6), "month": timedelta(days=27)}


def instants(start: datetime, end: datetime, every: Every, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The start, then each instant so many steps later on the zone's clock, and at last the end.

    The last step may be shorter than the others. Raise `CannotRun` if there are more than `MOST`.
    """
    if (end - start) / _SHORTEST[every] > 2 * MOST:
        raise CannotRun(diagnose(codes.TOO_MANY, None, every=codes.EVERY[every], most=str(MOST)))
    found = [start]
    while True:
        following = shift(zone, start, Length(len(found), every), 1)
        # A last day ends a microsecond before the next one begins.
        if following > end - INSTANT:
            break
        found.append(following)
    if end > start:
        found.append(end)
    if len(found) > MOST:
        raise CannotRun(diagnose(codes.TOO_MANY, None, every=codes.EVERY[every], most=str(MOST)))
    return tuple(found)
