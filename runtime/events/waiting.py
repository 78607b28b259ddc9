"""Rules that other events decide with an event: groups, patterns of one's events, and tasks.

Whom an event concerns is found in the history. A late event has the later firings of its
customer's patterns decided again, each at its own instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ...compiler.plan.steps import is_task
from ..decide.facts import moment
from ..decide.patterns.firings import PatternWatch, pattern_of, with_times
from ..decide.patterns.groups import Watch, watch_of
from .compiled.dispatch import Matcher
from .compiled.history import History, PatternWatcher, Watcher
from .compiled.rules import Rule
from .concerns import Concern, Event
from .tasked import Holds, Tasked


@dataclass(frozen=True, slots=True)
class Grouped:
    """A rule that waits for groups, evaluated for each customer whom it concerns."""

    rule: Rule
    watcher: Watcher
    matcher: Matcher

    def concerns(self, event: Event, history: History) -> Iterator[Concern]:
        """Yield the customers of the group that the event completes."""
        members = history.completed(self.watcher, event.row)
        reward = self.rule.step.reward
        each = reward is not None and reward.each
        key = moment(event.row)[1]
        for who in () if members is None else members if each else (event.customer,):
            yield Concern(event, self.matcher, event.row, who, key)


@dataclass(frozen=True, slots=True)
class Patterned:
    """A rule that waits for a pattern of a customer's events."""

    rule: Rule
    watcher: PatternWatcher
    matcher: Matcher

    def concerns(self, event: Event, history: History) -> Iterator[Concern]:
        """Yield the customer if the event fires."""
        for firing in history.patterned(self.watcher, event.customer).fired():
            if firing[:2] == moment(event.row):
                row = with_times(event.row, firing)
                yield Concern(event, self.matcher, row, event.customer, firing.occurrence)

    def again(self, events: Sequence[Event], history: History) -> Iterator[Concern]:
        """Yield the firings of these events' customers that are later than them, at others."""
        by_customer: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.name == self.rule.event and self.watcher.watch.counted(event.row):
                by_customer[event.customer].append(event)
        for customer, own in by_customer.items():
            seen = history.patterned(self.watcher, customer)
            moments = {moment(event.row) for event in own}
            first = min(at for at, _ in moments)
            for firing in seen.fired():
                if firing.at >= first and firing[:2] not in moments:
                    cause = [event for event in own if moment(event.row)[0] <= firing.at][-1]
                    row = with_times(seen.rows[firing[:2]], firing)
                    yield Concern(cause, self.matcher, row, customer, firing.occurrence)


class Waiting:
    """The rules of a plan that wait for groups and patterns, or are tasks.

    `asked` makes the matcher of what a rule asks, but for past grants and whatever it gives.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        zone: ZoneInfo,
        matcher: Callable[[Rule], Matcher],
        asked: Callable[[Rule], Matcher],
    ) -> None:
        self.grouped: list[Grouped] = []
        self.patterned: list[Patterned] = []
        self.tasked: list[Tasked] = []
        tasks = [rule for rule in rules if is_task(rule.step)]
        made = {(rule.campaign.name, rule.step.name): asked(rule) for rule in tasks}
        for rule in tasks:
            own = {step: one for (name, step), one in made.items() if name == rule.campaign.name}
            self.tasked.append(Tasked(rule, zone, matcher(rule), own))
        for rule in rules:
            trigger = rule.step.trigger
            if is_task(rule.step):
                continue
            group = watch_of(rule.campaign, trigger, zone)
            if group is not None:
                self.grouped.append(Grouped(rule, Watcher(rule.rank, group), matcher(rule)))
            pattern = pattern_of(rule.campaign, trigger, zone)
            if pattern is not None:
                watcher = PatternWatcher(rule.rank, pattern)
                self.patterned.append(Patterned(rule, watcher, matcher(rule)))
        self._by_event: dict[str, list[Grouped | Patterned]] = defaultdict(list)
        every: tuple[Grouped | Patterned, ...] = (*self.grouped, *self.patterned)
        for one in every:
            self._by_event[one.rule.event].append(one)

    @property
    def ranks(self) -> frozenset[int]:
        """The ranks of the rules that wait."""
        waiting = (one.rule.rank for some in self._by_event.values() for one in some)
        return frozenset((*waiting, *(one.rule.rank for one in self.tasked)))

    @property
    def groups(self) -> tuple[Watch, ...]:
        """The triggers that wait for groups."""
        return tuple(one.watcher.watch for one in self.grouped)

    @property
    def patterns(self) -> tuple[PatternWatch, ...]:
        """The triggers that wait for patterns."""
        return tuple(one.watcher.watch for one in self.patterned)

    @property
    def kinds_of_tasks(self) -> frozenset[str]:
        """The kinds of event that tasks read."""
        return frozenset(kind for one in self.tasked for kind in one.kinds)

    def __bool__(self) -> bool:
        """Whether any rule waits."""
        return bool(self._by_event or self.tasked)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event with which a rule waits."""
        return frozenset((*self._by_event, *self.kinds_of_tasks))

    def concerns(self, event: Event, history: History) -> Iterator[Concern]:
        """Yield the customers whom an event concerns."""
        for one in self._by_event.get(event.name, ()):
            yield from one.concerns(event, history)

    def again(self, events: Sequence[Event], history: History, holds: Holds) -> Iterator[Concern]:
        """Yield the later firings that these events may change, and the tasks of their periods."""
        for task in self.tasked:
            yield from task.concerns(events, history, holds)
        for one in self.patterned:
            yield from one.again(events, history)
