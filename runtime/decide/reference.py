"""The reference engine: the meaning of a plan in the plainest code.

Every other engine is compared with it. It uses no SQL, no index and no cache. Read from `decide`
down: occasions (customer and occurrence), then decisions, then rewards. The ledger's caps come
after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    Branch,
    Campaign,
    Plan,
    Reward,
    RewardLine,
    Step,
    Trigger,
)
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.chance import NO_SEEDS, Seeds, threshold
from ...compiler.plan.demands import counted_fields, field_key
from ...compiler.plan.due import Due
from ...compiler.plan.steps import eligibility_of, step_of
from ...compiler.plan.triggers import is_open
from ...compiler.plan.values import Value, encode
from .active import is_active
from .decisions import Decision, Identity, Line
from .drawing import is_held_out, order_of, ticket_of
from .expiry import deliver_at
from .facts import CustomerFacts, Facts, Row, evaluate, holds, moment, named
from .lines import lines_of
from .past_grants import Received
from .patterns.firings import pattern_of
from .patterns.groups import Happened, Watch, watch_of
from .recipients import Recipients

__all__ = ["Rows", "decide", "evaluate", "holds", "is_active"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A warehouse in memory, which implements `CustomerRows`. All keys are text.

    `customers` maps keys to rows. `histories` maps an event and a customer to rows. `late` holds
    the keys of events before the period that are due too. `grants` are the ledger's past grants.
    """

    customers: Mapping[str, Row]
    histories: Mapping[str, Mapping[str, Sequence[Row]]]
    late: frozenset[str] = frozenset()
    grants: Sequence[Received] = ()

    def customer(self, key: str) -> Row | None:
        """The customer's row; `None` if there is no such customer."""
        return self.customers.get(key)

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of a customer's events of one kind."""
        return self.histories.get(event, {}).get(customer, ())

    def alike(self, event: str, field: str, value: str) -> Sequence[tuple[str, Row]]:
        """All customers' events of one kind that have this value in a field."""
        return [
            (customer, row)
            for customer, rows in self.histories.get(event, {}).items()
            for row in rows
            if text_of(row[field]) == value
        ]

    def received(self, customer: str) -> list[Received]:
        """The past grants of one customer."""
        return [grant for grant in self.grants if grant.recipient == customer]


def decide(
    plan: Plan,
    campaign: str,
    rows: Rows,
    due: Due,
    seeds: Seeds = NO_SEEDS,
    *,
    step: str | None = None,
) -> list[Decision]:
    """Return the decisions of a campaign's step, in the order in which the ledger takes them.

    `LookupError` without `step` if the campaign has several.
    """
    wanted = named(plan.campaigns, campaign)
    chosen = step_of(wanted, step)
    if chosen.trigger.event is not None:
        found = _events_due(plan, wanted, chosen, rows, due)
    else:
        found = _customers_due(plan, wanted, rows, due)
    decided = (decision_of(plan, wanted, chosen, occasion, seeds) for occasion in found)
    return [decision for decision in decided if decision is not None]


# --- occasions: customers and occurrences --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Occasion:
    """A customer at an occurrence, before any condition is evaluated.

    `others` looks up any customer.
    """

    customer: str
    occurrence: str
    facts: Facts
    others: Callable[[str], Row | None]

    def turn(self) -> tuple[datetime, str, str]:
        """The sort key of an event's occasion."""
        return self.facts.clock.now, self.occurrence, self.customer


def _events_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due
) -> Iterator[Occasion]:
    """Yield the occasions of the period's events and of late ones, ordered by (time, occurrence).

    After a late event that it counts, a pattern asks for all later ones of its customer again.
    """
    found: list[Occasion] = []
    pattern = pattern_of(campaign, step.trigger, ZoneInfo(plan.time_zone))
    for customer, history in rows.histories.get(event_of(step), {}).items():
        moments = [(*moment(row), row) for row in history]
        late = [one for one in moments if one[1] in rows.late and one[0] < due.start]
        first = due.start
        if pattern is not None:
            counted = (at for at, _, row in late if pattern.counted(row) is not None)
            first = min(counted, default=due.start)
        for at, key, row in moments:
            if first <= at <= due.end or (key in rows.late and at < due.start):
                found.extend(occasions_of(plan, campaign, step, rows, customer, row))
    yield from sorted(found, key=Occasion.turn)


def event_of(step: Step) -> str:
    """Return the event that the step waits for; empty for a schedule."""
    return step.trigger.event or ""


def occasions_of(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, customer: str, row: Row
) -> Iterator[Occasion]:
    """Yield the occasions of an event.

    They are its customer, or each member of the group that it completes. There are none if the
    event fires nothing.
    """
    at, key = moment(row)
    trigger = step.trigger
    if trigger.event is None or not is_active(campaign, at):
        return
    who, occurrence = [customer], key
    pattern = pattern_of(campaign, trigger, ZoneInfo(plan.time_zone))
    if pattern is not None:
        fired = pattern.firings(rows.events(trigger.event, customer))
        names = [firing.occurrence for firing in fired if firing[:2] == (at, key)]
        if not names:
            return
        (occurrence,) = names
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
                yield Occasion(name, occurrence, facts, rows.customer)


def _group(watch: Watch, rows: Rows, row: Row) -> list[Happened]:
    """Return the events of an event's group, in order; empty if the event does not count."""
    value = watch.value(row)
    found = () if value is None else rows.alike(watch.trigger.event, watch.group.field, value)
    return watch.gathered(found)


def _customers_due(plan: Plan, campaign: Campaign, rows: Rows, due: Due) -> Iterator[Occasion]:
    """Yield all customers at each instant, ordered by (share, hash of occurrence and customer)."""
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
    """Return the facts of a customer at an instant.

    `trigger` is the triggering event's row, if any.
    """
    return CustomerFacts(
        plan,
        rows.customers[customer],
        {event: rows.events(event, customer) for event in rows.histories},
        trigger,
        WallClock(at, ZoneInfo(plan.time_zone)),
        lambda: rows.received(customer),
    )


def fires(plan: Plan, trigger: Trigger, facts: Facts) -> bool:
    """Whether the event meets the trigger's `where` and opening window."""
    opened = is_open(ZoneInfo(plan.time_zone), trigger.opening, facts.clock.now)
    return opened and holds(trigger.where, facts)


def occurrence_of(plan: Plan, instant: datetime) -> str:
    """Return a scheduled instant as an occurrence: ISO 8601 in the project's zone."""
    return instant.astimezone(ZoneInfo(plan.time_zone)).isoformat()


# --- decisions ----------------------------------------------------------------------------------


def decision_of(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds = NO_SEEDS
) -> Decision | None:
    """Return the step's decision for an occasion;

    `None` if the customer is not eligible or gets nothing.
    """
    facts, now = occasion.facts, occasion.facts.clock.now
    if not is_eligible(campaign, step, facts):
        return None
    recipient = recipient_of(step, occasion)
    lines = bundle(plan, campaign, step, occasion, seeds)
    if recipient is None or lines is None or not is_let(plan, step, occasion, recipient):
        return None
    return Decision(
        identity=Identity(campaign.name, step.name, recipient, occasion.occurrence),
        customer=occasion.customer,
        at=now,
        held_out=is_held_out(campaign, occasion.customer),
        lines=lines,
        fallback=lines_of(plan, step.reward, campaign.when_exhausted.lines, facts) or (),
        deliver_at=deliver_at(step.reward, facts.clock),
        share=share_of(campaign, facts),
        keys=keys_of(plan, step, facts),
        values=values_of(step, facts),
    )


def is_eligible(campaign: Campaign, step: Step, facts: Facts) -> bool:
    """Whether the customer meets stage, audience, exclusions and compliance."""
    demands = [clause.condition for clause in eligibility_of(campaign, step)]
    checks = [check.condition for check in campaign.checks]
    return all(holds(condition, facts) for condition in demands + checks)


def recipient_of(step: Step, occasion: Occasion) -> str | None:
    """Return the recipient: the customer, or the one that the event names;

    `None` if it names nobody.
    """
    if step.reward is None or step.reward.recipient is None:
        return occasion.customer
    return text_of(evaluate(step.reward.recipient, occasion.facts))


def is_let(plan: Plan, step: Step, occasion: Occasion, recipient: str) -> bool:
    """Whether a recipient other than the customer exists and meets compliance; else `True`."""
    if step.reward is None or step.reward.recipient is None:
        return True
    row = occasion.others(recipient)
    return Recipients(plan, step.reward).let(row, occasion.facts.clock)


def share_of(campaign: Campaign, facts: Facts) -> int | None:
    """Return the index of the first budget share whose audience contains the customer."""
    shares = enumerate(campaign.shares)
    return next((index for index, share in shares if facts.audience(share.audience)), None)


def keys_of(plan: Plan, step: Step, facts: Facts) -> dict[str, str | None]:
    """Return the values, as text, of the fields by which the step's limits count."""
    return {name: text_of(counted(name, facts)) for name in counted_fields(plan.accounts, step)}


def counted(name: str, facts: Facts) -> Value | None:
    """Return the value of a field by which limits count: of the event, or of the customer."""
    kind, field = field_key(name)
    return facts.event(field) if kind == "event" else facts.feature(field)


def values_of(step: Step, facts: Facts) -> dict[str, str]:
    """Return the data that the step's messages use, as text; unknown values are left out."""
    wanted = {value.name: value.value for message in step.messages for value in message.values}
    seen = {name: evaluate(wanted[name], facts) for name in sorted(wanted)}
    return {name: encode(value) for name, value in seen.items() if value is not None}


def text_of(value: Value | None) -> str | None:
    """Encode a value as text; `None` stays `None`."""
    return None if value is None else encode(value)


# --- rewards ------------------------------------------------------------------------------------


def bundle(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds
) -> tuple[Line, ...] | None:
    """Return the lines that the step gives: those of the first branch that holds, or of the prize.

    `None` (no decision) if no branch holds or an amount is unknown or not positive. A step of
    messages alone gives no lines, which is a decision.
    """
    if step.reward is None:
        return ()
    who = (occasion.customer, occasion.occurrence)
    drawn = ticket_of(plan, campaign, step, *who, seeds)
    branch = branch_of(step.reward, occasion.facts, drawn)
    return None if branch is None else lines_of(plan, step.reward, branch, occasion.facts)


def branch_of(reward: Reward, facts: Facts, ticket: str) -> tuple[RewardLine, ...] | None:
    """Return the lines of the first branch that holds; for a draw, those of the prize."""
    held = (branch.lines for branch in reward.branches if comes(branch, facts, ticket))
    return next(held, None)


def comes(branch: Branch, facts: Facts, ticket: str) -> bool:
    """Whether a branch holds, by its condition or its ticket, if no earlier one does."""
    if branch.chance is not None:
        return ticket < threshold(branch.chance)
    return holds(branch.condition, facts)
