"""Past grants and wallets during a run: turn `received(…)` and `balance(…)` into queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, assert_never

from ...compiler.plan import (
    BeforeEventWindow,
    CalendarWindow,
    Campaign,
    GrantCount,
    LastWindow,
    LedgerFeature,
    Plan,
    SinceWindow,
    WalletBalance,
    WalletTrigger,
    Window,
)
from ...compiler.plan.calendar import INSTANT, first_day, first_moment, shift
from ...compiler.plan.demands import Index
from ...compiler.plan.expressions import Expression
from ...compiler.plan.steps import StepKey, in_turn, steps_of
from ...compiler.plan.values import Length
from ...compiler.rewards.lines import filled_by, lines_of_campaign, moved_by
from ...compiler.rewards.table import kind_of
from .facts import Facts, evaluate
from .past_grants import Stretch, Turn


class Ranks:
    """The order of a plan's steps within an instant.

    By priority of their campaigns, then by the campaign's name, then as in the file; of a journey
    as `turn_in_instance` has it.
    """

    def __init__(self, plan: Plan) -> None:
        in_order = sorted(plan.campaigns, key=lambda each: (-each.priority, each.name))
        keys = (StepKey(each.name, step.name) for each in in_order for step in in_turn(each))
        self._ranks = {key: rank for rank, key in enumerate(keys)}
        self._fired = frozenset(
            key for key, _, step in steps_of(plan) if isinstance(step.trigger, WalletTrigger)
        )

    def rank(self, key: StepKey) -> int:
        """The rank of a step, from 0."""
        return self._ranks[key]

    def turn(self, at: datetime, key: StepKey, occurrence: str) -> Turn:
        """The turn of a step at an occurrence."""
        return Turn(at, key, occurrence, self._ranks, self._fired)


class Counts(Protocol):
    """A ledger that counts past grants."""

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """The count of each stretch: grants of the campaign, or of the benefit."""

    def balance(self, customer: str, wallet: str, turn: Turn) -> int:
        """The units that a customer can spend at a turn."""


def ask_ledger(
    ledger: Counts, turn: Turn, feature: LedgerFeature, customer: str, facts: Facts
) -> int:
    """Return how many grants a customer had in the feature's window, or what a wallet holds."""
    if isinstance(feature, WalletBalance):
        return ledger.balance(customer, feature.wallet, turn)
    stretch = stretch_of(feature.window, customer, facts)
    if stretch is None:
        return 0
    (count,) = ledger.received_counts(feature.of, feature.name, [replace(stretch, turn=turn)])
    return count


def campaigns_asked_about(plan: Plan, conditions: Sequence[Expression]) -> frozenset[str]:
    """Return the campaigns whose grants can change these conditions."""
    index = Index(plan)
    needed = [
        index.features.get(name) for kind, name in index.closure(conditions) if kind == "feature"
    ]
    wallets = {feature.wallet for feature in needed if isinstance(feature, WalletBalance)}
    counts = [feature for feature in needed if isinstance(feature, GrantCount)]
    campaigns = {one.campaign for one in counts if one.campaign is not None}
    benefits = {feature.name for feature in counts if feature.of == "benefit"}
    giving = {
        campaign.name
        for campaign in plan.campaigns
        if benefits & set(_benefits_of(campaign)) or wallets & set(moved_by(campaign))
    }
    return _with_causes(plan, campaigns | giving)


def _with_causes(plan: Plan, names: set[str]) -> frozenset[str]:
    """Add the campaigns whose grants may fire one of these, over wallets."""
    found, new = set[str](), set(names)
    while new:
        found |= new
        waited = {
            step.trigger.wallet
            for campaign in plan.campaigns
            if campaign.name in new
            for step in campaign.steps
            if isinstance(step.trigger, WalletTrigger)
        }
        filling = {one.name for one in plan.campaigns if waited & set(filled_by(one))}
        new = filling - found
    return frozenset(found)


def _benefits_of(campaign: Campaign) -> Iterator[str]:
    """Yield the benefits that a campaign can give."""
    for line in lines_of_campaign(campaign):
        yield from kind_of(line).benefits(line)


def stretch_of(window: Window | None, customer: str, facts: Facts) -> Stretch | None:
    """Return a window as a stretch, both ends included; `None` if its start is unknown.

    A grant has no event key, so it precedes a triggering event at its instant.
    """
    now, zone = facts.clock.now, facts.clock.zone
    match window:
        case None | BeforeEventWindow():
            return Stretch(customer, None, now)
        case LastWindow(count, unit):
            return Stretch(customer, shift(zone, now, Length(count, unit), -1) + INSTANT, now)
        case CalendarWindow(unit, previous):
            first = first_day(unit, facts.clock.today)
            if not previous:
                return Stretch(customer, first_moment(zone, first), now)
            before = first_day(unit, first - timedelta(days=1))
            until = first_moment(zone, first) - INSTANT
            return Stretch(customer, first_moment(zone, before), until)
        case SinceWindow(start):
            since = evaluate(start, facts)
            if isinstance(since, date) and not isinstance(since, datetime):
                since = first_moment(zone, since)
            if not isinstance(since, datetime) or since > now:
                return None
            return Stretch(customer, since, now)
        case _:
            assert_never(window)
