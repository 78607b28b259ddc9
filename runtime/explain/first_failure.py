"""The clause that lost a customer: the first that failed, in the order of a decision.

The order is that of `funnel`. So this clause never comes after the one at which a run lost the
campaign's last customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...compiler.plan.demands import Demand, Index
from ...compiler.sql.all.funnel import Asks, asks_of
from ..decide.decisions import Outcome
from ..decide.facts import CustomerRows
from .brief import (
    active_period,
    entering_clauses,
    gives,
    group_clauses,
    holdout_clause,
    opening_clauses,
    pattern_clauses,
    reader_of,
    recipient_clauses,
    reward_clauses,
    task_clauses,
    timer_clauses,
    trigger_clauses,
)
from .cases import Case
from .clauses import Clause, Reader, clause
from .funnel import refusal


def refused(
    case: Case, outcome: Outcome, account: str | None, caps: Sequence[Clause]
) -> Clause | None:
    """Return the clause by which the ledger refused the decision; `None` if it did not."""
    if outcome in ("granted", "reached", "left"):
        return None
    if outcome == "held_out":
        return holdout_clause(case)
    if outcome == "already_granted":
        return clause(case.step.trigger.origin, False)
    failed = (one for one in caps if one.held is False and one.depth == 0)
    _, origin = refusal(case.plan, case.campaign, case.step, outcome, account)
    return next(failed, clause(origin, False))


def ineligible(case: Case, rows: CustomerRows, ticket: str) -> Clause | None:
    """Return the first clause that failed before the ledger's checks; `None` if none did."""
    return next((one for one in _in_order(case, rows, ticket) if one.held is False), None)


def _in_order(case: Case, rows: CustomerRows, ticket: str) -> Iterator[Clause]:
    """Every clause in the order of a decision. Past grants come last."""
    reader, asks = reader_of(case), asks_of(Index(case.plan), case.campaign, case.step.name)
    yield from active_period(case)
    if not case.came:
        yield from _first(trigger_clauses(case, reader, rows))
    yield from opening_clauses(case)
    yield from group_clauses(case, reader, rows)
    yield from pattern_clauses(case, rows)
    if case.came:
        yield from timer_clauses(case, rows)
        yield from entering_clauses(case, rows)
    yield from _of(reader, asks.demands)
    yield from task_clauses(case)
    yield from _of_reward(case, reader, asks, ticket)
    yield from _of(reader, asks.gate)


def _of(reader: Reader, demands: Iterable[Demand]) -> Iterator[Clause]:
    for one in demands:
        condition = one.condition
        yield clause(one.origins[0], reader.holds(condition), reader.values(condition))


def _of_reward(case: Case, reader: Reader, asks: Asks, ticket: str) -> Iterator[Clause]:
    """Yield the reward's clause, or the recipient's if that is the one that failed."""
    reward = case.step.reward
    if reward is None:
        return
    every = list(recipient_clauses(case, reward))
    whole = next(reward_clauses(case, reward, reader, ticket))
    if asks.names and whole.held is False and gives(case, reward, ticket):
        origin = (reward.recipient and reward.recipient.origin) or reward.origin
        failed = (one for one in every if one.held is False)
        yield next(failed, clause(origin, False, reader.values(reward.recipient)))
    else:
        yield whole


def _first(clauses: Iterator[Clause]) -> Iterator[Clause]:
    yield next(clauses)
