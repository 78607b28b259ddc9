"""Which stretch of time a run looks at, campaign by campaign, and how far it has come after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, EventTrigger, Plan
from ...compiler.plan.calendar import INSTANT
from ..decide.claimers import claims_from
from ..ledger.contract import Ledger
from .schedule import start_of_day


@dataclass(frozen=True, slots=True)
class At:
    """All that is due up to an instant (aware) and was not done yet, late events too."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class Between:
    """All that is due in a closed period (aware instants), done before or not."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """What a run looks at for one campaign: [start, end]; empty where they are the other way round.

    `floor` is the first instant of which the campaign ever looks at events; nothing for a schedule.
    Late events lie from there to `done`, up to which it was carried out before; nothing where the
    run does not look for them. `through` is how far it has come when the run is over; nothing where
    it would leave a gap behind. `claims` is the first instant of which claims of its offers are
    ever looked at; nothing where no event claims them.
    """

    campaign: Campaign
    start: datetime
    end: datetime
    floor: datetime | None
    done: datetime | None
    through: datetime | None
    claims: datetime | None = None


def last_instant(asked: At | Between) -> datetime:
    """The last instant that a run looks at."""
    return asked.instant if isinstance(asked, At) else asked.end


def periods(plan: Plan, asked: At | Between, ledger: Ledger) -> tuple[Period, ...]:
    """The period of every campaign, as the ledger stands."""
    zone = ZoneInfo(plan.time_zone)
    found = []
    for campaign in plan.campaigns:
        done, kept = ledger.progress(campaign.name), ledger.progress(floor_key(campaign))
        if isinstance(asked, At):
            found.append(_up_to(campaign, asked.instant, done, kept, zone))
        else:
            found.append(_between(campaign, asked, done, kept))
    return tuple(found)


def floor_key(campaign: Campaign) -> str:
    """Under which name the ledger keeps where a campaign without a start began; no campaign's name.

    A campaign that is active from a certain instant on began there, whenever it was run first.
    """
    return f"{campaign.name}/since"


def progress_after(done: tuple[Period, ...]) -> dict[str, datetime]:
    """What the ledger keeps after a run: how far each campaign has come, and where it began."""
    through = {each.campaign.name: each.through for each in done if each.through is not None}
    began = {
        floor_key(each.campaign): first
        for each in done
        if each.campaign.active_from is None and each.through is not None
        if (first := each.floor or each.claims) is not None
    }
    return through | began


def _up_to(
    campaign: Campaign,
    instant: datetime,
    done: datetime | None,
    kept: datetime | None,
    zone: ZoneInfo,
) -> Period:
    """What came since the last run; before the first one, of the instant's day alone.

    Events of a campaign that is active from a certain instant on are looked at from there.
    """
    floor = _floor(campaign, kept or start_of_day(zone, instant))
    if done is not None:
        start, late = done + INSTANT, min(done, instant)
    else:
        start, late = floor or start_of_day(zone, instant), None
    claims = _claims(campaign, kept or start)
    return Period(campaign, start, instant, floor, late, instant, claims)


def _between(
    campaign: Campaign, asked: Between, done: datetime | None, kept: datetime | None
) -> Period:
    """The period itself. What lies between the last run and a later start is left for another."""
    floor = _floor(campaign, kept or asked.start)
    reached = floor if done is None else done + INSTANT
    whole = reached is None or asked.start <= reached
    through, claims = asked.end if whole else None, _claims(campaign, kept or asked.start)
    return Period(campaign, asked.start, asked.end, floor, None, through, claims)


def _floor(campaign: Campaign, otherwise: datetime) -> datetime | None:
    """The first instant of which the campaign ever looks at events; nothing for a schedule."""
    if isinstance(campaign.steps[0].trigger, EventTrigger):
        return campaign.active_from or otherwise
    return None


def _claims(campaign: Campaign, otherwise: datetime) -> datetime | None:
    """The same of claims."""
    return None if claims_from(campaign) is None else campaign.active_from or otherwise
