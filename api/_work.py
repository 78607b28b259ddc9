"""Work on a project's warehouse and ledger: a run, and what the ledger has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from ._periods import Instant, refuse_ahead, work_of
from ._projects import Project, faults
from ._projects import plan as compile_plan
from ._results import CampaignResult, Mistakes, RunResult, refuse_mistakes
from .cli.projects import require_kept
from .cli.resources import channels_of, ledger_of, seeds_of, warehouse_of
from .compiler.compile import compile_project
from .compiler.deployed.misfits import misfits
from .compiler.plan import Plan
from .compiler.plan.plan_json import digest
from .compiler.project.settings import load_settings
from .dsl.diagnostics.diagnostic import Diagnostic, has_errors
from .runtime.ledger.contract import BudgetRow, ClaimRow, GrantRow, Ledger, OfferRow
from .runtime.ledger.holders import WalletRow
from .runtime.run.report import CampaignReport, RunReport
from .runtime.run.run import run as carry_out
from .runtime.run.work import Work
from .runtime.warehouse.check import Unfit

__all__ = [
    "BudgetRow",
    "ClaimRow",
    "GrantRow",
    "LedgerView",
    "OfferRow",
    "WalletRow",
    "ledger",
    "run",
]


def run(
    project: Project,
    plan: Plan | None = None,
    *,
    at: Instant | None = None,
    start: Instant | None = None,
    end: Instant | None = None,
    dry_run: bool = False,
    even_in_the_future: bool = False,
) -> RunResult:
    """Carry out what is due: up to an instant, or in a period with both ends in it.

    It is `campaigner run`, and running it again grants nothing twice. `dry_run` works on a copy of
    the ledger: nothing is kept and nothing delivered. `plan` is carried out in place of the
    project's own, under the project's settings, with which it must have been made. `Mistakes` if
    the project or its warehouse has errors. `CannotRun` if something cannot be opened, or if the
    period ends later than the clock without `even_in_the_future`.
    """
    compiled = compile_plan(project) if plan is None else _deployed(plan, project)
    period = work_of(at, start, end, compiled.time_zone)
    if not dry_run and not even_in_the_future:
        refuse_ahead(period, at, end, compiled.time_zone)
    hidden = project.secrets.hidden
    seeds = seeds_of(project, compiled)
    try:
        with (
            faults(),
            warehouse_of(project) as warehouse,
            ledger_of(project, "read" if dry_run else "write") as opened,
        ):
            channels, share = channels_of(project), project.config.bad_share
            work = Work(compiled, digest(compiled), warehouse, opened, channels, share, seeds)
            report = carry_out(work, period, dry_run=dry_run)
    except Unfit as unfit:
        raise Mistakes(tuple(map(hidden, unfit.diagnostics))) from None
    return _result(report, tuple(map(hidden, report.warnings)))


def _deployed(plan: Plan, project: Project) -> Plan:
    settings = load_settings(project.root)
    refuse_mistakes(settings.diagnostics)
    refuse_mistakes(misfits(plan, settings))
    return plan


def _result(report: RunReport, warnings: tuple[Diagnostic, ...]) -> RunResult:
    done = report.delivered
    return RunResult(
        report.start,
        report.end,
        report.rehearsed,
        tuple(map(_campaign, report.campaigns)),
        report.ended,
        {one.table: one.count for one in report.left_out},
        _counts(done.delivered.items()),
        _counts(done.suppressed.items()),
        _counts(done.failed.items()),
        _counts(done.dead.items()),
        _counts(report.waiting.items()),
        warnings,
    )


def _campaign(report: CampaignReport) -> CampaignResult:
    return CampaignResult(
        report.campaign,
        report.step,
        report.looked,
        report.reached,
        report.granted,
        report.repeated,
        report.changed,
        _counts(report.outcomes.items()),
        _counts(report.claims.items()),
        _counts(report.kept_back.items()),
        report.spent,
        report.budget,
        report.left,
    )


def _counts(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts) if count}


@contextmanager
def ledger(project: Project) -> Iterator[LedgerView]:
    """The project's ledger, open for reading; one that is not there yet is empty.

    `CannotRun` if it cannot be opened. Grants are made and changed by `run` and by the commands of
    `campaigner ledger`.
    """
    with faults(), ledger_of(project) as opened:
        yield LedgerView(project, opened)


class LedgerView:
    """The contents of a project's ledger, read only. Each method may raise `CannotRun`.

    A campaign is named as in its file; one that the project does not have any more, as the ledger
    has it.
    """

    def __init__(self, project: Project, ledger: Ledger) -> None:
        self._project = project
        self._ledger = ledger

    def grants(self, campaign: str | None = None) -> Iterator[GrantRow]:
        """The grants, a row a reward line, by instant."""
        return self._ledger.grants(self._campaign_in_ledger(campaign))

    def budgets(self, campaign: str | None = None) -> list[BudgetRow]:
        """The amounts spent and left of every budget, limit and stock.

        If the project has mistakes, the caps are those that the ledger last charged.
        """
        return self._ledger.budgets(self._plan(), self._campaign_in_ledger(campaign))

    def balances(self, customer: str | None = None) -> Iterator[WalletRow]:
        """The wallets of customers; pending amounts arrive later than now."""
        return self._ledger.balances(customer, datetime.now(UTC))

    def offers(self, customer: str | None = None) -> Iterator[OfferRow]:
        """Offers that nothing was chosen from yet, by their end."""
        return self._ledger.offers(customer)

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """Events that claimed, and what became of them, by instant."""
        return self._ledger.claims(self._campaign_in_ledger(campaign), customer)

    def outcomes(self) -> Mapping[tuple[str, str], int]:
        """The number of decisions by campaign and outcome."""
        return {
            (name, outcome): count for (name, outcome), count in self._ledger.outcomes().items()
        }

    def verify(self) -> tuple[Diagnostic, ...]:
        """Whether all adds up and is as it was written: empty, or every finding."""
        return tuple(map(self._project.secrets.hidden, self._ledger.verify()))

    def _campaign_in_ledger(self, campaign: str | None) -> str | None:
        return require_kept(self._project, self._ledger, campaign)

    def _plan(self) -> Plan | None:
        compiled = compile_project(self._project)
        found = [one for one in compiled.diagnostics if one not in compiled.of_scenarios]
        return None if has_errors(found) else compiled.plan
