"""What customers did, kept so that a window of it is read without going through all of it.

A track holds, of one kind of event and for one customer, the value that a feature needs of each
event that it counts, in the order of (time, key), and the running total where it is summed. A
window is then two places in it. Late events are put where they belong, and every question is asked
as of an instant: so the past can be asked about at any time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ....compiler.plan.calendar import WallClock
from ....compiler.plan.types import DECIMAL_DIGITS
from ...decide.facts import Row, moment
from ...decide.groups import Happened, Watch
from ...decide.past_grants import Received, Stretch
from .code import Function

_EXACT = Context(prec=2 * DECIMAL_DIGITS)


@dataclass(frozen=True, slots=True)
class _Recording:
    """The frame of an event that is recorded: what is asked of it then is the same at any time."""

    clock: WallClock


_RECORDING = _Recording(WallClock(datetime.min.replace(tzinfo=UTC), ZoneInfo("UTC")))


@dataclass(frozen=True, slots=True)
class Recorder:
    """Which events a track counts, and what it keeps of each.

    `keeps`: the event's row; or `value`, where it is known or even where it is not; or nothing.
    """

    event: str
    where: Function | None
    keeps: Literal["row", "known", "any", "nothing"]
    value: Function | None = None
    summed: bool = False


class Track:
    """Values of one customer's events. `totals[n]` is the sum of the first n."""

    __slots__ = ("_summed", "ats", "keys", "totals", "values")

    def __init__(self, *, summed: bool) -> None:
        self._summed = summed
        self.ats: list[datetime] = []
        self.keys: list[str] = []
        self.values: list[Any] = []
        self.totals = [Decimal(0)]

    def add(self, at: datetime, key: str, value: object) -> None:
        """Puts an event where it belongs: nearly always last."""
        place = self.before((at, key), its_own=True)
        self.ats.insert(place, at)
        self.keys.insert(place, key)
        self.values.insert(place, value)
        if self._summed:
            self._sum_from(place)

    def _sum_from(self, place: int) -> None:
        del self.totals[place + 1 :]
        for value in self.values[place:]:
            self.totals.append(_EXACT.add(self.totals[-1], value))

    def total(self, first: int, end: int) -> Decimal:
        """The sum of the values from `first` (in) to `end` (out), exact."""
        return _EXACT.subtract(self.totals[end], self.totals[first])

    def before(self, moment_: tuple[datetime, str], *, its_own: bool = False) -> int:
        """How many events are before a (time, key), those of the very same included or not."""
        at, key = moment_
        if not self.ats or self.ats[-1] < at:
            return len(self.ats)
        first, end = bisect_left(self.ats, at), bisect_right(self.ats, at)
        found = bisect_right if its_own else bisect_left
        return found(self.keys, key, first, end)

    def part(self, stretch: Stretch) -> tuple[int, int]:
        """The places of what happened in it: the first, and the one past the last."""
        first = 0 if stretch.since is None else bisect_left(self.ats, stretch.since)
        return first, max(first, bisect_right(self.ats, stretch.until))


@dataclass(frozen=True, slots=True)
class Watcher:
    """A rule of this rank that waits for groups of an event."""

    rank: int
    watch: Watch


class Gathering:
    """The events of one group so far, in order, and the one that completed it."""

    __slots__ = ("_watch", "events", "last")

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.events: list[Happened] = []
        self.last: Happened | None = None

    def add(self, event: Happened) -> None:
        """Puts an event where it belongs: nearly always last."""
        if not self.events or self.events[-1] <= event:
            self.events.append(event)
            if self.last is None and self._watch.completes(self.events):
                self.last = event
            return
        insort(self.events, event)
        self.last = self._watch.completed(self.events)


class History:
    """Customers as they are now, and what they did and received so far.

    It is filled by whoever feeds events, and belongs to the engine that made it: it keeps what
    that engine's plan asks about, and nothing of any other event.
    """

    def __init__(self, recorders: Sequence[Recorder], watchers: Sequence[Watcher] = ()) -> None:
        self.customers: dict[str, Row] = {}
        self._grants: dict[str, list[Received]] = defaultdict(list)
        self._tracks: dict[tuple[int, str], Track] = {}
        self._recorders: dict[str, list[tuple[int, Recorder]]] = defaultdict(list)
        for number, recorder in enumerate(recorders):
            self._recorders[recorder.event].append((number, recorder))
        self._groups: dict[tuple[int, str], Gathering] = {}
        self._watchers: dict[str, list[Watcher]] = defaultdict(list)
        for watcher in watchers:
            self._watchers[watcher.watch.trigger.event].append(watcher)

    def put_customers(self, rows: Mapping[str, Row]) -> None:
        """Customers by key, new or changed. Events of a customer who is not here decide nothing."""
        self.customers.update(rows)

    def put_grants(self, grants: Iterable[Received]) -> None:
        """What `received(…)` counts, each grant once."""
        for grant in grants:
            self._grants[grant.recipient].append(grant)

    def record(self, event: str, customer: str, row: Row) -> None:
        """An event that happened. The same event twice counts twice, as two rows of a table do."""
        for number, recorder in self._recorders.get(event, ()):
            if recorder.where is not None and not recorder.where(_RECORDING, None, None, None, row):
                continue
            value: Any = row if recorder.keeps == "row" else None
            if recorder.value is not None:
                value = recorder.value(_RECORDING, None, None, None, row)
                if value is None and recorder.keeps == "known":
                    continue
            track = self._tracks.get((number, customer))
            if track is None:
                track = self._tracks[number, customer] = Track(summed=recorder.summed)
            track.add(*moment(row), value)
        for watcher in self._watchers.get(event, ()):
            named = watcher.watch.value(row)
            if named is not None:
                group = self._groups.get((watcher.rank, named))
                if group is None:
                    group = self._groups[watcher.rank, named] = Gathering(watcher.watch)
                group.add(Happened(*moment(row), customer))

    def completed(self, watcher: Watcher, row: Row) -> Sequence[str] | None:
        """Who is in the group that an event completed; nothing where it did not."""
        named = watcher.watch.value(row)
        group = None if named is None else self._groups.get((watcher.rank, named))
        if group is None or group.last is None or group.last[:2] != moment(row):
            return None
        return watcher.watch.members(group.events, group.last)

    def track(self, number: int, customer: str) -> Track | None:
        """What the recorder of this number kept of a customer; nothing where it kept nothing."""
        return self._tracks.get((number, customer))

    def kept(self) -> int:
        """How many values of past events there are in it."""
        return sum(len(track.values) for track in self._tracks.values())

    def received(self, customer: str) -> Sequence[Received]:
        """All grants of a customer."""
        return self._grants.get(customer, ())
