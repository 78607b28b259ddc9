"""The options `--at`, and `--from` with `--to`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...runtime.codes import running, simulating
from ..codes.usage import AT_MOST_ONE_PERIOD, ONE_PERIOD
from .usage import incomplete

if TYPE_CHECKING:
    from ...runtime.due.periods import At, Between


def one_form(at: str | None, start: str | None, end: str | None) -> None:
    """Raise `CannotRun` unless exactly one of the two forms is given; before anything loads."""
    if (at is None) == (start is None and end is None) or (start is None) != (end is None):
        raise incomplete(ONE_PERIOD)


def one_form_or_now(at: str | None, start: str | None, end: str | None) -> bool:
    """Whether neither form is given; `CannotRun` if a form is incomplete or both are given."""
    if at is start is end is None:
        return True
    if (at is None) == (start is None and end is None) or (start is None) != (end is None):
        raise incomplete(AT_MOST_ONE_PERIOD)
    return False


def period_of_options(
    at: str | None, start: str | None, end: str | None, zone: ZoneInfo
) -> At | Between:
    """Return the period of the options. Raise `CannotRun` for an invalid time."""
    from ...runtime.due.periods import At
    from ...runtime.due.schedule import parse_instant

    if at is not None:
        return At(parse_instant(at, zone))
    return period_between(start or "", end or "", zone)


def period_between(start: str, end: str, zone: ZoneInfo) -> Between:
    """Return the period with these ends. Raise `CannotRun` for an invalid time."""
    from ...runtime.due.periods import Between
    from ...runtime.due.schedule import parse_instant

    first, last = parse_instant(start, zone), parse_instant(end, zone, end_of_day=True)
    if last < first:
        raise CannotRun(diagnose(running.PERIOD_BACKWARDS, None, start=start, end=end))
    return Between(first, last)


def refuse_ahead(instant: datetime, text: str, now: datetime) -> None:
    """Raise `CannotRun` for an instant later than `now`, written `text`."""
    if instant > now:
        raise CannotRun(diagnose(running.INSTANT_AHEAD, None, text=text))


def refuse_period_ahead(
    when: At | Between, at: str | None, end: str | None, zone: ZoneInfo, now: datetime
) -> None:
    """Raise `CannotRun` for a period that ends later than `now`.

    `--to` with a date means that whole day, and the day of `now` on the zone's calendar may be it.
    """
    from ...runtime.due.periods import last_instant

    if _is_ahead(when, at or end or "", zone, now, is_day=at is None):
        refuse_ahead(last_instant(when), at or end or "", now)


def refuse_period_to_come(when: At | Between, end: str, zone: ZoneInfo, now: datetime) -> None:
    """Raise `CannotRun` for a period that ends later than the day of `now`: it has no history."""
    if _is_ahead(when, end, zone, now, is_day=True):
        today = str(now.astimezone(zone).date())
        raise CannotRun(diagnose(simulating.PERIOD_TO_COME, None, text=end, today=today))


def _is_ahead(
    when: At | Between, text: str, zone: ZoneInfo, now: datetime, *, is_day: bool
) -> bool:
    from ...runtime.due.periods import last_instant
    from ...runtime.due.schedule import end_of_day, parse_instant

    last = last_instant(when)
    is_whole_day = is_day and parse_instant(text, zone) != last
    return last > (end_of_day(zone, now) if is_whole_day else now)


def moment(at: str | None, zone: ZoneInfo, now: datetime, *, even_ahead: bool) -> datetime:
    """`--at` on the zone's clock, or now; later than now only with `even_ahead`."""
    from ...runtime.due.schedule import parse_instant

    if at is None:
        return now
    instant = parse_instant(at, zone)
    if not even_ahead:
        refuse_ahead(instant, at, now)
    return instant


def as_period(when: At | Between, zone: ZoneInfo) -> Between:
    """The period itself; of one instant, from the first moment of its day to it."""
    from ...runtime.due.periods import Between
    from ...runtime.due.schedule import start_of_day

    if isinstance(when, Between):
        return when
    return Between(start_of_day(zone, when.instant), when.instant)
