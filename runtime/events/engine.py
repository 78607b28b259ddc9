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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ...compiler.plan import Audience, Plan, Stage
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ...compiler.plan.expressions import Expression
from ..decide.decisions import Decision
from ..decide.facts import Row, moment
from .compiled.actions import Decider, Offer, plain_decisions
from .compiled.code import Code, Function
from .compiled.demands import Demands
from .compiled.dispatch import Dispatch, Matcher
from .compiled.features import Features
from .compiled.frame import Answers, Frame
from .compiled.history import History, Recorder
from .compiled.index import Alternative, IndexedRule, arrange
from .compiled.rules import Rule, parts, rules_of, without_ledger
from .concerns import Concern, Event
from .waiting import Waiting

__all__ = ["Engine", "Event", "History", "Offer", "Proposal", "compile_events"]

_new = tuple.__new__


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
    zone = ZoneInfo(plan.time_zone)
    features = Features(code, zone)
    answers = Answers(
        zone,
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
    without, _ = without_ledger(plan, rules)
    by_rules = {rule.rank: rule for rule in without}

    def asked(rule: Rule) -> Matcher:
        """Return the matcher of a rule's conditions, without past grants and branches."""
        every = demands.of(by_rules[rule.rank].conditions)
        (_, action), *_ = deciders[rule.rank].actions
        return dispatch.matcher(arrange([IndexedRule(every, (Alternative((), action),))]))

    waiting = Waiting(
        rules,
        answers.zone,
        lambda rule: dispatch.matcher(arrange([indexed_rules[rule.rank]])),
        asked,
    )
    by_event: dict[str, list[IndexedRule]] = defaultdict(list)
    for rule in rules:
        if rule.rank not in waiting.ranks:
            by_event[rule.event].append(indexed_rules[rule.rank])
    matchers = {event: dispatch.matcher(arrange(found)) for event, found in by_event.items()}
    plain = {event for event, found in by_event.items() if all(one.is_plain for one in found)}
    gives_others = any(decider.is_for_others for decider in deciders.values())
    recorders = features.recorders
    return Engine(answers, matchers, waiting, recorders, left, plain, gives_others=gives_others)


class Engine:
    """Decides events. It has no state: past events are in a `History`."""

    def __init__(
        self,
        answers: Answers,
        matchers: Mapping[str, Matcher],
        waiting: Waiting,
        recorders: Sequence[Recorder],
        left: Mapping[int, tuple[Expression, ...]],
        plain: Collection[str],
        *,
        gives_others: bool,
    ) -> None:
        self._answers = answers
        self._matchers = matchers
        self.waiting = waiting
        self._recorders = recorders
        self._left = left
        self._gives_others = gives_others
        self._plain: Mapping[str, Function] = {
            name: matcher.function
            for name, matcher in matchers.items()
            if name in plain and not matcher.asks_frame and name not in waiting.kinds
        }
        self._others = (matchers.keys() | waiting.kinds) - self._plain.keys()

    @property
    def gives_others(self) -> bool:
        """Whether an event may name the recipient."""
        return self._gives_others

    @property
    def looks_back_on(self) -> frozenset[str]:
        """The kinds of event that some feature aggregates."""
        return frozenset(recorder.event for recorder in self._recorders)

    @property
    def fires_on(self) -> frozenset[str]:
        """The kinds of event that a rule fires on without waiting."""
        return frozenset(self._matchers)

    def history(self) -> History:
        """An empty history for this engine."""
        groups = [one.watcher for one in self.waiting.grouped]
        patterns = [one.watcher for one in self.waiting.patterned]
        return History(self._recorders, groups, patterns, self.waiting.kinds_of_tasks)

    def offers(self, event: Event, history: History) -> list[Offer]:
        """Return what the event would give its customer, in the order of decisions."""
        matcher, customer = self._matchers.get(event.name), history.customers.get(event.customer)
        if matcher is None or customer is None:
            return []
        row = event.row
        frame = self._own_frame(event, history) if matcher.asks_frame else None
        found: list[Offer] = []
        function = matcher.function
        for action in function(frame, row, customer, row["at"]):
            offer = action.offer
            if offer is None:
                frame = frame or self._own_frame(event, history)
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
        try:
            function, customer = self._plain[event.name], history.customers[who]
        except KeyError:
            found = self.propose((event,), history) if event.name in self._others else ()
            return [one.decision for one in found]
        row = event.row
        actions = function(None, row, customer, row["at"])
        return plain_decisions(actions, who, row) if actions else []

    def decide_batch(self, events: Iterable[Event], history: History) -> list[Decision]:
        """Record the events, then decide them.

        The result is ordered by instant, priority, campaign and event key, in whatever order they
        came.
        """
        in_order = sorted(events, key=lambda event: moment(event.row))
        for event in in_order:
            history.record(event.name, event.customer, event.row)
        return [proposal.decision for proposal in self.propose(in_order, history)]

    def propose(self, events: Sequence[Event], history: History) -> Iterator[Proposal]:
        """Yield the proposals of recorded events, which come in order of (at, key).

        The result has the order of `decide_batch`. Firings of patterns that are later than an
        event of their customer, and may have been changed by it, are proposed too.
        """
        together: list[Proposal] = []
        last: datetime | None = None
        turns = 0
        for concern in self._concerns(events, history):
            now = moment(concern[2])[0]
            if now != last:
                yield from _in_order(together) if turns > 1 else together
                together, last, turns = [], now, 0
            turns += 1
            self._take(concern, now, history, together)
        yield from _in_order(together) if turns > 1 else together

    def _concerns(self, events: Sequence[Event], history: History) -> Iterable[Concern]:
        """Return all concerns by instant. Only rules that wait bring more than the events do."""
        if not self.waiting:
            return self._own_concerns(events, history)
        return merge(*self._turns(events, history), key=_instant)

    def _turns(
        self, events: Sequence[Event], history: History
    ) -> tuple[Iterable[Concern], Iterable[Concern]]:
        """Return what events concern, and what must be decided again; each by instant."""
        own = (concern for event in events for concern in self._concerned(event, history))
        again = self.waiting.again(events, history, self._holds)
        known = (concern for concern in again if concern.customer in history.customers)
        return own, sorted(known, key=_instant)

    def recipients(self, events: Sequence[Event], history: History) -> set[str]:
        """Return the recipients of these events who are not their customers.

        The history has recorded the events. `propose` needs these customers in the history too.
        """
        if not self._gives_others:
            return set()
        concerns = (one for turns in self._turns(events, history) for one in turns)
        return {name for one in concerns for name in self._recipients(one, history)}

    def _recipients(self, concern: Concern, history: History) -> Iterator[str]:
        frame = self._frame(concern, history)
        for action in concern.matcher.function(frame, frame.e, frame.c, frame.now):
            name = action.decider.recipient(frame) if action.decider.is_for_others else None
            if name is not None:
                yield name

    def _concerned(self, event: Event, history: History) -> Iterator[Concern]:
        """Yield the customers for whom an event is evaluated, as far as the history has them."""
        yield from self._own_concerns((event,), history)
        for concern in self.waiting.concerns(event, history):
            if concern.customer in history.customers:
                yield concern

    def _own_concerns(self, events: Sequence[Event], history: History) -> Iterator[Concern]:
        """Yield the customers of the events on which rules fire without waiting."""
        matchers, customers = self._matchers, history.customers
        for event in events:
            matcher, who, row = matchers.get(event.name), event.customer, event.row
            if matcher is not None and who in customers:
                yield _new(Concern, (event, matcher, row, who, moment(row)[1]))

    def _take(
        self, concern: Concern, now: datetime, history: History, found: list[Proposal]
    ) -> None:
        """Add the proposals of the rules that fire for a customer, in the order of decisions."""
        event, matcher, row, who, occurrence = concern
        customer = history.customers[who]
        frame = None
        if matcher.asks_frame:
            frame = Frame(self._answers, history, who, customer, row, now, occurrence)
        # Without the variable, Python looks for a method first.
        function = matcher.function
        for action in function(frame, row, customer, now):
            if frame is None:
                frame = Frame(self._answers, history, who, customer, row, now, occurrence)
            decision = action.decision(frame)
            if decision is not None:
                rank = action.rank
                left = self._left.get(rank, ())
                found.append(_new(Proposal, (event, decision, frame, left, rank)))

    def _frame(self, concern: Concern, history: History) -> Frame:
        """Return the facts of a concern, whose customer is known."""
        who, row = concern.customer, concern.row
        now = moment(row)[0]
        return Frame(
            self._answers, history, who, history.customers[who], row, now, concern.occurrence
        )

    def _holds(self, matcher: Matcher, history: History, who: str, row: Row) -> bool:
        """Whether a matcher finds anything for a known customer at an event."""
        now, key = moment(row)
        customer = history.customers[who]
        frame = Frame(self._answers, history, who, customer, row, now, key)
        return bool(matcher.function(frame, row, customer, now))

    def _own_frame(self, event: Event, history: History) -> Frame:
        """Return the facts of an event for its customer, who is known."""
        who, (now, key) = event.customer, moment(event.row)
        return Frame(self._answers, history, who, history.customers[who], event.row, now, key)


def _instant(concern: Concern) -> datetime:
    return moment(concern.row)[0]


def _in_order(together: list[Proposal]) -> list[Proposal]:
    """Sort the proposals of one instant into the order of decisions."""
    if len(together) > 1:
        together.sort(
            key=lambda each: (each.rank, each.decision.identity.occurrence, each.facts.customer)
        )
    return together


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
