"""A run: read what is due from the warehouse, decide it in the ledger, and deliver.

Decisions of all campaigns are made in the order of time, so shared budgets serve whoever comes
first. Progress is stored last. A run that is cut off is simply run again: decisions are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.demands import ending, residual
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import Expression
from ...compiler.plan.steps import StepKey, steps_of
from ..decide.braking.events import AlarmEvent, AlarmResult
from ..decide.claims import ClaimEvent, ClaimResult
from ..decide.decisions import Decision, Result
from ..decide.facts import named
from ..decide.grant_gate import GrantGate
from ..decide.reversing.events import ReversalEvent, ReversalResult
from ..delivery import Delivered
from ..due.fixed_steps import FixedSteps
from ..due.group_customers import steps_for_each, with_event_customers
from ..due.late import LateKeys, late_keys, mark_looked_at
from ..due.notes import keep_journeys, unreadable_notes
from ..due.periods import (
    At,
    Between,
    Period,
    first_caught_up,
    last_instant,
    periods,
    progress_after,
)
from ..due.provisional import provisional
from ..due.step_marks import late_comings
from ..ledger.contract import Ledger
from ..ledger.draws.odds import draws_of
from ..ledger.draws.revealed import Revealed
from ..warehouse.bad_rows import Sound, sound
from ..warehouse.check import used_events
from ..warehouse.laid_over import laid_over
from ..warehouse.rows import WarehouseRows
from ..warehouse.text_sets import Distinct
from .candidates import Candidate, CandidateFacts
from .claim_rows import answers_due
from .code_stocks import take_codes, with_stocks_near_end
from .entered import Entered
from .items import Item, in_order, merged
from .nothing import with_reasons
from .paused import held_warnings, left_alone, making_up, without
from .report import CampaignReport, Observed, RunReport, Tally
from .stranded import Changed, Since, take_up
from .stretches import stretches_of
from .timed_work import TimedWork
from .vanished import vanished
from .wallets.firings import WalletFirings
from .wallets.journeys import WalletJourneys
from .work import Work, deliver_due

BATCH = 5_000
"""The most decisions of one transaction."""

Apart = Callable[[Work, Sequence[tuple[StepKey, Due]], datetime], Collection[StepKey]]
"""Decides the work of some steps up to an instant outside of the ledger, and says of which ones.

The plan of the work reads sound rows alone."""

Progress = Callable[[int, datetime], None]
"""Called after each batch with the number of decisions so far and the instant of the last one."""


def run(
    work: Work, asked: At | Between, *, dry_run: bool = False, progress: Progress | None = None
) -> RunReport:
    """Carry out everything that is due.

    With `dry_run` it works on a copy of the ledger, and keeps and delivers nothing. Raise `Unfit`
    (a `CannotRun`) if the warehouse does not match the catalog, before anything is decided.
    """
    if not dry_run:
        return decided(work, asked, progress, keeps=True)
    with work.ledger.rehearsal() as copy:
        return decided(replace(work, ledger=copy), asked, progress)


def decided(
    work: Work,
    asked: At | Between,
    progress: Progress | None = None,
    *,
    keeps: bool = False,
    apart: Apart | None = None,
) -> RunReport:
    """Decide everything that is due in the ledger of the work, as `run` does.

    With `keeps`, store the progress and deliver. Raise like `run`.
    """
    found_sound, last, deployed = _sound(work), last_instant(asked), work.plan
    reading = laid_over(found_sound.opened(work.warehouse), work.warehouse, work.lacking)
    work, ledger = replace(work, plan=reading), work.ledger
    renamed = (*vanished(work.plan, ledger), *unreadable_notes(work.plan, ledger))
    every = _asked_for(work, asked)
    since, changed = take_up(work.plan, deployed, work.digest, ledger, every, last)
    ledger.declare(work.digest, tuple(draws_of(work.plan, work.seeds)))
    codes = take_codes(work.plan, work.warehouse, ledger)
    alone = left_alone(work.plan, ledger)
    found = without(every, alone)
    late = late_keys(work.plan, work.warehouse, ledger, found)
    stretches = stretches_of(work, found, late)
    taken_apart = () if apart is None else apart(work, stretches, last)
    here = [one for one in stretches if one[0] not in taken_apart]
    answers = answers_due(work.plan, work.warehouse, found, every, late.keys)
    run_ = _Deciding(work, ledger, progress or _quiet, stretches, changed, since, found)
    run_.fixed.note_late(late_comings(found, late.keys))
    start = min((one.start for one in found if one.start <= one.end), default=last)
    timed_work = TimedWork(work.plan, work.digest, ledger, start, run_.fires, found)
    taken = merged(in_order(work, here), *answers)
    run_.decide(taken, timed_work, (start, last))
    if keeps:
        _keep(work, without(found, run_.put_off()), late, last)
        run_.keep()
    delivered = deliver_due(work, last) if keeps else Delivered()
    campaigns = with_reasons(work, every, dict(stretches), run_.report(), run_.gate, alone)
    return RunReport(
        start,
        last,
        not keeps,
        campaigns,
        delivered,
        ledger.waiting_channels(datetime.max.replace(tzinfo=last.tzinfo)),
        (
            *found_sound.warnings,
            *renamed,
            *(*held_warnings(work.plan, ledger), *with_stocks_near_end(codes, work.plan, ledger)),
            *provisional(work.plan, stretches),
            *run_.revealed.warnings(),
            *delivered.warnings(ledger.waiting_channels(last)),
        ),
        timed_work.ended,
        found_sound.left_out,
        run_.observed.rows(ledger),
    )


def _asked_for(work: Work, asked: At | Between) -> tuple[Period, ...]:
    """The periods of all campaigns, or of the one that is asked for."""
    found = periods(work.plan, asked, work.ledger)
    return tuple(one for one in found if work.only in (None, one.campaign.name))


def _keep(work: Work, done: tuple[Period, ...], late: LateKeys, last: datetime) -> None:
    """Store how far the run came."""
    mark_looked_at(work.plan, work.warehouse, work.ledger, done, late.keys)
    work.ledger.set_progress(progress_after(done))
    keep_journeys(work.plan, work.ledger, last)


def _quiet(_: int, __: datetime) -> None:
    """Ignore progress."""


def _sound(work: Work) -> Sound:
    """Return the warehouse without its bad rows. Raise `Unfit` if it has too many."""
    if work.sound is not None:
        return work.sound
    return sound(work.warehouse, work.plan, used_events(work.plan), work.bad_share)


# --- deciding -----------------------------------------------------------------------------------


class _Deciding:
    """Collects candidates into batches, and decides them in their order."""

    def __init__(
        self,
        work: Work,
        ledger: Ledger,
        progress: Progress,
        stretches: Sequence[tuple[StepKey, Due]],
        changed: Changed,
        since: Since,
        found: Iterable[Period],
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
        self._left_out = {key: residual(plan, *key) for key, _, _ in steps_of(plan)}
        self._ending = {key: ending(plan, *key) for key, _, _ in steps_of(plan)}
        self._asked_about = {
            key: self._gate.asks_about(conditions) for key, conditions in self._left_out.items()
        }
        self._gates = Distinct()
        reached = Distinct()
        self._tallies = {key: Tally(key, reached) for key, _, _ in steps_of(plan)}
        self._waiting: list[Decision | ClaimEvent | ReversalEvent | AlarmEvent] = []
        self._reversing: set[str] = set()
        self._waiting_for: set[tuple[str, str]] = set()
        self._done = 0
        self.observed = Observed(work.observes)
        self._firsts: dict[StepKey, datetime | None] = {}

    def decide(
        self, found: Iterable[Item], timed_work: TimedWork, between: tuple[datetime, datetime]
    ) -> None:
        """Decide all of them. As time passes, settle expiries and serve the waiting list."""
        self._count_served(timed_work.begin(between[0]))
        self.walked.begin(between[0])
        for each in found:
            asked = each.decision if isinstance(each, Candidate) else each
            self._take_walked(asked.at, timed_work, between[1])
            if timed_work.is_due(asked.at):
                self._ask()
                self._count_served(timed_work.catch_up(asked.at))
            if isinstance(each, Candidate):
                if self.revealed.refuses(each.decision):
                    continue
                if self.fixed.takes(each.decision) or not self._goes_on(each):
                    continue
                if self._entered.is_granted(each.decision):
                    who = each.decision.identity
                    repeated = Result(who, "already_granted", repeated=True)
                    self._tallies[who.key].add(repeated)
                    continue
                timed_work.note_expiries(each.decision)
                asked = self._in_time(each.decision, between[1])
            self._waiting.append(asked)
            self._waiting_for.add((asked.identity.campaign, asked.identity.recipient))
            if isinstance(asked, ReversalEvent):
                self._reversing.add(asked.identity.campaign)
            if len(self._waiting) >= BATCH or self.fires.may_be_timed(asked):
                self._ask()
        self._ask()
        self._take_walked(between[1] + INSTANT, timed_work, between[1])
        for made, facts in self.fixed.due(between[1]):
            if self._gate.passes(made, self._left_out[made.identity.key], facts):
                self._waiting.append(self._in_time(made, between[1]))
                self._ask()
        self._count_served(timed_work.catch_up(between[1]))

    def _take_walked(self, upto: datetime, timed_work: TimedWork, end: datetime) -> None:
        """Decide the later steps that come before an instant after entries that wallets brought."""
        for _, later, made, facts in self.walked.due(upto):
            self._ask()
            if timed_work.is_due(made.at):
                self._count_served(timed_work.catch_up(made.at))
            left = later.leaving(made)
            if left is not None and not self._gate.passes(left, later.ending, facts):
                self._waiting.append(left)
            if self._gate.passes(made, later.asked(made), facts):
                timed_work.note_expiries(made)
                self._waiting.append(self._in_time(made, end))
            self._ask()

    def _in_time(self, decision: Decision, end: datetime) -> Decision:
        """Return the decision, marked if the run comes to its instant too late."""
        key = decision.identity.key
        if key not in self._firsts:
            campaign = named(self._plan.campaigns, key.campaign)
            self._firsts[key] = first_caught_up(self._plan, campaign, end)
        first = self._firsts[key]
        late = (first is not None and decision.at < first) or self._changed.is_past(decision)
        return decision._replace(too_late=True) if late else decision

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
        # What is taken back may have been granted to somebody else than the customer of its event.
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
        for asked, result in zip(every, results, strict=True):
            tally = self._tallies[result.identity.key]
            tally.compare(self._ledger, asked, result)
            match result:
                case ClaimResult():
                    tally.claim(result)
                case ReversalResult():
                    tally.reverse(result)
                case Result():
                    tally.add(result)
                    self.observed.note(result)
                case AlarmResult():
                    pass
                case _:
                    assert_never(result)
        self._count_served(())
        self._done += len(self._waiting)
        self._progress(self._done, self._waiting[-1].at)
        self._waiting = []
        self._waiting_for = set()
        self._reversing = set()


def _met(conditions: int, key: StepKey) -> str:
    """The name of the customers who met so many conditions on past grants."""
    return " ".join((str(conditions), *key))
