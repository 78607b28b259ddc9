"""A history at an instant that is a literal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from ...dialects.common.moments import Single
from ...plan import EventAggregate, EventPick
from ...plan.demands import Key
from ..ctes import Statement, Task
from ..windows import earliest

Counted = EventAggregate | EventPick

_REACHES = (8, 32, 125)
"""Days, each about four times those before."""


def single(task: Task) -> Single:
    """The one instant of a task that has no other."""
    if not isinstance(task.moments, Single):
        raise TypeError("there is more than one instant")
    return task.moments


@dataclass(frozen=True, slots=True)
class Asking:
    """A history at an instant."""

    task: Task
    feature: Counted

    @property
    def key(self) -> Key:
        """Its key as a fact of expressions."""
        return ("feature", self.feature.id)

    @property
    def instant(self) -> datetime:
        """Now."""
        return single(self.task).instant

    @property
    def since(self) -> datetime | None:
        """The earliest instant that the window reads; `None` if it has no start."""
        return earliest((self.instant, self.instant), self.feature.window)

    @property
    def reach(self) -> int:
        """The index of its bucket of similar reaches."""
        since = self.since
        if since is None:
            return len(_REACHES)
        return sum((self.instant - since).days > days for days in _REACHES)


def until(statement: Statement, moment: exp.Expr, last: datetime) -> exp.Expr:
    """The condition that an event is no later than any of them looks at."""
    return exp.LTE(this=moment.copy(), expression=statement.dialect.timestamp(last))


def reached(statement: Statement, some: Sequence[Asking], moment: exp.Expr) -> exp.Expr | None:
    """The condition that an event is within reach of one history; `None` if one is unbounded."""
    known = [one.since for one in some if one.since is not None]
    if len(known) < len(some):
        return None
    return exp.GTE(this=moment.copy(), expression=statement.dialect.timestamp(min(known)))
