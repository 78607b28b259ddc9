"""The later steps of journeys, walked by rules, one instance at a time.

Rules say when a step comes. The ledger says whether it is taken, so what the ledger answers is left
out of the rules and asked at the decision's turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...compiler.plan import Campaign, EventTrigger, Plan, Step, WalletTrigger
from ...compiler.plan.chance import Seeds
from ...compiler.plan.demands import ending, residual
from ...compiler.plan.expressions import Expression
from ...compiler.plan.steps import StepKey, kinds_read
from ..decide.deciding import Occasion, leaving
from ..decide.decisions import Decision
from ..decide.facts import Row
from ..decide.journeys.inside import Instance, is_reached
from ..decide.journeys.walking import Taken
from ..decide.reference import Rows, facts_of, instance_of
from .known import Known
from .ungated import alone


@dataclass(frozen=True, slots=True)
class LaterStep:
    """A later step. `alone`: the journey with what rules say of it.

    `conditions` ask the ledger for grants. The journey ends unless the `ending` ones hold.
    """

    key: StepKey
    alone: Campaign
    step: Step
    conditions: tuple[Expression, ...]
    ending: tuple[Expression, ...]

    def leaving(self, made: Decision) -> Decision | None:
        """Return the end of the journey that is asked before a step; `None` if nothing asks."""
        if not self.ending or made.left:
            return None
        return leaving(made.identity._replace(recipient=made.customer), made.at)

    def asked(self, made: Decision) -> tuple[Expression, ...]:
        """Return the conditions to ask the ledger; none of the end that rules found."""
        return () if made.left else self.conditions


@dataclass(frozen=True, slots=True)
class LaterSteps:
    """The later steps of a journey, whose `campaign` has no condition for the ledger.

    `fires`: the kinds of event that may bring a step. `reads`: all kinds that may tell of steps.
    """

    campaign: Campaign
    steps: tuple[LaterStep, ...]
    fires: frozenset[str]
    reads: frozenset[str]

    @staticmethod
    def of(plan: Plan, campaign: Campaign) -> LaterSteps:
        """Those of a journey of `ungated(plan)`."""
        later, reads = list[LaterStep](), set[str]()
        for step in campaign.steps[1:]:
            key, own = StepKey(campaign.name, step.name), alone(campaign, step)
            chosen = next(one for one in own.steps if one.name == step.name)
            later.append(LaterStep(key, own, chosen, residual(plan, *key), ending(plan, *key)))
            reads |= {one.event for one in step.follows.unless_event} if step.follows else set()
        brought = (one.trigger for one in campaign.steps[1:])
        fires = {one.event for one in brought if isinstance(one, EventTrigger)}
        fires |= set(kinds_read(campaign, campaign.steps[0]))
        return LaterSteps(campaign, tuple(later), frozenset(fires), frozenset(fires | reads))

    @property
    def entry(self) -> Step:
        """The step with which an instance begins."""
        return self.campaign.steps[0]

    @property
    def is_of_wallet(self) -> bool:
        """Whether a wallet brings the entry, so that only the ledger knows it."""
        return isinstance(self.entry.trigger, WalletTrigger)

    def comings(
        self, plan: Plan, rows: Rows, begun: Occasion, seeds: Seeds, instance: Instance
    ) -> Iterator[tuple[LaterStep, Taken]]:
        """Yield the steps of an instance that come, but for those that the ledger has kept."""
        kept = {name: one.at for name, one in instance.items()}
        for later in self.steps:
            if later.key.step not in instance:
                come = instance_of(plan, later.alone, rows, begun, seeds, kept)
                yield from ((later, one) for one in come if one.step is later.step)

    def entries(
        self, plan: Plan, rows: Rows, customer: str, kept: Mapping[str, Instance]
    ) -> Iterator[Occasion]:
        """Yield the entries that a wallet has brought and the ledger has, at their instants."""
        for occurrence, instance in sorted(kept.items()):
            begun = instance.get(self.entry.name)
            if begun is not None and is_reached(self.entry, begun):
                facts = facts_of(plan, rows, customer, begun.at, None)
                yield Occasion(customer, occurrence, facts, rows.customer)


@dataclass(frozen=True, slots=True)
class OneCustomer(Rows):
    """The rows of one customer; any other is looked up."""

    known: Known | None = None

    def customer(self, key: str) -> Row | None:
        """See `CustomerRows.customer`."""
        found = self.customers.get(key)
        return self.known.rows.customer(key) if found is None and self.known else found
