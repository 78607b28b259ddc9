"""Questions that a plan answers without its project: its queries, and decisions in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ._periods import Instant, period_of
from ._results import Decided, Decision, Reward
from ._rows import Fields, rows_of
from .cli.codes import command_line
from .cli.projects import require_campaign
from .cli.queries import query_of, require_dialect
from .compiler.plan import Plan
from .compiler.plan.chance import NO_SEEDS, Seeds
from .compiler.plan.steps import steps_of
from .dsl.diagnostics.diagnostic import CannotRun, diagnose
from .runtime.decide import reference
from .runtime.decide.decisions import Decision as RuntimeDecision
from .runtime.due.schedule import due


def sql(
    plan: Plan,
    campaign: str | None = None,
    *,
    dialect: str = "duckdb",
    at: Instant | None = None,
    start: Instant | None = None,
    end: Instant | None = None,
) -> str:
    """The query whose rows are the decisions of a campaign in a period, or of all of them.

    It is that of `campaigner sql`. `CannotRun` if there is no such campaign or dialect.
    """
    require_dialect(dialect)
    period = period_of(at, start, end, plan.time_zone)
    chosen = None if campaign is None else require_campaign(plan, campaign)
    return query_of(plan, chosen, period, dialect)


def decide(
    plan: Plan,
    campaign: str | None = None,
    *,
    customers: Mapping[str, Fields],
    events: Iterable[Fields] = (),
    at: Instant | None = None,
    start: Instant | None = None,
    end: Instant | None = None,
    seed: str | None = None,
) -> Decided:
    """The decisions of a campaign in a period, or of all, from rows in memory.

    No warehouse is read, and no ledger is asked: nothing was granted before, and limits and budgets
    do not count. `customers` has the fields of each by key. `events` are in the form of the lines
    of `campaigner events`. A row that cannot be used is left out and named. `seed` is the
    project's, which draws with a seed need. `CannotRun` without one, or if there is no such
    campaign.
    """
    names = set(_campaigns(plan, campaign))
    seeds = _seeds(plan, names, seed)
    period = period_of(at, start, end, plan.time_zone)
    rows, problems = rows_of(plan, customers, events)
    found = [
        (one.at, -each.priority, each.name, place, number, one)
        for place, (key, each, _) in enumerate(steps_of(plan))
        if each.name in names
        for number, one in enumerate(
            reference.decide(
                plan,
                each.name,
                rows,
                due(plan, each.name, period.start, period.end, step=key.step),
                seeds,
                step=key.step,
            )
        )
    ]
    in_order = sorted(found, key=lambda one: one[:-1])
    return Decided(tuple(_decision(one[-1]) for one in in_order), problems)


def _campaigns(plan: Plan, campaign: str | None) -> list[str]:
    if campaign is None:
        return [each.name for each in plan.campaigns]
    return [require_campaign(plan, campaign)]


def _seeds(plan: Plan, names: set[str], seed: str | None) -> Seeds:
    if not plan.seeded or not any(one.draws for one in plan.campaigns if one.name in names):
        return NO_SEEDS
    if not (seed or "").strip():
        raise CannotRun(diagnose(command_line.EMPTY_SEED, None))
    return Seeds(seed)


def _decision(found: RuntimeDecision) -> Decision:
    who = found.identity
    return Decision(
        who.campaign,
        who.step,
        found.customer,
        who.recipient,
        who.occurrence,
        found.at,
        found.deliver_at,
        found.held_out,
        tuple(
            Reward(line.reward, line.amount, line.currency, line.cost, line.expires_at)
            for line in found.lines
        ),
        found.arm,
    )
