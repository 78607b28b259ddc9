"""Read customers and their past from the warehouse: one question a kind of event, by columns.

Only the columns come that recorders keep, as tuples, and tracks are made of whole lists. Reading
rows as dictionaries and recording them one by one takes three times as long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from ....compiler.plan import Plan
from ...decide.facts import Row, named
from ...warehouse.rows import Kept, PastQuestion, WarehouseRows
from ..compiled.history import Recorder, Track
from .asking import Asking
from .columns import OwnPast, are_readable, gives_arrays, past_by_customer

_Rows = list[tuple[Any, ...]]
_OWNER, _AT, _KEY = 0, 1, 2
_FEW = 8
_BY_MOMENT = itemgetter(_AT, _KEY)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, its columns that are read, and the recorders that count it, by number.

    `by_moment`: its rows have the key of their customer, so an instant tells them apart.
    """

    name: str
    fields: tuple[str, ...]
    recorders: tuple[tuple[int, Recorder], ...]
    by_moment: bool

    def tracks(self, own: OwnPast) -> Iterator[tuple[int, Track]]:
        """Yield the tracks of one customer's events, by recorder."""
        ats, keys, _ = own
        for number, recorder in self.recorders:
            if not recorder.is_plain:
                track = Track(summed=recorder.summed)
                for place in range(len(ats)):
                    recorder.put(track, self._row(own, place))
                if track.ats:
                    yield number, track
                continue
            if recorder.field is None:
                yield number, Track.of(ats[:], keys[:], [None] * len(ats), summed=recorder.summed)
                continue
            values = own.values[self.fields.index(recorder.field)]
            if recorder.keeps == "known" and None in values:
                known = [n for n, value in enumerate(values) if value is not None]
                if known:
                    seen, named_ = [ats[n] for n in known], [keys[n] for n in known]
                    values = [values[n] for n in known]
                    yield number, Track.of(seen, named_, values, summed=recorder.summed)
                continue
            yield number, Track.of(ats[:], keys[:], values[:], summed=recorder.summed)

    def keys(self, own: OwnPast) -> Collection[str]:
        """Return the keys of one customer's events; a few are found in a list as in a set."""
        return own.keys if len(own.keys) <= _FEW else set(own.keys)

    def later(self, own: OwnPast, at: datetime) -> Mapping[str, datetime]:
        """Return the instants after this one of a customer's events, by key."""
        if own.ats[-1] <= at:
            return {}
        return {key: each for key, each in zip(own.keys, own.ats, strict=True) if each > at}

    def has_each_once(self, own: OwnPast) -> bool:
        """Whether no event of a customer comes twice."""
        return len(set(own.ats if self.by_moment else own.keys)) == len(own.keys)

    def _row(self, own: OwnPast, place: int) -> Row:
        values = (column[place] for column in own.values)
        found = dict(zip(self.fields, values, strict=True))
        return {**found, "at": own.ats[place], "key": own.keys[place]}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The past that is read: since when, by kind, and also the events with these keys.

    Of a kind that is missing in `since`, only the events with these keys are read. With
    `BEGINNING` there is no bound.
    """

    since: Mapping[str, datetime]
    keys: Mapping[str, Collection[str]]


class TooMany(Exception):  # noqa: N818  (an answer, not a fault)
    """There are more past events than may be read at once."""


class Loading:
    """Reads for the kinds of event that the recorders of a plan count, and for `kinds`."""

    def __init__(
        self, plan: Plan, kinds: Collection[str], recorders: Sequence[Recorder], asking: Asking
    ) -> None:
        self.kinds = tuple(_kind(plan, name, recorders) for name in sorted(kinds))
        self._asking = asking
        self._has_arrays: bool | None = None

    def past(
        self, rows: WarehouseRows, wanted: Wanted, names: Kept, most: int | None
    ) -> Iterator[tuple[Kind, dict[str, OwnPast]]]:
        """Yield each kind with its events by customer, in order, each once.

        Raise `TooMany` once there are more than `most`.
        """
        for kind in self.kinds:
            keys = wanted.keys.get(kind.name)
            named_ = self._asking.keep(rows, keys) if keys else None
            since = wanted.since.get(kind.name)
            if since is None and named_ is None:
                continue
            asked = PastQuestion(kind.name, kind.fields, names, since, named_)
            found = self._by_columns(rows, kind, asked, most)
            if found is None:
                found = _by_rows(rows, kind, asked, most)
            if most is not None:
                most -= sum(len(own.ats) for own in found.values())
            yield kind, found

    def _by_columns(
        self, rows: WarehouseRows, kind: Kind, asked: PastQuestion, most: int | None
    ) -> dict[str, OwnPast] | None:
        """Return the events by customer; `None` if they do not come by columns."""
        events = named(rows.plan.events, kind.name)
        fields = [named(events.fields, name) for name in kind.fields]
        if self._has_arrays is None:
            self._has_arrays = gives_arrays(rows.warehouse)
        if not self._has_arrays or not are_readable(fields):
            return None
        count, found = past_by_customer(rows, asked, fields, most)
        if most is not None and count > most:
            raise TooMany
        if found is None or not all(map(kind.has_each_once, found.values())):
            return None
        return found


def _by_rows(
    rows: WarehouseRows, kind: Kind, asked: PastQuestion, most: int | None
) -> dict[str, OwnPast]:
    read = 0
    found: dict[str, _Rows] = defaultdict(list)
    for batch in rows.past(asked):
        read += len(batch)
        if most is not None and read > most:
            raise TooMany
        for row in batch:
            found[row[_OWNER]].append(row)
    return {owner: _in_order(kind, some) for owner, some in found.items()}


def _in_order(kind: Kind, rows: _Rows) -> OwnPast:
    """Sort a customer's rows by (at, key); of several with one key the last one counts."""
    if len(rows) > 1:
        identity = _AT if kind.by_moment else _KEY
        if len({row[identity] for row in rows}) < len(rows):
            rows = list({row[identity]: row for row in rows}.values())
        rows.sort(key=_BY_MOMENT)
    _, ats, keys, *values = map(list, zip(*rows, strict=True))
    return OwnPast([at.replace(tzinfo=UTC) for at in ats], keys, tuple(values))


def _kind(plan: Plan, name: str, recorders: Sequence[Recorder]) -> Kind:
    kind = named(plan.events, name)
    own = tuple((number, one) for number, one in enumerate(recorders) if one.event == name)
    fields = {one.field for _, one in own if one.field is not None}
    if not all(one.is_plain for _, one in own):
        fields |= {field.name for field in kind.fields}
    return Kind(name, tuple(sorted(fields)), own, kind.past_of is not None)
