"""The meaning of a plan, in the plainest code: what every other engine is compared with.

No SQL, no indexes, nothing computed ahead. Read from `decide` down, it is the documentation of
what a campaign does before the ledger has its say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import assert_never
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    Account,
    BenefitLine,
    Branch,
    Campaign,
    CashLine,
    ChoiceLine,
    EventTrigger,
    Plan,
    Reward,
    RewardLine,
    Step,
    WalletLine,
)
from ...compiler.plan.arithmetic import rounded
from ...compiler.plan.calendar import World
from ...compiler.plan.chance import NO_SEEDS, Seeds, threshold
from ...compiler.plan.due import Due
from ...compiler.plan.types import minor_unit
from ...compiler.plan.values import Value, encode
from .active import is_active, is_open
from .decisions import Decision, Identity, Line
from .drawing import is_held_out, order_of, ticket_of
from .expiry import deliver_at, expires_at, returns
from .facts import CustomerFacts, Facts, Row, evaluate, holds, moment, named
from .groups import Happened, Watch, watch_of
from .offers import choice_line, with_price
from .past_grants import Received
from .recipients import Recipients

__all__ = ["Rows", "decide", "evaluate", "holds", "is_active", "is_open"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A warehouse in memory, one of `CustomerRows`. All keys are text.

    `customers` by key; `histories` by event, then by customer; `late`: the keys of those events
    from before the period that are to be decided too; `grants`: what the ledger has.
    """

    customers: Mapping[str, Row]
    histories: Mapping[str, Mapping[str, Sequence[Row]]]
    late: frozenset[str] = frozenset()
    grants: Sequence[Received] = ()

    def customer(self, key: str) -> Row | None:
        """The customer's row; nothing where there is no such customer."""
        return self.customers.get(key)

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of a customer's events of one kind."""
        return self.histories.get(event, {}).get(customer, ())

    def alike(self, event: str, field: str, value: str) -> Sequence[tuple[str, Row]]:
        """Everybody's events of one kind that have this value in a field."""
        return [
            (customer, row)
            for customer, rows in self.histories.get(event, {}).items()
            for row in rows
            if text_of(row[field]) == value
        ]

    def received(self, customer: str) -> list[Received]:
        """What one customer was granted before."""
        return [grant for grant in self.grants if grant.recipient == customer]


def decide(
    plan: Plan, campaign: str, rows: Rows, due: Due, seeds: Seeds = NO_SEEDS
) -> list[Decision]:
    """All decisions of a campaign that are due, in the order in which the ledger takes them."""
    wanted = named(plan.campaigns, campaign)
    decisions = []
    for step in wanted.steps:
        if isinstance(step.trigger, EventTrigger):
            found = _events_due(plan, wanted, step, rows, due)
        else:
            found = _customers_due(plan, wanted, rows, due)
        for occasion in found:
            decision = decision_of(plan, wanted, step, occasion, seeds)
            if decision is not None:
                decisions.append(decision)
    return decisions


# --- occasions: who is looked at, and when ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Occasion:
    """A customer at an occurrence, before anything is asked. `others`: anybody's row."""

    customer: str
    occurrence: str
    facts: Facts
    others: Callable[[str], Row | None]


def _events_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due
) -> Iterator[Occasion]:
    """Each event of the period, and the late ones, in the order of (time, key)."""
    events = [
        (moment(row), customer, row)
        for customer, history in rows.histories.get(event_of(step), {}).items()
        for row in history
    ]
    for (at, key), customer, row in sorted(events, key=lambda event: event[0]):
        if due.start <= at <= due.end or (key in rows.late and at < due.start):
            yield from occasions_of(plan, campaign, step, rows, customer, row)


def event_of(step: Step) -> str:
    """The event that the step waits for; nothing that any is called for a schedule."""
    return step.trigger.event if isinstance(step.trigger, EventTrigger) else ""


def occasions_of(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, customer: str, row: Row
) -> Iterator[Occasion]:
    """Whom an event concerns: its customer; everybody of the group that it completes; nobody."""
    at, key = moment(row)
    trigger = step.trigger
    if not isinstance(trigger, EventTrigger) or not is_active(campaign, at):
        return
    who = [customer]
    watch = watch_of(campaign, trigger, ZoneInfo(plan.time_zone))
    if watch is not None:
        group = _group(watch, rows, row)
        last = watch.completed(group)
        if last is None or last[:2] != (at, key):
            return
        if step.reward is not None and step.reward.each:
            who = watch.members(group, last)
    for name in who:
        if name in rows.customers:
            facts = facts_of(plan, rows, name, at, row)
            if fires(plan, trigger, facts):
                yield Occasion(name, key, facts, rows.customer)


def _group(watch: Watch, rows: Rows, row: Row) -> list[Happened]:
    """The events of the group that an event belongs to, in order; none where it does not count."""
    value = watch.value(row)
    found = () if value is None else rows.alike(watch.trigger.event, watch.group.field, value)
    return watch.gathered(found)


def _customers_due(plan: Plan, campaign: Campaign, rows: Rows, due: Due) -> Iterator[Occasion]:
    """At each instant, all customers in the order of (share, hash of the occurrence and them)."""
    for instant in due.instants:
        occurrence = occurrence_of(plan, instant)
        everyone = {name: facts_of(plan, rows, name, instant, None) for name in rows.customers}

        def turn(
            name: str, everyone: Mapping[str, Facts] = everyone, occurrence: str = occurrence
        ) -> tuple[float, str]:
            share = share_of(campaign, everyone[name])
            hashed = order_of(campaign, occurrence, name)
            return (float("inf") if share is None else share, hashed)

        for name in sorted(everyone, key=turn):
            yield Occasion(name, occurrence, everyone[name], rows.customer)


def facts_of(plan: Plan, rows: Rows, customer: str, at: datetime, trigger: Row | None) -> Facts:
    """The facts of a customer at an instant; the triggering event's row, if one triggers."""
    return CustomerFacts(
        plan,
        rows.customers[customer],
        {event: rows.events(event, customer) for event in rows.histories},
        trigger,
        World(at, ZoneInfo(plan.time_zone)),
        lambda: rows.received(customer),
    )


def fires(plan: Plan, trigger: EventTrigger, facts: Facts) -> bool:
    """Whether the event at hand is one that the trigger waits for."""
    opened = is_open(ZoneInfo(plan.time_zone), trigger.opening, facts.world.now)
    return opened and holds(trigger.where, facts)


def occurrence_of(plan: Plan, instant: datetime) -> str:
    """A scheduled instant as it stands in a decision's identity: ISO 8601 in the project's zone."""
    return instant.astimezone(ZoneInfo(plan.time_zone)).isoformat()


# --- decisions ----------------------------------------------------------------------------------


def decision_of(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds = NO_SEEDS
) -> Decision | None:
    """What the step does for the customer: nothing where she may not have it, or nothing comes."""
    facts, now = occasion.facts, occasion.facts.world.now
    if not is_eligible(campaign, facts):
        return None
    recipient = recipient_of(step, occasion)
    lines = bundle(plan, campaign, step, occasion, seeds)
    if recipient is None or lines is None or not is_let(plan, step, occasion, recipient):
        return None
    return Decision(
        identity=Identity(campaign.name, step.name, recipient, occasion.occurrence),
        customer=occasion.customer,
        at=now,
        held_out=is_held_out(campaign, step, occasion.customer),
        lines=lines,
        fallback=lines_of(plan, step.reward, campaign.when_exhausted.lines, facts) or (),
        deliver_at=deliver_at(step.reward, facts.world),
        share=share_of(campaign, facts),
        keys=keys_of(plan, step, facts),
        values=values_of(step, facts),
    )


def is_eligible(campaign: Campaign, facts: Facts) -> bool:
    """Whether stage, audience and exclusions take the customer in, and compliance lets them."""
    demands = [clause.condition for clause in campaign.eligibility]
    checks = [check.condition for check in campaign.checks]
    return all(holds(condition, facts) for condition in demands + checks)


def recipient_of(step: Step, occasion: Occasion) -> str | None:
    """Who gets it: the customer, or whom the event names; unknown where it names nobody."""
    if step.reward is None or step.reward.recipient is None:
        return occasion.customer
    return text_of(evaluate(step.reward.recipient, occasion.facts))


def is_let(plan: Plan, step: Step, occasion: Occasion, recipient: str) -> bool:
    """Whether compliance lets the reward go to a recipient, who must be a customer."""
    if step.reward is None or step.reward.recipient is None:
        return True
    row = occasion.others(recipient)
    return Recipients(plan, step.reward).let(row, occasion.facts.world)


def share_of(campaign: Campaign, facts: Facts) -> int | None:
    """The first share of the budget whose audience the customer is in."""
    shares = enumerate(campaign.shares)
    return next((index for index, share in shares if facts.audience(share.audience)), None)


def keys_of(plan: Plan, step: Step, facts: Facts) -> dict[str, str | None]:
    """The event's fields by which limits of this step are counted, as text."""
    return {name: text_of(facts.event(name)) for name in key_fields(plan.accounts, step)}


def key_fields(accounts: Iterable[Account], step: Step) -> list[str]:
    """The names of those fields."""
    charged = {charge.account for charge in step.charges}
    keys = {account.key for account in accounts if account.id in charged}
    return sorted(key for key in keys if key is not None and key != "customer")


def values_of(step: Step, facts: Facts) -> dict[str, str]:
    """The data that the step's messages mention, as text; what is unknown is left out."""
    wanted = {value.name: value.value for message in step.messages for value in message.values}
    seen = {name: evaluate(wanted[name], facts) for name in sorted(wanted)}
    return {name: encode(value) for name, value in seen.items() if value is not None}


def text_of(value: Value | None) -> str | None:
    """A value as it stands in decisions; unknown stays unknown."""
    return None if value is None else encode(value)


# --- rewards ------------------------------------------------------------------------------------


def bundle(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds
) -> tuple[Line, ...] | None:
    """What the step gives: the lines of the first branch whose condition holds, or of the prize.

    Nothing (no decision) where no branch does, or one of its lines comes to nothing. A step of
    messages alone gives no lines, and that is a decision.
    """
    if step.reward is None:
        return ()
    who = (occasion.customer, occasion.occurrence)
    drawn = ticket_of(plan, campaign, step, *who, seeds)
    branch = branch_of(step.reward, occasion.facts, drawn)
    return None if branch is None else lines_of(plan, step.reward, branch, occasion.facts)


def branch_of(reward: Reward, facts: Facts, ticket: str) -> tuple[RewardLine, ...] | None:
    """The lines of the first branch whose condition holds; of a draw, of the prize that is won."""
    held = (branch.lines for branch in reward.branches if comes(branch, facts, ticket))
    return next(held, None)


def comes(branch: Branch, facts: Facts, ticket: str) -> bool:
    """Whether it is the one where none before it is: by its condition, or by the ticket."""
    if branch.chance is not None:
        return ticket < threshold(branch.chance)
    return holds(branch.condition, facts)


def lines_of(
    plan: Plan, reward: Reward | None, lines: Iterable[RewardLine], facts: Facts
) -> tuple[Line, ...] | None:
    """All of the lines, or nothing where one of them comes to nothing: a bundle is given whole."""
    found = [_line(plan, reward, line, facts) for line in lines]
    whole = tuple(line for line in found if line is not None)
    return with_price(whole) if len(whole) == len(found) else None


def _line(plan: Plan, reward: Reward | None, line: RewardLine, facts: Facts) -> Line | None:
    """One unit of value; nothing where its amount is unknown or not above zero."""
    if isinstance(line, BenefitLine):
        return benefit_line(plan, reward, line, facts.world)
    if isinstance(line, ChoiceLine):
        return offer_line(plan, reward, line, facts.world)
    amount = amount_of(line, facts)
    return None if amount is None else amount_line(reward, line, amount, facts.world)


def benefit_line(plan: Plan, reward: Reward | None, line: BenefitLine, world: World) -> Line:
    """One benefit, at what it is worth and what the budget is charged for it."""
    benefit = named(plan.benefits, line.benefit)
    expires = expires_at(reward, benefit.expires_after, world)
    back = returns(reward, own=benefit.returns)
    name = benefit.name
    return Line(name, benefit.value, plan.currency, benefit.cost, name, expires, returns=back)


def offer_line(plan: Plan, reward: Reward | None, line: ChoiceLine, world: World) -> Line:
    """An offer: a choice that is still to be made."""
    expires = expires_at(reward, line.expires_after, world)
    return choice_line(plan, line, expires, back=returns(reward, own=True))


def amount_line(
    reward: Reward | None, line: WalletLine | CashLine, amount: Decimal, world: World
) -> Line:
    """So much of a wallet, which costs nothing, or so much money, which costs itself."""
    expires = expires_at(reward, None, world)
    match line:
        case WalletLine():
            return wallet_line(line, amount, expires)
        case CashLine():
            back = returns(reward, own=None)
            return Line("cash", amount, line.currency, amount, None, expires, returns=back)
        case _:
            assert_never(line)


def wallet_line(line: WalletLine, amount: Decimal, expires: datetime | None) -> Line:
    """So many of a wallet's units put in, or (below zero) paid or taken out."""
    signed = amount if line.does == "give" else -amount
    expires = expires if line.does == "give" else None
    drains = line.does == "take"
    return Line(line.wallet, signed, line.wallet, Decimal(0), None, expires, drains)


def amount_of(line: WalletLine | CashLine, facts: Facts) -> Decimal | None:
    """How much: whole units of a wallet, or money rounded to the minor unit and capped."""
    return amount_from(line, evaluate(line.amount, facts))


def amount_from(line: WalletLine | CashLine, value: Value | None) -> Decimal | None:
    """The same, of what the line's expression came to."""
    if not isinstance(value, int | Decimal):
        return None
    scale = 0 if isinstance(line, WalletLine) else minor_unit(line.currency)
    amount = rounded(Decimal(value), scale)
    if amount is not None and isinstance(line, CashLine) and line.cap is not None:
        amount = min(amount, line.cap)
    return amount if amount is not None and amount > 0 else None
