"""The event path's engine: compile a plan once, then decide events fast.

Compilation, in `compiled/`:

- `rules`, `demands`: each step with an event trigger becomes a rule, a flat list of conditions.
- `index`, `table`: the rules of one event become a decision tree. A guard evaluates what all rules
  share, once. A switch looks a value up in a dictionary. A table evaluates many rules at once, as
  the bits of an integer.
- `code`, `dispatch`, `rows`: the tree becomes Python functions, built as `ast`.
- `features`, `history`, `frame`: aggregates over past events come from running tracks, on demand.
- `actions`: a rule that fires becomes a decision, by the functions of the reference engine.

Events must come in the order of time, those of one instant together. The decisions then equal those
of the reference engine and of a warehouse. A late event is decided at its own time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ...compiler.plan import Audience, Plan, Stage
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.expressions import Expression
from ...compiler.plan.values import Value
from ..decide.decisions import Decision, Identity
from ..decide.facts import Row, moment
from ..decide.groups import Watch, watch_of
from .compiled.actions import Decider, Offer
from .compiled.code import Code, Function
from .compiled.demands import Demands
from .compiled.dispatch import Dispatch, Matcher
from .compiled.features import Features
from .compiled.frame import Answers, Frame
from .compiled.history import History, Recorder, Watcher
from .compiled.index import Alternative, IndexedRule, arrange
from .compiled.rules import Rule, parts, rules_of, without_ledger

__all__ = ["Engine", "Event", "History", "Offer", "Proposal", "compile_events"]

_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a customer. `row` has its fields, `at` and `key` (`facts.Row`)."""

    name: str
    customer: str
    row: Row


class Proposal(NamedTuple):
    """A decision to take if `conditions`, which query the ledger, hold for `facts` as well.

    `rank` is its rule's, in the order of decisions.
    """

    event: Event
    decision: Decision
    facts: Frame
    conditions: tuple[Expression, ...]
    rank: int

    @property
    def request(self) -> Decision:
        """The decision, as it is put to the ledger."""
        return self.decision


def compile_events(plan: Plan, *, ledger_asked: bool = False, seeds: Seeds = NO_SEEDS) -> Engine:
    """Compile the steps of the plan that have event triggers. Schedules are left out.

    With `ledger_asked`, conditions over past grants are left to the caller: they come with each
    proposal (`propose`). Otherwise the history must contain all past grants.
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
    counted = [each for each in plan.accounts if each.keys not in ((), ("customer",))]
    deciders = {rule.rank: Decider(code, plan, rule, counted, seeds) for rule in rules}
    audiences = {audience.name: audience for audience in plan.audiences}
    demands = Demands(plan)
    indexed_rules = {
        rule.rank: _indexed_rule(rule, deciders[rule.rank], demands, audiences) for rule in rules
    }
    dispatch = Dispatch(code)
    grouped = [
        Grouped(
            rule, Watcher(rule.rank, watch), dispatch.matcher(arrange([indexed_rules[rule.rank]]))
        )
        for rule in rules
        if (watch := _watch(rule, answers.zone)) is not None
    ]
    ranks = {one.rule.rank for one in grouped}
    waiting: dict[str, list[IndexedRule]] = defaultdict(list)
    for rule in rules:
        if rule.rank not in ranks:
            waiting[rule.event].append(indexed_rules[rule.rank])
    matchers = {event: dispatch.matcher(arrange(found)) for event, found in waiting.items()}
    gives_others = any(decider.is_for_others for decider in deciders.values())
    return Engine(answers, matchers, grouped, features.recorders, left, gives_others=gives_others)


class Engine:
    """Decides events. It has no state: past events are in a `History`."""

    def __init__(
        self,
        answers: Answers,
        matchers: Mapping[str, Matcher],
        grouped: Sequence[Grouped],
        recorders: Sequence[Recorder],
        left: Mapping[int, tuple[Expression, ...]],
        *,
        gives_others: bool,
    ) -> None:
        self._answers = answers
        self._matchers = matchers
        self._watchers = [one.watcher for one in grouped]
        self._grouped: dict[str, list[Grouped]] = defaultdict(list)
        for one in grouped:
            self._grouped[one.rule.event].append(one)
        self._recorders = recorders
        self._left = left
        self._gives_others = gives_others

    @property
    def looks_back_on(self) -> frozenset[str]:
        """The kinds of event that some feature aggregates."""
        return frozenset(recorder.event for recorder in self._recorders)

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The triggers that wait for groups."""
        return tuple(watcher.watch for watcher in self._watchers)

    def history(self) -> History:
        """An empty history for this engine."""
        return History(self._recorders, self._watchers)

    def offers(self, event: Event, history: History) -> list[Offer]:
        """Return what the event would give its customer, in the order of decisions."""
        matcher, customer = self._matchers.get(event.name), history.customers.get(event.customer)
        if matcher is None or customer is None:
            return []
        row = event.row
        frame = self._frame(event, history, event.customer) if matcher.asks_frame else None
        found: list[Offer] = []
        for action in matcher.function(frame, row, customer, row["at"]):
            offer = action.offer
            if offer is None:
                frame = frame or self._frame(event, history, event.customer)
                offer = action.offer_for(frame)
            if offer is not None:
                found.append(offer)
        return found

    def decide(self, event: Event, history: History) -> list[Decision]:
        """Return the decisions of one event, ordered by priority, then campaign.

        The history must have recorded the event and all earlier ones. A customer who is missing in
        the history gets no decisions.
        """
        who = event.customer
        matcher, customer = self._matchers.get(event.name), history.customers.get(who)
        if self._grouped and event.name in self._grouped:
            return [one.decision for one in self.propose([event], history)]
        if matcher is None or customer is None:
            return []
        row = event.row
        now = row["at"]
        frame = self._frame(event, history, who) if matcher.asks_frame else None
        actions = matcher.function(frame, row, customer, now)
        if not actions:
            return []
        found: list[Decision] = []
        for action in actions:
            if action.plain is not None:
                # As the constructors do, without three calls of Python: a third of all the time.
                campaign, step, lines = action.plain
                identity = _new(Identity, (campaign, step, who, row["key"]))
                found.append(
                    _new(Decision, (identity, who, now, False, lines, (), now, None, {}, {}, None))
                )
                continue
            frame = frame or self._frame(event, history, who)
            decision = action.decision(frame)
            if decision is not None:
                found.append(decision)
        return found

    def decide_batch(self, events: Iterable[Event], history: History) -> list[Decision]:
        """Record the events, then decide them.

        The result is ordered by instant, priority, campaign and event key, in whatever order they
        came.
        """
        in_order = sorted(events, key=lambda event: moment(event.row))
        for event in in_order:
            history.record(event.name, event.customer, event.row)
        return [proposal.decision for proposal in self.propose(in_order, history)]

    def propose(self, events: Iterable[Event], history: History) -> Iterator[Proposal]:
        """Yield the proposals of recorded events, which come in order of (at, key).

        The result has the order of `decide_batch`.
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
        """Return the recipients of these events who are not their customers.

        The history has recorded the events. `propose` needs these customers in the history too.
        """
        if not self._gives_others:
            return set()
        return {name for event in events for name in self._recipients(event, history)}

    def _recipients(self, event: Event, history: History) -> Iterator[str]:
        for matcher, who in self._concerned(event, history):
            frame = self._frame(event, history, who)
            for action in matcher.function(frame, frame.e, frame.c, frame.now):
                name = action.decider.recipient(frame) if action.decider.is_for_others else None
                if name is not None:
                    yield name

    def _concerned(self, event: Event, history: History) -> Iterator[tuple[Matcher, str]]:
        """Return the matchers of an event, each with the customer that it is evaluated for."""
        matcher = self._matchers.get(event.name)
        found = [] if matcher is None else [(matcher, event.customer)]
        for one in self._grouped.get(event.name, ()):
            members = history.completed(one.watcher, event.row)
            if members is not None:
                found += [(one.matcher, who) for who in (members if one.each else [event.customer])]
        return ((rules, who) for rules, who in found if who in history.customers)

    def _propose(self, event: Event, history: History, found: list[Proposal]) -> None:
        for matcher, name in self._concerned(event, history):
            self._take(matcher, event, name, history, found)

    def _take(
        self, matcher: Matcher, event: Event, name: str, history: History, found: list[Proposal]
    ) -> None:
        """Add the proposals of the rules that fire for a customer."""
        row, customer = event.row, history.customers[name]
        frame = self._frame(event, history, name) if matcher.asks_frame else None
        for action in matcher.function(frame, row, customer, row["at"]):
            frame = frame or self._frame(event, history, name)
            decision = action.decision(frame)
            if decision is not None:
                left = self._left.get(action.rank, ())
                found.append(Proposal(event, decision, frame, left, action.rank))

    def _frame(self, event: Event, history: History, name: str) -> Frame:
        """Return the facts of an event for a known customer."""
        row = event.row
        return Frame(self._answers, history, name, history.customers[name], row, moment(row)[0])


def _in_order(together: list[Proposal]) -> list[Proposal]:
    """Sort the proposals of one instant into the order of decisions."""
    if len(together) > 1:
        together.sort(
            key=lambda each: (each.rank, each.decision.identity.occurrence, each.facts.customer)
        )
    return together


@dataclass(frozen=True, slots=True)
class Grouped:
    """A rule that waits for groups, evaluated for each customer whom it concerns."""

    rule: Rule
    watcher: Watcher
    matcher: Matcher

    @property
    def each(self) -> bool:
        """Whether every member of the group is concerned, not only the last customer."""
        reward = self.rule.step.reward
        return reward is not None and reward.each


def _watch(rule: Rule, zone: ZoneInfo) -> Watch | None:
    return watch_of(rule.campaign, rule.step.trigger, zone)


def _indexed_rule(
    rule: Rule, decider: Decider, demands: Demands, audiences: Mapping[str, Audience]
) -> IndexedRule:
    """Return the rule's demands, with its alternatives: which action under which demands."""
    alternatives = [
        Alternative(demands.of(() if condition is None else parts(condition, audiences)), action)
        for condition, action in decider.actions
    ]
    return IndexedRule(demands.of(rule.conditions), tuple(alternatives))


def _stages(code: Code, stages: Sequence[Stage]) -> Function:
    """Return a function for the first stage whose condition holds."""
    return code.first([(stage.condition, stage.name) for stage in stages], None)
