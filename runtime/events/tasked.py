"""Rules that are tasks: which events of a batch have a task decided, and at which event.

An event that could do a task has the task of its period decided, at the event that does it. That
may be an earlier one, which is decided already, or was not: the fields of customers change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ...compiler.plan import Step
from ...compiler.plan.steps import kinds_read, read_from, rests_on
from ..decide.facts import Row, moment
from ..decide.tasks.doing import Doing
from .compiled.dispatch import Matcher
from .compiled.history import History
from .compiled.rules import Rule
from .concerns import Concern, Event

Holds = Callable[[Matcher, History, str, Row], bool]
"""Whether a matcher finds anything for a customer at an event."""


@dataclass(frozen=True, slots=True)
class Tasked:
    """A rule that is a task. `asked` has what each step of its campaign asks, but past grants."""

    rule: Rule
    zone: ZoneInfo
    matcher: Matcher
    asked: Mapping[str, Matcher]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event that can change what does the task."""
        return frozenset(kinds_read(self.rule.campaign, self.rule.step))

    def concerns(
        self, events: Sequence[Event], history: History, holds: Holds
    ) -> Iterator[Concern]:
        """Yield the events that do the task, of the periods of these events."""
        by_customer: dict[str, list[Event]] = defaultdict(list)
        kinds = self.kinds
        for event in events:
            if event.name in kinds and event.customer in history.customers:
                by_customer[event.customer].append(event)
        for customer, own in by_customer.items():
            yield from self._of(customer, own, history, holds)

    def _of(
        self, customer: str, own: Sequence[Event], history: History, holds: Holds
    ) -> Iterator[Concern]:
        campaign, step = self.rule.campaign, self.rule.step
        due = {(event.name, moment(event.row)): event for event in own}
        first = min(at for _, (at, _) in due)
        since = read_from(campaign, step, self.zone, first)
        patterned = any(one.trigger.pattern is not None for one in rests_on(campaign, step))
        names: dict[int, str] = {}

        def rows(kind: str) -> list[Row]:
            found = history.rows(kind, customer)
            if since is not None and not patterned:
                found = [row for row in found if moment(row)[0] >= since]
            names.update((id(row), kind) for row in found)
            return found

        def holds_at(one: Step, row: Row) -> bool:
            return holds(self.asked[one.name], history, customer, row)

        def is_due(row: Row) -> bool:
            return (names[id(row)], moment(row)) in due

        doing = Doing(campaign, self.zone, rows, holds_at, is_due)
        for done in doing.done(step):
            if done.is_due:
                cause = due.get((names[id(done.row)], (done.at, done.key)), own[-1])
                yield Concern(cause, self.matcher, done.row, customer, done.occurrence)
