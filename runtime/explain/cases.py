"""The case to explain: a customer and the latest occasion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    Campaign,
    CustomerField,
    EnteringTrigger,
    LedgerFeature,
    Plan,
    Step,
    TimerTrigger,
    WalletTrigger,
)
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.steps import StepKey, is_task, kinds_read, step_of
from ...compiler.plan.triggers import TIMES
from ..decide.active import is_active
from ..decide.deciding import Occasion, recipient_of
from ..decide.decisions import Decision, Identity, Result
from ..decide.facts import CustomerFacts, CustomerRows, Facts, Row, moment
from ..decide.grant_gate import GrantGate
from ..decide.journeys.inside import Inside
from ..decide.past_grants import DecisionRow, Stretch, Turn
from ..decide.patterns.firings import PatternWatch, pattern_of, with_times
from ..decide.patterns.groups import Happened, Watch, watch_of
from ..decide.patterns.timers import timers_of
from ..decide.reference import fires, occurrence_of
from ..decide.wallets.reached import Happened as Filled
from ..due.schedule import due
from ..ledger.contract import BudgetRow, ClaimRow, ReversalRow
from ..ledger.holders import WalletRow
from .journey_case import is_outside, later_occasion, without_event
from .move_clauses import latest_entering
from .task_case import task_occasion
from .timer_clauses import ended_by, latest_timer

_LOOK_BACK = tuple(timedelta(days=days) for days in (60, 800, 36_600))
"""Most schedules fire within the first; a festival of the project may have years in between."""


class Book(Protocol):
    """The reads that an explanation makes in a ledger."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """The stored decision; `None` if it was never made."""

    def as_kept(self, plan: Plan, decision: Decision) -> Decision:
        """The decision with the values by which balances are kept."""

    def budgets(self, plan: Plan, campaign: str | None = None) -> list[BudgetRow]:
        """The balances of the accounts that the campaign's grants are charged to."""

    def balances(
        self, customer: str | None = None, at: datetime | None = None
    ) -> Iterator[WalletRow]:
        """The customer's wallets."""

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """The customer's claims of the campaign's offers."""

    def reversals(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ReversalRow]:
        """The events that took back grants of the campaign."""

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """The number of grants of the campaign, or of the benefit, in each stretch."""

    def balance(self, customer: str, wallet: str, turn: Turn) -> int:
        """The units that the customer can spend at a turn."""

    def inside(self, campaign: str | None = None, customer: str | None = None) -> Iterator[Inside]:
        """The instances of journeys with their kept steps."""

    def last_fired(self, key: StepKey, customer: str, until: datetime) -> Filled | None:
        """The step's last decision about the customer, which a wallet fired."""

    def rehearsal(self) -> AbstractContextManager[Rehearsal]:
        """A copy of the ledger; what is done in it is not kept."""


class Rehearsal(Protocol):
    """The copy of a ledger, in which decisions can be tried."""

    def decide(self, plan: Plan, decisions: Sequence[Decision], digest: str) -> list[Result]:
        """Decide, and return the results."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """The stored decision."""


@dataclass(frozen=True, slots=True)
class Case:
    """A customer and the occasion to explain.

    `event_customer` is the customer of the event that completed a group, for a reward to each of
    its members.

    `came`: there was an occasion; otherwise `occasion` holds only the instant in question. `fired`:
    the occasion fires the trigger.
    """

    plan: Plan
    campaign: Campaign
    step: Step
    occasion: Occasion
    came: bool
    fired: bool
    event_customer: str | None = None

    @property
    def facts(self) -> Facts:
        """The facts that the rules see of the customer."""
        return self.occasion.facts

    @property
    def identity(self) -> Identity | None:
        """The decision's identity; `None` without an occasion or a recipient."""
        recipient = recipient_of(self.step, self.occasion) if self.came else None
        if recipient is None:
            return None
        return Identity(self.campaign.name, self.step.name, recipient, self.occasion.occurrence)


def find_case(
    plan: Plan,
    campaign: Campaign,
    step: str | None,
    customer: str,
    row: Row,
    at: datetime,
    rows: CustomerRows,
    book: Book,
) -> Case:
    """The customer's latest occasion up to `at`; without a step, of that which came up last."""
    found = (customer, row, at, rows, book)
    steps = campaign.steps if step is None else (step_of(campaign, step),)
    every = (find_case_of(plan, campaign, one, *found) for one in steps)
    return max(every, key=lambda case: (case.came, case.facts.clock.now))


def find_case_of(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    customer: str,
    row: Row,
    at: datetime,
    rows: CustomerRows,
    book: Book,
) -> Case:
    """The customer's latest occasion of a step up to `at`; of a journey, in its latest instance."""
    if step.follows is not None:
        return _later_case(plan, campaign, step, customer, row, at, rows, book)
    histories = {event: rows.events(event, customer) for event in _events(plan, campaign, step)}
    gate = GrantGate(plan, book)

    def occasion(now: datetime, occurrence: str, trigger: Row | None) -> Occasion:
        clock = WallClock(now, ZoneInfo(plan.time_zone))
        known = CustomerFacts(plan, row, histories, trigger, clock, tuple)
        facts = gate.facts(StepKey(campaign.name, step.name), occurrence, customer, known)
        return Occasion(customer, occurrence, facts, rows.customer)

    case, trigger = partial(Case, plan, campaign, step), step.trigger
    timers = timers_of(campaign, trigger, ZoneInfo(plan.time_zone))
    if is_task(step):
        events, facts = partial(_up_to, campaign, at, histories), partial(_facts_at, occasion)
        done, did = task_occasion(plan, campaign, step, events, facts)
        when = (at, "", None) if done is None else done.as_occasion
        return case(occasion(*when), came=done is not None, fired=did)
    if timers is not None:
        timer = latest_timer(timers, customer, row, rows, at)
        if timer is not None:
            is_open = ended_by(timers, timer, rows) is None
            return case(occasion(*timer.turn), came=True, fired=is_open)
    elif trigger.event is not None:
        watch = watch_of(campaign, trigger, ZoneInfo(plan.time_zone))
        each = step.reward is not None and step.reward.each
        own = histories[trigger.event]
        last = None if watch is None else _last(watch, customer, own, rows, at, each=each)
        if last is not None:
            (now, key, owner, _), event = last
            of_group = case(occasion(now, key, event), came=True, fired=True)
            return replace(of_group, event_customer=owner) if each else of_group
        pattern = pattern_of(campaign, trigger, ZoneInfo(plan.time_zone))
        latest = None if pattern is None else _fired(pattern, own, at)
        if latest is not None:
            return case(occasion(*latest), came=True, fired=True)
        every = _latest_first(campaign, own, at)
        if pattern is None:
            came = [occasion(when, key, event) for when, key, event in every]
        else:  # keys are not the names of firings, and nothing crosses a multiple
            came = [occasion(when, "", {**event, TIMES: None}) for when, _, event in every]
        fired = None if watch or pattern else _latest_fired(plan, campaign, step, came, book)
        if came:
            return case(fired or came[0], came=True, fired=fired is not None)
    else:
        found = _scheduled(plan, campaign, step, customer, at, rows, book)
        if found is not None:
            return case(occasion(*found[:2], None), came=True, fired=found[2])
    return case(occasion(at, "", None), came=False, fired=False)


def _latest_fired(
    plan: Plan, campaign: Campaign, step: Step, came: Sequence[Occasion], book: Book
) -> Occasion | None:
    """Return the latest that fires; of a journey the latest that the ledger let in, if any."""
    firing = [one for one in came if fires(plan, step.trigger, one.facts)]
    if campaign.journey is not None:
        let_in = (
            one for one in firing if not is_outside(book, campaign, one.customer, one.occurrence)
        )
        return next(let_in, next(iter(firing), None))
    return next(iter(firing), None)


def _later_case(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    customer: str,
    row: Row,
    at: datetime,
    rows: CustomerRows,
    book: Book,
) -> Case:
    """The case of a later step: it came if the latest instance came to it."""
    entry = find_case_of(plan, campaign, campaign.steps[0], customer, row, at, rows, book)
    found = None
    if entry.fired:
        found = later_occasion(plan, campaign, step, entry.occasion, at, rows, book)
    if found is None:
        nothing = without_event(plan, entry.occasion, at, rows)
        return replace(entry, step=step, occasion=nothing, came=False, fired=False)
    gate = GrantGate(plan, book)
    facts = gate.facts(StepKey(campaign.name, step.name), found.occurrence, customer, found.facts)
    return replace(entry, step=step, occasion=replace(found, facts=facts))


def _latest_first(
    campaign: Campaign, events: Sequence[Row], at: datetime
) -> Iterator[tuple[datetime, str, Row]]:
    """Yield the events up to an instant in the campaign's active period, the latest first."""
    for event in sorted(events, key=moment, reverse=True):
        when, key = moment(event)
        if when <= at and is_active(campaign, when):
            yield when, key, event


def _up_to(
    campaign: Campaign, at: datetime, histories: Mapping[str, Sequence[Row]], kind: str
) -> list[Row]:
    """Return the events of a kind up to an instant, in the campaign's active period."""
    moments = ((moment(row)[0], row) for row in histories.get(kind, ()))
    return [row for when, row in moments if when <= at and is_active(campaign, when)]


def _facts_at(occasion: Callable[[datetime, str, Row], Occasion], row: Row) -> Facts:
    return occasion(moment(row)[0], "", row).facts


def _fired(
    pattern: PatternWatch, events: Sequence[Row], at: datetime
) -> tuple[datetime, str, Row] | None:
    """The customer's latest firing up to `at`: its instant, its occurrence and its event."""
    latest = max((one for one in pattern.firings(events) if one.at <= at), default=None)
    if latest is None:
        return None
    event = next(one for one in events if moment(one) == latest[:2])
    return latest.at, latest.occurrence, with_times(event, latest)


def _last(
    watch: Watch,
    customer: str,
    events: Sequence[Row],
    rows: CustomerRows,
    at: datetime,
    *,
    each: bool,
) -> tuple[Happened, Row] | None:
    """Return the event that completed the customer's latest group up to `at`, if one did."""
    groups = _completed(watch, customer, events, rows, each=each)
    return max((one for one in groups if one[0].at <= at), default=None, key=_turn)


def _completed(
    watch: Watch, customer: str, events: Sequence[Row], rows: CustomerRows, *, each: bool
) -> Iterator[tuple[Happened, Row]]:
    """Yield the events that completed groups of the customer and fire for the customer."""
    for value in dict.fromkeys(watch.value(event) for event in events):
        if value is None:
            continue
        alike = rows.alike(watch.trigger.event, watch.group.field, value)
        group = watch.gathered(alike)
        last = watch.completed(group)
        if last is None:
            continue
        if customer in (watch.members(group, last) if each else [last.customer]):
            yield last, next(row for _, row in alike if moment(row) == last[:2])


def _turn(completed: tuple[Happened, Row]) -> Happened:
    return completed[0]


def _scheduled(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    book: Book,
) -> tuple[datetime, str, bool] | None:
    """Return what to explain, `None` without an instant: instant, occurrence, whether it concerns
    the customer.
    """
    if isinstance(step.trigger, WalletTrigger):
        last = book.last_fired(StepKey(campaign.name, step.name), customer, at)
        return None if last is None else (*last, True)
    moved = latest_entering(plan, campaign, step, customer, at, rows, book.decision)
    if moved is not None:
        return moved[0], occurrence_of(plan, moved[0]), moved[1]
    instant = _latest_instant(plan, campaign, step, at)
    if instant is None:
        return None
    return instant, occurrence_of(plan, instant), not isinstance(step.trigger, EnteringTrigger)


def _latest_instant(plan: Plan, campaign: Campaign, step: Step, at: datetime) -> datetime | None:
    """Return the latest instant of the schedule up to `at`; `None` if there was none."""
    end = at if campaign.active_to is None else min(at, campaign.active_to)
    once = step.trigger.once or end
    beginning = datetime.min.replace(tzinfo=end.tzinfo) + _LOOK_BACK[0]
    for look_back in _LOOK_BACK:
        start = min(once, max(end, beginning + look_back) - look_back)
        instants = due(plan, campaign.name, start, end, step=step.name).instants
        if instants:
            return instants[-1]
    return None


def _events(plan: Plan, campaign: Campaign, step: Step) -> set[str]:
    """Return the kinds of event that the plan's rules read."""
    asked = {
        feature.event
        for feature in plan.features
        if not isinstance(feature, CustomerField | LedgerFeature)
    }
    trigger = step.trigger
    if isinstance(trigger, TimerTrigger):
        return asked | set(trigger.events)
    return asked.union(kinds_read(campaign, step))
