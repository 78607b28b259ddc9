"""The dates of festivals by year, from the library `holidays` and the project's overrides.

The date is that of the festival itself, not of the days off around it. China announces the
arrangement of a year (its make-up workdays) late in the year before. Until the library has it,
the year is provisional: its dates come from the lunar calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ..plan import Holiday
from ..project.config import OwnDays

if TYPE_CHECKING:
    from holidays import HolidayBase

FESTIVAL_YEARS = range(2008, 2051)
"""The years for which a plan holds the days of a campaign that has no end.

From 2008 on every festival of `KNOWN_FESTIVALS` is a public holiday, so the library has its day.
"""

Overrides = Mapping[str, OwnDays]
"""The project's days by festival: `[calendar.mid_autumn]` with `2027 = "2027-09-15"`."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the library keeps a festival: the country, its name there, and the days after that."""

    country: str
    name: str
    days_after: int = 0


_NEW_YEAR = "Chinese New Year (Spring Festival)"

_SOURCES: Mapping[str, _Source] = {
    "new_year": _Source("CN", "New Year's Day"),
    "spring_festival_eve": _Source("CN", _NEW_YEAR, -1),
    "spring_festival": _Source("CN", _NEW_YEAR),
    # The fifteenth of the first lunar month; no calendar of days off lists it.
    "lantern": _Source("CN", _NEW_YEAR, 14),
    "qingming": _Source("CN", "Tomb-Sweeping Day"),
    "labour_day": _Source("CN", "Labor Day"),
    "dragon_boat": _Source("CN", "Dragon Boat Festival"),
    "mid_autumn": _Source("CN", "Mid-Autumn Festival"),
    "national_day": _Source("CN", "National Day"),
    "thanksgiving": _Source("US", "Thanksgiving Day"),
    "christmas": _Source("US", "Christmas Day"),
}

KNOWN_FESTIVALS: tuple[str, ...] = tuple(sorted(_SOURCES))
"""The names that `on festival NAME` knows without the project's help."""


def festival_days(
    names: Iterable[str], years: Iterable[int], overrides: Overrides
) -> tuple[Holiday, ...]:
    """The days of these festivals in these years, by festival and day, each once.

    The project's dates win and are not provisional. A festival that the library does not know
    has only those dates. A year without a known date is absent.
    """
    asked = sorted(set(years))
    days: list[Holiday] = []
    for name in sorted(set(names)):
        own = overrides.get(name, OwnDays())
        source = _SOURCES.get(name)
        for year in asked:
            if (mine := own.day(year)) is not None:
                days.append(Holiday(name, mine, provisional=False))
            elif source is not None and (day := _day(source, year)) is not None:
                days.append(Holiday(name, day, provisional=not _announced(source, year)))
    return tuple(days)


def _day(source: _Source, year: int) -> date | None:
    """The festival's own day; days off before or after it carry other names."""
    calendar = _calendar(source.country, year)
    found = [day for day in calendar if source.name in calendar.get_list(day)]
    days = [day for day in found if day.year == year]
    return min(days) + timedelta(days=source.days_after) if days else None


def _announced(source: _Source, year: int) -> bool:
    """Whether the year's arrangement is out: only China's is announced year by year.

    The library knows make-up workdays for every announced year since the first, 2001.
    """
    if source.country != "CN" or year < 2001:
        return True
    workdays = _calendar(source.country, year).weekend_workdays
    return any(day.year == year for day in workdays)


def _calendar(country: str, year: int) -> HolidayBase:
    # Imported here: it is big, and only a project with a festival in it needs it.
    from holidays import country_holidays  # noqa: PLC0415

    return country_holidays(country, years=year, language="en_US", expand=False)
