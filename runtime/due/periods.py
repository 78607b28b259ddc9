"""The period that a run covers for each campaign, and the campaign's progress after it."""

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
    """Everything due up to an instant (aware) that was not done yet, late events included."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class Between:
    """Everything due in a closed period (aware instants), whether it was done before or not."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The period [start, end] of a run for one campaign; empty if `start` is after `end`.

    `floor` is the first instant at which the campaign reads events; `None` for a schedule. Late
    events lie from `floor` to `done`, the progress before the run; `None` if the run reads no late
    events. `through` is the progress after the run; `None` if that would skip a gap. `claims` is
    the first instant at which claims are read; `None` if no event claims the campaign's offers.
    """

    campaign: Campaign
    start: datetime
    end: datetime
    floor: datetime | None
    done: datetime | None
    through: datetime | None
    claims: datetime | None = None


def last_instant(asked: At | Between) -> datetime:
    """Return the last instant of a run."""
    return asked.instant if isinstance(asked, At) else asked.end


def periods(plan: Plan, asked: At | Between, ledger: Ledger) -> tuple[Period, ...]:
    """Return the period of every campaign, given the ledger's progress."""
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
    """Return the ledger's key for the first instant of a campaign without a start date.

    No campaign has such a name. A campaign with a start date begins there, whenever it is first
    run.
    """
    return f"{campaign.name}/since"


def progress_after(done: tuple[Period, ...]) -> dict[str, datetime]:
    """Return what to store in the ledger after a run: progress and first instants."""
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
    """Return the period since the last run; for a first run, the day of the instant.

    A campaign with a start date reads events from that date on.
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
    """Return the period itself. Progress stays if there is a gap between it and the last run."""
    floor = _floor(campaign, kept or asked.start)
    reached = floor if done is None else done + INSTANT
    whole = reached is None or asked.start <= reached
    through, claims = asked.end if whole else None, _claims(campaign, kept or asked.start)
    return Period(campaign, asked.start, asked.end, floor, None, through, claims)


def _floor(campaign: Campaign, otherwise: datetime) -> datetime | None:
    """Return the first instant at which the campaign reads events; `None` for a schedule."""
    if isinstance(campaign.steps[0].trigger, EventTrigger):
        return campaign.active_from or otherwise
    return None


def _claims(campaign: Campaign, otherwise: datetime) -> datetime | None:
    """Return the first instant at which claims are read; `None` if no event claims."""
    return None if claims_from(campaign) is None else campaign.active_from or otherwise
