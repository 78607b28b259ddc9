"""The timers that a stream of events passes: decided at their own instants, as a run does.

Their starting events are in the warehouse, or in the stream alone. Time is that of the stream. What
comes late is left to the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, Plan, Step
from ....compiler.plan.calendar import INSTANT, WallClock
from ....compiler.plan.chance import Seeds
from ....compiler.plan.demands import residual
from ....compiler.plan.expressions import Expression
from ....compiler.plan.steps import StepKey, ranks_of, steps_of
from ....compiler.plan.values import encode
from ...decide.deciding import Occasion, decision_of
from ...decide.facts import CustomerFacts, Row
from ...decide.patterns.cancelled import seen, with_cancelling
from ...decide.patterns.timers import Timer, TimerWatch, timers_of
from ...due.known import Fresh, Index, Known, kinds_asked, read_known
from ...due.schedule import start_of_day
from ...due.timer_marks import group_of_timers, mark_of, timers_between
from ...due.ungated import ungated
from ...ledger.batches.kept_texts import Mark
from ...ledger.contract import Ledger
from ...warehouse.rows import WarehouseRows
from ..concerns import Event
from ..part import WHOLE, Part
from ..requests import DueDecision


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that waits for timers. `rank`: its place in the order of decisions."""

    rank: int
    key: StepKey
    campaign: Campaign
    step: Step
    watch: TimerWatch
    conditions: tuple[Expression, ...]

    def instant(self, row: Row) -> str | None:
        """The instant of an event's timer as text; `None` if it starts none.

        Whether the event is cancelled is asked when all of its customer's events are known.
        """
        timer = self.watch.of_event("", seen(row, {}))
        return None if timer is None else encode(timer.at)


@dataclass(slots=True)
class Timing:
    """The timers of a plan. `passed`: the instant up to which a step's timers are decided."""

    plan: Plan
    ledger: Ledger
    seeds: Seeds
    part: Part = WHOLE
    steps: tuple[_Step, ...] = field(init=False)
    passed: dict[StepKey, datetime] = field(default_factory=dict)
    _asked: list[_Step] = field(default_factory=list)
    _marks: dict[StepKey, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        zone, ranks = ZoneInfo(self.plan.time_zone), ranks_of(self.plan)
        self.steps = tuple(
            _Step(ranks[key], key, campaign, step, watch, residual(self.plan, *key))
            for key, campaign, step in steps_of(ungated(self.plan))
            if step.follows is None
            if (watch := timers_of(campaign, step.trigger, zone)) is not None
        )

    def __bool__(self) -> bool:
        """Whether the plan has timers."""
        return bool(self.steps)

    @property
    def keeps(self) -> frozenset[str]:
        """The kinds of event that deciding a timer may read; empty without timers."""
        if not self.steps:
            return frozenset()
        own = (one.watch.trigger.events for one in self.steps)
        return with_cancelling(self.plan, kinds_asked(self.plan).union(*own))

    @property
    def indices(self) -> Mapping[str, Index]:
        """The instants of the timers that events start, by step."""
        return {
            group_of_timers(one.key): Index(one.watch.trigger.event, one.instant)
            for one in self.steps
            if one.watch.trigger.event is not None
        }

    def due(
        self,
        rows: WarehouseRows,
        fresh: Fresh,
        in_order: Sequence[Event],
        alone: Collection[str],
        began: datetime,
        upto: datetime,
    ) -> Iterator[DueDecision]:
        """Yield what the timers decide that the stream passes with an instant.

        Also those whose starting event comes after the stream has passed them. As of a first run,
        it begins with the day on which the stream `began`. Campaigns that are left `alone` decide
        nothing.
        """
        self._marks.clear()
        self._asked = [one for one in self.steps if one.key.campaign not in alone]
        wanted: dict[int, set[str]] = {}
        late: dict[int, set[tuple[str, str]]] = {}
        for one in self._asked:
            since = self._since(one, began)
            there = timers_between(rows.plan, rows.warehouse, one.key, since, upto)
            owners = {customer for *_, customer in there if self.part.has(customer)}
            late[one.rank] = {*self._late(one, in_order, since)}
            wanted[one.rank] = owners | _fresh(one, fresh, since, upto)
        customers = {who for some in late.values() for who, _ in some}
        customers |= set().union(*wanted.values())
        known = read_known(rows, self.keeps, fresh, customers, upto)
        for one in self._asked:
            timers = [
                timer
                for customer in wanted[one.rank]
                for timer in self._timers(one, known, customer, self._since(one, began), upto)
            ]
            timers += self._timers_of(one, known, late[one.rank])
            for timer in timers:
                self._marks[one.key].append(mark_of(timer.at, timer.key))
                found = self._decided(one, timer, known)
                if found is not None:
                    yield found

    def _late(
        self, one: _Step, in_order: Sequence[Event], since: datetime
    ) -> Iterator[tuple[str, str]]:
        """Yield customer and key of these events whose timers were passed before they came."""
        group = group_of_timers(one.key)
        for event in in_order:
            if event.name == one.watch.trigger.event:
                timer = one.watch.of_event(event.customer, seen(event.row, {}))
                if timer is None or timer.at >= since:
                    continue
                if not self.ledger.was_read(group, mark_of(timer.at, timer.key)):
                    yield event.customer, timer.key

    @staticmethod
    def _timers_of(one: _Step, known: Known, events: set[tuple[str, str]]) -> Iterator[Timer]:
        """Yield the timers of these events (customer, key)."""
        for customer in sorted({who for who, _ in events} & known.customers.keys()):
            for row in known.of(customer, one.watch.trigger.event or ""):
                timer = one.watch.of_event(customer, row)
                if timer is not None and (customer, timer.key) in events:
                    yield timer

    def pass_by(self, upto: datetime) -> None:
        """Mark the timers as examined: all up to an instant are."""
        for key, some in self._marks.items():
            self.ledger.mark_seen(group_of_timers(key), some)
        self._marks.clear()
        self.passed |= {one.key: upto for one in self._asked}

    def forget(self, *, decided: bool) -> None:  # noqa: ARG002  (as steps do)
        """Ask the ledger again how far timers are decided."""
        self.passed.clear()

    def _decided(self, of: _Step, timer: Timer, known: Known) -> DueDecision | None:
        """The decision of a timer by rules; `None` if it is ended, or gives nothing."""
        unless = of.watch.trigger.unless
        others = [] if unless is None else known.of(timer.customer, unless.event)
        if of.watch.ended_by(timer, others) is not None:
            return None
        row, clock = known.customers[timer.customer], WallClock(timer.at, of.watch.zone)
        histories = known.histories(timer.customer)
        facts = CustomerFacts(self.plan, row, histories, timer.row, clock, tuple)
        occasion = Occasion(timer.customer, timer.occurrence, facts, known.rows.customer)
        decision = decision_of(self.plan, of.campaign, of.step, occasion, self.seeds)
        if decision is None:
            return None
        return DueDecision(None, decision, facts, of.conditions, of.rank)

    def _since(self, one: _Step, began: datetime) -> datetime:
        """The first instant that was not passed yet: by this worker, or else by a run."""
        passed = self.passed.get(one.key) or self.ledger.progress(Mark(one.key).text)
        if passed is not None:
            return passed + INSTANT
        return one.campaign.active_from or start_of_day(one.watch.zone, began)

    def _timers(
        self, one: _Step, known: Known, customer: str, since: datetime, upto: datetime
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


def _fresh(one: _Step, fresh: Fresh, since: datetime, upto: datetime) -> set[str]:
    """The customers of timers of events of the stream."""
    if one.watch.trigger.event is None:
        return set()
    between = fresh.found(group_of_timers(one.key), encode(since), encode(upto))
    return {customer for customer, *_ in between}
