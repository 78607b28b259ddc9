"""The event path: a plan compiled once into what decides an event fast.

Everything that must hold before a step acts is a flat list of conditions (`event_path.rules`,
`event_path.demands`). An event is looked up by its name, and the rules that wait for it stand in an
index that is built from what they share (`event_path.index`): a guard that all of them have is
asked once, a value that tells them apart is looked up in a dictionary, and where many are left they
are rows of a table (`event_path.table`), which are all asked at once: the answer to a question is a
number whose bits are rules, and sorted bounds are bisected. The index becomes Python functions
(`event_path.code`, `event_path.dispatch`, `event_path.rows`); the table of meaning writes their
expressions. What a customer did is kept in tracks that answer for any window without reading it
(`event_path.history`), when somebody asks (`event_path.frame`). A rule that acts becomes a decision
(`event_path.giving`), made with the pieces of the reference.

Feed events in the order of time, those of one instant together, and the decisions are those of the
reference and of a warehouse over the whole history. A late event is decided at its own time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ...compiler.plan import Audience, EventTrigger, Plan, Stage
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.expressions import Expression
from ...compiler.plan.values import Value
from ..decide.decisions import Decision, Identity
from ..decide.facts import Row, moment
from ..decide.groups import Watch, watch_of
from .compiled.code import Code, Function
from .compiled.demands import Demands
from .compiled.dispatch import Dispatch, Meets
from .compiled.features import Features
from .compiled.frame import Answers, Frame
from .compiled.giving import Giver, Offer
from .compiled.history import History, Recorder, Watcher
from .compiled.index import Bid, Way, arrange
from .compiled.rules import Rule, parts, rules_of, without_ledger

__all__ = ["Engine", "Event", "History", "Offer", "Proposal", "compile_events"]

_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a customer did: `row` has its fields, `at` and `key` (`facts.Row`)."""

    name: str
    customer: str
    row: Row


class Proposal(NamedTuple):
    """A decision to be taken where `conditions`, which ask the ledger, hold of `facts` too.

    `rank`: of its rule, in the order of decisions.
    """

    event: Event
    decision: Decision
    facts: Frame
    conditions: tuple[Expression, ...]
    rank: int

    @property
    def asked(self) -> Decision:
        """What is put to the ledger."""
        return self.decision


def compile_events(plan: Plan, *, ledger_asked: bool = False, seeds: Seeds = NO_SEEDS) -> Engine:
    """The steps of the plan that wait for an event, ready to decide. Schedules are not here.

    `ledger_asked`: what asks about past grants is left to those who have the ledger, and comes with
    each decision (`propose`). Otherwise the history must have been told of all grants.
    """
    code = Code(plan)
    rules = rules_of(plan)
    left: dict[int, tuple[Expression, ...]] = {}
    if ledger_asked:
        rules, left = without_ledger(plan, rules)
    features = Features(code)
    answers = Answers(
        ZoneInfo(plan.time_zone),
        features.answers(plan),
        {each.name: _stages(code, each.stages) for each in plan.lifecycles},
        {each.name: code.first([(each.condition, True)], False) for each in plan.audiences},
    )
    counted = [each for each in plan.accounts if each.key not in (None, "customer")]
    givers = {rule.rank: Giver(code, plan, rule, counted, seeds) for rule in rules}
    audiences = {audience.name: audience for audience in plan.audiences}
    demands = Demands(plan)
    bids = {rule.rank: _bid(rule, givers[rule.rank], demands, audiences) for rule in rules}
    dispatch = Dispatch(code)
    grouped = [
        Grouped(rule, Watcher(rule.rank, watch), dispatch.meets(arrange([bids[rule.rank]])))
        for rule in rules
        if (watch := _watch(rule, answers.zone)) is not None
    ]
    ranks = {one.rule.rank for one in grouped}
    waiting: dict[str, list[Bid]] = defaultdict(list)
    for rule in rules:
        if rule.rank not in ranks:
            waiting[rule.event].append(bids[rule.rank])
    meets = {event: dispatch.meets(arrange(found)) for event, found in waiting.items()}
    gives_others = any(giver.is_for_others for giver in givers.values())
    return Engine(answers, meets, grouped, features.recorders, left, gives_others=gives_others)


class Engine:
    """Decides events. It holds no state: what customers did is in a `History`."""

    def __init__(
        self,
        answers: Answers,
        meets: Mapping[str, Meets],
        grouped: Sequence[Grouped],
        recorders: Sequence[Recorder],
        left: Mapping[int, tuple[Expression, ...]],
        *,
        gives_others: bool,
    ) -> None:
        self._answers = answers
        self._meets = meets
        self._watchers = [one.watcher for one in grouped]
        self._grouped: dict[str, list[Grouped]] = defaultdict(list)
        for one in grouped:
            self._grouped[one.rule.event].append(one)
        self._recorders = recorders
        self._left = left
        self._gives_others = gives_others

    @property
    def looks_back_on(self) -> frozenset[str]:
        """The kinds of event whose histories somebody asks about."""
        return frozenset(recorder.event for recorder in self._recorders)

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The triggers that wait for groups."""
        return tuple(watcher.watch for watcher in self._watchers)

    def history(self) -> History:
        """An empty history for this engine."""
        return History(self._recorders, self._watchers)

    def offers(self, event: Event, history: History) -> list[Offer]:
        """What the event would bring its customer, in the order of decisions; nobody is asked."""
        meets, customer = self._meets.get(event.name), history.customers.get(event.customer)
        if meets is None or customer is None:
            return []
        row = event.row
        frame = self._frame(event, history, event.customer) if meets.asks_frame else None
        found: list[Offer] = []
        for gift in meets.function(frame, row, customer, row["at"]):
            offer = gift.offer
            if offer is None:
                frame = frame or self._frame(event, history, event.customer)
                offer = gift.offered(frame)
            if offer is not None:
                found.append(offer)
        return found

    def decide(self, event: Event, history: History) -> list[Decision]:
        """What one event leads to; the history has recorded it, and all that is to be seen of it.

        Ordered by priority, then campaign. Nothing for a customer whom the history does not know.
        """
        who = event.customer
        meets, customer = self._meets.get(event.name), history.customers.get(who)
        if self._grouped and event.name in self._grouped:
            return [one.decision for one in self.propose([event], history)]
        if meets is None or customer is None:
            return []
        row = event.row
        now = row["at"]
        frame = self._frame(event, history, who) if meets.asks_frame else None
        gifts = meets.function(frame, row, customer, now)
        if not gifts:
            return []
        found: list[Decision] = []
        for gift in gifts:
            if gift.plain is not None:
                # As the constructors do, without three calls of Python: a third of all the time.
                campaign, step, lines = gift.plain
                identity = _new(Identity, (campaign, step, who, row["key"]))
                found.append(
                    _new(Decision, (identity, who, now, False, lines, (), now, None, {}, {}))
                )
                continue
            frame = frame or self._frame(event, history, who)
            decision = gift.decision(frame)
            if decision is not None:
                found.append(decision)
        return found

    def decide_batch(self, events: Iterable[Event], history: History) -> list[Decision]:
        """Records the events and decides them.

        Ordered by instant, priority, campaign and event key, whatever order they came in.
        """
        in_order = sorted(events, key=lambda event: moment(event.row))
        for event in in_order:
            history.record(event.name, event.customer, event.row)
        return [proposal.decision for proposal in self.propose(in_order, history)]

    def propose(self, events: Iterable[Event], history: History) -> Iterator[Proposal]:
        """What events lead to that come in order of (at, key), and that the history has recorded.

        In the order of `decide_batch`.
        """
        now: Value | None = None
        together: list[Proposal] = []
        for event in events:
            if event.row["at"] != now:
                yield from _in_order(together)
                now, together = event.row["at"], []
            self._propose(event, history, together)
        yield from _in_order(together)

    def recipients(self, events: Iterable[Event], history: History) -> set[str]:
        """To whom these events may bring something who are not their customers.

        The history has recorded the events; `propose` asks it for these customers too.
        """
        if not self._gives_others:
            return set()
        return {name for event in events for name in self._recipients(event, history)}

    def _recipients(self, event: Event, history: History) -> Iterator[str]:
        for meets, who in self._concerned(event, history):
            frame = self._frame(event, history, who)
            for gift in meets.function(frame, frame.e, frame.c, frame.now):
                name = gift.giver.recipient(frame) if gift.giver.is_for_others else None
                if name is not None:
                    yield name

    def _concerned(self, event: Event, history: History) -> Iterator[tuple[Meets, str]]:
        """The rules that an event is put to, and for whom."""
        meets = self._meets.get(event.name)
        found = [] if meets is None else [(meets, event.customer)]
        for one in self._grouped.get(event.name, ()):
            members = history.completed(one.watcher, event.row)
            if members is not None:
                found += [(one.meets, who) for who in (members if one.each else [event.customer])]
        return ((rules, who) for rules, who in found if who in history.customers)

    def _propose(self, event: Event, history: History, found: list[Proposal]) -> None:
        for meets, name in self._concerned(event, history):
            self._take(meets, event, name, history, found)

    def _take(
        self, meets: Meets, event: Event, name: str, history: History, found: list[Proposal]
    ) -> None:
        """What acts for somebody whom the event concerns."""
        row, customer = event.row, history.customers[name]
        frame = self._frame(event, history, name) if meets.asks_frame else None
        for gift in meets.function(frame, row, customer, row["at"]):
            frame = frame or self._frame(event, history, name)
            decision = gift.decision(frame)
            if decision is not None:
                left = self._left.get(gift.rank, ())
                found.append(Proposal(event, decision, frame, left, gift.rank))

    def _frame(self, event: Event, history: History, name: str) -> Frame:
        """The facts of an event for a customer who is known."""
        row = event.row
        return Frame(self._answers, history, name, history.customers[name], row, moment(row)[0])


def _in_order(together: list[Proposal]) -> list[Proposal]:
    """The decisions of one instant, in the order in which they are taken."""
    if len(together) > 1:
        together.sort(
            key=lambda each: (each.rank, each.decision.identity.occurrence, each.facts.customer)
        )
    return together


@dataclass(frozen=True, slots=True)
class Grouped:
    """A rule that waits for groups, asked of each of those whom it concerns."""

    rule: Rule
    watcher: Watcher
    meets: Meets

    @property
    def each(self) -> bool:
        """Whether it concerns everybody of the group."""
        reward = self.rule.step.reward
        return reward is not None and reward.each


def _watch(rule: Rule, zone: ZoneInfo) -> Watch | None:
    trigger = rule.step.trigger
    return watch_of(rule.campaign, trigger, zone) if isinstance(trigger, EventTrigger) else None


def _bid(rule: Rule, giver: Giver, demands: Demands, audiences: Mapping[str, Audience]) -> Bid:
    """The rule, and what it gives in which case."""
    ways = [
        Way(demands.of(() if condition is None else parts(condition, audiences)), gift)
        for condition, gift in giver.gifts
    ]
    return Bid(demands.of(rule.conditions), tuple(ways))


def _stages(code: Code, stages: Sequence[Stage]) -> Function:
    """The first stage whose condition holds."""
    return code.first([(stage.condition, stage.name) for stage in stages], None)
