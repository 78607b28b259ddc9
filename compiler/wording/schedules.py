"""Schedules in words: on which days, and at which time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import (
    DailyTrigger,
    FestivalTrigger,
    HourlyTrigger,
    MonthlyTrigger,
    NthTrigger,
    OnceTrigger,
    Opening,
    WeeksTrigger,
)
from ..plan.triggers import Repeating
from .names import Names, spaced
from .values import WEEKDAYS, Words, clock, day, instant, listed, number

FESTIVALS: Mapping[str, Phrase] = MappingProxyType(
    {
        "new_year": Phrase("wording.new_year"),
        "spring_festival_eve": Phrase("wording.spring_festival_eve"),
        "spring_festival": Phrase("wording.spring_festival"),
        "lantern": Phrase("wording.lantern"),
        "qingming": Phrase("wording.qingming"),
        "labour_day": Phrase("wording.labour_day"),
        "dragon_boat": Phrase("wording.dragon_boat"),
        "mid_autumn": Phrase("wording.mid_autumn"),
        "national_day": Phrase("wording.national_day"),
        "thanksgiving": Phrase("wording.thanksgiving"),
        "christmas": Phrase("wording.christmas"),
    }
)
"""The festivals that every project knows."""

_NTH = (
    Phrase("wording.nth_first"),
    Phrase("wording.nth_second"),
    Phrase("wording.nth_third"),
    Phrase("wording.nth_fourth"),
)


def schedule(names: Names, of: Repeating | OnceTrigger) -> Words:
    """A schedule as a part of a sentence: `every Friday at 09:00`."""
    match of:
        case DailyTrigger(weekday=None, at=at):
            return Phrase("wording.every_day", time=clock(at))
        case DailyTrigger(weekday=int() as weekday, at=at):
            return Phrase("wording.every_weekday", weekday=WEEKDAYS[weekday], time=clock(at))
        case MonthlyTrigger(day=None, at=at):
            return Phrase("wording.last_day_of_month", time=clock(at))
        case MonthlyTrigger(day=number_, at=at):
            return Phrase("wording.day_of_month", day=str(number_), time=clock(at))
        case NthTrigger():
            return _nth(of)
        case WeeksTrigger(weeks=weeks, weekday=weekday, first=first, at=at):
            return Phrase(
                "wording.every_weeks",
                weeks=number(weeks),
                weekday=WEEKDAYS[weekday],
                time=clock(at),
                first=day(first),
            )
        case HourlyTrigger(minute=minute):
            return Phrase("wording.every_hour", minute=f"{minute:02}")
        case OnceTrigger(at=at):
            return Phrase("wording.at_instant", instant=instant(at, names.zone))
        case FestivalTrigger(festival=festival, at=at):
            return _festival(names, festival, clock(at))
        case DailyTrigger():
            raise TypeError("a weekday is a number")
        case _:
            assert_never(of)


def _nth(of: NthTrigger) -> Phrase:
    nth: Words = Phrase("wording.nth_last") if of.nth is None else _NTH[of.nth - 1]
    kind: Words = Phrase("wording.day") if of.weekday is None else WEEKDAYS[of.weekday]
    if of.of == "month":
        return Phrase("wording.nth_of_month", nth=nth, day=kind, time=clock(of.at))
    return Phrase("wording.nth_of_quarter", nth=nth, day=kind, time=clock(of.at))


def _festival(names: Names, festival: str, time: str) -> Phrase:
    name = FESTIVALS.get(festival, spaced(festival))
    days = sorted({one.day for one in names.plan.holidays if one.festival == festival})
    days = [one for one in days if _in_time(names, one)]
    if not days:
        return Phrase("wording.on_festival", festival=name, time=time)
    told = listed([day(one) for one in days], "comma")
    return Phrase("wording.on_festival_days", festival=name, days=told, time=time)


def _in_time(names: Names, one: date) -> bool:
    campaign = names.campaign
    start = None if campaign is None else campaign.active_from
    end = None if campaign is None else campaign.active_to
    after = start is None or start.astimezone(names.zone).date() <= one
    return after and (end is None or one <= end.astimezone(names.zone).date())


def opening(of: Opening) -> Phrase:
    """The days of each month on which anything happens."""
    return Phrase(
        "wording.opening",
        from_day=str(of.from_day),
        from_time=clock(of.from_time),
        to_day=str(of.to_day),
    )
