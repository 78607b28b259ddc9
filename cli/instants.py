"""INSTANT as people write it on a command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from ..compiler.meaning import at_clock
from ..dsl.codes import commands
from ..dsl.diagnostics import CannotRun, diagnose

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class At:
    """One instant, aware, in UTC."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class Between:
    """A closed period: both ends are in it; aware, in UTC."""

    start: datetime
    end: datetime


def asked(at: str | None, start: str | None, end: str | None, zone: ZoneInfo) -> At | Between:
    """What `--at` or `--from` and `--to` say; a `UsageError` where it is not exactly one form."""
    match at, start, end:
        case str(), None, None:
            return At(first_moment(at, zone))
        case None, str(), str():
            between = Between(first_moment(start, zone), last_moment(end, zone))
            if between.end < between.start:
                code = commands.PERIOD_BACKWARDS
                raise CannotRun(diagnose(code, None, start=start, end=end))
            return between
        case _:
            raise click.UsageError("Give either --at INSTANT, or --from A and --to B.")


def first_moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant; of a date, its first moment on the zone's clock."""
    if _DATE.fullmatch(text):
        return at_clock(zone, datetime.combine(_date(text), time.min))
    return _instant(text, zone)


def last_moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant; of a date, its last moment on the zone's clock."""
    if _DATE.fullmatch(text):
        day = _date(text)
        if day == date.max:
            raise _unreadable(text)
        return at_clock(zone, datetime.combine(day + timedelta(days=1), time.min)) - _MOMENT
    return _instant(text, zone)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unreadable(text) from None


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        return at_clock(zone, instant) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unreadable(text) from None


def _unreadable(text: str) -> CannotRun:
    return CannotRun(diagnose(commands.BAD_INSTANT, None, text=text))
