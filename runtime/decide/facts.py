"""The facts that rules may use about one customer at one instant, and their plainest evaluation.

`Facts` is the protocol that expressions are evaluated against. `CustomerFacts` implements it over
rows in memory: the reference for every faster engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Protocol, TypeVar, assert_never
from zoneinfo import ZoneInfo

from ...compiler.operators import table
from ...compiler.plan import (
    BeforeEventWindow,
    CalendarWindow,
    CustomerField,
    EventAggregate,
    EventPick,
    GrantCount,
    LastWindow,
    Plan,
    SinceWindow,
    WalletBalance,
    Window,
)
from ...compiler.plan.arithmetic import QUOTIENT, bounded, rounded
from ...compiler.plan.calendar import WallClock, first_day, first_moment, shift
from ...compiler.plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    RowValue,
    StageValue,
)
from ...compiler.plan.types import DECIMAL_DIGITS, DECIMAL_SCALE, INTEGER, ValueType
from ...compiler.plan.values import Length, Value, decode
from .past_grants import Received, WalletMove

Row = Mapping[str, Value | None]
"""Typed values under the field names of the catalog: `Decimal`, aware UTC `datetime`, …; unknown
is `None`. A row of an event also has `at` (its instant) and `key` (its key as text)."""

Grants = Callable[[], Iterable[Received]]
"""Returns the customer's past grants."""

Moves = Callable[[], Iterable[WalletMove]]
"""Returns the changes of the customer's wallets."""


class Facts(Protocol):
    """One customer at one decision, as an expression sees it. Unknown is `None`."""

    @property
    def clock(self) -> WallClock:
        """The decision's instant and the project's zone."""

    def feature(self, id_: str) -> Value | None:
        """The value of the plan's feature with this id."""

    def event(self, name: str) -> Value | None:
        """A field of the triggering event, `at` and `key` among them."""

    def row(self, name: str) -> Value | None:
        """A field of the past event that an aggregate is reading."""

    def stage(self, lifecycle: str) -> Value | None:
        """The name of the customer's stage in a lifecycle; unknown if no stage holds."""

    def audience(self, name: str) -> bool:
        """Whether the customer is in a declared audience."""


class CustomerRows(Protocol):
    """The reads by customer that a warehouse must offer. Keys are text."""

    def customer(self, key: str) -> Row | None:
        """The customer's current row; `None` if there is no such customer."""

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of the customer's events of one kind, in any order."""

    def alike(self, event: str, field: str, value: str) -> Sequence[tuple[str, Row]]:
        """All customers' events of one kind whose field has this value, each with its customer.

        `value` is text as `values.encode` writes it, of a text or a whole number.
        """


# --- expressions --------------------------------------------------------------------------------


def evaluate(expression: Expression, facts: Facts) -> Value | None:
    """The value of an expression; unknown is `None`."""
    match expression:
        case Constant():
            return decode(expression.type, expression.value)
        case FeatureValue():
            return facts.feature(expression.feature)
        case EventValue():
            return facts.event(expression.field)
        case RowValue():
            return facts.row(expression.field)
        case Clock():
            return facts.clock.now if expression.which == "now" else facts.clock.today
        case StageValue():
            return facts.stage(expression.lifecycle)
        case AudienceValue():
            return facts.audience(expression.audience)
        case Operation():
            return _operate(expression, facts)
        case _:
            assert_never(expression)


def _operate(operation: Operation, facts: Facts) -> Value | None:
    """Apply the operator's row of the table of operators to the values of its arguments."""
    types = tuple(argument.type for argument in operation.arguments)
    row = table.find(operation.operator, types)
    if row is None:
        raise LookupError(f"the table of meaning has no {operation.operator} over {types}")
    values = [evaluate(argument, facts) for argument in operation.arguments]
    if row.unknown != "own" and any(value is None for value in values):
        return False if row.unknown == "false" else None
    result: Value | None = row.python(facts.clock, *values)
    return result


def holds(condition: Expression | None, facts: Facts) -> bool:
    """Whether a condition holds. `None` always holds; an unknown result never does."""
    return condition is None or evaluate(condition, facts) is True


# --- rows and windows ---------------------------------------------------------------------------


def moment(row: Row) -> tuple[datetime, str]:
    """Return an event's (time, key), by which events are ordered."""
    at, key = row["at"], row["key"]
    if not isinstance(at, datetime) or not isinstance(key, str):
        raise TypeError(f"an event needs an instant and a key as text, not {at!r} and {key!r}")
    return at, key


def inside(
    window: Window | None,
    moment_: tuple[datetime, str],
    trigger: tuple[datetime, str] | None,
    facts: Facts,
) -> bool:
    """Whether a past moment (time, key) lies in a window of the decision.

    `trigger` is the (time, key) of the triggering event. Moments later than now are in no window.
    """
    at, now, zone = moment_[0], facts.clock.now, facts.clock.zone
    if at > now:
        return False
    match window:
        case None:
            return True
        case LastWindow():
            return shift(zone, now, Length(window.count, window.unit), -1) < at
        case CalendarWindow(unit, previous):
            first = first_day(unit, facts.clock.today)
            if not previous:
                return first_moment(zone, first) <= at
            before = first_day(unit, first - timedelta(days=1))
            return first_moment(zone, before) <= at < first_moment(zone, first)
        case BeforeEventWindow():
            return trigger is None or moment_ < trigger
        case SinceWindow():
            start = evaluate(window.start, facts)
            return start is not None and _instant(zone, start) <= at
        case _:
            assert_never(window)


def _instant(zone: ZoneInfo, start: Value) -> datetime:
    """Return the instant at which a window starts: a timestamp itself, or a date's first moment."""
    if isinstance(start, datetime):
        return start.astimezone(UTC)
    if isinstance(start, date):
        return first_moment(zone, start)
    raise TypeError(f"a window begins at a date or an instant, not at {start!r}")


# --- one customer -------------------------------------------------------------------------------


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


def named(things: Iterable[_N], name: str) -> _N:
    """Return the element with this name. A valid plan always has it."""
    return next(thing for thing in things if thing.name == name)


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Facts from rows in memory. Each feature is computed on first use and cached.

    `customer` is the customer's row. `histories` has the rows of each event in any order, including
    rows later than now. `trigger` is the triggering event's row, which its history contains too;
    `None` for a schedule.
    """

    plan: Plan
    customer: Row
    histories: Mapping[str, Sequence[Row]]
    trigger: Row | None
    clock: WallClock
    grants: Grants
    moves: Moves = tuple
    _features: dict[str, Value | None] = field(default_factory=dict, repr=False, compare=False)

    def feature(self, id_: str) -> Value | None:
        """A field, an aggregate, a first or last, or a count of grants."""
        if id_ not in self._features:
            self._features[id_] = self._compute(id_)
        return self._features[id_]

    def event(self, name: str) -> Value | None:
        """A field of the triggering event; unknown for a schedule."""
        return None if self.trigger is None else self.trigger[name]

    def row(self, name: str) -> Value | None:
        """Raise `LookupError`: outside of an aggregate there is no past event to read."""
        raise LookupError(f"{name} is a field of a past event, and no history is being read")

    def stage(self, lifecycle: str) -> str | None:
        """The first stage whose condition holds."""
        stages = named(self.plan.lifecycles, lifecycle).stages
        return next((stage.name for stage in stages if holds(stage.condition, self)), None)

    def audience(self, name: str) -> bool:
        """Whether the audience's condition holds."""
        return holds(named(self.plan.audiences, name).condition, self)

    def _compute(self, id_: str) -> Value | None:
        feature = next(feature for feature in self.plan.features if feature.id == id_)
        match feature:
            case CustomerField():
                return self.customer[feature.field]
            case EventAggregate():
                return _aggregate(feature, self._history(feature))
            case EventPick():
                past = sorted(self._history(feature), key=lambda seen: moment(seen.past))
                if not past:
                    return None
                picked = past[0] if feature.which == "first" else past[-1]
                return picked.row(feature.field)
            case GrantCount():
                grants = instants_of(feature, self.grants())
                return sum(self._sees(feature.window, (at, "")) for at in grants)
            case WalletBalance():
                return balance_of(feature, self.moves(), self.clock.now)
            case _:
                assert_never(feature)

    def _history(self, feature: EventAggregate | EventPick) -> list[_PastEvent]:
        """Return the events that a feature counts: inside its window, and matching its `where`."""
        rows = self.histories.get(feature.event, ())
        past = [_PastEvent(self, row) for row in rows if self._sees(feature.window, moment(row))]
        return [event for event in past if holds(feature.where, event)]

    def _sees(self, window: Window | None, moment_: tuple[datetime, str]) -> bool:
        trigger = None if self.trigger is None else moment(self.trigger)
        return inside(window, moment_, trigger, self)


@dataclass(frozen=True, slots=True)
class _PastEvent:
    """The customer's facts, extended by the past event that an aggregate is reading."""

    facts: Facts
    past: Row

    @property
    def clock(self) -> WallClock:
        return self.facts.clock

    def feature(self, id_: str) -> Value | None:
        return self.facts.feature(id_)

    def event(self, name: str) -> Value | None:
        return self.facts.event(name)

    def row(self, name: str) -> Value | None:
        return self.past[name]

    def stage(self, lifecycle: str) -> Value | None:
        return self.facts.stage(lifecycle)

    def audience(self, name: str) -> bool:
        return self.facts.audience(name)


def instants_of(feature: GrantCount, grants: Iterable[Received]) -> list[datetime]:
    """Return the instants of a campaign's grants, one per bundle, or of a benefit's grants."""
    if feature.of == "benefit":
        return [grant.at for grant in grants if grant.benefit == feature.name]
    of_campaign = (grant for grant in grants if grant.campaign == feature.campaign)
    return list(
        {
            (grant.step, grant.occurrence): grant.at
            for grant in of_campaign
            if feature.step in (None, grant.step)
        }.values()
    )


def balance_of(feature: WalletBalance, moves: Iterable[WalletMove], now: datetime) -> int:
    """Return what a wallet holds at an instant."""
    past = (one for one in moves if one.wallet == feature.wallet and one.at <= now)
    return int(bounded(sum(one.amount for one in past)))


def _aggregate(feature: EventAggregate, past: Sequence[_PastEvent]) -> Value | None:
    """Aggregate over the events whose value is known; a bare count counts all events."""
    if feature.value is None:
        return len(past)
    seen = [evaluate(feature.value, event) for event in past]
    return aggregate_of(feature, [value for value in seen if value is not None])


def aggregate_of(feature: EventAggregate, known: Sequence[Any]) -> Value | None:
    """Return the aggregate of the known values."""
    match feature.function:
        case "count":
            return len(known)
        case "count_distinct":
            return len(set(known))
        case "sum":
            return bounded(_sum(known, feature.type))
        case "average":
            return mean(_sum(known, feature.type), len(known))
        case "min":
            return min(known, default=None)
        case "max":
            return max(known, default=None)
        case _:
            assert_never(feature.function)


def _sum(known: Sequence[Any], type_: ValueType) -> int | Decimal:
    """Return the exact sum; 0 for no values."""
    zero = 0 if type_ == INTEGER else Decimal(0)
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return sum(known, zero)


def mean(total: int | Decimal, count: int) -> Decimal | None:
    """Return the mean, rounded half-even like a division; unknown for no values."""
    return rounded(QUOTIENT.divide(Decimal(total), count), DECIMAL_SCALE) if count else None
