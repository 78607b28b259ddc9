"""Customers and events as Python values, read as `campaigner events` reads its lines."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from .compiler.plan import EventTable, Plan
from .dsl.diagnostics.diagnostic import Diagnostic
from .runtime.codes import running
from .runtime.decide.facts import Row
from .runtime.decide.patterns.cancelled import seen_histories
from .runtime.decide.reference import Rows
from .runtime.events.engine import Event
from .runtime.events.lines import Line, Lines
from .runtime.warehouse.bad_rows import shown_key
from .runtime.warehouse.check import problem_at

Fields = Mapping[str, object]

_MOST = 100
"""Digits of an amount that are written out; no field of a catalog can hold more."""

_EVENTS = "`events`"


def rows_of(
    plan: Plan, customers: Mapping[str, Fields], events: Iterable[Fields]
) -> tuple[Rows, tuple[Diagnostic, ...]]:
    """A warehouse in memory, and why rows and events were left out of it."""
    lines = Lines(plan, _EVENTS)
    known = {key: lines.customer(key, _json(fields)) for key, fields in customers.items()}
    read = [lines.read(Line(n, _json(event))) for n, event in enumerate(events, 1)]
    problems = [one for one in (*known.values(), *read) if isinstance(one, Diagnostic)]
    by_key: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for one in read:
        if isinstance(one, Event) and one not in by_key[one.name, str(one.row["key"])]:
            by_key[one.name, str(one.row["key"])].append(one)
    histories: dict[str, dict[str, list[Row]]] = {event.name: {} for event in plan.events}
    for same in by_key.values():
        if len(same) > 1:
            problems.append(_same_key(plan, same[0]))
            continue
        histories[same[0].name].setdefault(same[0].customer, []).append(same[0].row)
    people = {key: row for key, row in known.items() if not isinstance(row, Diagnostic)}
    for past in plan.events:
        if past.past_of is not None:
            histories[past.name] = _always(past, people)
    return Rows(people, seen_histories(plan, histories)), tuple(problems)


_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
"""The first day that a warehouse has."""


def _always(past: EventTable, people: Mapping[str, Row]) -> dict[str, list[Row]]:
    """The past of a field whose value has always been what it is now."""
    value, *ends = past.fields
    row = {"at": _BEGINNING, **{end.name: None for end in ends}}
    return {
        key: [{**row, "key": key, value.name: fields[value.name]}] for key, fields in people.items()
    }


def _same_key(plan: Plan, event: Event) -> Diagnostic:
    table = next(one for one in plan.events if one.name == event.name)
    values = {"table": table.table, "key": shown_key(event.row["key"])}
    return problem_at(running.ROW_LEFT_OUT, table.origin, {**values, "reason": running.SAME_KEY})


def _json(entries: Fields) -> bytes:
    return json.dumps(dict(entries), default=_plain).encode()


def _plain(value: object) -> object:
    match value:
        case Decimal() if value.is_finite() and abs(value.adjusted()) < _MOST:
            return format(value, "f")
        case Decimal():
            return str(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"a field cannot hold a {type(value).__name__}")
