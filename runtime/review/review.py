"""From ledger, outbox and warehouse to the review of a campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.brakes import EventBrake
from ...compiler.plan.demands import Index
from ...compiler.plan.types import from_minor
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.decisions import Outcome
from ..ledger.contract import BudgetRow, Ledger
from ..measure.results import Result
from .happened import Counted, Happened
from .model import Complaints, DayOf, Phase, PhaseName, Reaching, Refused, Review, State
from .phases import Parted, parted
from .usage import uses

GIVEN: frozenset[Outcome] = frozenset({"granted", "reached", "left"})
"""Outcomes that refuse nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The campaign under its name in the ledger, the instant, and events that are complaints.

    `rows` are the accounts as `ledger budgets` lists them. `reads` opens the warehouse; it is asked
    only if a target or a complaint needs events, as `measures` is if the campaign has some.
    """

    plan: Plan
    campaign: str
    at: datetime
    rows: Sequence[BudgetRow]
    complaints: tuple[str, ...] = ()
    reads: Callable[[tuple[str, ...]], Happened] | None = None
    measures: Callable[[], Result] | None = None


@dataclass(slots=True)
class _Sums:
    """Sums of a day or a phase."""

    customers: int = 0
    granted: int = 0
    refused: int = 0
    spent: Decimal = Decimal(0)


@dataclass(slots=True)
class _Moments:
    """Everything of the campaign by minute, summed by day and, later, by phase."""

    nothing: Decimal
    at: dict[datetime, _Sums] = field(default_factory=dict)

    def of(self, moment: datetime) -> _Sums:
        found = self.at.get(moment)
        if found is None:
            found = self.at[moment] = _Sums(spent=self.nothing)
        return found

    def by_day(self, zone: ZoneInfo) -> tuple[DayOf, ...]:
        found: dict[date, _Sums] = {}
        for moment, sums in self.at.items():
            _add(found.setdefault(moment.astimezone(zone).date(), _Sums(spent=self.nothing)), sums)
        return tuple(
            DayOf(day, one.customers, one.granted, one.refused, one.spent)
            for day, one in sorted(found.items())
        )

    def by_phase(self, parts: Parted) -> dict[PhaseName, _Sums]:
        found: dict[PhaseName, _Sums] = {}
        for moment, sums in self.at.items():
            _add(found.setdefault(parts.phase_of(moment), _Sums(spent=self.nothing)), sums)
        return found


def _add(to: _Sums, one: _Sums) -> None:
    to.customers += one.customers
    to.granted += one.granted
    to.refused += one.refused
    to.spent += one.spent


def review(ledger: Ledger, asked: Asked) -> Review:
    """The review of a campaign. Raise `Unfit` (a `CannotRun`) if the warehouse does not fit."""
    plan, name, at = asked.plan, asked.campaign, asked.at
    zone = ZoneInfo(plan.time_zone)
    campaign = next((one for one in plan.campaigns if one.name == name), None)
    moments = _Moments(from_minor(0, plan.currency))
    outcomes: Counter[Outcome] = Counter()
    refused: Counter[tuple[Outcome, str | None]] = Counter()
    for one in ledger.decided_by(name, at):
        outcomes[one.outcome] += one.count
        sums = moments.of(one.at)
        if one.outcome == "granted":
            sums.granted += one.count
        elif one.outcome not in GIVEN:
            sums.refused += one.count
            refused[one.outcome, one.account] += one.count
    for cost in ledger.cost_of(name, at):
        moments.of(cost.at).spent += cost.cost
    reached = dict(ledger.reached_by(name, at))
    for first in reached.values():
        moments.of(first.replace(second=0, microsecond=0)).customers += 1
    days = moments.by_day(zone)
    parts = parted(campaign, days, zone)
    active = (None, None) if campaign is None else (campaign.active_from, campaign.active_to)
    state = _state(active, at)
    reaching, complaints, warnings = _happened(asked, campaign, reached)
    # After all else that reads the warehouse: both make views there, under the same names.
    has_measures = campaign is not None and bool(campaign.measures)
    measured = asked.measures() if has_measures and asked.measures else None
    whole = _Sums(spent=moments.nothing)
    for each in moments.at.values():
        _add(whole, each)
    ends = _Ends.of(active, days, zone, at)
    return Review(
        name if campaign is None else campaign.renamed or name,
        name,
        "" if campaign is None else campaign.label,
        at,
        campaign is not None,
        state,
        active,
        parts.by,
        tuple(_phases(moments.by_phase(parts), parts, ends, moments.nothing, state)),
        _phase("all", whole, ends.first, ends.last, is_open=state == "running"),
        None if campaign is None else campaign.goal,
        reaching,
        days,
        tuple(sorted(outcomes.items())),
        tuple(Refused(*why, count) for why, count in sorted(refused.items(), key=_most)),
        tuple(uses(ledger, name, _unkeyed(asked), at, zone)),
        tuple(ledger.posted_by(name, at)),
        tuple(ledger.became_of(name, at)),
        tuple(one for one in ledger.code_counts() if one.benefit in _benefits(plan, campaign)),
        tuple(one for one in ledger.brakes(name) if one.at <= at),
        complaints,
        measured,
        warnings,
    )


def _unkeyed(asked: Asked) -> list[BudgetRow]:
    """The accounts that count everybody together: no customer's own limit."""
    keyed = {one.id for one in asked.plan.accounts if one.key is not None}
    return [row for row in asked.rows if row.account not in keyed]


def _most(entry: tuple[tuple[Outcome, str | None], int]) -> tuple[int, str]:
    return -entry[1], str(entry[0])


def _state(active: tuple[datetime | None, datetime | None], at: datetime) -> State:
    start, end = active
    if start is not None and at < start:
        return "not_begun"
    return "over" if end is not None and at > end else "running"


def _benefits(plan: Plan, campaign: Campaign | None) -> set[str]:
    if campaign is None:
        return set()
    charges = [charge for step in campaign.steps for charge in step.charges]
    named = {charge.benefit for charge in charges if charge.benefit is not None}
    accounts = {charge.account for charge in charges}
    stocked = {one.owner for one in plan.accounts if one.id in accounts}
    return (named | stocked) & Index(plan).benefits.keys()


# --- phases -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ends:
    """The first and the last day of the campaign so far."""

    first: date | None
    last: date | None
    zone: ZoneInfo

    @staticmethod
    def of(
        active: tuple[datetime | None, datetime | None],
        days: Sequence[DayOf],
        zone: ZoneInfo,
        at: datetime,
    ) -> _Ends:
        start, end = (None if one is None else one.astimezone(zone).date() for one in active)
        today = at.astimezone(zone).date()
        known = [one.day for one in days]
        first = min([*known, *([start] if start else [])], default=None)
        last = max([*known, min(end or today, today)], default=None) if first else None
        return _Ends(first, last, zone)


def _phases(
    sums: dict[PhaseName, _Sums], parts: Parted, ends: _Ends, nothing: Decimal, state: State
) -> Iterable[Phase]:
    """The three phases with their days; a phase that begins after the last day has none."""
    if parts.peak is None:
        return
    start, end = (one.astimezone(ends.zone).date() for one in parts.peak)
    spans: dict[PhaseName, tuple[date | None, date | None]] = {
        "warm_up": (ends.first, _before(start)),
        "peak": (start, end),
        "close": (_after(end), ends.last),
    }
    for name, (first, last) in spans.items():
        one = sums.get(name, _Sums(spent=nothing))
        until = None if last is None or ends.last is None else min(last, ends.last)
        is_empty = first is None or until is None or first > until
        is_open = state == "running" and not is_empty and until == ends.last
        yield _phase(
            name,
            one,
            None if is_empty else first,
            None if is_empty else until,
            is_open=is_open,
        )


def _phase(
    name: PhaseName, one: _Sums, first: date | None, last: date | None, *, is_open: bool
) -> Phase:
    return Phase(name, first, last, one.customers, one.granted, one.refused, one.spent, is_open)


def _before(day: date) -> date | None:
    return None if day == date.min else date.fromordinal(day.toordinal() - 1)


def _after(day: date) -> date | None:
    return None if day == date.max else date.fromordinal(day.toordinal() + 1)


# --- goals and complaints -----------------------------------------------------------------------


def _happened(
    asked: Asked, campaign: Campaign | None, reached: dict[str, datetime]
) -> tuple[Reaching | None, tuple[Complaints, ...], tuple[Diagnostic, ...]]:
    """The target with what was reached, the complaints, and warnings about the warehouse."""
    target = None if campaign is None else campaign.target
    complained = dict.fromkeys((*asked.complaints, *_watched(campaign)))
    wanted = {*complained, *(() if target is None or not target.event else (target.event,))}
    read = asked.reads(tuple(sorted(wanted))) if wanted and asked.reads else None

    def count(event: str, of: str | None, until: datetime) -> Counted | None:
        return None if read is None else read.count(event, of, reached, until)

    complaints = []
    for event in complained:
        found = count(event, None, asked.at)
        if found is not None:
            complaints.append(Complaints(event, found.events, found.customers))
    reaching = None
    if target is not None and campaign is not None:
        until = min(asked.at, campaign.active_to or asked.at)
        got: Decimal | None = Decimal(len(reached))
        if target.event is not None:
            found = count(target.event, target.field, until)
            got = None
            if found is not None:
                got = found.total if target.of == "money" else Decimal(found.events)
        reaching = Reaching(target, got)
    return reaching, tuple(complaints), () if read is None else read.warnings


def _watched(campaign: Campaign | None) -> tuple[str, ...]:
    """The events whose number pauses the campaign."""
    brakes = () if campaign is None else campaign.brakes
    return tuple(one.event for one in brakes if isinstance(one, EventBrake))
