"""Features as functions of a frame, and the recorders that they need.

Most aggregates depend on the fields of the past event alone. These are evaluated when the event is
recorded. An aggregate whose `where` or value uses the customer, the triggering event or the clock
is evaluated on demand, over the rows in its window.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, assert_never
from zoneinfo import ZoneInfo

from ....compiler.operators.table import TIME, find
from ....compiler.plan import (
    CustomerField,
    EventAggregate,
    EventPick,
    Feature,
    GrantCount,
    Plan,
    WalletBalance,
)
from ....compiler.plan.arithmetic import bounded
from ....compiler.plan.data import CANCELLED
from ....compiler.plan.expressions import Constant, Expression, Operation, RowValue, walk
from ....compiler.plan.types import INTEGER
from ....compiler.plan.values import Value
from ...decide.facts import aggregate_of, balance_of, instants_of, mean
from .code import Code, Function
from .frame import Frame
from .history import Recorder, Track
from .windows import Windows

Answer = Callable[[Frame], Value | None]

_History = EventAggregate | EventPick


class Features:
    """Compiles features. `recorders` are the recorders that they need, each once."""

    def __init__(self, code: Code, zone: ZoneInfo) -> None:
        self._code = code
        self._windows = Windows(zone)
        self._functions: dict[Expression, Function] = {}
        self._numbers: dict[Recorder, int] = {}

    @property
    def recorders(self) -> tuple[Recorder, ...]:
        """The recorders, in the order of their numbers."""
        return tuple(self._numbers)

    def answers(self, plan: Plan) -> dict[str, Answer]:
        """Return the functions by the features' ids."""
        return {feature.id: self._answer(feature) for feature in plan.features}

    def _answer(self, feature: Feature) -> Answer:
        match feature:
            case CustomerField(field=name):
                return lambda frame: frame.c[name]
            case EventAggregate() | EventPick():
                return self._history(feature)
            case GrantCount():
                return lambda frame: _grants(feature, frame)
            case WalletBalance():
                return lambda frame: _balance(feature, frame)
            case _:
                assert_never(feature)

    def _history(self, feature: _History) -> Answer:
        value = _value(feature)
        asked = [each for each in (feature.where, value) if each is not None]
        if all(_of_the_row(each) for each in asked):
            return self._recorded(feature, value)
        return self._read(feature, value)

    # --- evaluated when recorded ------------------------------------------------------------------

    def _recorded(self, feature: _History, value: Expression | None) -> Answer:
        where, kept = self._function(feature.where), self._function(value)
        keeps = _keeps(feature)
        recorder = Recorder(feature.event, where, keeps, kept, _summed(feature), _field(value))
        number = self._number(recorder)
        reach = self._windows.reach(feature.window)

        def part(frame: Frame) -> _Part:
            track = frame.history.track(number, frame.customer)
            return None if track is None else (track, *reach(track, frame))

        def size(frame: Frame) -> int:
            track = frame.history.track(number, frame.customer)
            if track is None:
                return 0
            first, end = reach(track, frame)
            return end - first

        match feature:
            case EventPick(which="first"):
                return lambda frame: _first(_values(part(frame)))
            case EventPick():
                return lambda frame: _last(_values(part(frame)))
            case EventAggregate(function="count"):
                return size
            case EventAggregate(function="sum"):
                whole = feature.type == INTEGER
                return lambda frame: _sum(part(frame), whole=whole)
            case EventAggregate(function="average"):
                return lambda frame: _average(part(frame))
            case EventAggregate():
                return lambda frame: aggregate_of(feature, _values(part(frame)))

    # --- evaluated on demand -----------------------------------------------------------------

    def _read(self, feature: _History, value: Expression | None) -> Answer:
        number = self._number(Recorder(feature.event, None, "row"))
        where, kept = self._function(feature.where), self._function(value)
        reach = self._windows.reach(feature.window)

        def values(frame: Frame) -> list[Any]:
            track = frame.history.track(number, frame.customer)
            if track is None:
                return []
            first, end = reach(track, frame)
            rows = track.values[first:end]
            facts = (frame, frame.e, frame.c, frame.now)
            if where is not None:
                rows = [row for row in rows if where(*facts, row)]
            return rows if kept is None else [kept(*facts, row) for row in rows]

        match feature:
            case EventPick(which="first"):
                return lambda frame: _first(values(frame))
            case EventPick():
                return lambda frame: _last(values(frame))
            case EventAggregate(value=None):
                return lambda frame: len(values(frame))
            case EventAggregate():
                return lambda frame: aggregate_of(
                    feature, [value for value in values(frame) if value is not None]
                )

    def _function(self, expression: Expression | None) -> Function | None:
        """Compile an expression over a past event, once however many features use it."""
        if expression is None:
            return None
        if expression not in self._functions:
            self._functions[expression] = self._code.value(expression, "r")
        return self._functions[expression]

    def _number(self, recorder: Recorder) -> int:
        return self._numbers.setdefault(recorder, len(self._numbers))


def _value(feature: _History) -> Expression | None:
    if isinstance(feature, EventPick):
        return RowValue(feature.field, feature.type, optional=True)
    return feature.value


def _field(value: Expression | None) -> str | None:
    """Return the field of the catalog that a value is; `None` if it is anything else."""
    if not isinstance(value, RowValue) or value.field in ("at", "key", CANCELLED):
        return None
    return value.field


def _keeps(feature: _History) -> Literal["known", "any", "nothing"]:
    if isinstance(feature, EventPick):
        return "any"
    return "nothing" if feature.value is None else "known"


def _summed(feature: _History) -> bool:
    return isinstance(feature, EventAggregate) and feature.function in ("sum", "average")


def _of_the_row(expression: Expression) -> bool:
    """Whether the value depends on the past event alone, and so never changes."""
    return all(
        isinstance(node, RowValue | Constant) or (isinstance(node, Operation) and _timeless(node))
        for node in walk(expression)
    )


def _timeless(operation: Operation) -> bool:
    row = find(operation.operator, tuple(each.type for each in operation.arguments))
    return row not in TIME


# --- parts of a track ---------------------------------------------------------------------------

_Part = tuple[Track, int, int] | None


def _values(part: _Part) -> list[Any]:
    return [] if part is None else part[0].values[part[1] : part[2]]


def _first(values: list[Any]) -> Value | None:
    value: Value | None = values[0] if values else None
    return value


def _last(values: list[Any]) -> Value | None:
    value: Value | None = values[-1] if values else None
    return value


def _sum(part: _Part, *, whole: bool) -> int | Decimal:
    total = Decimal(0) if part is None else part[0].total(part[1], part[2])
    return bounded(int(total) if whole else total)


def _average(part: _Part) -> Decimal | None:
    return None if part is None else mean(part[0].total(part[1], part[2]), part[2] - part[1])


def _grants(feature: GrantCount, frame: Frame) -> int:
    stretch = frame.stretch(feature.window)
    if stretch is None:
        return 0
    instants = instants_of(feature, frame.history.received(frame.customer))
    return sum(
        (stretch.since is None or stretch.since <= at) and at <= stretch.until for at in instants
    )


def _balance(feature: WalletBalance, frame: Frame) -> int:
    return balance_of(feature, frame.history.moved(frame.customer), frame.now)
