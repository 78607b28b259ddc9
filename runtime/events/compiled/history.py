"""Past events, stored so that a window of them is read without a scan.

A track holds the values that one feature needs of one customer's events, in the order of (time,
key). Sums have running totals. A window is a slice of a track, found by bisection. Late events are
inserted at their place. Every read is as of an instant, so the past can be read at any time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from ....compiler.plan.calendar import WallClock
from ....compiler.plan.types import DECIMAL_DIGITS
from ...decide.facts import Row, moment
from ...decide.past_grants import Received, Stretch, WalletMove
from ...decide.patterns.firings import Firing, PatternWatch
from ...decide.patterns.groups import Happened, Watch, happened
from .code import Function

_EXACT = Context(prec=2 * DECIMAL_DIGITS)


@dataclass(frozen=True, slots=True)
class _Recording:
    """A stand-in frame while an event is recorded: recorded values do not depend on it."""

    clock: WallClock


_RECORDING = _Recording(WallClock(datetime.min.replace(tzinfo=UTC), ZoneInfo("UTC")))


@dataclass(frozen=True, slots=True)
class Recorder:
    """The events that a track counts, and the value that it keeps of each.

    `keeps`: the event's `row`; its `value` if `known`, or in `any` case; or `nothing`. `field` is
    the field that the value is, if it is just that.
    """

    event: str
    where: Function | None
    keeps: Literal["row", "known", "any", "nothing"]
    value: Function | None = None
    summed: bool = False
    field: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it counts every event, and keeps a field of it or nothing."""
        plain = self.value is None or self.field is not None
        return plain and self.where is None and self.keeps != "row"

    def put(self, track: Track, row: Row) -> None:
        """Put an event into a track, if it counts."""
        if self.where is not None and not self.where(_RECORDING, None, None, None, row):
            return
        value: Any = row if self.keeps == "row" else None
        if self.value is not None:
            value = self.value(_RECORDING, None, None, None, row)
            if value is None and self.keeps == "known":
                return
        track.add(*moment(row), value)


_FEW = 16
"""So many values are added up one by one: running totals of them would take longer to make."""


class Track:
    """The values of one customer's events. `totals[n]` is the sum of the first n."""

    __slots__ = ("_summed", "_totals", "ats", "keys", "values")

    def __init__(self, *, summed: bool) -> None:
        self._summed = summed
        self.ats: list[datetime] = []
        self.keys: list[str] = []
        self.values: list[Any] = []
        self._totals: list[Decimal] | None = None

    @classmethod
    def of(cls, ats: list[datetime], keys: list[str], values: list[Any], *, summed: bool) -> Self:
        """Return a track of events in order; the lists are its own from now on."""
        track = cls.__new__(cls)
        track._summed = summed
        track.ats, track.keys, track.values, track._totals = ats, keys, values, None
        return track

    def add(self, at: datetime, key: str, value: object) -> None:
        """Insert an event at its place, which is nearly always the end."""
        place = self.before((at, key), its_own=True)
        self.ats.insert(place, at)
        self.keys.insert(place, key)
        self.values.insert(place, value)
        if self._totals is not None:
            del self._totals[place + 1 :]

    def total(self, first: int, end: int) -> Decimal:
        """Return the exact sum of the values from `first` (included) to `end` (excluded)."""
        if end - first <= _FEW:
            found = Decimal(0)
            for value in self.values[first:end]:
                found = _EXACT.add(found, value)
            return found
        totals = self._totals
        if totals is None:
            totals = self._totals = [Decimal(0)]
        for value in self.values[len(totals) - 1 : end]:
            totals.append(_EXACT.add(totals[-1], value))
        return _EXACT.subtract(totals[end], totals[first])

    def before(self, moment_: tuple[datetime, str], *, its_own: bool = False) -> int:
        """Return how many events precede a (time, key); with `its_own`, events at it count too."""
        at, key = moment_
        if not self.ats or self.ats[-1] < at:
            return len(self.ats)
        first, end = bisect_left(self.ats, at), bisect_right(self.ats, at)
        found = bisect_right if its_own else bisect_left
        return found(self.keys, key, first, end)

    def part(self, stretch: Stretch) -> tuple[int, int]:
        """Return the slice of a stretch: the first index, and the one after the last."""
        first = 0 if stretch.since is None else bisect_left(self.ats, stretch.since)
        return first, max(first, bisect_right(self.ats, stretch.until))


@dataclass(frozen=True, slots=True)
class Watcher:
    """A rule of this rank that waits for groups of an event."""

    rank: int
    watch: Watch


class Gathering:
    """The events of one group so far, in order, and the event that completed it."""

    __slots__ = ("_watch", "events", "last")

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.events: list[Happened] = []
        self.last: Happened | None = None

    def add(self, event: Happened) -> None:
        """Insert an event at its place, which is nearly always the end."""
        if not self.events or self.events[-1] <= event:
            self.events.append(event)
            if self.last is None and self._watch.completes(self.events):
                self.last = event
            return
        insort(self.events, event)
        self.last = self._watch.completed(self.events)


@dataclass(frozen=True, slots=True)
class PatternWatcher:
    """A rule of this rank that waits for a pattern of a customer's events."""

    rank: int
    watch: PatternWatch


class Patterned:
    """The events of one customer that a pattern may count, and those that fire."""

    __slots__ = ("_fired", "_watch", "rows")

    def __init__(self, watch: PatternWatch) -> None:
        self._watch = watch
        self._fired: list[Firing] | None = None
        self.rows: dict[tuple[datetime, str], Row] = {}

    def add(self, row: Row) -> None:
        """Add an event, which may change which of them fire."""
        self.rows[moment(row)] = row
        self._fired = None

    def fired(self) -> list[Firing]:
        """Return the firings, in order."""
        if self._fired is None:
            self._fired = self._watch.firings(self.rows.values())
        return self._fired


class History:
    """Current customer rows, and the events and grants of these customers so far.

    The caller fills it. It belongs to the engine that made it, and keeps only what that engine's
    plan reads. `kept` are the kinds of event of which whole rows are kept.
    """

    def __init__(
        self,
        recorders: Sequence[Recorder],
        watchers: Sequence[Watcher] = (),
        patterns: Sequence[PatternWatcher] = (),
        kept: Collection[str] = (),
    ) -> None:
        self.recorders = tuple(recorders)
        self.customers: dict[str, Row] = {}
        self._grants: dict[str, list[Received]] = defaultdict(list)
        self._moves: dict[str, list[WalletMove]] = defaultdict(list)
        self._tracks: dict[str, dict[int, Track]] = defaultdict(dict)
        self._recorders: dict[str, list[tuple[int, Recorder]]] = defaultdict(list)
        for number, recorder in enumerate(recorders):
            self._recorders[recorder.event].append((number, recorder))
        self._groups: dict[tuple[int, str], Gathering] = {}
        self._watchers: dict[str, list[Watcher]] = defaultdict(list)
        for watcher in watchers:
            self._watchers[watcher.watch.trigger.event].append(watcher)
        self._patterned: dict[tuple[int, str], Patterned] = {}
        self._patterns: dict[str, list[PatternWatcher]] = defaultdict(list)
        for pattern in patterns:
            self._patterns[pattern.watch.trigger.event].append(pattern)
        self._kept = frozenset(kept)
        self._rows: dict[tuple[str, str], dict[tuple[datetime, str], Row]] = defaultdict(dict)

    def put_customers(self, rows: Mapping[str, Row]) -> None:
        """Add or replace customers by key. Events of other customers are not decided."""
        self.customers.update(rows)

    def put_grants(self, grants: Iterable[Received]) -> None:
        """Add grants for `received(…)`, each once."""
        for grant in grants:
            self._grants[grant.recipient].append(grant)

    def put_moves(self, moves: Iterable[WalletMove]) -> None:
        """Add changes of wallets for `balance(…)`, each once."""
        for move in moves:
            self._moves[move.customer].append(move)

    def record(self, event: str, customer: str, row: Row) -> None:
        """Add an event. Adding it twice counts it twice, like two rows of a table."""
        for number, recorder in self._recorders.get(event, ()):
            tracks = self._tracks[customer]
            track = tracks.get(number) or Track(summed=recorder.summed)
            recorder.put(track, row)
            if track.ats:
                tracks[number] = track
        for watcher in self._watchers.get(event, ()):
            named = watcher.watch.value(row)
            if named is not None:
                group = self._groups.get((watcher.rank, named))
                if group is None:
                    group = self._groups[watcher.rank, named] = Gathering(watcher.watch)
                group.add(happened(customer, row))

        for pattern in self._patterns.get(event, ()):
            seen = self._patterned.get((pattern.rank, customer))
            if seen is None:
                seen = self._patterned[pattern.rank, customer] = Patterned(pattern.watch)
            seen.add(row)
        if event in self._kept:
            self._rows[event, customer][moment(row)] = row

    def rows(self, event: str, customer: str) -> list[Row]:
        """Return a customer's events of a kind whose rows are kept, each once."""
        return list(self._rows.get((event, customer), {}).values())

    def patterned(self, watcher: PatternWatcher, customer: str) -> Patterned:
        """Return the events of a customer that a pattern may count."""
        return self._patterned.get((watcher.rank, customer)) or Patterned(watcher.watch)

    def completed(self, watcher: Watcher, row: Row) -> Sequence[str] | None:
        """Return the members of the group that an event completed; `None` if it completed none."""
        named = watcher.watch.value(row)
        group = None if named is None else self._groups.get((watcher.rank, named))
        if group is None or group.last is None or group.last[:2] != moment(row):
            return None
        return watcher.watch.members(group.events, group.last)

    def track(self, number: int, customer: str) -> Track | None:
        """Return the track of a recorder for a customer; `None` if it has no events."""
        tracks = self._tracks.get(customer)
        return None if tracks is None else tracks.get(number)

    def kept(self) -> int:
        """Return how many values of past events are stored."""
        return sum(len(one.values) for some in self._tracks.values() for one in some.values())

    def put_tracks(self, customer: str, tracks: dict[int, Track]) -> None:
        """Replace all tracks of a customer, by the numbers of their recorders."""
        self._tracks[customer] = tracks

    def drop(self, customer: str) -> None:
        """Forget a customer with the tracks; what is kept otherwise stays."""
        self.customers.pop(customer, None)
        self._tracks.pop(customer, None)

    def received(self, customer: str) -> Sequence[Received]:
        """All grants of a customer."""
        return self._grants.get(customer, ())

    def moved(self, customer: str) -> Sequence[WalletMove]:
        """All changes of a customer's wallets."""
        return self._moves.get(customer, ())
