"""`[calendar.NAME]`: the project's own days of a festival."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..codes import files, schedules
from ..files.positions import KeyPath, Positions
from .config import OwnDays
from .entries import one_line

EVERY_YEAR = "every_year"


def own_days(
    calendar: Mapping[str, Mapping[str, str | date]], positions: Positions
) -> tuple[dict[str, OwnDays], list[Diagnostic]]:
    """The entries of `[calendar]` by festival, and every mistake in them."""
    days: dict[str, OwnDays] = {}
    found: list[Diagnostic] = []
    for festival, entries in sorted(calendar.items()):
        own = OwnDays()
        for entry, written in sorted(entries.items()):
            read = _with(own, entry, written, ("calendar", festival, entry), positions)
            if isinstance(read, Diagnostic):
                found.append(read)
            else:
                own = read
        days[festival] = own
    return days, found


def _with(
    own: OwnDays, entry: str, written: str | date, path: KeyPath, positions: Positions
) -> OwnDays | Diagnostic:
    place, value = positions.value(path).place, one_line(str(written))
    if entry == EVERY_YEAR:
        every_year = _month_and_day(written)
        if every_year is None:
            return diagnose(schedules.NO_DAY_OF_YEAR, place, value=value)
        return replace(own, every_year=every_year)
    if re.fullmatch(r"\d{4}", entry) is None:
        return diagnose(files.BAD_YEAR, positions.key(path).place, value=one_line(entry))
    day = _day(written)
    if day is None or day.year != int(entry):
        return diagnose(files.BAD_DAY, place, value=value, year=entry)
    return replace(own, by_year={**own.by_year, day.year: day})


def _day(written: str | date) -> date | None:
    if not isinstance(written, str):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _month_and_day(written: str | date) -> tuple[int, int] | None:
    """`11-11`; the 29th of February is in leap years alone."""
    if not isinstance(written, str) or re.fullmatch(r"[0-9]{2}-[0-9]{2}", written) is None:
        return None
    # A leap year has every day.
    day = _day(f"2024-{written}")
    return None if day is None else (day.month, day.day)
