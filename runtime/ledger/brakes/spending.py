"""The net spend of campaigns by day, for the brakes on spend."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, SpendBrake
from ....compiler.plan.calendar import at_clock
from ....compiler.plan.types import from_minor
from ..instants import instant_text
from ..store import Store
from .tripping import Pause

_PAYING = (
    "(SELECT min(postings.account) FROM postings JOIN accounts ON accounts.id = postings.account"
    " WHERE postings.decision = decisions.id AND measure = 'money')"
)
_KEPT = (
    " NOT EXISTS (SELECT 1 FROM amendments AS taken WHERE taken.decision = decisions.id"
    " AND taken.kind = 'reversed')"
)
# A decision charges its cost to each account of money, so one of them is enough. What was served
# from the waiting list is charged to the day on which it was served.
_SPENT = (
    "SELECT COALESCE(sum(amount), 0) FROM (SELECT amount FROM decisions"  # noqa: S608  (our own words)
    f" JOIN postings ON postings.decision = decisions.id AND postings.account = {_PAYING}"
    " LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'"
    " WHERE campaign = ? AND outcome = 'granted' AND decisions.at >= ? AND decisions.at < ?"
    f" AND served.id IS NULL AND {_KEPT}"
    " UNION ALL SELECT amount FROM amendments AS served"
    " JOIN decisions ON decisions.id = served.decision"
    f" JOIN postings ON postings.decision = decisions.id AND postings.account = {_PAYING}"
    " WHERE served.kind = 'served' AND campaign = ? AND served.at >= ? AND served.at < ?"
    f" AND {_KEPT}"
    " UNION ALL SELECT settlements.amount FROM decisions"
    " JOIN amendments AS later ON later.decision = decisions.id"
    f" JOIN settlements ON settlements.entry = later.id AND settlements.account = {_PAYING}"
    " LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'"
    " WHERE campaign = ? AND outcome = 'granted'"
    " AND COALESCE(served.at, decisions.at) >= ? AND COALESCE(served.at, decisions.at) < ?"
    f" AND {_KEPT}) AS moved"
)
_TRIPPED = "SELECT day FROM brakes WHERE campaign = ? AND day IS NOT NULL"


class Spending:
    """The net spend of campaigns with a brake on it, by day, as a batch brings it about."""

    def __init__(
        self,
        store: Store,
        asked: Iterable[tuple[Campaign, datetime]],
        zone: ZoneInfo,
        currency: str,
    ) -> None:
        self._zone, self._currency = zone, currency
        self._spent: dict[tuple[str, date], int] = {}
        self._tripped: dict[str, set[str]] = {}
        wanted = ((one, self._day(at)) for one, at in asked if brakes_of(one))
        for campaign, day in {(one.name, day): (one, day) for one, day in wanted}.values():
            name = campaign.name
            if name not in self._tripped:
                self._tripped[name] = {row[0] for row in store.ask(_TRIPPED, (name,))}
            for each in (day, day - timedelta(days=1)):
                if (name, each) not in self._spent:
                    self._spent[name, each] = _spent(store, name, each, zone)

    def add(self, campaign: Campaign, at: datetime, cost: int, number: int) -> Pause | None:
        """Add the cost of a grant, in minor units; return the pause that it brings about.

        Each day trips once: a campaign that somebody resumed on that day goes on.
        """
        brakes = brakes_of(campaign) if campaign.brakes else ()
        if not brakes:
            return None
        name, day = campaign.name, self._day(at)
        self._spent[name, day] += cost
        if day.isoformat() in self._tripped[name] or not cost:
            return None
        spent, before = self._spent[name, day], self._spent[name, day - timedelta(days=1)]
        for brake in brakes:
            if before > 0 and spent > Fraction(brake.over) * before:
                counted = f"{self._money(spent)} on {day}, {self._money(before)} the day before"
                self._tripped[name].add(day.isoformat())
                return Pause(name, brake, instant_text(at), counted, number, day.isoformat())
        return None

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _money(self, units: int) -> str:
        return f"{from_minor(units, self._currency):f} {self._currency}"


def brakes_of(campaign: Campaign) -> tuple[SpendBrake, ...]:
    """Return the brakes on spend of a campaign."""
    return tuple(one for one in campaign.brakes if isinstance(one, SpendBrake))


def _spent(store: Store, campaign: str, day: date, zone: ZoneInfo) -> int:
    """Return the net spend of a campaign on a day of the project's calendar, in minor units."""
    start = at_clock(zone, datetime.combine(day, time()))
    end = at_clock(zone, datetime.combine(day + timedelta(days=1), time()))
    values = (campaign, instant_text(start), instant_text(end))
    ((spent,),) = store.ask(_SPENT, (*values, *values, *values))
    return int(spent)
