"""Candidates of a run, decided in their order, in batches of the ledger.

`Deciding.decide` asks each candidate all that may be special about it. `decide_together` takes
those of which nothing is asked as they come, many at a time: see `apart`. With `rows` and
`counting` that took a sixth off a run when it was written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from ....compiler.collector import collector_between_turns
from ....compiler.plan.calendar import INSTANT
from ....compiler.plan.demands import ending, residual
from ....compiler.plan.due import Due
from ....compiler.plan.expressions import Expression
from ....compiler.plan.steps import StepKey, step_of, steps_of
from ...decide.braking.events import AlarmEvent
from ...decide.claims import ClaimEvent
from ...decide.decisions import Decision, Result
from ...decide.facts import named
from ...decide.grant_gate import GrantGate
from ...decide.reversing.events import ReversalEvent
from ...due.fixed_steps import FixedSteps
from ...due.group_customers import steps_for_each, with_event_customers
from ...due.periods import Period, first_caught_up
from ...ledger.contract import Ledger
from ...ledger.draws.revealed import Revealed
from ...warehouse.rows import WarehouseRows
from ...warehouse.text_sets import Distinct
from ..candidates import Candidate, CandidateFacts
from ..entered import Entered
from ..items import Item
from ..paused import making_up
from ..report import CampaignReport, Observed, Tally
from ..stranded import Changed, Since
from ..timed_work import TimedWork
from ..wallets.firings import WalletFirings
from ..wallets.journeys import WalletJourneys
from ..work import Work
from .counting import count_one_by_one, count_together
from .portions import Portion

BATCH = 5_000
"""The most decisions of one transaction."""

_REACHED = 100_000
"""The most recipients in memory that are counted. With 20,000 spilling took a fortieth of a run."""

Progress = Callable[[int, datetime], None]
"""Called after each batch with the number of decisions so far and the instant of the last one."""


class Deciding:
    """Collects candidates into batches, and decides them in their order."""

    def __init__(
        self,
        work: Work,
        ledger: Ledger,
        progress: Progress,
        stretches: Sequence[tuple[StepKey, Due]],
        changed: Changed,
        since: Since,
        found: Sequence[Period],
        last: datetime,
    ) -> None:
        self._changed = changed
        self._plan = plan = work.plan
        self._digest = work.digest
        self._warehouse = work.warehouse
        self._for_each = steps_for_each(plan)
        self._ledger = ledger
        rows = WarehouseRows(work.warehouse, plan)
        self.fixed = FixedSteps(plan, ledger, rows, work.seeds, since)
        self.fires = WalletFirings(plan, ledger, rows, work.seeds)
        self.walked = WalletJourneys(
            plan, ledger, rows, work.seeds, {one.key: one for one in found}
        )
        self._gate = GrantGate(plan, ledger)
        self._entered = Entered(plan, rows, ledger, stretches)
        self.revealed = Revealed(plan, ledger)
        self._progress = progress
        self._plain = work.plain
        self._last = last
        self.start = min((one.start for one in found if one.start <= one.end), default=last)
        self._timed_work = TimedWork(plan, work.digest, ledger, self.start, self.fires, found)
        self._left_out = {key: residual(plan, *key) for key, _, _ in steps_of(plan)}
        self._ending = {key: ending(plan, *key) for key, _, _ in steps_of(plan)}
        self._asked_about = {
            key: self._gate.asks_about(conditions) for key, conditions in self._left_out.items()
        }
        self._every_asked_about = frozenset[str]().union(*self._asked_about.values())
        self._gates = Distinct()
        reached = Distinct(_REACHED)
        self._tallies = {key: Tally(key, reached) for key, _, _ in steps_of(plan)}
        self._waiting: list[Decision | ClaimEvent | ReversalEvent | AlarmEvent] = []
        self._reversing: set[str] = set()
        self._waiting_for: set[tuple[str, str]] = set()
        self._done = 0
        self.observed = Observed(work.observes)
        self._firsts: dict[StepKey, datetime | None] = {}

    @property
    def ended(self) -> int:
        """How many lines of grants expired."""
        return self._timed_work.ended

    def apart(self) -> frozenset[StepKey]:
        """The steps of whose decisions more is asked than the ledger asks; others go together."""
        every = frozenset(self._left_out)
        if self._timed_work.has_arrivals or self.walked.has_journeys or self.fires.is_timed:
            return every
        return frozenset(key for key in every if self._is_apart(key))

    def _is_apart(self, key: StepKey) -> bool:
        campaign = named(self._plan.campaigns, key.campaign)
        asks_ledger = bool(self._left_out[key] or self._ending[key])
        follows = step_of(campaign, key.step).follows is not None
        may_be_late = key in self._changed.steps or self._first(key) is not None
        is_known = key in self._entered.steps or key.campaign in self.revealed.campaigns
        return asks_ledger or follows or may_be_late or is_known

    def decide(self, found: Iterable[Item]) -> None:
        """Decide all of them, each by itself.

        As time passes, settle expiries and serve the waiting list.
        """
        self._begin()
        for each in found:
            self._take(each)
        self._end()

    def decide_together(self, found: Iterator[Portion]) -> None:
        """Decide all of them to the same rows, decisions of which nothing is asked together."""
        self._begin()
        # Left to itself it searches all modules too, for cycles that a run hardly makes.
        with collector_between_turns() as turn:
            for portion in found:
                self._take_portion(portion)
                turn()
        self._end()

    def _take_portion(self, portion: Portion) -> None:
        for _, some in groupby(portion.items, type):
            alike = list(some)
            decisions = [one for one in alike if isinstance(one, Decision)]
            if decisions:
                self._take_together(decisions, expires=portion.expires)
            else:
                for each in alike:
                    self._take(each)

    def _begin(self) -> None:
        self._count_served(self._timed_work.begin(self.start))
        self.walked.begin(self.start)

    def _end(self) -> None:
        self._ask()
        self._take_walked(self._last + INSTANT)
        for made, facts in self.fixed.due(self._last):
            if self._gate.passes(made, self._left_out[made.identity.key], facts):
                self._waiting.append(self._in_time(made))
                self._ask()
        self._count_served(self._timed_work.catch_up(self._last))

    def _take(self, each: Item) -> None:
        """Let an item wait for its batch, if it passes all that is asked of it."""
        asked = each.decision if isinstance(each, Candidate) else each
        self._take_walked(asked.at)
        self._catch_up(asked.at)
        if isinstance(each, Candidate):
            if self.revealed.refuses(each.decision):
                return
            if self.fixed.takes(each.decision) or not self._goes_on(each):
                return
            if self._entered.is_granted(each.decision):
                who = each.decision.identity
                repeated = Result(who, "already_granted", repeated=True)
                self._tallies[who.key].add(repeated)
                return
            self._timed_work.note_expiries(each.decision)
            asked = self._in_time(each.decision)
        self._waiting.append(asked)
        self._waiting_for.add((asked.identity.campaign, asked.identity.recipient))
        if isinstance(asked, ReversalEvent):
            self._reversing.add(asked.identity.campaign)
        if len(self._waiting) >= BATCH or self.fires.may_be_timed(asked):
            self._ask()

    def _take_together(self, decisions: Sequence[Decision], *, expires: bool) -> None:
        """Let decisions wait of which nothing is asked, up to the next instant of timed work."""
        start = 0
        while start < len(decisions):
            self._catch_up(decisions[start].at)
            most = min(start + BATCH - len(self._waiting), len(decisions))
            due, end = self._timed_work.next_due, most
            if due is not None:
                end = bisect_left(decisions, due, start + 1, most, key=_at)
            if expires:
                end = self._timed_work.note_all(decisions, start, end)
            some = decisions[start:end]
            self._waiting += some
            if self._every_asked_about:
                self._waiting_for.update(
                    (one.identity.campaign, one.identity.recipient) for one in some
                )
            if len(self._waiting) >= BATCH:
                self._ask()
            start = end

    def _catch_up(self, at: datetime) -> None:
        if self._timed_work.is_due(at):
            self._ask()
            self._count_served(self._timed_work.catch_up(at))

    def _take_walked(self, upto: datetime) -> None:
        """Decide the later steps that come before an instant after entries that wallets brought."""
        for _, later, made, facts in self.walked.due(upto):
            self._ask()
            if self._timed_work.is_due(made.at):
                self._count_served(self._timed_work.catch_up(made.at))
            left = later.leaving(made)
            if left is not None and not self._gate.passes(left, later.ending, facts):
                self._waiting.append(left)
            if self._gate.passes(made, later.asked(made), facts):
                self._timed_work.note_expiries(made)
                self._waiting.append(self._in_time(made))
            self._ask()

    def _in_time(self, decision: Decision) -> Decision:
        """Return the decision, marked if the run comes to its instant too late."""
        first = self._first(decision.identity.key)
        late = (first is not None and decision.at < first) or self._changed.is_past(decision)
        return decision._replace(too_late=True) if late else decision

    def _first(self, key: StepKey) -> datetime | None:
        """The first instant of a step that the run comes to in time; `None`: all are."""
        if key not in self._firsts:
            campaign = named(self._plan.campaigns, key.campaign)
            self._firsts[key] = first_caught_up(self._plan, campaign, self._last)
        return self._firsts[key]

    def _count_served(self, served: Iterable[Result]) -> None:
        for result in served:
            self._tallies[result.identity.key].serve(result)
            self.observed.note(result)
        for fired, result in self.fires.drain():
            self.walked.note(fired)
            self._tallies[result.identity.key].add(result)
            self.observed.note(result)

    def keep(self) -> None:
        """Store which instances were walked through by rules."""
        self.fixed.keep()
        self.walked.keep()

    def put_off(self) -> Collection[str]:
        """The campaigns that were paused meanwhile, and make up for it once they are resumed."""
        paused = {key.campaign for key, one in self._tallies.items() if one.outcomes["paused"]}
        return paused.intersection(making_up(self._plan))

    def report(self) -> tuple[CampaignReport, ...]:
        """The reports of all steps."""
        return tuple(
            self._tallies[key].report(self._plan, campaign, self._ledger)
            for key, campaign, _ in steps_of(self._plan)
        )

    def gate(self, report: CampaignReport) -> tuple[int, ...]:
        """How many customers came to the conditions on past grants, and met how many of them."""
        conditions = self._left_out[report.key]
        groups = range(len(conditions) + 1) if conditions else ()
        return tuple(self._gates.count(_met(met, report.key)) for met in groups)

    def _goes_on(self, candidate: Candidate) -> bool:
        """Whether past grants let a decision through: that it is made, or that a journey ends."""
        key = candidate.decision.identity.key
        if candidate.decision.left:
            return not (candidate.asks and self._passes(self._ending[key], candidate))
        conditions = self._left_out[key]
        return not conditions or self._passes(conditions, candidate)

    def _passes(self, conditions: tuple[Expression, ...], candidate: Candidate) -> bool:
        """Whether past grants, those of this run included, let the candidate through."""
        decision = candidate.decision
        key = decision.identity.key
        asked_about = self._asked_about[key]
        waits = any((name, decision.customer) in self._waiting_for for name in asked_about)
        # The grant that an event takes back may be somebody else's than its customer's.
        if waits or not self._reversing.isdisjoint(asked_about):
            self._ask()
        facts = CandidateFacts(self._plan, candidate)
        met = self._gate.met(decision, conditions, facts)
        if self.observed.wanted or not self._tallies[key].looked:
            # Without an observer they are asked for only if the step decides nothing.
            for place in range(met + 1):
                self._gates.add(_met(place, key), decision.customer)
        return met == len(conditions)

    def _ask(self) -> None:
        """Carry out the waiting decisions in one transaction."""
        if not self._waiting:
            return
        every = self._waiting
        if self._for_each:
            every = with_event_customers(self._plan, self._warehouse, self._for_each, every)
        results = self._ledger.carry_out(self._plan, every, self._digest, self.fires)
        count = count_one_by_one if self._plain else count_together
        count(self._tallies, self._ledger, zip(every, results, strict=True), self.observed)
        self._count_served(())
        self._done += len(self._waiting)
        self._progress(self._done, self._waiting[-1].at)
        self._waiting = []
        self._waiting_for = set()
        self._reversing = set()


def _met(conditions: int, key: StepKey) -> str:
    """The name of the customers who met so many conditions on past grants."""
    return " ".join((str(conditions), *key))


def _at(decision: Decision) -> datetime:
    return decision.at
