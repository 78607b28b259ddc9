"""The gate of `received(…)` and `balance(…)`: conditions over the ledger's state.

Runs, events and explanations share it.

The warehouse and the event path skip such conditions. They are evaluated here against the ledger,
when the decision's turn comes, so that a decision sees the grants just before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ...compiler.plan import LedgerFeature, Plan
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.expressions import Expression
from ...compiler.plan.steps import StepKey
from ...compiler.plan.values import Value
from .decisions import Decision, Identity
from .facts import Facts, holds, named
from .past_grants import DecisionRow
from .received import Counts, Ranks, ask_ledger, campaigns_asked_about

Count = Callable[[LedgerFeature, str, Facts], int]
"""Counts a customer's grants in a feature's window, or the units in a wallet."""


class Grants(Counts, Protocol):
    """The queries that the gate makes to a ledger."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """The stored decision with this identity; `None` if it was never taken."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """The facts of one decision; the ledger answers for grants and wallets at its turn."""

    plan: Plan
    facts: Facts
    customer: str
    count: Count
    _counted: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def clock(self) -> WallClock:
        """The decision's instant and the project's zone."""
        return self.facts.clock

    def feature(self, id_: str) -> Value | None:
        """The ledger's answer about grants and wallets; everything else from the facts."""
        feature = next(feature for feature in self.plan.features if feature.id == id_)
        if not isinstance(feature, LedgerFeature):
            return self.facts.feature(id_)
        if id_ not in self._counted:
            self._counted[id_] = self.count(feature, self.customer, self)
        return self._counted[id_]

    def event(self, name: str) -> Value | None:
        """A field of the triggering event."""
        return self.facts.event(name)

    def row(self, name: str) -> Value | None:
        """A field of the past event that an aggregate is reading."""
        return self.facts.row(name)

    def stage(self, lifecycle: str) -> str | None:
        """The first stage whose condition holds."""
        stages = named(self.plan.lifecycles, lifecycle).stages
        return next((stage.name for stage in stages if holds(stage.condition, self)), None)

    def audience(self, name: str) -> bool:
        """Whether the audience's condition holds."""
        return holds(named(self.plan.audiences, name).condition, self)


class GrantGate:
    """The gate of one plan over one ledger."""

    def __init__(self, plan: Plan, grants: Grants) -> None:
        self._plan = plan
        self._grants = grants
        self._ranks = Ranks(plan)
        self._about: dict[tuple[Expression, ...], frozenset[str]] = {}

    def asks_about(self, conditions: tuple[Expression, ...]) -> frozenset[str]:
        """The campaigns whose grants can change these conditions."""
        if conditions not in self._about:
            self._about[conditions] = campaigns_asked_about(self._plan, conditions)
        return self._about[conditions]

    def facts(self, key: StepKey, occurrence: str, customer: str, facts: Facts) -> GrantFacts:
        """Wrap a customer's facts so that they see the grants before the step's turn."""
        turn = self._ranks.turn(facts.clock.now, key, occurrence)
        count = partial(ask_ledger, self._grants, turn)
        return GrantFacts(self._plan, facts, customer, count)

    def passes(self, decision: Decision, conditions: Sequence[Expression], facts: Facts) -> bool:
        """Whether all conditions over past grants hold for a decision."""
        return self.met(decision, conditions, facts) == len(conditions)

    def met(self, decision: Decision, conditions: Sequence[Expression], facts: Facts) -> int:
        """Return how many conditions hold before the first that fails.

        A decision that the ledger already has meets all of them: its outcome is settled.
        """
        if not conditions:
            return 0
        who = decision.identity
        seen = self.facts(who.key, who.occurrence, decision.customer, facts)
        missed = (place for place, one in enumerate(conditions) if not holds(one, seen))
        place = next(missed, None)
        if place is None or self._grants.decision(decision.identity) is not None:
            return len(conditions)
        return place
