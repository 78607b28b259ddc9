"""Explanations: why a customer received, or did not receive, a campaign's reward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ...compiler.plan import Account, Plan, RewardLine
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.steps import shown_name
from ...compiler.plan.types import minor_unit
from ...compiler.plan.values import encode
from ...compiler.rewards.table import kind_of
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import running
from ..decide.charges import Charging
from ..decide.deciding import branch_of, decision_of
from ..decide.decisions import Decision, Outcome
from ..decide.drawing import ticket_of
from ..decide.facts import CustomerRows, Row, named
from ..decide.past_grants import DecisionRow
from .brief import brief
from .cases import Book, Case, find_case
from .clauses import Clause, as_text, clause
from .first_failure import ineligible, refused
from .journey_case import way
from .move_clauses import is_granted_later

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one decision.

    `shown` is the name for people, with the step's if the campaign has several.

    `occurrence` is the decision's; `None` if there was no occasion up to `at`. `decided`: the
    ledger has the outcome; otherwise it is what the ledger would decide now. `lost` is the first
    clause that failed, in the order of a decision; `None` if it was granted.
    """

    campaign: str
    step: str
    shown: str
    customer: str
    at: datetime
    occurrence: str | None
    decided: bool
    outcome: Outcome
    clauses: tuple[Clause, ...]
    lost: Clause | None = None


def explain(
    plan: Plan,
    campaign: str,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    book: Book,
    seeds: Seeds = NO_SEEDS,
    *,
    step: str | None = None,
) -> Explanation:
    """Explain the customer's latest decision of a campaign of the plan, up to `at` (UTC).

    Without `step` it is that of the step that came up last.

    For an event trigger, that is the latest event in the active period that fires it, or else the
    latest event. For a schedule, it is the latest instant; for entering and leaving, the latest at
    which that happened, if it did. Raise `CannotRun` if the warehouse does
    not have the customer.
    """
    found = _found(plan, campaign, customer, at, rows, book, seeds, step)
    case, record, outcome = found.case, found.record, found.outcome
    clauses = [*brief(case, rows, found.ticket), *_way(case, at, book), *found.caps]
    if found.decision is not None and record is not None and record.outcome != "held_out":
        clauses += [*_claims(case, record, book), *_reversals(case, found.decision, book)]
    return Explanation(
        campaign,
        case.step.name,
        shown_name(case.campaign, case.step.name),
        customer,
        at,
        (case.occasion.occurrence or None) if case.came else None,
        record is not None,
        outcome,
        tuple(clauses),
        _lost(found, rows),
    )


def lost_by(
    plan: Plan, campaign: str, customer: str, at: datetime, rows: CustomerRows, book: Book
) -> Clause | None:
    """Return `Explanation.lost` of the customer's latest decision, without the other clauses."""
    return _lost(_found(plan, campaign, customer, at, rows, book, NO_SEEDS, None), rows)


class _Found(NamedTuple):
    """A case with its outcome: by the record of the ledger, or else of a rehearsal."""

    case: Case
    ticket: str
    decision: Decision | None
    record: DecisionRow | None
    result: DecisionRow | None
    outcome: Outcome
    caps: tuple[Clause, ...]


def _found(
    plan: Plan,
    campaign: str,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    book: Book,
    seeds: Seeds,
    step: str | None,
) -> _Found:
    row = _known(plan, rows, customer)
    case = find_case(plan, named(plan.campaigns, campaign), step, customer, row, at, rows, book)
    occasion = case.occasion
    who = (occasion.customer, occasion.occurrence)
    ticket = ticket_of(plan, case.campaign, case.step, *who, seeds)
    decision = None
    if case.fired:
        found = decision_of(plan, case.campaign, case.step, occasion, seeds)
        decision = found and found._replace(event_customer=case.event_customer)
    record = book.decision(case.identity) if case.identity else None
    result, outcome = record, "not_eligible" if record is None else record.outcome
    if record is None and decision is not None:
        now = occasion.facts.clock.now
        if is_granted_later(plan, decision.identity, customer, now, rows, book.decision):
            outcome = "already_granted"
        else:
            result, outcome = _rehearsed(plan, decision, book)
    caps: tuple[Clause, ...] = ()
    if decision is not None and result is not None and result.outcome != "held_out":
        caps = tuple(_caps(case, decision, result, book, ticket))
    return _Found(case, ticket, decision, record, result, outcome, caps)


def _lost(found: _Found, rows: CustomerRows) -> Clause | None:
    outcome, decision, result = found.outcome, found.decision, found.result
    if outcome == "not_eligible" or (outcome == "left" and decision and decision.left):
        return ineligible(found.case, rows, found.ticket)
    return refused(found.case, outcome, None if result is None else result.account, found.caps)


def _way(case: Case, at: datetime, book: Book) -> Iterator[Clause]:
    """Yield a clause for each step of a journey, from its latest entry on."""
    begun = case.occasion
    if case.campaign.journey is not None and begun.occurrence:
        yield from way(case.plan, case.campaign, begun.customer, begun.occurrence, at, book)


def _known(plan: Plan, rows: CustomerRows, customer: str) -> Row:
    """The customer's row; `CannotRun` if the warehouse has none."""
    row, of = rows.customer(customer), plan.customers
    if row is None:
        code = running.CUSTOMER_UNKNOWN
        raise CannotRun(diagnose(code, None, customer=customer, table=of.table, column=of.key))
    return row


def to_json(explanation: Explanation) -> dict[str, object]:
    """The explanation as a JSON object: `{format_version, campaign, step, customer, at, occurrence,
    decided, outcome, lost: {text, file, line, column, values}, clauses: [{…, held, depth}]}`, `at`
    in UTC."""
    return {
        "format_version": FORMAT_VERSION,
        "campaign": explanation.campaign,
        "step": explanation.step,
        "customer": explanation.customer,
        "at": encode(explanation.at),
        "occurrence": explanation.occurrence,
        "decided": explanation.decided,
        "outcome": explanation.outcome,
        "lost": None if explanation.lost is None else _as_object(explanation.lost),
        "clauses": [
            {**_as_object(one), "held": one.held, "depth": one.depth} for one in explanation.clauses
        ],
    }


def _as_object(told: Clause) -> dict[str, object]:
    return {
        "text": told.text,
        "file": told.file,
        "line": told.line,
        "column": told.column,
        "values": dict(told.values),
    }


# --- the caps -----------------------------------------------------------------------------------


def _rehearsed(plan: Plan, decision: Decision, book: Book) -> tuple[DecisionRow | None, Outcome]:
    """Return the decision that the ledger would store now, if any, and its outcome."""
    with book.rehearsal() as copy:
        (result,) = copy.decide(plan, [decision], "rehearsal")
        return copy.decision(decision.identity), result.outcome


def _caps(
    case: Case, decision: Decision, result: DecisionRow, book: Book, ticket: str
) -> Iterator[Clause]:
    """Yield the caps that the grant is charged to, up to the one that refused it."""
    lines = decision.fallback if result.fallback else decision.lines
    accounts = {account.id: account for account in case.plan.accounts}
    balances = {
        (row.account, row.period, row.key or ""): row.spent
        for row in book.budgets(case.plan, case.campaign.name)
    }
    if result.fallback:
        yield _instead(case)
    within = case.campaign.late_events or case.campaign.catch_up
    if result.outcome == "too_late" and within is not None:
        yield clause(within.origin, False, {})
        return
    if result.outcome == "reversed":
        return
    messages = result.account in case.campaign.message_caps
    # The accounts that a decision concerns do not depend on its cost.
    kept = book.as_kept(case.plan, decision)
    for slot in Charging(case.plan).charges(kept, lines, cost=0):
        account = accounts[slot[0]]
        if result.outcome == "insufficient_balance" and account.refusal != "over_limit":
            break
        fits = account.id != result.account
        if messages and account.refusal != "over_limit":
            continue  # message caps are checked before stocks and budgets
        yield _cap(case.plan, account, balances.get(slot, Decimal(0)), fits)
        if not fits:
            return
    if result.outcome == "insufficient_balance":
        yield from _unpaid(case, result, book, ticket)
    if result.account in accounts:
        refused = accounts[result.account]
        yield clause(refused.origin, False, {"cap": as_text(refused.cap)})


def _unpaid(case: Case, result: DecisionRow, book: Book, ticket: str) -> Iterator[Clause]:
    """Yield the price, with the balance of the wallet that should pay it."""
    reward = case.step.reward
    lines: tuple[RewardLine, ...] | None = case.campaign.when_exhausted.lines
    if reward is not None and not result.fallback:
        lines = branch_of(reward, case.facts, ticket)
    held = {row.wallet: row.balance for row in book.balances(result.identity.recipient, result.at)}
    for line in lines or ():
        row = kind_of(line)
        if row.does(line) == "pay":
            yield clause(line.origin, False, {"balance": str(held.get(row.name(line), 0))})


def _claims(case: Case, record: DecisionRow, book: Book) -> Iterator[Clause]:
    """Yield the offer's claims, with their outcomes."""
    claims = None if case.step.reward is None else case.step.reward.claims
    if claims is None or record.outcome != "granted":
        return
    tried = {
        f"{claims.event} {row.identity.occurrence}": row.outcome
        for row in book.claims(case.campaign.name, record.identity.recipient)
        if row.offer == record.number
    }
    yield clause(claims.origin, "claimed" in tried.values() if tried else None, tried)


def _reversals(case: Case, decision: Decision, book: Book) -> Iterator[Clause]:
    """Yield the events that took back the decision's grant, with their outcomes."""
    reversal = case.campaign.reversal
    if reversal is None:
        return
    key = decision.keys.get("event.key") or decision.identity.occurrence
    tried = {
        f"{reversal.event} {row.identity.occurrence}": row.outcome
        for row in book.reversals(case.campaign.name)
        if row.of == key
    }
    took = any(one in ("reversed", "partly_reversed", "kept") for one in tried.values())
    yield clause(reversal.origin, took if tried else None, tried)


def _cap(plan: Plan, account: Account, used: Decimal, fits: bool) -> Clause:
    """Return the clause of a cap, in the project's currency or as a number of grants."""
    digits = minor_unit(plan.currency) if account.measure == "money" else 0
    left = max(account.cap - used, Decimal(0))
    seen = {"used": used, "cap": account.cap, "left": left}
    return clause(account.origin, fits, {name: as_text(n, digits) for name, n in seen.items()})


def _instead(case: Case) -> Clause:
    """Return the clause of the bundle that is given once the budget is exhausted."""
    lines = case.campaign.when_exhausted.lines
    text = " and ".join(line.origin.text for line in lines)
    return clause(lines[0].origin, True, text=f"when exhausted reward {text}")
