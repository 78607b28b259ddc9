"""The facts of one event for one customer, computed on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ....compiler.plan import Window
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.values import Value
from ...decide.facts import Row
from ...decide.past_grants import Stretch
from ...decide.received import stretch_of
from .code import Function
from .history import History


@dataclass(frozen=True, slots=True)
class Answers:
    """The functions that compute features, stages and audiences, by name."""

    zone: ZoneInfo
    features: Mapping[str, Callable[[Frame], Value | None]]
    stages: Mapping[str, Function]
    audiences: Mapping[str, Function]


class Frame:
    """The facts of a customer at an event (`facts.Facts`), each computed once, on first use.

    `e` and `c` are the rows of the event and of the customer. `now` is the event's instant.
    `occurrence` is the decision's: the event's key, or which firing of a pattern it is. `starts`
    has the first instants of `last …`, by the windows' numbers (`windows.Windows`).
    """

    __slots__ = (
        "_answers",
        "_clock",
        "_known",
        "_stretches",
        "c",
        "customer",
        "e",
        "history",
        "now",
        "occurrence",
        "starts",
    )

    def __init__(
        self,
        answers: Answers,
        history: History,
        customer: str,
        c: Row,
        e: Row,
        now: datetime,
        occurrence: str,
    ) -> None:
        self._answers = answers
        self._known: dict[object, Value | None] = {}
        self._stretches: dict[Window | None, Stretch | None] | None = None
        self._clock: WallClock | None = None
        self.history = history
        self.customer = customer
        self.c = c
        self.e = e
        self.now = now
        self.occurrence = occurrence
        self.starts: dict[int, datetime] = {}

    @property
    def clock(self) -> WallClock:
        """The event's instant and the project's zone."""
        if self._clock is None:
            self._clock = WallClock(self.now, self._answers.zone)
        return self._clock

    def feature(self, id_: str) -> Value | None:
        """The value of a feature of the plan."""
        known = self._known
        if id_ in known:
            return known[id_]
        value = known[id_] = self._answers.features[id_](self)
        return value

    def event(self, name: str) -> Value | None:
        """A field of the event."""
        return self.e[name]

    def row(self, name: str) -> Value | None:
        """Raise `LookupError`: outside of an aggregate there is no past event to read."""
        raise LookupError(f"{name} is a field of a past event, and no history is being read")

    def stage(self, lifecycle: str) -> Value | None:
        """The customer's stage."""
        key = ("stage", lifecycle)
        if key not in self._known:
            stage = self._answers.stages[lifecycle]
            self._known[key] = stage(self, self.e, self.c, self.now)
        return self._known[key]

    def audience(self, name: str) -> bool:
        """Whether the customer is in an audience."""
        key = ("audience", name)
        if key not in self._known:
            audience = self._answers.audiences[name]
            self._known[key] = audience(self, self.e, self.c, self.now)
        return self._known[key] is True

    def stretch(self, window: Window | None) -> Stretch | None:
        """The instants of a window, both ends included; `None` if its start is unknown."""
        if self._stretches is None:
            self._stretches = {}
        if window not in self._stretches:
            self._stretches[window] = stretch_of(window, self.customer, self)
        return self._stretches[window]
