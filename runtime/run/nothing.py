"""The reasons why steps gave nothing in a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ...compiler.plan.steps import Dues
from ..due.periods import Period
from ..explain.funnel import StepWithoutGrants, why_nothing
from .report import CampaignReport
from .work import Work


def with_reasons(
    work: Work,
    found: Sequence[Period],
    dues: Dues,
    every: Sequence[CampaignReport],
    gate: Callable[[CampaignReport], tuple[int, ...]],
    alone: Collection[str],
) -> tuple[CampaignReport, ...]:
    """The report of every step, with the reason if it gave nothing though it was not left alone.

    `gate` counts the customers who came to the conditions on past grants, and met them.
    """
    wanted = {period.key for period in found}
    reports = tuple(report for report in every if report.key in wanted)
    if work.observes:
        return tuple(replace(one, gate=gate(one)) for one in reports)
    if not work.explains:
        return reports
    silent = [
        StepWithoutGrants(period, dues.get(report.key), report, gate(report))
        for period, report in zip(found, reports, strict=True)
        if not report.gave and report.campaign not in alone
    ]
    reasons = why_nothing(work.plan, work.warehouse, silent, work.seeds)
    return tuple(replace(one, nothing=reasons.get(one.key)) for one in reports)
