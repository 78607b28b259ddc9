"""Steps that the ledger has at other moments than rules give, since events came late.

Once kept, the event of a step is fixed: later steps read what the ledger has. A query reads events
alone, so a run finds such instances and walks through each of them by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.chance import Seeds
from ...compiler.plan.steps import StepKey, in_turn, step_of
from ...compiler.plan.values import encode
from ..decide.deciding import Occasion, decision_of
from ..decide.decisions import Decision
from ..decide.facts import CustomerRows, Facts, named
from ..decide.journeys.inside import Inside
from ..decide.reference import Rows, instance_of, occasions_due, step_occasion
from ..ledger.contract import Ledger
from .notes import fixed_instances, keep_fixed
from .schedule import due

Instance = tuple[str, str, str]
"""A campaign, a customer, and the occurrence of an entry."""


def in_memory(plan: Plan, customer: str, rows: CustomerRows) -> Rows:
    """Return all that a warehouse has of a customer."""
    row = rows.customer(customer)
    histories = {one.name: {customer: rows.events(one.name, customer)} for one in plan.events}
    return Rows({} if row is None else {customer: row}, histories)


@dataclass(slots=True)
class FixedSteps:
    """The instances of a plan's journeys in which a step is kept at another moment.

    The ledger keeps their names, since later runs must walk through them too.
    """

    plan: Plan
    ledger: Ledger
    rows: CustomerRows
    seeds: Seeds
    since: Mapping[str, datetime]
    _journeys: frozenset[str] = field(init=False)
    _known: set[Instance] = field(init=False)
    _new: set[Instance] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = [one.name for one in self.plan.campaigns if one.journey is not None]
        self._journeys = frozenset(names)
        self._known = {(name, *one) for name in names for one in fixed_instances(self.ledger, name)}

    def takes(self, decision: Decision) -> bool:
        """Whether a decision that a query found is of such an instance, and so is left to `due`.

        Only a late event brings a step that was kept before; then the moments are compared.
        """
        who = decision.identity
        since = self.since.get(who.campaign)
        if since is None or who.campaign not in self._journeys:
            return False
        if step_of(named(self.plan.campaigns, who.campaign), who.step).follows is None:
            return False
        instance = (who.campaign, decision.customer, who.occurrence)
        if decision.at < since and instance not in self._known:
            kept = self.ledger.decision(who)
            if kept is not None and kept.at != decision.at:
                self._known.add(instance)
                self._new.add(instance)
        return instance in self._known

    def note_late(self, comings: Iterable[tuple[StepKey, str]]) -> None:
        """Note the instances that come to a step by a late event, and have it at another moment.

        Rules may then come to less than the ledger has: the condition of the step may fail there.
        """
        found: dict[str, dict[tuple[str, str], set[str]]] = {}
        for key, mark in comings:
            occurrence, _, moment = mark.rpartition("|")
            moments = found.setdefault(key.campaign, {}).setdefault((key.step, occurrence), set())
            moments.add(moment)
        for campaign, late in found.items():
            names = {step for step, _ in late}
            for inside in self.ledger.inside(campaign):
                for step in names & inside.steps.keys():
                    moments = late.get((step, inside.occurrence), set())
                    instance = (campaign, inside.customer, inside.occurrence)
                    if moments - {encode(inside.steps[step].at)} and instance not in self._known:
                        self._known.add(instance)
                        self._new.add(instance)

    def due(self, last: datetime) -> Iterator[tuple[Decision, Facts]]:
        """Yield the decisions of such instances up to an instant that are not kept yet."""
        found: list[tuple[datetime, int, Decision, Facts]] = []
        for name, customer, occurrence in sorted(self._known):
            campaign = named(self.plan.campaigns, name)
            inside = next(
                (one for one in self.ledger.inside(name, customer) if one.occurrence == occurrence),
                None,
            )
            if inside is not None:
                found += self._of_instance(campaign, inside, last)
        yield from ((one[2], one[3]) for one in sorted(found, key=lambda one: one[:2]))

    def _of_instance(
        self, campaign: Campaign, inside: Inside, last: datetime
    ) -> Iterator[tuple[datetime, int, Decision, Facts]]:
        turns = [step.name for step in in_turn(campaign)]
        begun = self._entry(campaign, inside)
        if begun is None:
            return
        kept = {name: one.at for name, one in inside.steps.items()}
        memory = in_memory(self.plan, inside.customer, self.rows)
        for taken in instance_of(self.plan, campaign, memory, begun, self.seeds, kept):
            if taken.step.name in kept or taken.at > last:
                continue
            occasion = step_occasion(self.plan, memory, begun, taken)
            made = decision_of(self.plan, campaign, taken.step, occasion, self.seeds)
            if made is not None:
                yield taken.at, turns.index(taken.step.name), made, occasion.facts

    def _entry(self, campaign: Campaign, inside: Inside) -> Occasion | None:
        """Return the occasion of the entry, at the moment that the ledger has."""
        entry = campaign.steps[0]
        at = inside.steps[entry.name].at
        memory = in_memory(self.plan, inside.customer, self.rows)
        period = due(self.plan, campaign.name, at, at, step=entry.name)
        found = occasions_due(self.plan, campaign, entry, memory, period)
        return next((one for one in found if one.occurrence == inside.occurrence), None)

    def keep(self) -> None:
        """Store the instances that are new."""
        for name, customer, occurrence in sorted(self._new):
            keep_fixed(self.ledger, name, customer, occurrence)
