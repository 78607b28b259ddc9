"""The stretch of time that a run covers, step by step, and how far it has come afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, EnteringTrigger, Plan, Schedule, Step, WalletTrigger
from ...compiler.plan.calendar import INSTANT, shift
from ...compiler.plan.steps import StepKey, steps_of
from ...compiler.plan.values import Length
from ..decide.braking.watchers import is_watching
from ..decide.claimers import claims_from
from ..decide.reversing.reversers import is_reversing
from ..ledger.batches.kept_texts import Mark
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
    """The period of one step in a run: [start, end], empty if `end` is before `start`.

    - `floor`: the first instant whose events or timers the step ever reads; `None` for a schedule.
      But for entering and leaving it is the first instant that was ever decided.
    - `done`: the end of earlier runs. Late events lie from `floor` to `done`; `None` if the run
      does not read late events.
    - `through`: the step's progress after the run; `None` if the run would leave a gap.
    - `claims`: the first instant whose claims of the step's offers, or reversals of the campaign,
      are ever read; `None` if no event makes any.
    - `is_first`: whether no run up to an instant came before.
    - `entered`: of a later step of a journey the first instant of entries; `None` of other steps.
    """

    campaign: Campaign
    step: Step
    start: datetime
    end: datetime
    floor: datetime | None
    done: datetime | None
    through: datetime | None
    claims: datetime | None = None
    is_first: bool = False
    entered: datetime | None = None

    @property
    def key(self) -> StepKey:
        """The step's key."""
        return StepKey(self.campaign.name, self.step.name)


def last_instant(asked: At | Between) -> datetime:
    """Return the last instant of a run."""
    return asked.instant if isinstance(asked, At) else asked.end


def periods(plan: Plan, asked: At | Between, ledger: Ledger) -> tuple[Period, ...]:
    """The period of every step, from its progress in the ledger."""
    zone = ZoneInfo(plan.time_zone)
    found = []
    for key, campaign, step in steps_of(plan):
        done, kept = _progress(ledger, key)
        if isinstance(asked, At):
            period = _up_to(campaign, step, asked.instant, done, kept, zone)
        else:
            period = _between(campaign, step, asked, done, kept)
        if step.follows is not None:
            entry = _progress(ledger, StepKey(campaign.name, campaign.steps[0].name))
            period = _after_entries(period, asked, entry, done, kept, zone)
        found.append(period)
    return tuple(found)


def open_periods(plan: Plan, instant: datetime, ledger: Ledger) -> tuple[Period, ...]:
    """The periods of the steps that wallets fire, as of a run at an instant, but without an end."""
    end = datetime.max.replace(tzinfo=UTC)
    found = periods(plan, At(instant), ledger)
    waiting = (one for one in found if isinstance(one.step.trigger, WalletTrigger))
    return tuple(replace(one, end=end) for one in waiting)


def _progress(ledger: Ledger, key: StepKey) -> tuple[datetime | None, datetime | None]:
    """How far a step has come, and where it began, as the ledger has it."""
    return ledger.progress(Mark(key).text), ledger.progress(Mark(key, "began").text)


def _after_entries(
    period: Period,
    asked: At | Between,
    entry: tuple[datetime | None, datetime | None],
    done: datetime | None,
    kept: datetime | None,
    zone: ZoneInfo,
) -> Period:
    """The period of a later step. One that joins a journey under way begins where the entry is."""
    entry_done, entry_began = entry
    is_at = isinstance(asked, At)
    first = start_of_day(zone, asked.instant) if isinstance(asked, At) else asked.start
    entered = period.campaign.active_from or entry_began or first
    floor = kept or (entered if done is not None or entry_done is None else entry_done + INSTANT)
    start = floor if is_at and done is None else period.start
    return replace(period, start=start, floor=floor, entered=entered)


def first_caught_up(plan: Plan, campaign: Campaign, end: datetime) -> datetime | None:
    """The first instant of schedules and timers that a run to `end` makes up; `None`: all."""
    within = campaign.catch_up
    if within is None:
        return None
    length = Length(within.span.count, within.span.unit)
    return shift(ZoneInfo(plan.time_zone), end, length, -1)


def progress_after(done: tuple[Period, ...]) -> dict[str, datetime]:
    """The progress to keep after a run: how far each step has come, and where it began.

    No campaign has such a name. A campaign with a start date begins there, whenever it is first
    run. Entering and leaving are seen from the day of the first run on.
    """
    through = {Mark(each.key).text: each.through for each in done if each.through is not None}
    began = {
        Mark(each.key, "began").text: first
        for each in done
        if each.campaign.active_from is None
        or each.step.follows is not None
        or isinstance(each.step.trigger, EnteringTrigger)
        if each.through is not None
        if (first := each.floor or each.claims) is not None
    }
    return through | began


def _up_to(
    campaign: Campaign,
    step: Step,
    instant: datetime,
    done: datetime | None,
    kept: datetime | None,
    zone: ZoneInfo,
) -> Period:
    """Return the period since the last run; for a first run, the day of the instant.

    A campaign with a start date reads events from that date on.
    """
    floor = _floor(campaign, step, kept or start_of_day(zone, instant))
    if done is not None:
        start, late = done + INSTANT, min(done, instant)
    else:
        start, late = floor or start_of_day(zone, instant), None
    claims = _claims(campaign, step, kept or start)
    is_first = done is None
    return Period(campaign, step, start, instant, floor, late, instant, claims, is_first)


def _between(
    campaign: Campaign, step: Step, asked: Between, done: datetime | None, kept: datetime | None
) -> Period:
    """The period itself. What lies between the last run and a later start is left for another."""
    floor = _floor(campaign, step, kept or asked.start)
    reached = floor if done is None else done + INSTANT
    whole = reached is None or asked.start <= reached
    through, claims = asked.end if whole else None, _claims(campaign, step, kept or asked.start)
    return Period(campaign, step, asked.start, asked.end, floor, None, through, claims)


def _floor(campaign: Campaign, step: Step, otherwise: datetime) -> datetime | None:
    """The first instant of which the step ever reads events or timers; see `Period.floor`."""
    if isinstance(step.trigger, EnteringTrigger):
        return otherwise
    return None if isinstance(step.trigger, Schedule) else campaign.active_from or otherwise


def _claims(campaign: Campaign, step: Step, otherwise: datetime) -> datetime | None:
    """The same of claims, reversals and alarms."""
    watches = is_reversing(campaign, step) or is_watching(campaign, step)
    if claims_from(step) is None and not watches:
        return None
    return campaign.active_from or otherwise
