"""The event worker: decide events as they come, batch by batch, through the ledger.

For each batch it reads the customers and their past events from the warehouse. It remembers events
that the warehouse does not have yet, so that later ones see them. Identities equal those of a run
over the warehouse. So decisions are idempotent across runs and workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from decimal import Decimal
from functools import partial

from ...compiler.plan import Plan
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.braking.events import AlarmResult
from ..decide.braking.watchers import watchers
from ..decide.claimers import claimers
from ..decide.claims import ClaimResult
from ..decide.decisions import Decision, Result
from ..decide.grant_gate import GrantGate
from ..decide.reversing.events import ReversalEvent, ReversalResult
from ..decide.reversing.reversers import reversers
from ..decide.wallets.reached import thresholds
from ..due.group_customers import steps_for_each
from ..due.notes import keep_journeys, unreadable_notes
from ..due.periods import At, open_periods, periods
from ..ledger.batches.conflicts import Conflict, conflict
from ..ledger.contract import Ledger
from ..ledger.draws.odds import draws_of
from ..ledger.draws.revealed import Revealed
from ..ledger.known_events import Moved
from ..run.code_stocks import take_codes, with_stocks_near_end
from ..run.stranded import Changed, take_up
from ..run.timed_work import TimedWork
from ..run.vanished import vanished
from ..run.wallets.firings import WalletFirings
from ..warehouse.bad_rows import STANDARD_SHARE, LeftOut, Sound, sound
from ..warehouse.contract import Warehouse
from ..warehouse.freshness import Freshness
from ..warehouse.laid_over import Lacking
from ..warehouse.on_demand import OnDemand
from ..warehouse.rows import WarehouseRows
from .due.falling_due import FallingDue
from .engine import Event, History, compile_events
from .part import WHOLE, Part
from .reading import Reading
from .requests import (
    Answering,
    Decided,
    Deciding,
    DueDecision,
    Request,
    answering,
    merged,
    with_event_customer,
    with_events,
)

BATCH = 1_000
"""Events that are decided together, in one transaction or a few."""

Moving = Callable[[Sequence[Event]], Moved]
"""Called before the last transaction of a batch, with the events that belong to others."""

Opens = Callable[[], AbstractContextManager[Warehouse]]
"""Opens the warehouse in its current state."""


class EventWorker:
    """Decides events under one plan. Events must come in the order in which they happened.

    With `freshness`, customers and their past are kept while the warehouse says the same.

    Several workers may write to one ledger. Each should get all events of its customers, which are
    the `part` for whom it decides what falls due.
    `timed`: decisions of timers that the events passed, until somebody takes them out. `past`: what
    it remembers of the stream.
    """

    def __init__(
        self,
        plan: Plan,
        digest: str,
        opens: Opens,
        ledger: Ledger,
        bad_share: Decimal | None = STANDARD_SHARE,
        seeds: Seeds = NO_SEEDS,
        freshness: Freshness | None = None,
        part: Part = WHOLE,
    ) -> None:
        self.plan, self._digest = plan, digest
        self._opens, self._ledger = opens, ledger
        self._gate = GrantGate(plan, ledger)
        self._engine = compile_events(plan, ledger_asked=True, seeds=seeds)
        self.falling_due = FallingDue(plan, ledger, seeds, part)
        self._waits_for_wallets = bool(thresholds(plan))
        reads = bool(self.falling_due) or self._waits_for_wallets
        asks = self.falling_due.asks
        self._reading = Reading(plan, self._engine, ledger, asks, freshness, reads=reads)
        self.past = self._reading.past
        self._for_each = steps_for_each(plan)
        self._claimers, self._reversers = claimers(plan), reversers(plan)
        self._watchers = watchers(plan)
        self._seeds = seeds
        self._fires: WalletFirings | None = None
        self._bad_share = bad_share
        self._sound = Sound(plan)
        self._draws = tuple(draws_of(plan, seeds))
        self._is_declared = False
        self._timed_work: TimedWork | None = None
        self._due: list[DueDecision] = []
        self.changed: Changed | None = None
        self.timed: list[tuple[Decision, Result]] = []

    def decide(self, events: Sequence[Event], moving: Moving | None = None) -> list[Decided]:
        """Decide a batch; return results in the order of the events.

        With `moving`, the source of the events moves in the transaction of the last decisions. It
        gets the events whose key belongs to another customer.
        Raise `CannotRun` if the warehouse or the ledger fails. Decisions made until then are kept,
        and the batch may be given again.
        """
        self._declare()
        with ExitStack() as stack:
            if not events:
                return self._decided((), (), {}, self._engine.history(), moving)
            read = self._reading.read(self._rows(stack), events)
            rows, seen = read.rows, read.seen
            self._fires = self._firings(rows)
            self._due = self._find_due(rows, seen, self.past.latest) if seen else []
            given = {id(one): event for one, event in zip(seen, read.in_order, strict=True)}
            decided = self._decided(events, seen, given, read.history, moving)
            self._follow(rows)
            return decided

    def _follow(self, rows: WarehouseRows) -> None:
        """Decide the later steps of journeys that a wallet began in the batch."""
        while self.falling_due.has_entered:
            self._take_due(rows, self.past.latest)

    def _take_due(self, rows: WarehouseRows, upto: datetime) -> None:
        """Decide what falls due by an instant, without an event."""
        due = self._find_due(rows, (), upto)
        for each, result in self._results(due, lambda: None):
            self._take_timed(each, result)
        self.falling_due.pass_by()

    def _find_due(
        self, rows: WarehouseRows, in_order: Sequence[Event], upto: datetime
    ) -> list[DueDecision]:
        """Find the decisions that fall due with these events, or by an instant."""
        found = self.falling_due.find(rows, self.past.stream, in_order, upto)
        changed = self.changed
        if changed is None:
            return found
        # A step of somebody who waits is too late, if it comes before the edit of its timer.
        return [
            one._replace(decision=one.decision._replace(too_late=True))
            if changed.is_past(one.decision)
            else one
            for one in found
        ]

    def _firings(self, rows: WarehouseRows) -> WalletFirings | None:
        """The campaigns that wallets fire; `None` if the plan has none."""
        if not self._waits_for_wallets:
            return None
        return WalletFirings(self.plan, self._ledger, rows, self._seeds, self.past.fresh)

    def _decided(
        self,
        events: Sequence[Event],
        in_order: Sequence[Event],
        given: Mapping[int, Event],
        history: History,
        moving: Moving | None,
    ) -> list[Decided]:
        """Decide the events whose past the history has. `given`: as they were given, by id."""
        own_events = {id(event) for event in given.values()}
        # The same event may be given twice: results belong to the object, not to its key.
        taken: dict[int, list[tuple[Decision, Result]]] = defaultdict(list)
        claimed: dict[int, list[ClaimResult]] = defaultdict(list)
        reversed_: dict[int, list[ReversalResult]] = defaultdict(list)
        conflicts: dict[int, list[Conflict]] = defaultdict(list)
        requests = merged(
            answering(self._watchers, in_order),
            self._engine.propose(in_order, history),
            answering(self._claimers, in_order),
            answering(self._reversers, in_order),
            iter(self._due),
        )
        moved = partial(self._moved, events, own_events, moving)
        for each, result in self._results(requests, moved):
            if each.event is None:
                self._take_timed(each, result)
                continue
            event = given[id(each.event)]
            if isinstance(result, ClaimResult):
                claimed[id(event)].append(result)
            elif isinstance(result, ReversalResult):
                reversed_[id(event)].append(result)
            elif isinstance(result, Result) and not isinstance(each, Answering):
                self.falling_due.note(each.decision)
                taken[id(event)].append((each.decision, result))
            changed = conflict(self._ledger, each.request, result)
            conflicts[id(event)] += [] if changed is None else [changed]
            if result.outcome == "other_customer":
                # Another worker was faster.
                own_events.discard(id(event))
                self._reading.forget(event)
        self.falling_due.pass_by()
        self._due = []
        return [
            Decided(
                event,
                id(event) in own_events and event.customer in history.customers,
                tuple(taken[id(event)]),
                tuple(claimed[id(event)]),
                id(event) not in own_events,
                tuple(conflicts[id(event)]),
                tuple(reversed_[id(event)]),
            )
            for event in events
        ]

    def expect(self, events: Sequence[Event]) -> None:
        """Note the events of the next batches, so that the warehouse is asked about all at once."""
        self._reading.expect(events)

    def fit(
        self, now: datetime | None = None, changed: Changed | None = None
    ) -> tuple[Diagnostic, ...]:
        """Return warnings about the warehouse. Raise `Unfit` if it does not match the catalog.

        With `now`, carry out edits of journeys; raise `CannotRun` if one strands somebody inside.
        Another worker may have carried them out: `changed` are the steps that it found.
        """
        self._declare()
        unreadable = tuple(unreadable_notes(self.plan, self._ledger))
        self.changed = changed
        if now is not None and changed is None:
            every = periods(self.plan, At(now), self._ledger)
            _, self.changed = take_up(self.plan, self.plan, self._digest, self._ledger, every, now)
            keep_journeys(self.plan, self._ledger, now)
        with self._opens() as warehouse:
            self._sound = sound(warehouse, self.plan, self.past.keeps, self._bad_share, always=True)
            codes = take_codes(self.plan, warehouse, self._ledger)
        revealed = Revealed(self.plan, self._ledger).warnings(all_=True)
        codes = with_stocks_near_end(codes, self.plan, self._ledger)
        renamed = vanished(self.plan, self._ledger)
        return (*self._sound.warnings, *renamed, *unreadable, *codes, *revealed)

    def _declare(self) -> None:
        """Store the odds of all draws in the ledger, before the first draw."""
        if not self._is_declared:
            self._ledger.declare(self._digest, self._draws)
            self._is_declared = True

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The bad rows that `fit` found."""
        return self._sound.left_out

    @staticmethod
    def _moved(
        events: Sequence[Event], own_events: Container[int], moving: Moving | None
    ) -> Moved | None:
        foreign = [event for event in events if id(event) not in own_events]
        return None if moving is None else moving(foreign)

    def remember(self, events: Sequence[Event]) -> None:
        """Remember events that were decided before, for those that the warehouse does not have."""
        self._reading.remember(events)

    def settle(self, at: datetime) -> None:
        """Settle what has ended by an instant, and serve the waiting lists, without an event."""
        with ExitStack() as stack:
            if self._waits_for_wallets:
                self._fires = self._firings(self._rows(stack))
            self._timed(at).catch_up_all(at)

    def pass_time(self, at: datetime, *, is_last: bool = False) -> None:
        """Do what falls due by an instant, without an event.

        That is what has ended, waiting lists, timers, later steps and schedules. The warehouse is
        asked once a minute, when one of them is known to be due, and the last time.
        """
        self.pass_due(at, is_last=is_last)
        self.settle(at)

    def pass_due(self, at: datetime, *, is_last: bool) -> None:
        """Decide the timers, later steps and schedules up to an instant; see `pass_time`."""
        self._declare()
        upto = max(at, self.past.latest)
        if self.falling_due.is_due(upto) or (is_last and bool(self.falling_due)):
            with ExitStack() as stack:
                rows = self._rows(stack)
                self._fires = self._firings(rows)
                self._take_due(rows, upto)
                self._follow(rows)

    def _rows(self, stack: ExitStack) -> WarehouseRows:
        """Open the warehouse; return the rows that can be read."""
        warehouse = OnDemand(self._opens, stack, self._sound.opened)
        return WarehouseRows(warehouse, self._sound.plan)

    def _take_timed(
        self, each: Request, result: Result | ClaimResult | ReversalResult | AlarmResult
    ) -> None:
        """Keep the result of a decision that no event of the stream brings."""
        if isinstance(each, DueDecision) and isinstance(result, Result):
            self.falling_due.note(each.decision)
            self.timed.append((each.decision, result))

    @property
    def lacking(self) -> Lacking:
        """The events of the stream that the warehouse may not have yet."""
        return self.past.stream.of_kind

    def was_run(self, *, decided: bool) -> None:
        """Note that a run has carried out what was due, and whether it `decided` anything."""
        self.falling_due.forget(decided=decided)

    def _timed(self, at: datetime) -> TimedWork:
        """Return the work that time does, which begins at the first instant."""
        if self._timed_work is None:
            waiting = open_periods(self.plan, at, self._ledger) if self._waits_for_wallets else ()
            self._timed_work = TimedWork(
                self.plan, self._digest, self._ledger, at, self._fires, waiting
            )
            self._timed_work.begin(at)
        self._timed_work.renew(self._fires)
        if self._fires is not None:
            self._fires.notes = self._note_fired
        return self._timed_work

    def _note_fired(self, decision: Decision) -> None:
        """Note what a wallet fired: it may end later, or begin a journey."""
        if self._timed_work is not None:
            self._timed_work.note_expiries(decision)
        self.falling_due.note(decision)

    def _results(
        self, found: Iterable[Request], moved: Callable[[], Moved | None]
    ) -> Iterator[tuple[Request, Result | ClaimResult | ReversalResult | AlarmResult]]:
        """Yield the ledger's results, in one transaction if possible.

        A decision whose conditions depend on grants of the same batch needs these to be committed
        first. So does work of time between two decisions.
        """
        waiting: list[Request] = []
        waiting_for: set[tuple[str, str]] = set()
        reversing: set[str] = set()
        revealed = Revealed(self.plan, self._ledger)
        for each in found:
            identity = each.request.identity
            timed_work = self._timed(each.request.at)
            if timed_work.is_due(each.request.at):
                yield from self._ask(waiting)
                waiting, waiting_for, reversing = [], set(), set()
                timed_work.catch_up_all(each.request.at)
            if isinstance(each, Deciding) and revealed.refuses(each.decision):
                continue
            if isinstance(each, Deciding) and each.conditions:
                about = self._gate.asks_about(each.conditions)
                waits = any((name, each.decision.customer) in waiting_for for name in about)
                # A grant that is taken back may be somebody else's than the event's customer's.
                if waits or not reversing.isdisjoint(about):
                    yield from self._ask(waiting)
                    waiting, waiting_for, reversing = [], set(), set()
                ends = isinstance(each, DueDecision) and each.ends
                if self._gate.passes(each.decision, each.conditions, each.facts) is ends:
                    continue
            if isinstance(each, Deciding):
                timed_work.note_expiries(each.decision)
            waiting.append(each)
            waiting_for.add((identity.campaign, identity.recipient))
            if isinstance(each.request, ReversalEvent):
                reversing.add(identity.campaign)
        yield from self._ask(waiting, moved())

    def _ask(
        self, waiting: Sequence[Request], moved: Moved | None = None
    ) -> Iterator[tuple[Request, Result | ClaimResult | ReversalResult | AlarmResult]]:
        """Carry out the waiting requests in one transaction, in which the source moves."""
        if waiting:
            requests = [with_event_customer(each, self._for_each) for each in waiting]
            results = self._ledger.carry_out(self.plan, requests, self._digest, self._fires, moved)
            yield from zip(waiting, results, strict=True)
            if self._fires is not None:
                yield from with_events(waiting, self._fires.drain())
        elif moved is not None:
            self._ledger.move(moved)
