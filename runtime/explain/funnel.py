"""The funnel of a campaign that gave nothing: how many customers pass each clause.

Clauses come in the order of a decision:

1. active period and trigger;
2. the warehouse's conditions (`compiler.sql.all.funnel`);
3. conditions on past grants;
4. the ledger's checks, from the control group to the caps.

If the run made decisions, decisions are counted, otherwise customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol, get_args
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan, Step, Trigger, WalletTrigger
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.demands import Index
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import Origin
from ...compiler.plan.steps import Dues, StepKey, step_of
from ...compiler.sql.all.funnel import Asks, asks_of, funnel, parts
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic
from ..decide.decisions import Outcome
from ..due.periods import Period
from ..due.readings import count_customers
from ..due.schedule import clipped
from ..warehouse.contract import Warehouse
from ..warehouse.seeded import ask
from .clauses import active

Kind = Literal[
    "customers",
    "eligible",
    "trigger",
    "stage",
    "audience",
    "exclusive",
    "while",
    "if",
    "compliance",
    "reward",
    "recipient",
    "decisions",
    "decided_before",
    "key",
    "holdout",
    "cap",
]
"""`eligible` customers met all conditions of the warehouse; `decisions` are all that came up."""
Reason = Literal["lost", "not_active", "not_due", "not_reached", "up_to_date", "not_counted"]

RETRIED = 20
"""The most campaigns that are counted one by one after the query for all of them failed."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """The number left after a clause. `outcome` is the ledger's, for those who were lost."""

    kind: Kind
    origin: Origin
    count: int
    of: Literal["customers", "decisions"] = "customers"
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The reason why a campaign gave nothing.

    If `reason` is `lost`, `left` lists the clauses from the first to the one that nobody passed.
    Otherwise `clause` is the one that kept the campaign from being due, or `problem` says why
    nobody could be counted. `at` is the last instant of a schedule, whose customers are counted.
    """

    reason: Reason
    left: tuple[Remaining, ...] = ()
    clause: Origin | None = None
    at: datetime | None = None
    problem: Diagnostic | None = None


class DecisionCounts(Protocol):
    """The counts of a campaign's decisions in a run."""

    @property
    def looked(self) -> int:
        """The decisions that came up."""

    @property
    def repeated(self) -> int:
        """The decisions that had been made before."""

    @property
    def refused(self) -> Mapping[tuple[Outcome, str | None], int]:
        """The other decisions that were refused, by outcome and account."""


# --- conditions in their order ------------------------------------------------------------------


def clauses(step: Step, asks: Asks) -> Iterator[tuple[Kind, Origin]]:
    """Yield the conditions of a step that the warehouse answers, and their origins."""
    yield from ((one.clause, one.origins[0]) for one in asks.demands)
    reward = step.reward
    if reward is not None and asks.gives:
        yield "reward", reward.origin
    if reward is not None and reward.recipient is not None:
        yield "recipient", reward.recipient.origin or reward.origin


# --- campaigns that gave nothing ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepWithoutGrants:
    """A step that gave nothing. `due`: the work that the run read for it, if any.

    `gate` counts the customers who met at least 0, 1, 2, … of the conditions on past grants. It is
    empty without such conditions.
    """

    period: Period
    due: Due | None
    counts: DecisionCounts
    gate: tuple[int, ...]

    @property
    def campaign(self) -> Campaign:
        """The step's campaign."""
        return self.period.campaign


def why_nothing(
    plan: Plan, warehouse: Warehouse, silent: Sequence[StepWithoutGrants], seeds: Seeds = NO_SEEDS
) -> dict[StepKey, Nothing]:
    """Why these steps gave nothing. What cannot be counted says so."""
    index = Index(plan)
    found: dict[StepKey, Nothing] = {}
    asked: dict[StepKey, Due] = {}
    for one in silent:
        key = one.period.key
        if one.counts.looked:
            left = decided(plan, one.campaign, one.period.step, one.counts)
            found[key] = Nothing("lost", tuple(left))
        elif one.due is None or isinstance(_brings(one.period), WalletTrigger):
            found[key] = not_due(plan, one.period)
        elif any(one.gate):
            found[key] = Nothing("lost", tuple(_at_gate(index, one)))
        else:
            asked[key] = _last(one.due)
    if asked:
        found |= _counted(_CountingQuery(index, warehouse, seeds), asked)
    return found


def _brings(period: Period) -> Trigger:
    """The trigger that brings a step, or the journey that it is a later step of."""
    campaign, step = period.campaign, period.step
    return (campaign.steps[0] if step.follows is not None else step).trigger


def not_due(plan: Plan, period: Period) -> Nothing:
    """The reason why nothing of a step is due in its period."""
    campaign = period.campaign
    if period.start > period.end:
        return Nothing("up_to_date")
    first, last = clipped(campaign, period.start, period.end)
    if first > last:
        text = active(ZoneInfo(plan.time_zone), campaign)
        return Nothing("not_active", clause=replace(campaign.origin, text=text))
    trigger = _brings(period)
    reason: Reason = "not_reached" if isinstance(trigger, WalletTrigger) else "not_due"
    return Nothing(reason, clause=trigger.origin)


def _last(due: Due) -> Due:
    """Return the last instant of a schedule; each further one would scan all customers again."""
    if not due.every:
        return due
    last = due.every[-1]
    again = None if due.again is None or due.instants else replace(due.again, instants=(last,))
    return Due(last, last, () if again else (last,), again=again)


# --- what the warehouse says --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _CountingQuery:
    """The parameters of the counting query."""

    index: Index
    warehouse: Warehouse
    seeds: Seeds

    def counts(self, dues: Dues) -> dict[StepKey, list[int]]:
        """Count the customers of each step who met no condition, one, two and so on."""
        plan, found = self.index.plan, {key: list[int]() for key in dues}
        asked = funnel(plan, dues, self.warehouse.dialect.name)
        (row,) = ask(self.warehouse, plan, asked.query, self.seeds).rows()
        for (key, _), count in zip(asked.counts, row, strict=True):
            found[key].append(int(count))
        return found


def _counted(query: _CountingQuery, dues: Dues) -> Iterator[tuple[StepKey, Nothing]]:
    """Yield each step with the number of customers left after each condition."""
    counted, *skipped = parts(query.index, dues)
    try:
        everybody = count_customers(query.index.plan, query.warehouse)
        yield from _answers(query, counted, everybody)
    except CannotRun as error:
        tried = RETRIED if len(counted) > 1 else 0
        for place, (key, due) in enumerate(counted.items()):
            if place < tried:
                yield _alone(query, key, due)
            else:
                yield key, Nothing("not_counted", problem=error.diagnostic)
    yield from ((key, Nothing("not_counted")) for part in skipped for key in part)


def _alone(query: _CountingQuery, key: StepKey, due: Due) -> tuple[StepKey, Nothing]:
    """The answer for one step, after the query for many has failed."""
    try:
        everybody = count_customers(query.index.plan, query.warehouse)
        (answer,) = _answers(query, {key: due}, everybody)
    except CannotRun as error:
        return key, Nothing("not_counted", problem=error.diagnostic)
    return answer


def _answers(
    query: _CountingQuery, dues: Dues, everybody: int
) -> Iterator[tuple[StepKey, Nothing]]:
    """The answers of one query."""
    index, passed = query.index, query.counts(dues)
    for key, due in dues.items():
        left = tuple(_until_lost(of_warehouse(index, key, passed[key], everybody)))
        at = due.every[-1] if due.every else None
        yield key, Nothing("lost" if left[-1].count == 0 else "not_counted", left, at=at)


def of_warehouse(
    index: Index, key: StepKey, passed: Sequence[int], everybody: int
) -> Iterator[Remaining]:
    """Yield the customers who are left after each condition that the warehouse answers."""
    came, *others = passed
    campaign = index.campaign(key.campaign)
    step = step_of(campaign, key.step)
    yield Remaining("customers", index.plan.customers.origin, everybody)
    yield Remaining("trigger", step.trigger.origin, came)
    every = clauses(step, asks_of(index, campaign, step.name))
    yield from (Remaining(*each, count) for each, count in zip(every, others, strict=True))


def _until_lost(every: Iterable[Remaining]) -> Iterator[Remaining]:
    for one in every:
        yield one
        if not one.count:
            return


# --- what past grants and the ledger say --------------------------------------------------------


def _at_gate(index: Index, one: StepWithoutGrants) -> Iterator[Remaining]:
    """Return the counts at the conditions on past grants."""
    return _until_lost(at_gate(index, one.campaign, one.period.step, one.gate))


def at_gate(
    index: Index, campaign: Campaign, step: Step, counts: Sequence[int]
) -> Iterator[Remaining]:
    """Yield the customers who come to the conditions on past grants, and are left after each."""
    first, *others = counts
    yield Remaining("eligible", campaign.origin, first)
    gate = asks_of(index, campaign, step.name).gate
    for demand, count in zip(gate, others, strict=True):
        yield Remaining(demand.clause, demand.origins[0], count)


def decided(
    plan: Plan, campaign: Campaign, step: Step, counts: DecisionCounts
) -> Iterator[Remaining]:
    """Yield the counts of decisions, in the order of the ledger's checks."""
    left = counts.looked
    origin = campaign.origin
    yield Remaining("decisions", origin, left, "decisions")
    if counts.repeated:
        left -= counts.repeated
        yield Remaining("decided_before", origin, left, "decisions")
    accounts = [account.id for account in plan.accounts]
    order = {name: place for place, name in enumerate(accounts)}

    def turn(refused: tuple[Outcome, str | None]) -> tuple[int, int]:
        outcome, account = refused
        return _PRECEDENCE.index(outcome), order.get(account or "", -1)

    for outcome, account in sorted(counts.refused, key=turn):
        left -= counts.refused[outcome, account]
        kind, clause = refusal(plan, campaign, step, outcome, account)
        yield Remaining(kind, clause, left, "decisions", outcome)


def refusal(
    plan: Plan, campaign: Campaign, step: Step, outcome: Outcome, account: str | None
) -> tuple[Kind, Origin]:
    """Return the clause by which the ledger refused a decision."""
    if outcome == "other_customer":
        return "key", step.trigger.origin
    if outcome == "held_out":
        parts = (campaign.holdout, campaign.project_holdout)
        told = " or ".join(f"holdout {(part * 100).normalize():f}%" for part in parts if part)
        return "holdout", replace(campaign.origin, text=told)
    if outcome == "not_reached":
        return "trigger", step.trigger.origin
    if outcome == "already_inside" and campaign.journey is not None:
        return "trigger", replace(campaign.journey.origin, text="one at a time")
    if outcome == "reversed" and campaign.reversal is not None:
        return "cap", campaign.reversal.origin
    origins = (one.origin for one in plan.accounts if one.id == account)
    reward = step.reward
    return "cap", next(origins, campaign.origin if reward is None else reward.origin)


_PRECEDENCE: tuple[Outcome, ...] = get_args(Outcome)
