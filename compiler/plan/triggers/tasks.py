"""The trigger of `all done`: the event that does the last of several tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..expressions import Origin
from .events import TaskPeriod
from .opening import Opening
from .schedules import Holiday


class _OfTasks:
    """A trigger without conditions of its own: see the head of the package."""

    __slots__ = ()

    where: ClassVar[None] = None
    group: ClassVar[None] = None
    pattern: ClassVar[None] = None
    task: ClassVar[None] = None
    opening: ClassVar[Opening | None] = None
    once: ClassVar[None] = None
    festivals: ClassVar[tuple[str, ...]] = ()
    is_daily: ClassVar[bool] = False
    is_keyed: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class AllDoneTrigger(_OfTasks):
    """The event with which all of these tasks were done in a `period`, each at least once.

    `tasks` are the names of their steps, `events` the kinds of event that they wait for, each once.
    Of two events at one instant the one that does the later task of the file comes last.
    """

    tasks: tuple[str, ...]
    events: tuple[str, ...]
    period: TaskPeriod
    origin: Origin
    kind: Literal["all_done"] = "all_done"

    @property
    def event(self) -> str:
        """The first of its kinds of event; no condition may ask a field of it."""
        return self.events[0]

    def instants(self, *_: object) -> Iterator[datetime]:
        """None: it fires when an event comes."""
        return iter(())

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """None: an event comes at any time of day."""
        return frozenset()

    def may_fire(self, _: ZoneInfo, __: Sequence[Holiday], ___: datetime, ____: datetime) -> bool:
        """Whether it can fire: it can wherever an event can come."""
        return True

    def broken(self) -> Iterator[str]:
        """It waits for a task."""
        if not self.tasks or not self.events:
            yield "no task to be done"
