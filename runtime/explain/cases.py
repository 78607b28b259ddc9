"""Which decision is explained: a customer and the occasion that came up last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from ...compiler.plan import (
    Campaign,
    CustomerField,
    EventTrigger,
    GrantCount,
    OnceTrigger,
    Plan,
    Step,
)
from ...compiler.plan.calendar import WallClock
from ..decide.decisions import Decision, Identity, Result
from ..decide.facts import CustomerFacts, CustomerRows, Facts, Row, moment
from ..decide.grant_gate import GrantGate
from ..decide.groups import Happened, Watch, watch_of
from ..decide.past_grants import DecisionRow, Stretch
from ..decide.reference import Occasion, fires, is_active, occurrence_of, recipient_of
from ..due.schedule import due
from ..ledger.contract import BudgetRow, ClaimRow, WalletRow

_LOOK_BACK = timedelta(days=800)
"""A schedule that comes back at all has come back within this: festivals move by weeks."""


class Book(Protocol):
    """What an explanation asks of a ledger."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """What became of a decision; nothing where it was never taken."""

    def budgets(self, plan: Plan, campaign: str | None = None) -> list[BudgetRow]:
        """The balances of the accounts that the campaign's grants are charged to."""

    def balances(
        self, customer: str | None = None, at: datetime | None = None
    ) -> Iterator[WalletRow]:
        """What the customer has in wallets."""

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """The events by which the customer claimed from the campaign."""

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """How often the campaign, or the benefit, was given in each stretch."""

    def rehearsal(self) -> AbstractContextManager[Rehearsal]:
        """A copy on which everything works and nothing is kept."""


class Rehearsal(Protocol):
    """The copy: it takes a decision and says what became of it."""

    def decide(self, plan: Plan, decisions: Sequence[Decision], digest: str) -> list[Result]:
        """Decides."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """What became of a decision."""


@dataclass(frozen=True, slots=True)
class Case:
    """A customer and the occasion that is explained.

    `came`: there was one; if not, `occasion` is the instant that was asked about and nothing more.
    `fired`: it is one that the trigger waits for.
    """

    plan: Plan
    campaign: Campaign
    step: Step
    occasion: Occasion
    came: bool
    fired: bool

    @property
    def facts(self) -> Facts:
        """What the rules saw, or would see, of the customer."""
        return self.occasion.facts

    @property
    def identity(self) -> Identity | None:
        """The decision's; nothing where none came up, or it names nobody to receive anything."""
        recipient = recipient_of(self.step, self.occasion) if self.came else None
        if recipient is None:
            return None
        return Identity(self.campaign.name, self.step.name, recipient, self.occasion.occurrence)


def find_case(
    plan: Plan,
    campaign: Campaign,
    customer: str,
    row: Row,
    at: datetime,
    rows: CustomerRows,
    book: Book,
) -> Case:
    """The customer's latest occasion up to `at`: see `explain`."""
    step = campaign.steps[0]
    histories = {event: rows.events(event, customer) for event in _events(plan, step)}
    gate = GrantGate(plan, book)

    def occasion(now: datetime, occurrence: str, trigger: Row | None) -> Occasion:
        clock = WallClock(now, ZoneInfo(plan.time_zone))
        known = CustomerFacts(plan, row, histories, trigger, clock, tuple)
        facts = gate.facts(campaign.name, occurrence, customer, known)
        return Occasion(customer, occurrence, facts, rows.customer)

    def case(found: Occasion, *, came: bool, fired: bool) -> Case:
        return Case(plan, campaign, step, found, came, fired)

    trigger = step.trigger
    if isinstance(trigger, EventTrigger):
        watch = watch_of(campaign, trigger, ZoneInfo(plan.time_zone))
        if watch is not None:
            each = step.reward is not None and step.reward.each
            groups = _completed(watch, customer, histories[trigger.event], rows, each=each)
            last = max((one for one in groups if one[0].at <= at), default=None, key=_turn)
            if last is not None:
                (now, key, _), event = last
                return case(occasion(now, key, event), came=True, fired=True)
        events = sorted(histories[trigger.event], key=moment, reverse=True)
        keyed = [(moment(event), event) for event in events]
        came = [
            occasion(when, key, event)
            for (when, key), event in keyed
            if when <= at and is_active(campaign, when)
        ]
        fired = (one for one in came if watch is None and fires(plan, trigger, one.facts))
        firing = next(fired, None)
        if firing is not None:
            return case(firing, came=True, fired=True)
        if came:
            return case(came[0], came=True, fired=False)
    else:
        instant = _latest_instant(plan, campaign, step, at)
        if instant is not None:
            found = occasion(instant, occurrence_of(plan, instant), None)
            return case(found, came=True, fired=True)
    return case(occasion(at, "", None), came=False, fired=False)


def _completed(
    watch: Watch, customer: str, events: Sequence[Row], rows: CustomerRows, *, each: bool
) -> Iterator[tuple[Happened, Row]]:
    """The events that completed groups of the customer's, where they concern the customer."""
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


def _latest_instant(plan: Plan, campaign: Campaign, step: Step, at: datetime) -> datetime | None:
    """The last instant, up to `at`, at which the schedule was due in the active period."""
    end = at if campaign.active_to is None else min(at, campaign.active_to)
    once = step.trigger.at if isinstance(step.trigger, OnceTrigger) else end
    instants = due(plan, campaign.name, min(once, _long_before(end)), end).instants
    return instants[-1] if instants else None


def _long_before(end: datetime) -> datetime:
    beginning = datetime.min.replace(tzinfo=end.tzinfo) + _LOOK_BACK
    return max(end, beginning + _LOOK_BACK) - _LOOK_BACK


def _events(plan: Plan, step: Step) -> set[str]:
    """The kinds of event that rules of the plan look at."""
    asked = {
        feature.event
        for feature in plan.features
        if not isinstance(feature, CustomerField | GrantCount)
    }
    own = {step.trigger.event} if isinstance(step.trigger, EventTrigger) else set()
    return asked | own
