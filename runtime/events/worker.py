"""The event worker: decide events as they come, batch by batch, through the ledger.

For each batch it reads the customers and their past events from the warehouse. It remembers events
that the warehouse does not have yet, so that later ones see them. Identities equal those of a run
over the warehouse. So decisions are idempotent across runs and workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from heapq import merge
from itertools import chain, groupby
from typing import assert_never

from ...compiler.plan import Plan
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.claimers import Claimer, claimers
from ..decide.claims import ClaimEvent, ClaimResult
from ..decide.decisions import Decision, Result
from ..decide.facts import moment
from ..decide.grant_gate import GrantGate
from ..decide.reversing.events import ReversalEvent, ReversalResult
from ..decide.reversing.reversers import Reverser, reversers
from ..decide.wallets.reached import thresholds
from ..due.group_customers import steps_for_each
from ..ledger.batches.conflicts import Conflict, conflict
from ..ledger.contract import Ledger
from ..ledger.draws.odds import draws_of
from ..ledger.draws.revealed import Revealed
from ..ledger.known_events import Moved
from ..run.code_stocks import take_codes, with_stocks_near_end
from ..run.timed_work import TimedWork
from ..run.vanished import vanished
from ..run.wallet_firings import WalletFirings
from ..warehouse.bad_rows import STANDARD_SHARE, LeftOut, Sound, sound
from ..warehouse.contract import Warehouse
from ..warehouse.rows import WarehouseRows
from .engine import Event, History, Proposal, compile_events
from .owners import Owners
from .past import Past
from .timing import TimerTurn, Timing

BATCH = 1_000
"""Events that are decided together, in one transaction or a few."""

Moving = Callable[[Sequence[Event]], Moved]
"""Called before the last transaction of a batch, with the events that belong to others."""

Opens = Callable[[], AbstractContextManager[Warehouse]]
"""Opens the warehouse in its current state."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An event with the results of its decisions.

    `is_known`: whether the warehouse has the customer; other customers' events are not decided.
    `claims` holds a result for each campaign whose offers the event claims, `reversals` one for
    each whose grants it takes back. `is_of_another`: its key belongs to another customer's event,
    so it was not decided. `conflicts`: earlier decisions, claims and reversals that would differ.
    """

    event: Event
    is_known: bool
    results: tuple[tuple[Decision, Result], ...]
    claims: tuple[ClaimResult, ...] = ()
    is_of_another: bool = False
    conflicts: tuple[Conflict, ...] = ()
    reversals: tuple[ReversalResult, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answering:
    """An event that claims an offer, or takes back a grant."""

    event: Event
    request: ClaimEvent | ReversalEvent


_Request = Proposal | _Answering


def _merged(*found: Iterator[_Request]) -> Iterator[_Request]:
    """Merge by instant, then proposals, claims and reversals, as a run does."""
    return merge(*found, key=_place)


def _place(each: _Request) -> tuple[datetime, int]:
    match each.request:
        case Decision(at=at):
            return at, 0
        case ClaimEvent(at=at):
            return at, 1
        case ReversalEvent(at=at):
            return at, 2
        case _:
            assert_never(each.request)


class EventWorker:
    """Decides events under one plan. Events must come in the order in which they happened.

    Several workers may write to one ledger. Each should get all events of its customers.
    `timed`: decisions of timers that the events passed, until somebody takes them out.
    """

    def __init__(
        self,
        plan: Plan,
        digest: str,
        opens: Opens,
        ledger: Ledger,
        bad_share: Decimal | None = STANDARD_SHARE,
        seeds: Seeds = NO_SEEDS,
    ) -> None:
        self.plan = plan
        self._digest = digest
        self._opens = opens
        self._ledger = ledger
        self._gate = GrantGate(plan, ledger)
        self._engine = compile_events(plan, ledger_asked=True, seeds=seeds)
        self._timing = Timing(plan, ledger, self._gate, seeds)
        self._past = Past(plan, self._engine, self._timing.keeps)
        self._owners = Owners(ledger, self._past.keeps)
        self._for_each = steps_for_each(plan)
        self._claimers = claimers(plan)
        self._reversers = reversers(plan)
        self._seeds = seeds
        self._waits_for_wallets = bool(thresholds(plan))
        self._fires: WalletFirings | None = None
        self._bad_share = bad_share
        self._sound = Sound(plan)
        self._draws = tuple(draws_of(plan, seeds))
        self._is_declared = False
        self._timed_work: TimedWork | None = None
        self._turns: list[TimerTurn] = []
        self.timed: list[tuple[Decision, Result]] = []

    def decide(self, events: Sequence[Event], moving: Moving | None = None) -> list[Decided]:
        """Decide a batch; return results in the order of the events.

        With `moving`, the source of the events moves in the transaction of the last decisions. It
        gets the events whose key belongs to another customer.
        Raise `CannotRun` if the warehouse or the ledger fails. Decisions made until then are kept,
        and the batch may be given again.
        """
        self._declare()
        history = self._engine.history()
        in_order, seen = list[Event](), list[Event]()
        with ExitStack() as stack:
            if events:
                warehouse = stack.enter_context(self._opens())
                rows = WarehouseRows(warehouse, self._sound.opened(warehouse))
                own = self._owners.own_keys(events, rows)
                in_order = sorted(own, key=lambda event: moment(event.row))
                seen = self._past.fill(history, rows, in_order)
                self._fires = self._firings(rows)
                self._turns = self._timing.turns(rows, self._past) if in_order else []
            given = {id(one): event for one, event in zip(seen, in_order, strict=True)}
            return self._decided(events, seen, given, history, moving)

    def _firings(self, rows: WarehouseRows) -> WalletFirings | None:
        """The campaigns that wallets fire; `None` if the plan has none."""
        if not self._waits_for_wallets:
            return None
        return WalletFirings(self.plan, self._ledger, rows, self._seeds, self._past.fresh)

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
        requests = _merged(
            self._engine.propose(in_order, history),
            _answering(self._claimers, in_order),
            _answering(self._reversers, in_order),
        )
        moved = partial(self._moved, events, own_events, moving)
        for each, result in self._in_turn(requests, moved):
            event = given[id(each.event)]
            if isinstance(result, ClaimResult):
                claimed[id(event)].append(result)
            elif isinstance(result, ReversalResult):
                reversed_[id(event)].append(result)
            elif isinstance(each, Proposal):
                taken[id(event)].append((each.decision, result))
            changed = conflict(self._ledger, each.request, result)
            conflicts[id(event)] += [] if changed is None else [changed]
            if result.outcome == "other_customer":
                # Another worker was faster.
                own_events.discard(id(event))
                self._owners.forget(event)
                self._past.forget(event)
        if in_order:
            self._timing.pass_by(self._turns, self._past.latest)
            self._turns = []
        return [
            Decided(
                event,
                event.customer in history.customers,
                tuple(taken[id(event)]),
                tuple(claimed[id(event)]),
                id(event) not in own_events,
                tuple(conflicts[id(event)]),
                tuple(reversed_[id(event)]),
            )
            for event in events
        ]

    def fit(self) -> tuple[Diagnostic, ...]:
        """Return warnings about the warehouse. Raise `Unfit` if it does not match the catalog."""
        self._declare()
        with self._opens() as warehouse:
            self._sound = sound(
                warehouse, self.plan, self._past.keeps, self._bad_share, always=True
            )
            codes = take_codes(self.plan, warehouse, self._ledger)
        revealed = Revealed(self.plan, self._ledger).warnings(all_=True)
        codes = with_stocks_near_end(codes, self.plan, self._ledger)
        renamed = vanished(self.plan, self._ledger)
        return (*self._sound.warnings, *renamed, *codes, *revealed)

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
        self._past.remember(events)

    def remembers(self, event: Event) -> bool:
        """Whether an event must be given to `remember` by a worker that takes over."""
        return self._past.remembers(event)

    def pass_time(self, at: datetime) -> None:
        """Settle what has ended by an instant, and serve the waiting lists, without an event."""
        with ExitStack() as stack:
            if self._waits_for_wallets:
                warehouse = stack.enter_context(self._opens())
                self._fires = self._firings(WarehouseRows(warehouse, self._sound.opened(warehouse)))
            self._timed(at).catch_up_all(at)

    def _timed(self, at: datetime) -> TimedWork:
        """Return the work that time does, which begins at the first instant."""
        if self._timed_work is None:
            self._timed_work = TimedWork(self.plan, self._digest, self._ledger, at, self._fires)
            self._timed_work.begin(at)
        self._timed_work.fires = self._fires
        if self._fires is not None:
            self._fires.notes = self._timed_work.note_expiries
        return self._timed_work

    def _in_turn(
        self, requests: Iterator[_Request], moved: Callable[[], Moved | None]
    ) -> Iterator[tuple[_Request, Result | ClaimResult | ReversalResult]]:
        """Yield the results of all requests; timers are decided after those up to their instant."""
        following = next(requests, None)
        for turn in self._turns:
            before = []
            while following is not None and following.request.at <= turn.at:
                before.append(following)
                following = next(requests, None)
            yield from self._results(before, lambda: None)
            self._decide_timer(turn)
        rest = () if following is None else (following,)
        yield from self._results(chain(rest, requests), moved)

    def _decide_timer(self, turn: TimerTurn) -> None:
        """Decide a timer, after the work that time does until then."""
        timed_work = self._timed(turn.at)
        if timed_work.is_due(turn.at):
            timed_work.catch_up_all(turn.at)
        decision = self._timing.decide(turn, self._past.latest)
        if decision is None or Revealed(self.plan, self._ledger).refuses(decision):
            return
        timed_work.note_expiries(decision)
        results = self._ledger.carry_out(self.plan, [decision], self._digest, self._fires)
        self.timed += [(decision, one) for one in results if isinstance(one, Result)]
        if self._fires is not None:
            self.timed += self._fires.drain()

    def _results(
        self, found: Iterable[_Request], moved: Callable[[], Moved | None]
    ) -> Iterator[tuple[_Request, Result | ClaimResult | ReversalResult]]:
        """Yield the ledger's results, in one transaction if possible.

        A decision whose conditions depend on grants of the same batch needs these to be committed
        first. So does work of time between two decisions.
        """
        waiting: list[_Request] = []
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
            if isinstance(each, Proposal) and revealed.refuses(each.decision):
                continue
            if isinstance(each, Proposal) and each.conditions:
                about = self._gate.asks_about(each.conditions)
                waits = any((name, each.decision.customer) in waiting_for for name in about)
                # A grant that is taken back may be somebody else's than the event's customer's.
                if waits or not reversing.isdisjoint(about):
                    yield from self._ask(waiting)
                    waiting, waiting_for, reversing = [], set(), set()
                if not self._gate.passes(each.decision, each.conditions, each.facts):
                    continue
            if isinstance(each, Proposal):
                timed_work.note_expiries(each.decision)
            waiting.append(each)
            waiting_for.add((identity.campaign, identity.recipient))
            if isinstance(each.request, ReversalEvent):
                reversing.add(identity.campaign)
        yield from self._ask(waiting, moved())

    def _ask(
        self, waiting: Sequence[_Request], moved: Moved | None = None
    ) -> Iterator[tuple[_Request, Result | ClaimResult | ReversalResult]]:
        """Carry out the waiting requests in one transaction, in which the source moves."""
        if waiting:
            requests = [self._with_event_customer(each) for each in waiting]
            results = self._ledger.carry_out(self.plan, requests, self._digest, self._fires, moved)
            yield from zip(waiting, results, strict=True)
            if self._fires is not None:
                yield from _with_events(waiting, self._fires.drain())
        elif moved is not None:
            self._ledger.move(moved)

    def _with_event_customer(self, each: _Request) -> Decision | ClaimEvent | ReversalEvent:
        """Return a request; for rewards to each member of a group, with the event's customer."""
        request = each.request
        if isinstance(request, Decision) and request.identity.key in self._for_each:
            return request._replace(event_customer=each.event.customer)
        return request


def _answering(
    readers: Sequence[Claimer | Reverser], in_order: Iterable[Event]
) -> Iterator[_Answering]:
    """Yield the claims, or reversals, that events make, by (instant, campaign, key)."""
    for _, together in groupby(in_order, key=lambda event: moment(event.row)[0]):
        some = list(together)
        for reader in readers:
            of = (event for event in some if event.name == reader.event)
            found = ((event, reader.read(event.customer, event.row)) for event in of)
            yield from (_Answering(event, read) for event, read in found if read is not None)


def _with_events(
    waiting: Sequence[_Request], fired: Sequence[tuple[Decision, Result]]
) -> Iterator[tuple[_Request, Result]]:
    """Yield what was fired, each as a proposal of the event whose decision filled the wallet."""
    causes = {_cause(each.decision): each for each in waiting if isinstance(each, Proposal)}
    # The name of a decision is longer than that of the one that fired it.
    for decision, result in sorted(fired, key=lambda one: len(one[0].identity.occurrence)):
        cause = causes.get((decision.identity.occurrence, decision.customer))
        if cause is not None:
            proposal = cause._replace(decision=decision)
            causes[_cause(decision)] = proposal
            yield proposal, result


def _cause(decision: Decision) -> tuple[str, str]:
    who = decision.identity
    return f"{who.campaign}/{who.step}/{who.occurrence}", who.recipient
