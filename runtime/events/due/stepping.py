"""The later steps of journeys that a stream of events brings, or passes.

Rules say when a step comes, by the reference's walk over all events of a customer. Customers are
walked when an event comes that may bring a step, and when a step falls due after another one. The
ledger says whether the step is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import AfterStep, Plan, Schedule
from ....compiler.plan.chance import Seeds
from ....compiler.plan.due import Due
from ....compiler.plan.steps import StepKey, ranks_of
from ....compiler.plan.values import encode
from ...decide.deciding import Occasion, decision_of
from ...decide.decisions import Decision
from ...decide.facts import moment
from ...decide.journeys.inside import Instance, may_change
from ...decide.patterns.cancelled import with_cancelling
from ...decide.patterns.groups import watch_of
from ...decide.reference import occasions_due, step_occasion
from ...due.known import Fresh, Index, Known, by_field, grouped, kinds_asked, read_known
from ...due.later_steps import LaterStep, LaterSteps, OneCustomer
from ...due.schedule import due, start_of_day
from ...due.step_marks import group_of_comings
from ...due.ungated import ungated
from ...ledger.batches.kept_texts import Mark
from ...ledger.contract import Ledger
from ...warehouse.rows import WarehouseRows
from ..concerns import Event
from ..part import WHOLE, Part
from ..requests import DueDecision
from .awaited import Awaited, Waiting
from .examined import Coming, Examined, Inside


class _After(NamedTuple):
    """A step that is measured from another one."""

    step: str
    trigger: AfterStep


@dataclass(slots=True)
class Stepping:
    """The journeys of a plan, and who waits in them for an instant after a step.

    Steps that a batch examines, and instants that it passes, are kept once the batch is decided:
    a batch may be given again. `has_entered`: a wallet began a journey since the last look.
    """

    plan: Plan
    ledger: Ledger
    seeds: Seeds
    part: Part = WHOLE
    journeys: tuple[LaterSteps, ...] = field(init=False)
    _plan: Plan = field(init=False)
    _waiting: Awaited = field(default_factory=Awaited)
    _is_known: bool = False
    _come: list[Waiting] = field(default_factory=list)
    _put_off: list[Waiting] = field(default_factory=list)
    _examined: Examined = field(default_factory=Examined)
    _examining: list[tuple[Inside, Coming]] = field(default_factory=list)
    _marks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _began: datetime | None = None
    has_entered: bool = False
    _zone: ZoneInfo = field(init=False)
    _after: Mapping[str, Sequence[_After]] = field(init=False)
    _ranks: Mapping[StepKey, int] = field(init=False)

    def __post_init__(self) -> None:
        self._plan = ungated(self.plan)
        self._zone = ZoneInfo(self.plan.time_zone)
        self._after = {
            one.name: [
                _After(step.name, step.trigger)
                for step in one.steps
                if isinstance(step.trigger, AfterStep)
            ]
            for one in self.plan.campaigns
        }
        with_journey = (one for one in self._plan.campaigns if one.journey is not None)
        self.journeys = tuple(LaterSteps.of(self.plan, one) for one in with_journey)
        self._ranks = ranks_of(self.plan)

    def __bool__(self) -> bool:
        """Whether the plan has journeys."""
        return bool(self.journeys)

    @property
    def next(self) -> datetime | None:
        """The first instant for which somebody waits."""
        return self._waiting.first

    @property
    def keeps(self) -> frozenset[str]:
        """The kinds of event that deciding a step may read; empty without journeys."""
        if not self.journeys:
            return frozenset()
        read = kinds_asked(self.plan).union(*(one.reads for one in self.journeys))
        return with_cancelling(self.plan, read)

    @property
    def indices(self) -> Mapping[str, Index]:
        """By what the other events of the entries' groups are found."""
        watches = (watch_of(one.campaign, one.entry.trigger, self._zone) for one in self.journeys)
        groups = (one for one in watches if one is not None)
        return {
            name: index
            for one in groups
            for name, index in by_field(one.trigger.event, one.group.field).items()
        }

    # --- what is due ----------------------------------------------------------------------------

    def due(
        self,
        rows: WarehouseRows,
        fresh: Fresh,
        in_order: Sequence[Event],
        entries: Sequence[Decision],
        alone: Collection[str],
        began: datetime,
        upto: datetime,
    ) -> Iterator[DueDecision]:
        """Yield what later steps decide that come with these events, or by an instant.

        Entries count from the day on which the stream `began`.
        `entries` are decisions that time brings until then, entries of journeys among them.
        Campaigns that are left `alone` decide nothing.
        """
        if not self.journeys:
            return
        self._began = began
        self._find_inside()
        self.has_entered = False
        self._examining.clear()
        self._marks.clear()
        entered = self._entered(entries)
        every = {*self._wanted(in_order, upto), *entered}
        wanted = sorted(one for one in every if one[0] not in alone)
        self._put_off = [one for one in self._come if one[1] in alone]
        if not wanted:
            return
        causes = {(one.name, moment(one.row)[1]): one for one in in_order}
        firsts = self._firsts(in_order, entries)
        known = read_known(rows, self.keeps, fresh, {who for _, who in wanted}, upto)
        kept: dict[Inside, dict[str, Instance]] = defaultdict(dict)
        for one in self.ledger.inside_of(wanted):
            kept[one.campaign, one.customer][one.occurrence] = one.steps
        for journey in self.journeys:
            name = journey.campaign.name
            for campaign, customer in wanted:
                if campaign == name and customer in known.customers:
                    inside = campaign, customer
                    instances = {**entered.get(inside, {}), **kept[inside]}
                    first = firsts.get(customer, upto)
                    yield from self._walked(
                        journey, customer, known, fresh, instances, causes, (first, upto)
                    )

    def _firsts(
        self, in_order: Iterable[Event], entries: Iterable[Decision]
    ) -> Mapping[str, datetime]:
        """The first instant of each customer at which something is new."""
        instants = [(one.customer, moment(one.row)[0]) for one in in_order]
        instants += [(one.customer, one.at) for one in entries]
        instants += [(customer, at) for at, _, customer in self._come]
        found: dict[str, datetime] = {}
        for customer, at in instants:
            found[customer] = min(at, found.get(customer, at))
        return found

    def _entered(self, entries: Iterable[Decision]) -> Mapping[Inside, Mapping[str, Instance]]:
        """The instances that begin with these decisions; nothing is kept of them yet."""
        names = {one.campaign.name for one in self.journeys}
        found: dict[Inside, dict[str, Instance]] = defaultdict(dict)
        for one in entries:
            if one.identity.campaign in names:
                found[one.identity.campaign, one.customer][one.identity.occurrence] = {}
        return found

    def _find_inside(self) -> None:
        """Find out who waits in a journey."""
        if not self._is_known:
            self._is_known = True
            for inside in self.ledger.inside():
                if not self.part.has(inside.customer):
                    continue
                moments = {name: one.at for name, one in inside.steps.items()}
                self._await(inside.campaign, inside.customer, moments)
                self._await_entered(inside.campaign, inside.customer, moments)

    def _wanted(self, in_order: Iterable[Event], upto: datetime) -> set[Inside]:
        """The customers for whom a step may come, each with the campaign."""
        found: set[Inside] = set()
        for event in in_order:
            for journey in self.journeys:
                if event.name in journey.fires:
                    found.add((journey.campaign.name, event.customer))
        self._come += self._waiting.take(upto)
        return found | {(campaign, customer) for _, campaign, customer in self._come}

    def _walked(
        self,
        journey: LaterSteps,
        customer: str,
        known: Known,
        fresh: Fresh,
        kept: Mapping[str, Instance],
        causes: Mapping[tuple[str, str], Event],
        between: tuple[datetime, datetime],
    ) -> Iterator[DueDecision]:
        """Yield the decisions of a customer's steps that were not examined yet.

        `between`: the first instant at which something is new, and the last that is decided.
        """
        first, upto = between
        histories = {kind: {customer: own} for kind, own in known.histories(customer).items()}
        group = watch_of(journey.campaign, journey.entry.trigger, self._zone)
        if group is not None:
            kind = group.trigger.event
            histories[kind] = grouped(known, fresh, group, histories[kind][customer])
        rows = OneCustomer({customer: known.customers[customer]}, histories, known=known)
        over = {
            name
            for name, instance in kept.items()
            if instance and not may_change(journey.campaign, self._zone, instance, first)
        }
        if journey.is_of_wallet:
            entries = journey.entries(self._plan, rows, customer, kept)
        else:
            period = self._entries(journey, kept, over, upto)
            entries = occasions_due(self._plan, journey.campaign, journey.entry, rows, period)
        for begun in entries:
            instance = kept.get(begun.occurrence, {})
            if begun.occurrence in over:
                continue
            # Of steps that the ledger has kept, nothing is examined again.
            self._examined.forget((journey.campaign.name, customer), begun.occurrence, instance)
            comings = journey.comings(self._plan, rows, begun, self.seeds, instance)
            for later, come in comings:
                if come.at > upto or not self._is_new(later, begun, come.at):
                    continue
                occasion = step_occasion(self._plan, rows, begun, come)
                made = decision_of(self._plan, later.alone, later.step, occasion, self.seeds)
                if made is not None:
                    cause = causes.get((later.step.trigger.event or "", str(come.row["key"])))
                    yield from self._due(later, made, occasion, cause)

    def _due(
        self, later: LaterStep, made: Decision, occasion: Occasion, cause: Event | None
    ) -> Iterator[DueDecision]:
        """Yield the decision of a step, and before it the journey's end, if the ledger says so."""
        rank, facts, left = self._ranks[later.key], occasion.facts, later.leaving(made)
        if left is not None:
            yield DueDecision(cause, left, facts, later.ending, rank, ends=True)
        yield DueDecision(cause, made, facts, later.asked(made), rank)

    def _entries(
        self, journey: LaterSteps, kept: Mapping[str, Instance], over: set[str], upto: datetime
    ) -> Due:
        """The period of the entries of a customer; of a schedule, instants that are not `over`."""
        campaign, entry = journey.campaign, journey.entry
        if isinstance(entry.trigger, Schedule):
            instants = sorted(
                datetime.fromisoformat(one).astimezone(UTC) for one in kept.keys() - over
            )
            return Due(
                *((instants[0], instants[-1]) if instants else (upto, upto)), tuple(instants)
            )
        begun = (one[entry.name].at for one in kept.values() if entry.name in one)
        today = start_of_day(self._zone, self._began or upto)
        since = campaign.active_from or min([today, *begun])
        return due(self._plan, campaign.name, since, upto, step=entry.name)

    # --- what was examined ----------------------------------------------------------------------

    def _is_new(self, later: LaterStep, begun: Occasion, at: datetime) -> bool:
        """Whether nobody has examined a coming of a step; once it is decided, somebody has."""
        coming = (later.key.step, begun.occurrence, at)
        inside = later.key.campaign, begun.customer
        if self._examined.has(inside, coming):
            return False
        self._examining.append((inside, coming))
        done = self.ledger.progress(Mark(later.key).text)
        if done is None or at > done:
            return True
        mark, group = f"{begun.occurrence}|{encode(at)}", group_of_comings(later.key)
        if self.ledger.was_read(group, mark):
            return False
        self._marks[group].append(mark)
        return True

    def pass_by(self, _: datetime) -> None:
        """Keep what was examined; of comings before the last run, also in the ledger."""
        self._examined.add(self._examining)
        self._examining.clear()
        self._come.clear()
        for one in self._put_off:
            self._waiting.add(*one)
        for group, marks in self._marks.items():
            self.ledger.mark_seen(group, marks)
        self._marks.clear()

    def forget(self, *, decided: bool) -> None:
        """Ask the ledger again who waits, if somebody else has decided something."""
        if decided:
            self._is_known = False
            self._waiting.clear()

    # --- who waits ------------------------------------------------------------------------------

    def note(self, decision: Decision) -> None:
        """Note a decision: steps may be measured from it."""
        who, moments = decision.identity, {decision.identity.step: decision.at}
        self._await(who.campaign, decision.customer, moments)
        self._await_entered(who.campaign, decision.customer, moments)

    def _await_entered(self, campaign: str, customer: str, moments: Mapping[str, datetime]) -> None:
        """Note an entry that a wallet brought: no event of the stream shows what follows it."""
        for one in self.journeys:
            at = moments.get(one.entry.name)
            if one.is_of_wallet and one.campaign.name == campaign and at is not None:
                self._waiting.add(at, campaign, customer)
                self.has_entered = True

    def _await(self, campaign: str, customer: str, moments: Mapping[str, datetime]) -> None:
        """Note the instants of the steps that are measured from these and were not taken."""
        for after in self._after.get(campaign, ()):
            at = moments.get(after.trigger.step)
            if at is not None and after.step not in moments:
                instant = after.trigger.instant(self._zone, at)
                self._waiting.add(instant, campaign, customer)
