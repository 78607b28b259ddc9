"""From a ledger in which a period was decided to the results of each campaign."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.steps import StepKey, shown_name, steps_of
from ...compiler.plan.types import from_minor
from ..decide.decisions import Outcome
from ..ledger.contract import BudgetRow, Ledger
from ..ledger.totals.totals import Closed
from .columns.totals import ColumnTotals
from .overlaps import Recipients
from .simulation import Cap, CutOff, Day, SimulatedCampaign, SimulatedStep

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Summed:
    """The results of all campaigns, and the caps that several campaigns share."""

    campaigns: tuple[SimulatedCampaign, ...]
    shared: tuple[Cap, ...]
    recipients: Recipients


def summed(plan: Plan, ledger: Ledger, digest: str, apart: ColumnTotals | None = None) -> Summed:
    """Sum up what the plan of that digest decided in the ledger, and what was decided `apart`."""
    sums = _Sums(plan, ledger, digest, apart)
    caps = list(_caps(plan, ledger, apart))
    own = defaultdict(list)
    for cap in caps:
        if cap.owner_kind == "campaign":
            own[cap.owner].append(cap)
    campaigns = (sums.campaign(one, tuple(own[one.name])) for one in plan.campaigns)
    shared = tuple(cap for cap in caps if cap.owner_kind != "campaign")
    return Summed(tuple(campaigns), shared, sums.recipients)


def shown_names(plan: Plan) -> dict[str, str]:
    """The names of the campaigns in the files, by those in the ledger."""
    return {one.name: one.renamed or one.name for one in plan.campaigns}


class _Sums:
    """The sums by step, as the ledger has them."""

    def __init__(self, plan: Plan, ledger: Ledger, digest: str, apart: ColumnTotals | None) -> None:
        days = _Days(ZoneInfo(plan.time_zone))
        self._nothing = nothing = from_minor(0, plan.currency)
        keys = [key for key, _, _ in steps_of(plan)]
        self._outcomes: dict[StepKey, Counter[Outcome]] = {key: Counter() for key in keys}
        self._refused: dict[str, Counter[tuple[Outcome, str | None]]] = defaultdict(Counter)
        self._granted: dict[str, Counter[date]] = defaultdict(Counter)
        self._spent: dict[StepKey, Decimal] = dict.fromkeys(keys, nothing)
        self._by_day: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for one in chain(ledger.decided(digest), apart.decided() if apart else ()):
            self._outcomes[StepKey(one.campaign, one.step)][one.outcome] += one.count
            if one.outcome == "granted":
                self._granted[one.campaign][days.of(one.at)] += one.count
            elif one.outcome not in ("reached", "left"):
                self._refused[one.campaign][one.outcome, one.account] += one.count
        for each in chain(ledger.moved(digest), apart.moved() if apart else ()):
            self._spent[StepKey(each.campaign, each.step)] += each.cost
            by_day, day = self._by_day[each.campaign], days.of(each.at)
            by_day[day] = by_day.get(day, nothing) + each.cost
        reached = chain(ledger.recipients(digest), apart.recipients() if apart else ())
        self.recipients = Recipients(reached)

    def campaign(self, campaign: Campaign, caps: tuple[Cap, ...]) -> SimulatedCampaign:
        """The results of a campaign."""
        name = campaign.name
        steps = tuple(self._step(campaign, step.name) for step in campaign.steps)
        granted, spent = self._granted[name], self._by_day[name]
        days = (
            Day(day, granted[day], spent.get(day, self._nothing))
            for day in sorted({*granted, *spent})
        )
        refused = sorted(self._refused[name].items(), key=lambda one: (-one[1], str(one[0])))
        return SimulatedCampaign(
            campaign.renamed or name,
            name,
            campaign.label,
            self.recipients.of_campaign(name),
            sum(granted.values()),
            sum((step.spent for step in steps), self._nothing),
            steps,
            tuple(days),
            tuple(CutOff(*why, count) for why, count in refused),
            caps,
        )

    def _step(self, campaign: Campaign, step: str) -> SimulatedStep:
        key = StepKey(campaign.name, step)
        outcomes = self._outcomes[key]
        return SimulatedStep(
            step,
            shown_name(campaign, step),
            self.recipients.of_step(*key),
            outcomes["granted"],
            self._spent[key],
            dict(sorted(outcomes.items())),
        )


class _Days:
    """The calendar days of instants; most minutes are asked for by several steps."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._kept: dict[datetime, date] = {}

    def of(self, at: datetime) -> date:
        """The day in the project's zone."""
        day = self._kept.get(at)
        if day is None:
            day = self._kept[at] = at.astimezone(self._zone).date()
        return day


def _caps(plan: Plan, ledger: Ledger, apart: ColumnTotals | None) -> Iterable[Cap]:
    """The caps that all customers share: one for each account, whatever its periods."""
    shared = tuple(one for one in plan.accounts if one.key is None and one.measure != "messages")
    rows: dict[str, list[BudgetRow]] = defaultdict(list)
    elsewhere = frozenset[str]() if apart is None else apart.accounts
    here = tuple(one for one in shared if one.id not in elsewhere)
    there = tuple(one for one in shared if one.id in elsewhere)
    found_there = apart.budgets(replace(plan, accounts=there)) if apart else ()
    for row in chain(ledger.budgets(replace(plan, accounts=here)), found_there):
        rows[row.account].append(row)
    ended = chain(ledger.closed(), apart.closed(plan) if apart else ())
    closed: Mapping[str, list[Closed]] = _by_account(ended)
    zone = ZoneInfo(plan.time_zone)
    for account in shared:
        found = rows[account.id]
        ends = [one.at.astimezone(zone).date() for one in closed.get(account.id, ())]
        spent = sum((row.spent for row in found), NOTHING)
        first = found[0] if found else None
        if first is None:
            continue
        yield Cap(
            account.id,
            first.owner_kind,
            first.owner,
            first.name,
            first.measure,
            first.cap,
            spent,
            sum((row.left for row in found), NOTHING) if account.period is None else NOTHING,
            min(ends, default=None) if account.period is None else None,
            0 if account.period is None else len([row for row in found if row.period]),
            0 if account.period is None else len(ends),
        )


def _by_account(rows: Iterable[Closed]) -> dict[str, list[Closed]]:
    found: dict[str, list[Closed]] = defaultdict(list)
    for row in rows:
        found[row.account].append(row)
    return found
