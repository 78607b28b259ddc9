"""The preview: what a run over a period would do, clause by clause, and nothing is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations, pairwise

from ...compiler.plan import Campaign, EnteringTrigger, Plan, Schedule, Step
from ...compiler.plan.demands import Index
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import Origin
from ...compiler.plan.steps import StepKey, checks_of, shown_name
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..due.periods import Between, Period, periods
from ..due.readings import count_customers
from ..due.schedule import due
from ..explain.funnel import (
    Nothing,
    Remaining,
    at_gate,
    decided,
    not_due,
    of_warehouse,
)
from ..ledger.contract import GrantRow
from ..run.report import CampaignReport
from ..run.run import run
from ..run.work import Work
from ..warehouse.bad_rows import Sound, sound
from ..warehouse.check import used_events
from .counting import Counting, Line
from .groups import Group, asking, conditions_of, groups_of

SAMPLES = 10
"""The most keys that are shown of a clause."""


@dataclass(frozen=True, slots=True)
class StepPreview:
    """The clauses of a step with the customers that each leaves, and what it would grant.

    `nothing` is the reason if nothing of it is due. `granted` counts decisions, `reached` their
    recipients. `cost` is in the project's currency.
    """

    key: StepKey
    shown: str
    label: str
    lines: tuple[Line, ...]
    granted: int
    reached: int
    cost: Decimal
    nothing: Nothing | None = None


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """A stage or an audience: how many are in it, condition by condition."""

    group: Group
    lines: tuple[Line, ...]

    @property
    def size(self) -> int:
        """The number of its customers."""
        return self.lines[-1].left


@dataclass(frozen=True, slots=True)
class Overlap:
    """The customers who get something of each of these campaigns."""

    campaigns: tuple[str, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The effects of a run of [start, end] (instants in UTC). Stages and audiences are of `end`.

    `several`: the customers who get something of more than one campaign. `overlaps`: of each two.
    """

    start: datetime
    end: datetime
    customers: int
    steps: tuple[StepPreview, ...]
    groups: tuple[GroupPreview, ...]
    several: int
    overlaps: tuple[Overlap, ...]
    grants: tuple[GrantRow, ...]
    warnings: tuple[Diagnostic, ...]


def preview(work: Work, between: Between, *, keys: bool = False) -> Preview:
    """Look ahead at a period. With `keys`, each clause has the first customers who are left.

    Raise `Unfit` (a `CannotRun`) if the warehouse does not match the catalog.
    """
    rows = _sound(work)
    opened = replace(work, plan=rows.opened(work.warehouse))
    found = tuple(
        one
        for one in periods(opened.plan, between, work.ledger)
        if work.only in (None, one.campaign.name)
    )
    dues = dict(_dues(opened.plan, found))
    groups = groups_of(opened.plan)
    counted = _Counted.of(opened, dues, groups, between.end, SAMPLES if keys else 0)
    report = run(replace(work, observes=True, sound=rows), between, dry_run=True)
    reports = {one.key: one for one in report.campaigns}
    grants = report.grants or ()
    granted = _by_step(grants)
    steps = tuple(
        _step(opened.plan, one, counted, reports[one.key], granted[one.key], keys) for one in found
    )
    several, overlaps = _overlaps(grants)
    return Preview(
        between.start,
        between.end,
        counted.everybody,
        steps,
        tuple(_group(opened.plan, one, counted, between.end) for one in groups),
        several,
        overlaps,
        grants,
        report.warnings,
    )


def preview_group(work: Work, group: Group, at: datetime, *, keys: int | None = 0) -> GroupPreview:
    """One audience or stage at an instant, without campaigns.

    Each clause has the first so many customers who are left; `None`: all of them.
    """
    opened = replace(work, plan=_sound(work).opened(work.warehouse))
    counted = _Counted.of(opened, {}, (group,), at, keys)
    return _group(opened.plan, group, counted, at)


def _sound(work: Work) -> Sound:
    """The rows of the warehouse that a run would read."""
    return sound(work.warehouse, work.plan, used_events(work.plan), work.bad_share)


def _dues(plan: Plan, found: Iterable[Period]) -> Iterator[tuple[StepKey, Due]]:
    """The steps of which something is due; what wallets fire is in no warehouse."""
    for one in found:
        if one.start > one.end:
            continue
        name, step = one.key
        stretch = due(plan, name, one.start, one.end, step=step, entered=one.entered)
        if stretch.every or (_reads_moments(one.step) and stretch.start <= stretch.end):
            yield one.key, stretch


def _reads_moments(step: Step) -> bool:
    """Whether its occasions are moments of customers, not instants of a schedule."""
    return not isinstance(step.trigger, Schedule) and step.trigger.kind != "wallet"


@dataclass(frozen=True, slots=True)
class _Counted:
    """The answers of the counting query."""

    index: Index
    everybody: int
    counts: Mapping[StepKey, Sequence[int]]
    keys: Mapping[tuple[StepKey, int], tuple[str, ...]]

    @classmethod
    def of(
        cls,
        work: Work,
        dues: Mapping[StepKey, Due],
        groups: tuple[Group, ...],
        at: datetime,
        samples: int | None,
    ) -> _Counted:
        """Ask for the campaigns and the groups together."""
        plan, more = asking(work.plan, groups, at)
        everything = {**dues, **more}
        counting = Counting(plan, work.warehouse, work.seeds)
        counts = counting.counts(everything) if everything else {}
        keys = {} if samples == 0 else counting.keys(everything, counts, samples)
        return cls(Index(work.plan), count_customers(work.plan, work.warehouse), counts, keys)

    def lines(self, key: StepKey, left: Iterable[Remaining]) -> list[Line]:
        """The lines of a step that is due: everybody, then those of each count."""
        return [
            Line(one.kind, one.origin, one.count, keys=self.keys.get((key, place - 1), ()))
            for place, one in enumerate(left)
        ]


# --- campaigns ----------------------------------------------------------------------------------


def _step(
    plan: Plan,
    period: Period,
    counted: _Counted,
    report: CampaignReport,
    granted: Sequence[GrantRow],
    with_keys: bool,
) -> StepPreview:
    campaign, step, key = period.campaign, period.step, period.key
    lines: list[Line] = []
    nothing = None
    if key in counted.counts:
        left = of_warehouse(counted.index, key, counted.counts[key], counted.everybody)
        lines = _in_order_of_brief(step, counted.lines(key, left))
    elif step.trigger.kind != "wallet":
        nothing = not_due(plan, period)
    if report.gate:
        at_the_gate = list(at_gate(counted.index, campaign, step, report.gate))
        lines += [Line(one.kind, one.origin, one.count) for one in at_the_gate[1:]]
    if report.looked:
        lines += _of_ledger(plan, campaign, step, report)
    recipients = sorted({row.recipient for row in granted})
    shown = tuple(recipients[:SAMPLES]) if with_keys else ()
    last = Line("granted", _reward(step), report.granted, "decisions", keys=shown)
    if step.gives_nothing:
        moments = report.outcomes["reached"] + report.outcomes["left"]
        last = Line("reached", step.origin, moments, "decisions")
    return StepPreview(
        key,
        shown_name(campaign, step.name),
        campaign.label,
        tuple(_with_policies(campaign, step, _with_losses([*lines, last]))),
        report.granted,
        len(recipients),
        sum((row.cost for row in granted), Decimal(0)),
        nothing,
    )


def _reward(step: Step) -> Origin:
    return step.origin if step.reward is None else step.reward.origin


def _in_order_of_brief(step: Step, lines: list[Line]) -> list[Line]:
    """Stage and audience before a schedule at which everybody is asked, as a brief has them."""
    everybody, trigger, *others = lines
    is_schedule = isinstance(step.trigger, Schedule) and not isinstance(
        step.trigger, EnteringTrigger
    )
    if not is_schedule or trigger.left != everybody.left:
        return lines
    before = [one for one in others if one.kind in ("stage", "audience")]
    if others[: len(before)] != before:
        return lines
    last = before[-1] if before else everybody
    asked = replace(trigger, left=last.left, keys=last.keys)
    return [replace(everybody, keys=trigger.keys), *before, asked, *others[len(before) :]]


def _of_ledger(
    plan: Plan, campaign: Campaign, step: Step, report: CampaignReport
) -> Iterator[Line]:
    """The decisions that came up, and those that each check of the ledger leaves."""
    accounts = {one.origin: one.id for one in plan.accounts}
    for one in decided(plan, campaign, step, report):
        account = accounts.get(one.origin) if one.kind == "cap" else None
        yield Line(one.kind, one.origin, one.count, "decisions", account=account)


def _with_losses(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with what each loses of those before it that count the same."""
    if lines:
        yield lines[0]
    for before, line in pairwise(lines):
        lost = before.left - line.left if before.of == line.of else None
        yield replace(line, lost=lost)


def _with_policies(campaign: Campaign, step: Step, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with the policy that demands each condition of compliance."""
    checks = checks_of(campaign, step)
    for line in lines:
        if line.kind != "compliance":
            yield line
            continue
        places = [(one.policy, one.origin) for one in checks]
        found = (name for name, at in places if _is_within(line.origin, at))
        yield replace(line, policy=next(found, None))


def _is_within(inner: Origin, outer: Origin) -> bool:
    same = inner.file == outer.file and inner.text in outer.text
    return same and (inner.line, inner.column) >= (outer.line, outer.column)


# --- stages and audiences -----------------------------------------------------------------------


def _group(plan: Plan, group: Group, counted: _Counted, at: datetime) -> GroupPreview:
    came, *others = counted.counts[group.key]
    left = [Remaining("customers", plan.customers.origin, came)]
    asked = conditions_of(plan, group, at)
    left += [
        Remaining(one.clause, one.origins[0], count)
        for one, count in zip(asked, others, strict=True)
    ]
    found = [
        Line(group.kind, one.origin, one.count, keys=counted.keys.get((group.key, place), ()))
        if place
        else Line("customers", one.origin, one.count, keys=counted.keys.get((group.key, 0), ()))
        for place, one in enumerate(left)
    ]
    return GroupPreview(group, tuple(_with_losses(found)))


# --- who gets several ---------------------------------------------------------------------------


def _by_step(grants: Iterable[GrantRow]) -> defaultdict[StepKey, list[GrantRow]]:
    found: defaultdict[StepKey, list[GrantRow]] = defaultdict(list)
    for row in grants:
        found[StepKey(row.campaign, row.step)].append(row)
    return found


def _overlaps(grants: Iterable[GrantRow]) -> tuple[int, tuple[Overlap, ...]]:
    """How many get something of several campaigns, and of which two, the most first."""
    campaigns: defaultdict[str, set[str]] = defaultdict(set)
    for row in grants:
        campaigns[row.recipient].add(row.campaign)
    several = [sorted(each) for each in campaigns.values() if len(each) > 1]
    pairs = Counter(pair for each in several for pair in combinations(each, 2))
    ordered = sorted(pairs.items(), key=lambda one: (-one[1], one[0]))
    return len(several), tuple(Overlap(pair, count) for pair, count in ordered)
