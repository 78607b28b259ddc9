"""The passes, one after the other: a project in, a plan and every mistake out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from ..dsl import tree
from ..dsl.diagnostics.diagnostic import Diagnostic, has_errors, in_reading_order, listed
from . import plan
from .cancelled import without_cancelled
from .check.certain import certain_comparisons
from .check.context import Context
from .check.festivals import FESTIVAL_YEARS, Overrides, festival_days
from .check.fixes import completed
from .check.ledger_use import report_asking
from .check.moves import report_moves
from .check.silence import silent_clauses
from .check.symbols import collect, report_former_names
from .check.wallets import report_wallets
from .codes import logic, schedules
from .consequences import without_consequences
from .lower.benefits import benefits
from .lower.campaigns import Lowered, campaigns
from .lower.declarations import audiences, lifecycles, pools, report_circles
from .lower.experiments.clauses import report_shared
from .lower.measuring.measurable import report_measures
from .lower.policies import report_unfollowed
from .lower.pools import report_pool_circles, shared_caps
from .lower.recipients import with_demands
from .plan import Holiday, Plan
from .plan.currencies import NO_CURRENCY
from .plan.data import KEY
from .plan.expressions import where
from .plan.types import TEXT, MoneyType
from .project.config import Config
from .project.project import Project
from .scenarios.model import Scenario
from .scenarios.reading import scenarios


@dataclass(frozen=True, slots=True)
class Compiled:
    """The plan, where there is no error, and all diagnostics, the project's own among them.

    `scenarios`: those without a mistake, of a project that has a plan; `of_scenarios` are the
    mistakes of the others. They are among the diagnostics, and the plan can be carried out.
    """

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    scenarios: tuple[Scenario, ...] = ()
    of_scenarios: tuple[Diagnostic, ...] = ()


def compile_project(
    project: Project, today: date | None = None, files: Collection[str] | None = None
) -> Compiled:
    """Names, types, lowering: everything that is wrong is found in one run.

    With `today`, on the project's calendar, campaigns that have ended are warned of. The plan is
    the same on any day.

    With `files` only the campaigns in these are read: only mistakes there are all that there are.
    """
    if project.customers is None or project.config is None:
        return Compiled(None, in_reading_order(_completed(project)))
    c = _context(project, project.customers, project.config, files)
    c.diagnostics.extend(_completed(project))
    cycles, groups = lifecycles(c), audiences(c)
    circular = report_circles(c, cycles, groups)
    given, budgets = benefits(c), pools(c)
    c.benefits.update({benefit.name: benefit for benefit in given})
    report_pool_circles(c, budgets)
    shared = shared_caps(c)
    lowered = campaigns(c, budgets, shared)
    report_unfollowed(c)
    report_shared(c, c.symbols.campaigns)
    report_asking(c, cycles, groups, tuple(one.campaign for one in lowered))
    report_wallets(c, tuple(one.campaign for one in lowered))
    holidays = _holidays(c, project.config.festivals, lowered)
    report_moves(c, cycles, groups, tuple(one.campaign for one in lowered), holidays)
    report_measures(c, cycles, groups, tuple(one.campaign for one in lowered))
    diagnostics = in_reading_order(without_consequences(project, c.diagnostics))
    if circular or has_errors(diagnostics):
        return Compiled(None, diagnostics)
    own = {account.id: account for one in lowered for account in one.accounts}
    accounts = {**own, **{account.id: account for account in shared.accounts}}
    made = Plan(
        project=project.config.name,
        language=project.config.language,
        time_zone=project.config.time_zone,
        currency=project.config.currency,
        customers=_with_key(project.customers, c),
        events=project.events,
        features=tuple(c.features[key] for key in sorted(c.features)),
        lifecycles=cycles,
        audiences=groups,
        benefits=given,
        pools=budgets,
        accounts=tuple(accounts[key] for key in sorted(accounts)),
        holidays=holidays,
        campaigns=with_demands(c, _by_name(lowered, project.config.holdout), groups),
        seeded=project.config.seed is not None,
        costs=_in_currency(project.costs, project.config.currency),
    )
    silent = silent_clauses(made, project.config.channels, today)
    whole = without_cancelled(made)
    found, more = scenarios(whole, (parsed.tree for parsed in project.parsed))
    every = (*diagnostics, *silent, *certain_comparisons(made), *more)
    return Compiled(whole, in_reading_order(every), found, more)


def _completed(project: Project) -> Iterable[Diagnostic]:
    currency = project.config.currency
    if currency == NO_CURRENCY:
        return project.diagnostics
    return (completed(found, currency) for found in project.diagnostics)


def _with_key(customers: plan.CustomerTable, c: Context) -> plan.CustomerTable:
    """The customers; their key is a field of theirs where a condition asks for `customer.key`."""
    if KEY not in c.features:
        return customers
    key = plan.Column(KEY, customers.key, TEXT, False, None, None, "C1", customers.origin)
    fields = sorted((*customers.fields, key), key=lambda column: column.name)
    return replace(customers, fields=tuple(fields))


def _in_currency(costs: plan.CostTable | None, currency: str) -> plan.CostTable | None:
    """The costs, in the project's currency if the catalog names none."""
    if costs is None or costs.amount.type != MoneyType(NO_CURRENCY):
        return costs
    return replace(costs, amount=replace(costs.amount, type=MoneyType(currency)))


def _by_name(lowered: Iterable[Lowered], holdout: Decimal) -> tuple[plan.Campaign, ...]:
    """The campaigns in order, each with the holdout of the whole project."""
    found = (
        campaign
        if campaign.project_holdout == holdout
        else replace(campaign, project_holdout=holdout)
        for campaign in (one.campaign for one in lowered)
    )
    return tuple(sorted(found, key=lambda one: one.name))


def _context(
    project: Project,
    customers: plan.CustomerTable,
    config: Config,
    read: Collection[str] | None,
) -> Context:
    files: Iterable[tree.CampaignFile] = (parsed.tree for parsed in project.parsed)
    past = {table.past_of: table for table in project.events if table.past_of is not None}
    fields = (*(column.name for column in customers.fields), *past)
    wallets = {name for parsed in project.parsed for name in parsed.wallets}
    symbols, found = collect(files, fields, wallets)
    c = Context(
        zone=ZoneInfo(config.time_zone),
        currency=config.currency,
        catalog_file=config.catalog,
        customers=customers,
        events={event.name: event for event in project.events if event.past_of is None},
        codes={one.name: one for one in project.codes},
        channels=config.channels,
        longest=config.longest,
        staff=config.staff,
        consents=config.consents,
        doubtful=project.doubtful,
        symbols=symbols,
        festivals=frozenset(config.festivals),
        past=past,
        files=read,
    )
    c.diagnostics.extend(found)
    c.diagnostics.extend(report_former_names(symbols))
    return c


def _holidays(
    c: Context, overrides: Overrides, lowered: tuple[Lowered, ...]
) -> tuple[Holiday, ...]:
    """The days of every festival that triggers something, as far as its campaign lasts."""
    days: set[Holiday] = set()
    for campaign in (one.campaign for one in lowered):
        for step in campaign.steps:
            years = _years(c, campaign, step.trigger)
            found = festival_days(step.trigger.festivals, years, overrides)
            days.update(found)
            _report_dayless(c, step.trigger, found, years)
            if campaign.active_to is not None:
                _report_provisional(c, step.trigger, found)
    return tuple(sorted(days, key=lambda holiday: (holiday.festival, holiday.day)))


def _years(c: Context, campaign: plan.Campaign, trigger: plan.Trigger) -> range:
    """The years in which the campaign is active, on the project's calendar, and those it asks."""
    start, end = campaign.active_from, campaign.active_to
    first = start.astimezone(c.zone).year if start else FESTIVAL_YEARS.start
    if isinstance(trigger, plan.EnteringTrigger) and start is not None:
        # The festival before the first may have been at any time of the year before.
        first = trigger.since(c.zone, start).astimezone(c.zone).year - 1
    last = end.astimezone(c.zone).year if end else FESTIVAL_YEARS.stop - 1
    return range(first, last + 1)


def _report_dayless(
    c: Context, trigger: plan.Trigger, days: tuple[Holiday, ...], years: range
) -> None:
    """Report a festival that has no day as long as its campaign lasts."""
    for festival in trigger.festivals:
        if not days:
            first, last = str(years.start), str(years.stop - 1)
            at, code = where(trigger.origin), schedules.FESTIVAL_WITHOUT_DAY
            c.report(code, at, festival=festival, first=first, last=last)


def _report_provisional(c: Context, trigger: plan.Trigger, days: tuple[Holiday, ...]) -> None:
    years = listed(str(day.day.year) for day in days if day.provisional)
    if years:
        place = where(trigger.origin)
        c.report(logic.PROVISIONAL_FESTIVAL, place, festival=trigger.festivals[0], years=years)
