"""Why a customer did, or did not, get it: every clause of the campaign and what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ..compiler.chance import NO_SEEDS, Seeds, threshold
from ..compiler.expressions import EventValue
from ..compiler.plan import (
    Account,
    BenefitLine,
    Branch,
    Check,
    ChoiceLine,
    Eligibility,
    EventTrigger,
    Opening,
    Plan,
    Reward,
    RewardLine,
    WalletLine,
)
from ..compiler.types import minor_unit
from ..compiler.values import encode
from ..dsl.codes import running
from ..dsl.diagnostics import CannotRun, diagnose
from .cases import Book, Case, find_case
from .charging import Charging
from .clauses import PRIVATE, Clause, Reader, active, as_text, clause, digits_of
from .decisions import Decision, Outcome
from .drawing import is_held_out, ticket_of
from .facts import CustomerRows, named
from .groups import Watch, watch_of
from .ledger.contract import DecisionRow
from .recipients import Recipients
from .reference import (
    amount_of,
    branch_of,
    decision_of,
    is_active,
    is_open,
    lines_of,
    recipient_of,
)

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """`occurrence`: of the decision that is explained; nothing where none came up by `at`.

    `decided`: the outcome is in the ledger; if not, it is what the ledger would say now.
    """

    campaign: str
    customer: str
    at: datetime
    occurrence: str | None
    decided: bool
    outcome: Outcome
    clauses: tuple[Clause, ...]


def explain(
    plan: Plan,
    campaign: str,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    book: Book,
    seeds: Seeds = NO_SEEDS,
) -> Explanation:
    """Explain the customer's latest decision of a campaign (one of the plan's) up to `at` (UTC).

    Of an event trigger that is the customer's latest event, in the active period, for which it
    fires, or if there is none the latest at all; of a schedule the latest instant that was due.
    `CannotRun` where the warehouse has no such customer.
    """
    row = rows.customer(customer)
    if row is None:
        table = plan.customers
        raise CannotRun(
            diagnose(
                running.CUSTOMER_UNKNOWN,
                None,
                customer=customer,
                table=table.table,
                column=table.key,
            )
        )
    case = find_case(plan, named(plan.campaigns, campaign), customer, row, at, rows, book)
    occasion = case.occasion
    who = (occasion.customer, occasion.occurrence)
    ticket = ticket_of(plan, case.campaign, case.step, *who, seeds)
    clauses = list(_brief(case, rows, ticket))
    decision = None
    if case.fired:
        decision = decision_of(plan, case.campaign, case.step, occasion, seeds)
    record = book.decision(case.identity) if case.identity else None
    result, outcome = record, "not_eligible" if record is None else record.outcome
    if record is None and decision is not None:
        result, outcome = _rehearsed(plan, decision, book)
    if decision is not None and result is not None and result.outcome != "held_out":
        clauses += _caps(case, decision, result, book, ticket)
        if record is not None:
            clauses += _claims(case, record, book)
    return Explanation(
        campaign,
        customer,
        at,
        case.occasion.occurrence if case.came else None,
        record is not None,
        outcome,
        tuple(clauses),
    )


def to_json(explanation: Explanation) -> dict[str, object]:
    """The explanation as a JSON object: `{format_version, campaign, customer, at, occurrence,
    decided, outcome, clauses: [{text, file, line, held, values, depth}]}`, `at` in UTC."""
    return {
        "format_version": FORMAT_VERSION,
        "campaign": explanation.campaign,
        "customer": explanation.customer,
        "at": encode(explanation.at),
        "occurrence": explanation.occurrence,
        "decided": explanation.decided,
        "outcome": explanation.outcome,
        "clauses": [
            {
                "text": told.text,
                "file": told.file,
                "line": told.line,
                "held": told.held,
                "values": dict(told.values),
                "depth": told.depth,
            }
            for told in explanation.clauses
        ],
    }


# --- the clauses of the brief -------------------------------------------------------------------


def _brief(case: Case, rows: CustomerRows, ticket: str) -> Iterator[Clause]:
    """Every clause up to the holdout, in the order of the brief; all of them, whatever held."""
    trigger = case.step.trigger
    event = trigger.event if isinstance(trigger, EventTrigger) else None
    reader = Reader(case.plan, case.facts, event, case.came or event is None)
    yield from _active(case)
    for demand in case.campaign.eligibility:
        if demand.clause == "exclusive":
            yield from _demand(reader, demand)
        else:
            yield from reader.parts(demand.condition, demand.origin)
    yield from _trigger(case, reader, rows)
    for check in case.campaign.checks:
        yield from _demand(reader, check)
    if case.step.reward is not None:
        yield from _reward(case, case.step.reward, reader, ticket)
    if case.campaign.holdout > 0:
        yield _holdout(case)


def _active(case: Case) -> Iterator[Clause]:
    """The active period, as the plan has it: the file's own words did not come along."""
    campaign, zone = case.campaign, ZoneInfo(case.plan.time_zone)
    if campaign.active_from is None and campaign.active_to is None:
        return
    now = case.facts.world.now
    values = {"now": _local(zone, now)}
    yield clause(campaign.origin, is_active(campaign, now), values, text=active(zone, campaign))


def _trigger(case: Case, reader: Reader, rows: CustomerRows) -> Iterator[Clause]:
    """What sets it off, the event or instant that did, and the conditions on it."""
    trigger, zone = case.step.trigger, ZoneInfo(case.plan.time_zone)
    now = _local(zone, case.facts.world.now)
    if not isinstance(trigger, EventTrigger):
        values = {"instant": now if case.came else f"none by {now}"}
        yield clause(trigger.origin, case.came, values)
        return
    seen = {trigger.event: f"none by {now}"}
    if case.came:
        seen = {trigger.event: case.occasion.occurrence, f"{trigger.event}.at": now}
    yield clause(trigger.origin, case.fired, seen)
    if trigger.opening is not None:
        opened = is_open(zone, trigger.opening, case.facts.world.now) if case.came else None
        text = _opening(trigger.opening)
        yield clause(trigger.origin, opened, {"now": now}, depth=1, text=text)
    if trigger.where is not None:
        yield from reader.parts(trigger.where, trigger.origin, depth=1)
    watch = watch_of(case.campaign, trigger, zone)
    if watch is not None:
        yield _group(case, watch, reader, rows)


def _group(case: Case, watch: Watch, reader: Reader, rows: CustomerRows) -> Clause:
    """The group of the event, and how many were in it then."""
    group, trigger = watch.group, watch.trigger
    within = ""
    if group.within is not None:
        many = "s" if group.within.count != 1 else ""
        within = f" within {group.within.count} {group.within.unit}{many}"
    text = f"reaching {group.count} {group.of} per {group.field}{within}"
    if not case.came:
        return clause(trigger.origin, None, depth=1, text=text)
    field = named(named(case.plan.events, trigger.event).fields, group.field)
    named_ = replace(trigger.origin, text=f"{trigger.event}.{field.name}")
    own = EventValue(field.name, field.type, field.optional, named_)
    value = case.facts.event(group.field)
    alike = () if value is None else rows.alike(trigger.event, group.field, encode(value))
    last = (case.facts.world.now, case.occasion.occurrence)
    upto = [event for event in watch.gathered(alike) if event[:2] <= last]
    reached = watch.reached(upto) if upto else 0
    values = {**reader.values(own), group.of: str(reached)}
    return clause(trigger.origin, case.fired, values, depth=1, text=text)


def _demand(reader: Reader, demand: Check | Eligibility) -> Iterator[Clause]:
    """What is demanded, in the words of the whole demand; its parts below, where it has any."""
    own, *parts = reader.tree(demand.condition, demand.origin)
    yield clause(demand.origin, own.held, own.values)
    yield from parts


def _reward(case: Case, reward: Reward, reader: Reader, ticket: str) -> Iterator[Clause]:
    """What comes of it: the branch that was taken, and the amounts in it."""
    lines = branch_of(reward, case.facts, ticket)
    whole = lines is not None and lines_of(case.plan, reward, lines, case.facts) is not None
    named_ = recipient_of(case.step, case.occasion) is not None
    values = reader.values(reward.recipient)
    for line in lines or ():
        values |= _amount(line, reader)
    asked = list(_recipient(case, reward))
    let = named_ and all(one.held for one in asked)
    yield clause(reward.origin, whole and let if case.came else None, values)
    yield from asked
    before = Decimal(0)
    for branch in reward.branches:
        if branch.condition is not None:
            yield from reader.tree(branch.condition, reward.origin, depth=1)
        if branch.chance is not None and branch.lines:
            yield _prize(case, branch, before, ticket)
            before = branch.chance
        if branch.lines is lines:
            return


def _recipient(case: Case, reward: Reward) -> Iterator[Clause]:
    """What is asked of whoever gets it in the customer's place."""
    name = recipient_of(case.step, case.occasion) if case.came else None
    if reward.recipient is None or name is None:
        return
    row = case.occasion.others(name)
    origin = reward.recipient.origin or reward.origin
    yield clause(origin, row is not None, {"recipient": name}, depth=1, text="a customer")
    for check in reward.asks if row is not None else ():
        alone = Recipients(case.plan, replace(reward, asks=(check,)))
        yield clause(check.origin, alone.let(row, case.facts.world), depth=1)


def _prize(case: Case, branch: Branch, before: Decimal, ticket: str) -> Clause:
    """A prize of a draw, and how what was drawn stands to its odds."""
    upto = branch.chance or Decimal(0)
    given = " and ".join(line.origin.text for line in branch.lines)
    seen = {"drawn": ticket, "below": "" if upto >= 1 else threshold(upto)}
    values = {name: value for name, value in seen.items() if value} if case.came else {}
    held = ticket < threshold(upto) if case.came else None
    text = f"{as_text((upto - before) * 100)}%: {given}"
    return clause(branch.lines[0].origin, held, values, depth=1, text=text)


def _amount(line: RewardLine, reader: Reader) -> dict[str, str]:
    """How much of a wallet or of money, and what it was computed from."""
    if isinstance(line, BenefitLine | ChoiceLine):
        return {}
    amount = as_text(amount_of(line, reader.facts), digits_of(line.amount.type))
    shown = PRIVATE if reader.is_private(line.amount) else amount
    return {**reader.values(line.amount), line.origin.text: shown}


def _holdout(case: Case) -> Clause:
    """The control group; it holds where the customer is not one of it."""
    held_out = is_held_out(case.campaign, case.step, case.occasion.customer)
    text = f"holdout {as_text(case.campaign.holdout * 100)}%"
    return clause(case.campaign.origin, not held_out, {"held out": encode(held_out)}, text=text)


# --- the caps -----------------------------------------------------------------------------------


def _rehearsed(plan: Plan, decision: Decision, book: Book) -> tuple[DecisionRow | None, Outcome]:
    """What the ledger would keep if it were asked now, if anything, and the outcome."""
    with book.rehearsal() as copy:
        (result,) = copy.decide(plan, [decision], "rehearsal")
        return copy.decision(decision.identity), result.outcome


def _caps(
    case: Case, decision: Decision, result: DecisionRow, book: Book, ticket: str
) -> Iterator[Clause]:
    """Every cap that the grant is charged to, down to the one that refused it."""
    lines = decision.fallback if result.fallback else decision.lines
    accounts = {account.id: account for account in case.plan.accounts}
    balances = {
        (row.account, row.period, row.key or ""): row.spent
        for row in book.budgets(case.plan, case.campaign.name)
    }
    if result.fallback:
        yield _instead(case)
    messages = result.account in case.campaign.message_caps
    # Which accounts a decision concerns does not hang on what it costs.
    for slot in Charging(case.plan).charges(decision, lines, cost=0):
        account = accounts[slot[0]]
        if result.outcome == "insufficient_balance" and account.refusal != "over_limit":
            break
        fits = account.id != result.account
        if messages and account.refusal != "over_limit":
            continue  # a message cap refuses before stocks and budgets are asked
        yield _cap(case.plan, account, balances.get(slot, Decimal(0)), fits)
        if not fits:
            return
    if result.outcome == "insufficient_balance":
        yield from _unpaid(case, result, book, ticket)
    if result.account in accounts:
        refused = accounts[result.account]
        yield clause(refused.origin, False, {"cap": as_text(refused.cap)})


def _unpaid(case: Case, result: DecisionRow, book: Book, ticket: str) -> Iterator[Clause]:
    """The price, and what there is in the wallet that should pay it."""
    reward = case.step.reward
    lines: tuple[RewardLine, ...] | None = case.campaign.when_exhausted.lines
    if reward is not None and not result.fallback:
        lines = branch_of(reward, case.facts, ticket)
    held = {row.wallet: row.balance for row in book.balances(result.identity.recipient, result.at)}
    for line in lines or ():
        if isinstance(line, WalletLine) and line.does == "pay":
            yield clause(line.origin, False, {"balance": str(held.get(line.wallet, 0))})


def _claims(case: Case, record: DecisionRow, book: Book) -> Iterator[Clause]:
    """The events that claimed what was offered, and what became of each."""
    claims = None if case.step.reward is None else case.step.reward.claims
    if claims is None or record.outcome != "granted":
        return
    tried = {
        f"{claims.event} {row.identity.occurrence}": row.outcome
        for row in book.claims(case.campaign.name, record.identity.recipient)
        if row.offer == record.number
    }
    yield clause(claims.origin, "claimed" in tried.values() if tried else None, tried)


def _cap(plan: Plan, account: Account, used: Decimal, fits: bool) -> Clause:
    """A cap: money in the project's currency, or a number of grants."""
    digits = minor_unit(plan.currency) if account.measure == "money" else 0
    left = max(account.cap - used, Decimal(0))
    seen = {"used": used, "cap": account.cap, "left": left}
    return clause(account.origin, fits, {name: as_text(n, digits) for name, n in seen.items()})


def _instead(case: Case) -> Clause:
    """The bundle that is given where the budget is used up."""
    lines = case.campaign.when_exhausted.lines
    text = " and ".join(line.origin.text for line in lines)
    return clause(lines[0].origin, True, text=f"when exhausted reward {text}")


# --- words --------------------------------------------------------------------------------------


def _local(zone: ZoneInfo, instant: datetime) -> str:
    """An instant on the project's clock, with its offset."""
    return instant.astimezone(zone).isoformat()


def _opening(opening: Opening) -> str:
    start = opening.from_time.isoformat("minutes")
    return f"open every month from day {opening.from_day} at {start} to day {opening.to_day}"
