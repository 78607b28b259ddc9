"""The events of one kind, counted for every exposure in one pass: after it, and before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.dialect import Dialect
from ..dialects.common.terms import all_true, column, is_null, number
from ..plan import EventTable
from ..plan.data import CANCELLED
from ..plan.expressions import RowValue, walk
from ..plan.types import INTEGER, ValueType
from ..sql import columns
from ..sql.comments import place
from ..sql.ctes import Script, restricted
from ..sql.sources import Look, Past, past
from ..sql.translate import Scope, condition
from .asks import After, Counted


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an exposure: a count or total after it, and the same before."""

    after: str
    before: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Found:
    """The CTE with a row an exposure that had any such event, by `unit`, and its columns."""

    name: str
    columns: dict[After, Columns]


def counted(
    script: Script, exposed: str, event: EventTable, asked: Sequence[After], stretch: Stretch
) -> Found:
    """The counts and totals of one kind of event; each event is read once."""
    ways = tuple(dict.fromkeys(one.counted for one in asked))
    events = past(script, Look(event.name, _fields(event, ways), stretch.since, stretch.at))
    values = {one: script.statement.names.give(("value", one), _wish(one)) for one in ways}
    valued = _valued(script, event, events, values)
    return _joined(script, exposed, event, asked, values, valued)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The events that are read: from the first time before an exposure up to the question."""

    since: datetime
    at: datetime


def _fields(event: EventTable, ways: Iterable[Counted]) -> tuple[str, ...]:
    found: list[str] = [] if event.cancelled_by is None else [CANCELLED]
    for way in ways:
        nodes = () if way.where is None else walk(way.where)
        found += [node.field for node in nodes if isinstance(node, RowValue)]
        found += [] if way.field is None else [way.field]
    return tuple(dict.fromkeys(found))


def _wish(way: Counted) -> str:
    return f"{way.event}_{way.field or 'count'}"


def _valued(script: Script, event: EventTable, events: Past, values: dict[Counted, str]) -> str:
    """Each event with what it adds to each count and total: NULL where it adds nothing."""
    dialect, zone = script.task.dialect, script.task.plan.time_zone
    terms = {("row", name): term for name, term in events.fields.items()}
    scope = Scope(SqlContext(dialect, zone, exp.Null(), exp.Null()), terms)
    shown: list[exp.Expr] = [
        exp.alias_(column(events.customer), "of_customer"),
        exp.alias_(column(events.moment), "happened_at"),
    ]
    for way, name in values.items():
        value: exp.Expr = number(1)
        if way.field is not None:
            value = events.fields[way.field].expression.copy()
        if way.where is not None:
            value = exp.Case().when(condition(way.where, scope), value)
        shown.append(exp.alias_(value, name))
    select = exp.select(*shown).from_(exp.to_identifier(events.name))
    if event.cancelled_by is not None:
        select = restricted(select, [is_null(events.fields[CANCELLED].expression.copy())])
    return script.add(f"{event.word}_valued", select, f"{event.name}: {place(event.origin)}")


def _joined(
    script: Script,
    exposed: str,
    event: EventTable,
    asked: Sequence[After],
    values: dict[Counted, str],
    valued: str,
) -> Found:
    """The sums of each exposure that any event falls to."""
    names, dialect = script.statement.names, script.task.dialect
    moment = column("happened_at", valued)
    # The exposing event, such as that of a trigger, is neither before nor after.
    earlier = exp.LT(this=moment.copy(), expression=column("exposed_at", exposed))
    shown: list[exp.Expr] = [exp.alias_(column("unit", exposed), "unit")]
    found: dict[After, Columns] = {}
    before: dict[Counted, str] = {}
    for way, value in values.items():
        before[way] = names.give(("before", way), f"{value}_before")
        shown.append(exp.alias_(_total(dialect, event, way, column(value), earlier), before[way]))
    for one in asked:
        value = values[one.counted]
        name = names.give(("after", one), f"{value}_{one.slot}")
        until = exp.LTE(this=moment.copy(), expression=column(f"until_{one.slot}", exposed))
        inside = all_true(exp.GT(this=moment.copy(), expression=earlier.expression.copy()), until)
        shown.append(exp.alias_(_total(dialect, event, one.counted, column(value), inside), name))
        found[one] = Columns(name, before[one.counted], _type(event, one.counted))
    same = all_true(
        exp.EQ(this=column("of_customer", valued), expression=column("customer", exposed)),
        exp.GT(this=moment.copy(), expression=column("begins", exposed)),
        exp.LTE(this=moment.copy(), expression=_last(dialect, exposed, asked)),
    )
    select = exp.select(*shown).from_(exp.to_identifier(exposed))
    select = select.join(exp.to_identifier(valued), on=same).group_by(column("unit", exposed))
    comment = f"{event.name} before and after each exposure"
    return Found(script.add(f"{event.word}_counted", select, comment), found)


def _last(dialect: Dialect, exposed: str, asked: Sequence[After]) -> exp.Expr:
    """The end of the longest window that is asked for."""
    slots = sorted({one.slot for one in asked})
    ends: list[exp.Expr] = [column(f"until_{slot}", exposed) for slot in slots]
    return ends[0] if len(ends) == 1 else dialect.greatest(ends)


def _total(
    dialect: Dialect, event: EventTable, way: Counted, value: exp.Expr, inside: exp.Expr
) -> exp.Expr:
    """The sum over events of which the condition holds; 0 of none."""
    summed = exp.Sum(this=exp.Case().when(inside.copy(), value))
    whole = exp.Coalesce(this=summed, expressions=[number(0)])
    return exp.Cast(this=whole, to=columns.sum_type(dialect, _type(event, way)))


def _type(event: EventTable, way: Counted) -> ValueType:
    if way.field is None:
        return INTEGER
    return next(one.type for one in event.fields if one.name == way.field)


def by_event(asked: Iterable[After]) -> Iterator[tuple[str, list[After]]]:
    """The counts and totals by the kind of their events, sorted by its name."""
    kinds: dict[str, list[After]] = {}
    for one in asked:
        kinds.setdefault(one.counted.event, []).append(one)
    yield from sorted(kinds.items())
