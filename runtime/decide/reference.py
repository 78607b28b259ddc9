"""The reference engine: the meaning of a plan in the plainest code.

Every other engine is compared with it. It uses no SQL, no index and no cache. Read from `decide`
down: occasions (customer and occurrence), then decisions, then rewards. The ledger's caps come
after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, EnteringTrigger, Plan, Step, TimerTrigger, Trigger
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.due import Due
from ...compiler.plan.steps import held_open_by, is_task, step_of
from ...compiler.plan.triggers import is_open
from ...compiler.plan.values import encode
from .active import is_active
from .deciding import Occasion, decision_of, share_of, text_of
from .decisions import Decision
from .drawing import order_of
from .facts import CustomerFacts, Facts, Row, evaluate, holds, moment, named
from .journeys.walking import NOTHING_KEPT, Moments, Taken, Walk, entry_row
from .past_grants import Received, WalletMove
from .patterns.firings import pattern_of, with_times
from .patterns.groups import Happened, Watch, watch_of
from .patterns.moves import FactsAt, enters, late_since
from .patterns.timers import Timer, TimerWatch, in_order, timers_of
from .tasks.doing import Doing, doing_of

__all__ = ["Rows", "decide", "evaluate", "holds", "is_active"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A warehouse in memory, which implements `CustomerRows`. All keys are text.

    `customers` maps keys to rows. `histories` maps an event and a customer to rows. `late` holds
    the keys of events before the period that are due too. `grants` are the ledger's past grants,
    `moves` those of its wallets.
    """

    customers: Mapping[str, Row]
    histories: Mapping[str, Mapping[str, Sequence[Row]]]
    late: frozenset[str] = frozenset()
    grants: Sequence[Received] = ()
    moves: Sequence[WalletMove] = ()

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

    def moved(self, customer: str) -> list[WalletMove]:
        """The changes of one customer's wallets."""
        return [move for move in self.moves if move.customer == customer]


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
    found = occasions_due(plan, wanted, chosen, rows, due, seeds)
    decided = (decision_of(plan, wanted, chosen, occasion, seeds) for occasion in found)
    return [decision for decision in decided if decision is not None]


# --- occasions: customers and occurrences --------------------------------------------------------


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


def _tasks_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due
) -> Iterator[Occasion]:
    """Yield the occasions of a task in each period of which an event is due, in order."""
    found = [
        Occasion(who, one.occurrence, facts_of(plan, rows, who, one.at, one.row), rows.customer)
        for who in rows.customers
        for one in _doing(plan, campaign, rows, who, due).done(step)
        if one.is_due
    ]
    yield from sorted(found, key=Occasion.turn)


def _doing(plan: Plan, campaign: Campaign, rows: Rows, who: str, due: Due) -> Doing:
    """Return the tasks of a customer, by the events up to the end of what is due."""

    def is_due(row: Row) -> bool:
        at, key = moment(row)
        return due.start <= at <= due.end or (key in rows.late and at < due.start)

    def events(kind: str) -> list[Row]:
        return [row for row in rows.events(kind, who) if moment(row)[0] <= due.end]

    def facts(row: Row) -> Facts:
        return facts_of(plan, rows, who, moment(row)[0], row)

    return doing_of(plan, campaign, events, facts, is_due)


def occasions_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due, seeds: Seeds = NO_SEEDS
) -> Iterator[Occasion]:
    """Yield the occasions of a step that are due, in the order of their decisions."""
    if step.follows is not None:
        return _steps_due(plan, campaign, step, rows, due, seeds)
    if isinstance(step.trigger, TimerTrigger):
        return _timers_due(plan, campaign, step, rows, due)
    if is_task(step):
        return _tasks_due(plan, campaign, step, rows, due)
    if step.trigger.event is not None:
        return _events_due(plan, campaign, step, rows, due)
    return _customers_due(plan, campaign, step, rows, due)


def _steps_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due, seeds: Seeds
) -> Iterator[Occasion]:
    """Yield the occasions of a later step of a journey, ordered by (time, occurrence, customer)."""
    if due.entries is None:
        raise LookupError(f"{step.name} follows an entry, and no period of entries is given")
    found: list[Occasion] = []
    entry = campaign.steps[0]
    for begun in occasions_due(plan, campaign, entry, rows, due.entries):
        come = instance_of(plan, campaign, rows, begun, seeds)
        found += [
            step_occasion(plan, rows, begun, taken)
            for taken in come
            if taken.step is step and _is_due(rows, due, begun.occurrence, taken.at)
        ]
    yield from sorted(found, key=Occasion.turn)


def _is_due(rows: Rows, due: Due, occurrence: str, at: datetime) -> bool:
    """Whether the moment of a later step is in the period, or a late one that is due too."""
    if due.start <= at <= due.end:
        return True
    late = due.late_table is not None and f"{occurrence}|{encode(at)}" in rows.late
    return late and at < due.start


def instance_of(
    plan: Plan,
    campaign: Campaign,
    rows: Rows,
    begun: Occasion,
    seeds: Seeds = NO_SEEDS,
    kept: Moments = NOTHING_KEPT,
) -> list[Taken]:
    """Return the steps that come after an entry; none of an entry that is not decided."""
    entry, facts = campaign.steps[0], begun.facts
    decided = decision_of(plan, campaign, entry, begun, seeds)
    if decided is None or decided.held_out:
        return []
    event = entry.trigger.event
    fields = () if event is None else named(plan.events, event).fields
    own = {name: facts.event(name) for name in ("at", "key", *(one.name for one in fields))}
    row = entry_row(facts.clock.now, begun.occurrence, own if event else None)
    walk = Walk(
        *(campaign, facts.clock.zone, begun.customer),
        lambda event: rows.events(event, begun.customer),
        partial(_reaches, plan, campaign, rows, begun, seeds),
        partial(_holds_on, plan, campaign, rows, begun),
        lambda taken, field: step_occasion(plan, rows, begun, taken).facts.feature(field),
        lambda event: [one.name for one in named(plan.events, event).fields],
        kept,
    )
    return walk.steps(Taken(entry, facts.clock.now, row))


def step_occasion(plan: Plan, rows: Rows, begun: Occasion, taken: Taken) -> Occasion:
    """Return the occasion of a later step: its occurrence is that of the entry."""
    facts = facts_of(plan, rows, begun.customer, taken.at, taken.row)
    return Occasion(begun.customer, begun.occurrence, facts, begun.others)


def _reaches(
    plan: Plan, campaign: Campaign, rows: Rows, begun: Occasion, seeds: Seeds, taken: Taken
) -> bool:
    """Whether a step that comes is decided, by rules alone."""
    occasion = step_occasion(plan, rows, begun, taken)
    return decision_of(plan, campaign, taken.step, occasion, seeds) is not None


def _holds_on(plan: Plan, campaign: Campaign, rows: Rows, begun: Occasion, taken: Taken) -> bool:
    """Whether the conditions hold that keep an instance going."""
    facts = step_occasion(plan, rows, begun, taken).facts
    return all(holds(condition, facts) for condition in held_open_by(campaign, taken.step))


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
    if is_task(step):
        for one in _tasks_due(plan, campaign, step, rows, Due(at, at)):
            if (one.customer, one.facts.event("key")) == (customer, key):
                yield one
        return
    if trigger.event is None or not is_active(campaign, at):
        return
    who, occurrence = [customer], key
    pattern = pattern_of(campaign, trigger, ZoneInfo(plan.time_zone))
    if pattern is not None:
        fired = pattern.firings(rows.events(trigger.event, customer))
        firing = next((one for one in fired if one[:2] == (at, key)), None)
        if firing is None:
            return
        occurrence, row = firing.occurrence, with_times(row, firing)
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


def _timers_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due
) -> Iterator[Occasion]:
    """Yield the occasions of timers that no event has ended, and of late ones, in their order."""
    watch = timers_of(campaign, step.trigger, ZoneInfo(plan.time_zone))
    if watch is None:
        return
    for timer in in_order(timers_due(watch, rows, due)):
        ends = watch.trigger.unless
        others = () if ends is None else rows.events(ends.event, timer.customer)
        if watch.ended_by(timer, others) is None:
            yield timer_occasion(plan, rows, timer)


def timers_due(watch: TimerWatch, rows: Rows, due: Due) -> Iterator[Timer]:
    """Yield the timers that are due."""
    found: Iterable[Timer]
    for customer, row in rows.customers.items():
        event = watch.trigger.event
        if event is None:
            start = due.start if due.late_since is None else min(due.start, due.late_since)
            found = watch.of_customer(customer, row, start, due.end)
        else:
            every = (watch.of_event(customer, one) for one in rows.events(event, customer))
            found = (one for one in every if one is not None)
        for timer in found:
            is_late = timer.at < due.start and timer.key in rows.late
            if is_late or due.start <= timer.at <= due.end:
                yield timer


def timer_occasion(plan: Plan, rows: Rows, timer: Timer) -> Occasion:
    """Return the occasion of a timer: its customer, at its instant, with its starting event."""
    facts = facts_of(plan, rows, timer.customer, timer.at, timer.row)
    return Occasion(timer.customer, timer.occurrence, facts, rows.customer)


def _customers_due(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due
) -> Iterator[Occasion]:
    """Yield all customers at each instant, ordered by (share, hash of occurrence and customer).

    Of a trigger that waits for customers to enter something, those who do.
    """
    for instant in due.every:
        occurrence = occurrence_of(plan, instant)
        names = entering(plan, step, rows, due, instant)
        everyone = {name: facts_of(plan, rows, name, instant, None) for name in names}

        def turn(
            name: str, everyone: Mapping[str, Facts] = everyone, occurrence: str = occurrence
        ) -> tuple[float, str]:
            share = share_of(campaign, everyone[name])
            hashed = order_of(campaign, occurrence, name)
            return (float("inf") if share is None else share, hashed)

        for name in sorted(everyone, key=turn):
            yield Occasion(name, occurrence, everyone[name], rows.customer)


def entering(plan: Plan, step: Step, rows: Rows, due: Due, instant: datetime) -> list[str]:
    """Return the customers who enter what the trigger waits for; all, if it waits for nothing.

    Before the period only those with a late event can, from its time on.
    """
    trigger = step.trigger
    if not isinstance(trigger, EnteringTrigger):
        return list(rows.customers)
    asked = trigger.asked(ZoneInfo(plan.time_zone), plan.holidays, (instant,))[instant]
    names = list(rows.customers)
    if due.again is not None and instant in due.again.instants:
        firsts = {name: late_since(due.again, rows, name, rows.late) for name in names}
        names = [name for name, at in firsts.items() if at is not None and at <= instant]

    def at(name: str) -> FactsAt:
        return lambda moment_: facts_of(plan, rows, name, moment_, None)

    return [name for name in names if enters(trigger, asked, at(name))]


def facts_of(plan: Plan, rows: Rows, customer: str, at: datetime, trigger: Row | None) -> Facts:
    """Return the facts of a customer at an instant.

    `trigger` is the row of the triggering or starting event, if any.
    """
    return CustomerFacts(
        plan,
        rows.customers[customer],
        {event: rows.events(event, customer) for event in rows.histories},
        trigger,
        WallClock(at, ZoneInfo(plan.time_zone)),
        lambda: rows.received(customer),
        lambda: rows.moved(customer),
    )


def fires(plan: Plan, trigger: Trigger, facts: Facts) -> bool:
    """Whether the event meets the trigger's `where` and opening window."""
    opened = is_open(ZoneInfo(plan.time_zone), trigger.opening, facts.clock.now)
    return opened and holds(trigger.where, facts)


def occurrence_of(plan: Plan, instant: datetime) -> str:
    """Return a scheduled instant as an occurrence: ISO 8601 in the project's zone."""
    return instant.astimezone(ZoneInfo(plan.time_zone)).isoformat()
