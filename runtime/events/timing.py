"""The timers that a stream of events passes: decided at their own instants, as a run does.

Their starting events are in the warehouse, or in the stream alone. Time is that of the stream. What
comes late is left to the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, CustomerField, LedgerFeature, Plan, Step
from ...compiler.plan.calendar import INSTANT, WallClock
from ...compiler.plan.chance import Seeds
from ...compiler.plan.steps import StepKey, steps_of
from ..decide.deciding import Occasion, decision_of
from ..decide.decisions import Decision
from ..decide.facts import CustomerFacts, Row, moment, named
from ..decide.grant_gate import GrantGate
from ..decide.patterns.cancelled import seen, with_cancelling
from ..decide.patterns.timers import Timer, TimerWatch, timers_of
from ..due.periods import first_caught_up
from ..due.schedule import start_of_day
from ..due.timer_marks import group_of_timers, mark_of, timers_between
from ..ledger.batches.kept_texts import Mark
from ..ledger.contract import Ledger
from ..warehouse.rows import WarehouseRows
from .past import Past, all_seen

Fresh = Mapping[str, Mapping[tuple[str, str], Row]]
"""By customer, then by kind and key: events of the stream."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that waits for timers. `rank`: its place in the order of decisions."""

    rank: int
    key: StepKey
    campaign: Campaign
    step: Step
    watch: TimerWatch


@dataclass(frozen=True, slots=True)
class TimerTurn:
    """A timer whose turn has come, with all that is known of its customer."""

    of: _Step
    timer: Timer
    known: _Known

    @property
    def at(self) -> datetime:
        """Its instant."""
        return self.timer.at


@dataclass(frozen=True, slots=True)
class _Known:
    """The customers of timers, with their events; `others` looks up any customer."""

    rows: WarehouseRows
    customers: Mapping[str, Row]
    events: Mapping[str, Mapping[tuple[str, str], Row]]

    def of(self, customer: str, kind: str) -> list[Row]:
        """The customer's events of a kind."""
        found = self.events.get(customer, {})
        return [row for (name, _), row in found.items() if name == kind]


@dataclass(slots=True)
class Timing:
    """The timers of a plan. `passed`: the instant up to which a step's timers are decided."""

    plan: Plan
    ledger: Ledger
    gate: GrantGate
    seeds: Seeds
    steps: tuple[_Step, ...] = field(init=False)
    passed: dict[StepKey, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.plan.time_zone)
        ranked = sorted(steps_of(self.plan), key=lambda one: (-one[1].priority, one[1].name))
        self.steps = tuple(
            _Step(rank, key, campaign, step, watch)
            for rank, (key, campaign, step) in enumerate(ranked)
            if step.follows is None
            if (watch := timers_of(campaign, step.trigger, zone)) is not None
        )

    @property
    def keeps(self) -> frozenset[str]:
        """The kinds of event that deciding a timer may read; empty without timers."""
        if not self.steps:
            return frozenset()
        asked = {
            one.event
            for one in self.plan.features
            if not isinstance(one, CustomerField | LedgerFeature)
        }
        read = asked.union(*(one.watch.trigger.events for one in self.steps))
        return with_cancelling(self.plan, read)

    def turns(self, rows: WarehouseRows, past: Past) -> list[TimerTurn]:
        """The timers that the stream passes with its latest instant, in their order."""
        fresh, upto = past.stream, past.latest
        wanted: dict[int, set[str]] = {}
        for one in self.steps:
            since = self._since(one, upto)
            there = timers_between(rows.plan, rows.warehouse, one.key, since, upto)
            owners = {customer for *_, customer in there}
            wanted[one.rank] = owners | self._fresh(one, fresh, since, upto)
        known = self._known(rows, fresh, set().union(*wanted.values()), upto)
        turns = [
            TimerTurn(one, timer, known)
            for one in self.steps
            for customer in wanted[one.rank]
            for timer in self._timers(one, known, customer, self._since(one, upto), upto)
        ]
        return sorted(turns, key=_order)

    def pass_by(self, turns: Sequence[TimerTurn], upto: datetime) -> None:
        """Mark the timers as examined: all up to an instant are."""
        marks: dict[StepKey, list[str]] = defaultdict(list)
        for turn in turns:
            marks[turn.of.key].append(mark_of(turn.timer.at, turn.timer.key))
        for key, some in marks.items():
            self.ledger.mark_seen(group_of_timers(key), some)
        self.passed |= {one.key: upto for one in self.steps}

    def decide(self, turn: TimerTurn, upto: datetime) -> Decision | None:
        """The decision of a timer; `None` if it is ended, or gives nothing."""
        of, timer, known = turn.of, turn.timer, turn.known
        unless = of.watch.trigger.unless
        others = [] if unless is None else known.of(timer.customer, unless.event)
        if of.watch.ended_by(timer, others) is not None:
            return None
        histories = {event.name: known.of(timer.customer, event.name) for event in self.plan.events}
        clock = WallClock(timer.at, of.watch.zone)
        row = known.customers[timer.customer]
        plain = CustomerFacts(self.plan, row, histories, timer.row, clock, tuple)
        facts = self.gate.facts(of.key, timer.occurrence, timer.customer, plain)
        occasion = Occasion(timer.customer, timer.occurrence, facts, known.rows.customer)
        decision = decision_of(self.plan, of.campaign, of.step, occasion, self.seeds)
        first = first_caught_up(self.plan, of.campaign, upto)
        late = decision is not None and first is not None and timer.at < first
        return decision._replace(too_late=True) if decision is not None and late else decision

    def _since(self, one: _Step, upto: datetime) -> datetime:
        """The first instant that was not passed yet: by this worker, or else by a run."""
        passed = self.passed.get(one.key) or self.ledger.progress(Mark(one.key).text)
        if passed is not None:
            return passed + INSTANT
        return one.campaign.active_from or start_of_day(one.watch.zone, upto)

    def _fresh(self, one: _Step, fresh: Fresh, since: datetime, upto: datetime) -> set[str]:
        """The customers of timers of events of the stream."""
        found = set()
        for customer, events in fresh.items():
            for (kind, _), row in events.items():
                if kind == one.watch.trigger.event:
                    # Whether it is cancelled is asked when all of its customer's events are known.
                    timer = one.watch.of_event(customer, seen(row, {}))
                    if timer is not None and since <= timer.at <= upto:
                        found.add(customer)
        return found

    def _timers(
        self, one: _Step, known: _Known, customer: str, since: datetime, upto: datetime
    ) -> Iterator[Timer]:
        """Yield the timers of a customer in [since, upto]; none of one who is not known."""
        row, event = known.customers.get(customer), one.watch.trigger.event
        if row is None:
            return
        if event is None:
            yield from one.watch.of_customer(customer, row, since, upto)
            return
        for each in known.of(customer, event):
            timer = one.watch.of_event(customer, each)
            if timer is not None and since <= timer.at <= upto:
                yield timer

    def _known(
        self, rows: WarehouseRows, fresh: Fresh, customers: set[str], upto: datetime
    ) -> _Known:
        """Read the customers and their events, from the warehouse and the stream."""
        events: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
        pasts = {one.name for one in self.plan.events if one.past_of is not None}
        for kind in sorted(self.keeps) if customers else ():
            column = named(self.plan.events, kind).customer
            for customer, row in rows.events_of(kind, column, customers, upto):
                own = f"{moment(row)}" if kind in pasts else moment(row)[1]
                events[customer][kind, own] = row
        for customer in customers:
            for name, row in fresh.get(customer, {}).items():
                events[customer].setdefault(name, row)
        for customer, own in events.items():
            events[customer] = all_seen(self.plan, own)
        return _Known(rows, rows.customers(customers) if customers else {}, events)


def _order(turn: TimerTurn) -> tuple[datetime, int, str, str]:
    return turn.timer.at.astimezone(UTC), turn.of.rank, turn.timer.occurrence, turn.timer.customer
