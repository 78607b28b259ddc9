"""Where the customers of a campaign that gave nothing were lost, clause by clause.

The order is that in which a campaign is decided: its active period and trigger; what the warehouse
is asked (`compiler.sql.funnel`); past grants; what the ledger says, from the control group to the
caps. A run that reached the ledger counts decisions, all else counts customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol, get_args
from zoneinfo import ZoneInfo

from ..compiler.chance import NO_SEEDS, Seeds
from ..compiler.expressions import Origin
from ..compiler.plan import Campaign, Plan
from ..compiler.sql.due import Due
from ..compiler.sql.funnel import MOST, Asks, asks_of, funnel
from ..compiler.sql.needs import Index
from ..dsl.diagnostics import CannotRun, Diagnostic
from .clauses import active
from .decisions import Outcome
from .drawing import ask
from .periods import Period
from .readings import count_customers
from .schedule import clipped
from .warehouse import Answer, Warehouse

Kind = Literal[
    "customers",
    "eligible",
    "trigger",
    "stage",
    "audience",
    "exclusive",
    "compliance",
    "reward",
    "recipient",
    "decisions",
    "decided_before",
    "holdout",
    "cap",
]
"""`eligible` are those who met all that the warehouse is asked, `decisions` all that came up."""
Reason = Literal["lost", "not_active", "not_due", "up_to_date", "not_counted"]


@dataclass(frozen=True, slots=True)
class Left:
    """How many are left after a clause. `outcome`: the ledger's, of those who are not."""

    kind: Kind
    origin: Origin
    count: int
    of: Literal["customers", "decisions"] = "customers"
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a campaign gave nothing.

    `lost`: its customers were lost at a clause of `left`, which goes from the clause that is met
    first to the one after which nobody is left. Otherwise `clause` says what kept it from being
    due, or `problem` why nobody could be counted. `at`: the last instant of its schedule, whose
    customers are counted.
    """

    reason: Reason
    left: tuple[Left, ...] = ()
    clause: Origin | None = None
    at: datetime | None = None
    problem: Diagnostic | None = None


class Became(Protocol):
    """What a run knows of the decisions of a campaign."""

    @property
    def looked(self) -> int:
        """Decisions that came up."""

    @property
    def repeated(self) -> int:
        """Those of them that had been taken before."""

    @property
    def refused(self) -> Mapping[tuple[Outcome, str | None], int]:
        """Of the others, how many were refused, by outcome and account."""


# --- conditions in their order ------------------------------------------------------------------


def clauses(campaign: Campaign, asks: Asks) -> Iterator[tuple[Kind, Origin]]:
    """What the warehouse is asked of a campaign, and where it was written, in `Asks`' order."""
    yield from ((one.clause, one.origins[0]) for one in asks.demands)
    reward = campaign.steps[0].reward
    if reward is not None and asks.gives:
        yield "reward", reward.origin
    if reward is not None and reward.recipient is not None:
        yield "recipient", reward.recipient.origin or reward.origin


# --- campaigns that gave nothing ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silent:
    """A campaign that gave nothing. `due`: what of it was looked at, if anything.

    `gate`: how many customers met all that the warehouse is asked, and then each condition on past
    grants; empty without such conditions.
    """

    campaign: Campaign
    period: Period
    due: Due | None
    became: Became
    gate: tuple[int, ...]


def why_nothing(
    plan: Plan, warehouse: Warehouse, silent: Sequence[Silent], seeds: Seeds = NO_SEEDS
) -> dict[str, Nothing]:
    """Why these campaigns gave nothing, by name. What cannot be counted says so."""
    index = Index(plan)
    found: dict[str, Nothing] = {}
    asked: dict[str, Due] = {}
    for one in silent:
        name = one.campaign.name
        if one.became.looked:
            found[name] = Nothing("lost", tuple(_decided(plan, one)))
        elif one.due is None:
            found[name] = _not_due(plan, one)
        elif any(one.gate):
            found[name] = Nothing("lost", tuple(_at_gate(index, one)))
        else:
            asked[name] = _last(one.due)
    if asked:
        found |= _counted(_Asking(index, warehouse, seeds), asked)
    return found


def _not_due(plan: Plan, one: Silent) -> Nothing:
    campaign, period = one.campaign, one.period
    if period.start > period.end:
        return Nothing("up_to_date")
    first, last = clipped(campaign, period.start, period.end)
    if first > last:
        text = active(ZoneInfo(plan.time_zone), campaign)
        return Nothing("not_active", clause=replace(campaign.origin, text=text))
    return Nothing("not_due", clause=campaign.steps[0].trigger.origin)


def _last(due: Due) -> Due:
    """Of a schedule the last instant: the others would be as many readings of all customers."""
    if not due.instants:
        return due
    last = due.instants[-1]
    return Due(last, last, (last,))


# --- what the warehouse says --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asking:
    """What the counting query is asked with."""

    index: Index
    warehouse: Warehouse
    seeds: Seeds

    def ask(self, dues: Mapping[str, Due]) -> Answer:
        """The counts of these campaigns."""
        query = funnel(self.index.plan, dues, self.warehouse.dialect.name)
        return ask(self.warehouse, self.index.plan, query, self.seeds)


def _counted(asking: _Asking, dues: Mapping[str, Due]) -> Iterator[tuple[str, Nothing]]:
    """Of each campaign how many customers are left after which condition."""
    try:
        everybody = count_customers(asking.index.plan, asking.warehouse)
    except CannotRun as error:
        yield from ((name, Nothing("not_counted", problem=error.diagnostic)) for name in dues)
        return
    names = list(dues)
    for first in range(0, len(names), MOST):
        some = {name: dues[name] for name in names[first : first + MOST]}
        yield from _answers(asking, some, everybody)


def _answers(
    asking: _Asking, dues: Mapping[str, Due], everybody: int
) -> Iterator[tuple[str, Nothing]]:
    """The answers of one query; where it fails, of one for each campaign."""
    passed: dict[str, dict[int, int]] = {name: {} for name in dues}
    try:
        answer = asking.ask(dues)
        for name, met, count in answer.rows():
            passed[name][int(met)] = int(count)
    except CannotRun as error:
        if len(dues) == 1:
            yield from ((name, Nothing("not_counted", problem=error.diagnostic)) for name in dues)
            return
        for name, due in dues.items():
            yield from _answers(asking, {name: due}, everybody)
        return
    index = asking.index
    for name, due in dues.items():
        campaign = index.campaign(name)
        left = tuple(_until_lost(_of_warehouse(index, campaign, passed[name], everybody)))
        at = due.instants[-1] if due.instants else None
        yield name, Nothing("lost" if left[-1].count == 0 else "not_counted", left, at=at)


def _of_warehouse(
    index: Index, campaign: Campaign, passed: Mapping[int, int], everybody: int
) -> Iterator[Left]:
    yield Left("customers", index.plan.customers.origin, everybody)
    yield Left("trigger", campaign.steps[0].trigger.origin, sum(passed.values()))
    for place, (kind, origin) in enumerate(clauses(campaign, asks_of(index, campaign)), start=1):
        yield Left(kind, origin, sum(count for met, count in passed.items() if met >= place))


def _until_lost(every: Iterable[Left]) -> Iterator[Left]:
    for one in every:
        yield one
        if not one.count:
            return


# --- what past grants and the ledger say --------------------------------------------------------


def _at_gate(index: Index, one: Silent) -> Iterator[Left]:
    """Those whom past grants kept from a decision."""
    first, *others = one.gate
    every = [Left("eligible", one.campaign.origin, first)]
    gate = asks_of(index, one.campaign).gate
    for demand, count in zip(gate, others, strict=True):
        every.append(Left(demand.clause, demand.origins[0], count))
    return _until_lost(every)


def _decided(plan: Plan, one: Silent) -> Iterator[Left]:
    """What became of the decisions that came up, in the order of the ledger's checks."""
    campaign, became, left = one.campaign, one.became, one.became.looked
    origin = campaign.origin
    yield Left("decisions", origin, left, "decisions")
    if became.repeated:
        left -= became.repeated
        yield Left("decided_before", origin, left, "decisions")
    accounts = [account.id for account in plan.accounts]
    order = {name: place for place, name in enumerate(accounts)}

    def turn(refused: tuple[Outcome, str | None]) -> tuple[int, int]:
        outcome, account = refused
        return _PRECEDENCE.index(outcome), order.get(account or "", -1)

    for outcome, account in sorted(became.refused, key=turn):
        left -= became.refused[outcome, account]
        kind, clause = refusal(plan, campaign, outcome, account)
        yield Left(kind, clause, left, "decisions", outcome)


def refusal(
    plan: Plan, campaign: Campaign, outcome: Outcome, account: str | None
) -> tuple[Kind, Origin]:
    """The clause by which the ledger refused a decision."""
    if outcome == "held_out":
        percent = (campaign.holdout * 100).normalize()
        return "holdout", replace(campaign.origin, text=f"holdout {percent:f}%")
    origins = (one.origin for one in plan.accounts if one.id == account)
    reward = campaign.steps[0].reward
    return "cap", next(origins, campaign.origin if reward is None else reward.origin)


_PRECEDENCE: tuple[Outcome, ...] = get_args(Outcome)
