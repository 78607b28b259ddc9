"""Rows of the candidates' query, read by functions that know the places of a step's columns.

`AllCandidates.read` makes a dictionary of each row, a clock, and the values of its cells. A row
that nothing else is asked of needs none of them: 1.9 µs in place of 9.2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, Plan, Step
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.steps import StepKey, step_of
from ....compiler.plan.types import EnumType, TextType, ValueType
from ....compiler.plan.values import Value, decode
from ....compiler.sql.all.campaigns import QueryOfAll
from ....compiler.sql.decisions import ENDED_COLUMN, TIMES_COLUMN
from ...decide.decisions import Decision, Identity, Line
from ...decide.drawing import arm_in
from ...decide.expiry import deliver_at
from ...decide.facts import named
from ..candidates import AllCandidates, Candidate, value_names
from .bundles import Bundles, Cells

Row = tuple[Any, ...]
_Read = Callable[[Row, datetime], Decision]

_new = tuple.__new__


class RowReader:
    """Reads the rows of a query over all campaigns, many at a time.

    Rows of steps `apart` become candidates, of which more is asked; all others decisions.
    """

    def __init__(self, plan: Plan, query: QueryOfAll, apart: Collection[StepKey]) -> None:
        self._one = AllCandidates(plan, query).read
        place = {name: number for number, name in enumerate(query.shared)}
        self._name = itemgetter(place["campaign"], place["step"])
        self._at = place["at"]
        self._steps = {
            key: _StepReader(plan, key, place, columns)
            for key, columns in query.further.items()
            if key not in apart and all(name != ENDED_COLUMN for name, _ in columns)
        }

    @property
    def expires(self) -> bool:
        """Whether anything that was read ends at some instant."""
        return any(one.expires for one in self._steps.values())

    def read(self, rows: Iterable[Row]) -> list[Decision | Candidate]:
        """The decisions of these rows, in their order."""
        readers: Mapping[tuple[str, str], _Read] = {
            key: one.read for key, one in self._steps.items()
        }
        one, name, place = self._one, self._name, self._at
        found: list[Decision | Candidate] = []
        add, before, at = found.append, None, datetime.min
        for row in rows:
            read = readers.get(name(row))
            if read is None:
                add(one(row))
                continue
            naive = row[place]
            # Most events make several campaigns decide.
            if naive != before:
                before, at = naive, naive.replace(tzinfo=UTC)
            add(read(row, at))
        return found


class _StepReader:
    """Reads the rows of one step. `read` is a function, as a method would look everything up."""

    def __init__(
        self,
        plan: Plan,
        key: StepKey,
        shared: Mapping[str, int],
        columns: Iterable[tuple[str, ValueType]],
    ) -> None:
        self._plan = plan
        self._campaign = named(plan.campaigns, key.campaign)
        self._step = step_of(self._campaign, key.step)
        self._shared = shared
        self._own = {name: (len(shared) + n, type_) for n, (name, type_) in enumerate(columns)}
        self._bundles: list[Bundles] = []
        self.read = self._reader(key)

    @property
    def expires(self) -> bool:
        """Whether a bundle of the step ends at some instant."""
        return any(one.expires for one in self._bundles)

    def _reader(self, key: StepKey) -> _Read:
        step, campaign = self._step, self._campaign
        branches = () if step.reward is None else step.reward.branches
        rewards = [self._lines(one.lines, f"amount_{n}") for n, one in enumerate(branches)]
        instead = self._lines(campaign.when_exhausted.lines, "fallback")
        has_instead = bool(campaign.when_exhausted.lines)
        who = itemgetter(*map(self._shared.__getitem__, ("customer", "recipient", "occurrence")))
        more = itemgetter(*map(self._shared.__getitem__, ("held_out", "share", "branch")))
        keys = self._named({name[4:]: name for name in self._own if name.startswith("key_")})
        names = {name: f"value_{n}" for n, name in enumerate(value_names(step))}
        values, times = self._named(names), self._times(step)
        delivery, arm = self._delivery(step), _arm(campaign)
        campaign_name, step_name = key

        def read(row: Row, at: datetime) -> Decision:
            customer, recipient, occurrence = who(row)
            held_out, share, branch = more(row)
            identity = _new(Identity, (campaign_name, step_name, recipient, occurrence))
            return _new(
                Decision,
                (
                    identity,
                    customer,
                    at,
                    held_out,
                    () if branch is None or not rewards else rewards[branch](row, at),
                    instead(row, at) if has_instead else (),
                    at if delivery is None else delivery(at),
                    share,
                    {} if keys is None else dict(keys(row)),
                    {}
                    if values is None
                    else {name: value for name, value in values(row) if value is not None},
                    None,
                    False,
                    None if times is None else times(row),
                    False,
                    None if arm is None else arm(customer, held_out),
                ),
            )

        return read

    def _lines(
        self, lines: Collection[Any], amounts: str
    ) -> Callable[[Row, datetime], tuple[Line, ...]]:
        """The function from a row to the bundle of a list of lines."""
        found = [self._own.get(f"{amounts}_{n}") for n in range(len(lines))]
        types = [None if one is None else one[1] for one in found]
        bundles = Bundles(self._plan, self._step.reward, tuple(lines), types)
        self._bundles.append(bundles)
        places = [None if one is None else one[0] for one in found]
        known, make = bundles.known, bundles.of
        only = places[0] if len(places) == 1 else None
        if only is not None:

            def of_one(row: Row, at: datetime) -> tuple[Line, ...]:
                cells = (row[only],)
                lines = known.get(cells)
                return make(cells, at) if lines is None else lines

            return of_one

        def of_several(row: Row, at: datetime) -> tuple[Line, ...]:
            cells: Cells = tuple(None if one is None else row[one] for one in places)
            lines = known.get(cells)
            return make(cells, at) if lines is None else lines

        return of_several

    def _named(
        self, columns: Mapping[str, str]
    ) -> Callable[[Row], Iterable[tuple[str, Any]]] | None:
        """The function from a row to the values of these columns by name; `None` without any."""
        if not columns:
            return None
        known = [(name, *self._own[column]) for name, column in columns.items()]
        read = [(name, place, _decoder(type_)) for name, place, type_ in known]

        def values(row: Row) -> Iterable[tuple[str, Any]]:
            return [
                (name, cell if (cell := row[place]) is None or decoded is None else decoded(cell))
                for name, place, decoded in read
            ]

        return values

    def _times(self, step: Step) -> Callable[[Row], Any] | None:
        pattern = step.trigger.pattern
        if pattern is None or not pattern.crosses_several:
            return None
        place, type_ = self._own[TIMES_COLUMN]
        return lambda row: None if row[place] is None else decode(type_, row[place])

    def _delivery(self, step: Step) -> Callable[[datetime], datetime] | None:
        """The function from an instant to that of delivery; `None` if it is the same."""
        reward, zone = step.reward, ZoneInfo(self._plan.time_zone)
        if reward is None or reward.deliver_on is None:
            return None
        return lambda at: deliver_at(reward, WallClock(at, zone))


def _decoder(type_: ValueType) -> Callable[[str], Value] | None:
    """The function from a cell to its value; `None` if it is its text."""
    return None if isinstance(type_, TextType | EnumType) else partial(decode, type_)


def _arm(campaign: Campaign) -> Callable[[str, bool], str | None] | None:
    """The function from a customer to an arm; `None` without an experiment."""
    if campaign.experiment is None:
        return None
    return lambda customer, held_out: arm_in(campaign, customer, held_out=held_out)
