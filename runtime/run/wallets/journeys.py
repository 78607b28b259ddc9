"""Later steps of the journeys that wallets enter, walked by rules in a run.

No query finds their entries: the ledger has them. So each instance is walked by itself, with the
rows of its customer. Its steps are decided in the order of time, among those of the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import AfterStep, Plan, WalletTrigger
from ....compiler.plan.chance import Seeds
from ....compiler.plan.steps import StepKey, ranks_of
from ....compiler.plan.values import encode
from ...decide.deciding import decision_of
from ...decide.decisions import Decision
from ...decide.facts import Facts
from ...decide.journeys.inside import Inside, may_change
from ...decide.patterns.cancelled import with_cancelling
from ...decide.reference import step_occasion
from ...due.known import Known, kinds_asked, read_known
from ...due.later_steps import LaterStep, LaterSteps, OneCustomer
from ...due.periods import Period
from ...due.step_marks import group_of_comings
from ...due.ungated import ungated
from ...ledger.contract import Ledger
from ...warehouse.rows import WarehouseRows

TOGETHER = 1_000
"""The number of customers whose rows are read together."""


class Walked(NamedTuple):
    """A later step that comes, with its decision by rules."""

    at: datetime
    later: LaterStep
    made: Decision
    facts: Facts


Entry = tuple[str, str, str]
"""A campaign, a customer, and the occurrence of the entry."""


@dataclass(slots=True)
class WalletJourneys:
    """The instances that wallets began, with the steps that may come in these periods.

    Instances that begin in the run are walked from their entry on, others as far as no earlier run
    has.
    """

    plan: Plan
    ledger: Ledger
    rows: WarehouseRows
    seeds: Seeds
    periods: Mapping[StepKey, Period]
    _plan: Plan = field(init=False)
    _journeys: Mapping[str, LaterSteps] = field(init=False)
    _kinds: frozenset[str] = field(init=False)
    _ranks: Mapping[StepKey, int] = field(init=False)
    _waiting: set[Entry] = field(default_factory=set)
    _due: datetime | None = None
    _new: set[Entry] = field(default_factory=set)
    _steps: list[tuple[datetime, int, str, int, Walked]] = field(default_factory=list)
    _turns: count[int] = field(default_factory=count)
    _marks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        names = {
            key.campaign
            for key, one in self.periods.items()
            if isinstance(one.campaign.steps[0].trigger, WalletTrigger) and one.step.follows
        }
        # Most plans have none, and are not gone through.
        self._plan = ungated(self.plan) if names else self.plan
        campaigns = (one for one in self._plan.campaigns if one.name in names)
        self._journeys = {one.name: LaterSteps.of(self.plan, one) for one in campaigns}
        read = kinds_asked(self.plan).union(*(one.reads for one in self._journeys.values()))
        self._kinds = with_cancelling(self.plan, read)
        self._ranks = ranks_of(self.plan)

    @property
    def has_journeys(self) -> bool:
        """Whether there are any journeys that wallets enter."""
        return bool(self._journeys)

    def begin(self, start: datetime) -> None:
        """Take up the instances that earlier runs and workers began."""
        for name in self._journeys:
            for inside in self.ledger.inside(name):
                self._wait((name, inside.customer, inside.occurrence), start)

    def note(self, decision: Decision) -> None:
        """Note a decision that a wallet brought, which may be an entry."""
        who, journey = decision.identity, self._journeys.get(decision.identity.campaign)
        if journey is not None and journey.entry.name == who.step:
            entry = (who.campaign, decision.customer, who.occurrence)
            self._new.add(entry)
            self._wait(entry, self._first(journey, decision.at))

    def _wait(self, entry: Entry, first: datetime) -> None:
        """Let an instance wait to be walked through, before its first step can come."""
        self._waiting.add(entry)
        self._due = first if self._due is None else min(self._due, first)

    def due(self, upto: datetime) -> Iterator[Walked]:
        """Yield the steps that come before an instant, in order; entries may be noted meanwhile."""
        while True:
            if self._due is not None and self._due < upto:
                self._walk()
            if not self._steps or self._steps[0][0] >= upto:
                return
            yield heappop(self._steps)[-1]

    def keep(self) -> None:
        """Store which comings were examined, so that later runs leave them alone."""
        for group, marks in self._marks.items():
            self.ledger.mark_seen(group, marks)

    def _first(self, journey: LaterSteps, at: datetime) -> datetime:
        """The first instant at which a step can come after an entry."""
        zone, found = ZoneInfo(self.plan.time_zone), list[datetime]()
        for later in journey.steps:
            follows, trigger = later.step.follows, later.step.trigger
            if follows is not None and set(follows.steps) == {journey.entry.name}:
                found.append(trigger.instant(zone, at) if isinstance(trigger, AfterStep) else at)
        return min(found, default=at)

    def _walk(self) -> None:
        """Walk through all instances that wait: which steps come, rules alone say."""
        waiting, last = sorted(self._waiting), max(one.end for one in self.periods.values())
        self._waiting, self._due = set(), None
        for first in range(0, len(waiting), TOGETHER):
            some = waiting[first : first + TOGETHER]
            inside = {(name, customer) for name, customer, _ in some}
            entries = set(some)
            found = [
                one
                for one in self.ledger.inside_of(sorted(inside))
                if (one.campaign, one.customer, one.occurrence) in entries and self._goes_on(one)
            ]
            customers = {one.customer for one in found}
            known = read_known(self.rows, self._kinds, {}, customers, last)
            for one in found:
                if one.customer in known.customers:
                    self._walk_through(one, known)

    def _goes_on(self, inside: Inside) -> bool:
        """Whether a step of an instance may still come in the periods."""
        journey, zone = self._journeys[inside.campaign], ZoneInfo(self.plan.time_zone)
        entry = (inside.campaign, inside.customer, inside.occurrence)
        starts = [one.start for key, one in self.periods.items() if key.campaign == entry[0]]
        since = inside.steps[journey.entry.name].at if entry in self._new else min(starts)
        return may_change(journey.campaign, zone, inside.steps, since)

    def _walk_through(self, inside: Inside, known: Known) -> None:
        """Put the steps of an instance that come, and were not examined, in their order."""
        journey, customer = self._journeys[inside.campaign], inside.customer
        own = known.histories(customer)
        histories = {kind: {customer: rows} for kind, rows in own.items()}
        rows = OneCustomer({customer: known.customers[customer]}, histories, known=known)
        kept = {inside.occurrence: inside.steps}
        for begun in journey.entries(self._plan, rows, customer, kept):
            comings = journey.comings(self._plan, rows, begun, self.seeds, inside.steps)
            for later, come in comings:
                if later.key not in self.periods or not self._is_due(later.key, inside, come.at):
                    continue
                occasion = step_occasion(self._plan, rows, begun, come)
                made = decision_of(self._plan, later.alone, later.step, occasion, self.seeds)
                if made is not None:
                    walked = Walked(come.at, later, made, occasion.facts)
                    rank, turn = self._ranks[later.key], next(self._turns)
                    heappush(self._steps, (come.at, rank, inside.occurrence, turn, walked))

    def _is_due(self, key: StepKey, inside: Inside, at: datetime) -> bool:
        """Whether a coming lies in the period of its step, or nobody has examined it before."""
        period = self.periods[key]
        if at > period.end:
            return False
        group, mark = group_of_comings(key), f"{inside.occurrence}|{encode(at)}"
        self._marks[group].append(mark)
        entry = (inside.campaign, inside.customer, inside.occurrence)
        return at >= period.start or entry in self._new or not self.ledger.was_read(group, mark)
