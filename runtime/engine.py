"""The event path: a plan compiled once into what decides an event fast.

Everything that must hold before a step acts is a flat list of conditions (`event_path.rules`). An
event is looked up by its name, and the rules that wait for it stand in an index that is built from
what they share (`event_path.index`): a guard that many campaigns have is asked once, equality with
constants is a dictionary, sorted bounds are bisected, and only what is left of a few candidates is
asked one by one. The index becomes Python functions (`event_path.code`, `event_path.dispatch`); the
table of meaning writes their expressions. What a customer did is kept in tracks that answer for any
window without reading it (`event_path.history`), when somebody asks (`event_path.frame`). A rule
that acts becomes a decision (`event_path.giving`), made with the pieces of the reference.

Feed events in the order of time, those of one instant together, and the decisions are those of the
reference and of a warehouse over the whole history. A late event is decided at its own time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from ..compiler.expressions import Expression
from ..compiler.plan import EventTrigger, Plan, Stage
from .decisions import Decision, Line
from .event_path.code import Code, Function
from .event_path.dispatch import Costs, Dispatch
from .event_path.features import Features
from .event_path.frame import Answers, Frame
from .event_path.giving import Giver
from .event_path.history import History, Recorder, Watcher
from .event_path.index import arrange
from .event_path.rules import Rule, rules_of, without_ledger
from .facts import Row, moment
from .groups import Watch, watch_of

__all__ = ["Engine", "Event", "History", "Offer", "Proposal", "compile_events"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a customer did: `row` has its fields, `at` and `key` (`facts.Row`)."""

    name: str
    customer: str
    row: Row


Offer = tuple[str, str, tuple[Line, ...]]
"""A campaign, its step, and what it would give."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision to be taken where `conditions`, which ask the ledger, hold of `facts` too."""

    event: Event
    decision: Decision
    facts: Frame
    conditions: tuple[Expression, ...]

    @property
    def asked(self) -> Decision:
        """What is put to the ledger."""
        return self.decision


def compile_events(plan: Plan, *, ledger_asked: bool = False) -> Engine:
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
    dispatch, costs = Dispatch(code), Costs(plan)
    grouped = [
        Grouped(rule, Watcher(rule.rank, watch), dispatch.function(arrange([rule], costs)))
        for rule in rules
        if (watch := _watch(rule, answers.zone)) is not None
    ]
    ranks = {one.rule.rank for one in grouped}
    single = [rule for rule in rules if rule.rank not in ranks]
    functions = {
        event: dispatch.function(arrange(waiting, costs))
        for event, waiting in _by_event(single).items()
    }
    counted = [each for each in plan.accounts if each.key not in (None, "customer")]
    givers = {rule.rank: Giver(code, plan, rule, counted) for rule in rules}
    return Engine(rules, answers, functions, grouped, givers, features.recorders, left)


class Engine:
    """Decides events. It holds no state: what customers did is in a `History`."""

    def __init__(
        self,
        rules: Sequence[Rule],
        answers: Answers,
        functions: Mapping[str, Function],
        grouped: Sequence[Grouped],
        givers: Mapping[int, Giver],
        recorders: Sequence[Recorder],
        left: Mapping[int, tuple[Expression, ...]],
    ) -> None:
        self._names = {rule.rank: (rule.campaign.name, rule.step.name) for rule in rules}
        self._answers = answers
        self._waiting = functions
        self._watchers = [one.watcher for one in grouped]
        self._grouped: dict[str, list[Grouped]] = defaultdict(list)
        for one in grouped:
            self._grouped[one.rule.event].append(one)
        self._givers = givers
        self._recorders = recorders
        self._left = left

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
        frame, ranks = self._meet(event, history)
        if frame is None:
            return []
        found = [(*self._names[rank], self._givers[rank].lines(frame)) for rank in ranks]
        return [(campaign, step, lines) for campaign, step, lines in found if lines is not None]

    def decide(self, event: Event, history: History) -> list[Decision]:
        """What one event leads to; the history has recorded it, and all that is to be seen of it.

        Ordered by priority, then campaign. Nothing for a customer whom the history does not know.
        """
        if event.name in self._grouped:
            return [one.decision for one in self._together([event], history)]
        frame, ranks = self._meet(event, history)
        if frame is None or not ranks:
            return []
        key, givers = moment(event.row)[1], self._givers
        found = [givers[rank].decision(frame, key) for rank in ranks]
        return [decision for decision in found if decision is not None]

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
        for _, together in groupby(events, key=lambda event: moment(event.row)[0]):
            yield from self._together(together, history)

    def _together(self, events: Iterable[Event], history: History) -> Iterator[Proposal]:
        """The decisions of one instant."""
        found: list[tuple[int, str, str, Proposal]] = []
        for event in events:
            frame, ranks = self._meet(event, history)
            key = moment(event.row)[1]
            for rank in ranks:
                decision = None if frame is None else self._givers[rank].decision(frame, key)
                if frame is not None and decision is not None:
                    found.append((rank, key, "", self._proposal(rank, event, decision, frame)))
            for one in self._grouped.get(event.name, ()):
                rank = one.rule.rank
                for member in self._members(one, event, history):
                    decision = self._givers[rank].decision(member, key)
                    if decision is not None:
                        proposal = self._proposal(rank, event, decision, member)
                        found.append((rank, key, member.customer, proposal))
        found.sort(key=lambda each: each[:3])
        return (proposal for _, _, _, proposal in found)

    def _proposal(self, rank: int, event: Event, decision: Decision, facts: Frame) -> Proposal:
        return Proposal(event, decision, facts, self._left.get(rank, ()))

    def _members(self, grouped: Grouped, event: Event, history: History) -> Iterator[Frame]:
        """Whom a group that the event completes brings something, if it completes one."""
        members = history.completed(grouped.watcher, event.row)
        if members is None:
            return
        row = event.row
        now, _ = moment(row)
        for name in members if grouped.each else [event.customer]:
            customer = history.customers.get(name)
            if customer is not None:
                frame = Frame(self._answers, history, name, customer, row, now)
                found: list[int] = []
                grouped.meets(frame, row, customer, now, found)
                if found:
                    yield frame

    def _meet(self, event: Event, history: History) -> tuple[Frame | None, list[int]]:
        """The facts of the event, and the ranks of the rules that it meets."""
        found: list[int] = []
        meet = self._waiting.get(event.name)
        customer = history.customers.get(event.customer)
        if meet is None or customer is None:
            return None, found
        row = event.row
        now = row["at"]
        if not isinstance(now, datetime):
            raise TypeError(f"an event needs an instant, not {now!r}")
        frame = Frame(self._answers, history, event.customer, customer, row, now)
        meet(frame, row, customer, now, found)
        if len(found) > 1:
            found.sort()
        return frame, found


@dataclass(frozen=True, slots=True)
class Grouped:
    """A rule that waits for groups, asked of each of those whom it concerns."""

    rule: Rule
    watcher: Watcher
    meets: Function

    @property
    def each(self) -> bool:
        """Whether it concerns everybody of the group."""
        reward = self.rule.step.reward
        return reward is not None and reward.each


def _watch(rule: Rule, zone: ZoneInfo) -> Watch | None:
    trigger = rule.step.trigger
    return watch_of(rule.campaign, trigger, zone) if isinstance(trigger, EventTrigger) else None


def _by_event(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.event].append(rule)
    return found


def _stages(code: Code, stages: Sequence[Stage]) -> Function:
    """The first stage whose condition holds."""
    return code.first([(stage.condition, stage.name) for stage in stages], None)
