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

_Rows = list[tuple[Any, ...]]
_OWNER, _AT, _KEY, _FIELDS = 0, 1, 2, 3
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

    def tracks(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Track]]:
        """Yield the tracks of one customer's rows, which are in order, by recorder."""
        ats = [row[_AT].replace(tzinfo=UTC) for row in rows]
        keys = [row[_KEY] for row in rows]
        for number, recorder in self.recorders:
            if not recorder.is_plain:
                track = Track(summed=recorder.summed)
                for at, row in zip(ats, rows, strict=True):
                    recorder.put(track, self._row(at, row))
                if track.ats:
                    yield number, track
                continue
            if recorder.field is None:
                yield number, Track.of(ats[:], keys[:], [None] * len(rows), summed=recorder.summed)
                continue
            place = _FIELDS + self.fields.index(recorder.field)
            values = [row[place] for row in rows]
            if recorder.keeps == "known" and None in values:
                known = [n for n, value in enumerate(values) if value is not None]
                if known:
                    parts = ([some[n] for n in known] for some in (ats, keys, values))
                    yield number, Track.of(*parts, summed=recorder.summed)
                continue
            yield number, Track.of(ats[:], keys[:], values, summed=recorder.summed)

    def keys(self, rows: Sequence[tuple[Any, ...]]) -> Collection[str]:
        """Return the keys of one customer's rows; a few are found in a list as fast as in a set."""
        keys = [row[_KEY] for row in rows]
        return keys if len(keys) <= _FEW else set(keys)

    def later(self, rows: Sequence[tuple[Any, ...]], at: datetime) -> Mapping[str, datetime]:
        """Return the instants after this one of a customer's rows, which are in order, by key."""
        if rows[-1][_AT].replace(tzinfo=UTC) <= at:
            return {}
        ats = ((row[_KEY], row[_AT].replace(tzinfo=UTC)) for row in rows)
        return {key: each for key, each in ats if each > at}

    def _row(self, at: datetime, row: tuple[Any, ...]) -> Row:
        found = dict(zip(self.fields, row[_FIELDS:], strict=True))
        return {**found, "at": at, "key": row[_KEY]}


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

    def past(
        self, rows: WarehouseRows, wanted: Wanted, names: Kept, most: int | None
    ) -> Iterator[tuple[Kind, dict[str, _Rows]]]:
        """Yield each kind with its rows by customer, in order, each once.

        Raise `TooMany` once there are more than `most`.
        """
        read = 0
        for kind in self.kinds:
            keys = wanted.keys.get(kind.name)
            named_ = self._asking.keep(rows, keys) if keys else None
            since = wanted.since.get(kind.name)
            if since is None and named_ is None:
                continue
            asked = PastQuestion(kind.name, kind.fields, names, since, named_)
            found: dict[str, _Rows] = defaultdict(list)
            for batch in rows.past(asked):
                read += len(batch)
                if most is not None and read > most:
                    raise TooMany
                for row in batch:
                    found[row[_OWNER]].append(row)
            yield kind, {owner: _in_order(kind, some) for owner, some in found.items()}


def _in_order(kind: Kind, rows: _Rows) -> _Rows:
    """Sort a customer's rows by (at, key); of several with one key the last one counts."""
    if len(rows) > 1:
        identity = _AT if kind.by_moment else _KEY
        if len({row[identity] for row in rows}) < len(rows):
            rows = list({row[identity]: row for row in rows}.values())
        rows.sort(key=_BY_MOMENT)
    return rows


def _kind(plan: Plan, name: str, recorders: Sequence[Recorder]) -> Kind:
    kind = named(plan.events, name)
    own = tuple((number, one) for number, one in enumerate(recorders) if one.event == name)
    fields = {one.field for _, one in own if one.field is not None}
    if not all(one.is_plain for _, one in own):
        fields |= {field.name for field in kind.fields}
    return Kind(name, tuple(sorted(fields)), own, kind.past_of is not None)
