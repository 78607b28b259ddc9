"""Options that name audiences, events and days of a question about the past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...runtime.codes import running
from ..codes.command_line import NO_SUCH_GROUP
from ..codes.measuring import NO_SUCH_EVENT
from ..codes.usage import AGAINST_WHOM
from ..formats.planning.phrases import CLAUSES
from ..nearest import misspelt
from . import options
from .instants import moment
from .usage import incomplete

if TYPE_CHECKING:
    from ...compiler.plan import EventTable, Plan
    from ...runtime.preview.groups import Group


@dataclass(frozen=True, slots=True)
class Compared:
    """The names of an audience and of the one that it is held against, if they are given."""

    audience: str | None
    against: str | None

    def groups(self, plan: Plan) -> list[Group]:
        """The audiences or stages; `CannotRun` for a name that the project lacks."""
        if self.against is not None and self.audience is None:
            raise incomplete(AGAINST_WHOM)
        return [group_named(plan, one) for one in (self.audience, self.against) if one is not None]


def with_audiences(command: Callable[..., int]) -> Callable[..., int]:
    """The options `--audience` and `--against`, which the command gets as one `Compared`."""

    @wraps(command)
    def called(*values: object, audience: str | None, against: str | None, **more: object) -> int:
        return command(*values, compared=Compared(audience, against), **more)

    against = click.option(
        "--against", type=options.TEXT, metavar="NAME", help="Another one, to compare with."
    )
    audience = click.option(
        "--audience", type=options.TEXT, metavar="NAME", help="Of this audience or stage alone."
    )
    return audience(against(called))


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of a question, as they were written."""

    start: str | None
    end: str | None

    def instants(self, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime]:
        """The first instant, `None` for the beginning, and the last; `CannotRun` for bad days.

        A last day that is not over ends now.
        """
        from ...runtime.due.schedule import end_of_day, parse_instant

        first = None if self.start is None else parse_instant(self.start, zone)
        if self.end is None:
            last = now
        else:
            last = parse_instant(self.end, zone, end_of_day=True)
            if last > end_of_day(zone, now):
                moment(self.end, zone, now, even_ahead=False)
            last = min(last, now)
        if first is not None and last < first:
            start, end = self.start or "", self.end or ""
            raise CannotRun(diagnose(running.PERIOD_BACKWARDS, None, start=start, end=end))
        return first, last


def with_days(command: Callable[..., int]) -> Callable[..., int]:
    """The options `--from-day` and `--to-day`, which the command gets as one `Days`."""

    @wraps(command)
    def called(*values: object, from_day: str | None, to_day: str | None, **more: object) -> int:
        return command(*values, days=Days(from_day, to_day), **more)

    last = click.option("--to-day", metavar="DAY", help="The last day; today if left out.")
    first = click.option("--from-day", metavar="DAY", help="The first day; all if left out.")
    return first(last(called))


def group_named(plan: Plan, name: str) -> Group:
    """The audience or stage of that name; `CannotRun` if there is none, or several stages."""
    from ...runtime.preview.groups import groups_of

    groups = groups_of(plan)
    found = [one for one in groups if name in (one.name, one.name.rpartition(".")[2])]
    exact = [one for one in found if one.name == name] or found
    if len(exact) == 1:
        return exact[0]
    known = [one.name for one in (found or groups)]
    kind = CLAUSES["audience"]
    raise CannotRun(misspelt(NO_SUCH_GROUP, name, known, kind=kind, name=name))


def event_named(plan: Plan, name: str) -> EventTable:
    """The event of that name; `CannotRun` if the catalog has none."""
    known = {one.name: one for one in plan.events if one.past_of is None}
    if name not in known:
        raise CannotRun(misspelt(NO_SUCH_EVENT, name, known, name=name))
    return known[name]


def events_named(plan: Plan, names: Sequence[str], always: Sequence[str]) -> tuple[str, ...]:
    """The events of these names, and `always` those; without names all of the catalog."""
    chosen = {event_named(plan, name).name for name in (*names, *always)}
    every = [one.name for one in plan.events if one.past_of is None]
    return tuple(one for one in every if not names or one in chosen)
