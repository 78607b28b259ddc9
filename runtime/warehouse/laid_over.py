"""Events that the warehouse does not have yet, laid over its tables for one session.

The rows come as texts of JSON in a table of the session. A view casts them to the catalog's types
and puts them behind the warehouse's own. The plan then names the view in place of the table.

There may be more events than memory has room for. Their texts wait in a temporary file until it is
known which of them the warehouse lacks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import islice
from tempfile import SpooledTemporaryFile

from sqlglot import exp

from ...compiler.plan import Column, EventTable, Plan
from ...compiler.plan.types import TEXT
from ...compiler.plan.values import Value
from ...compiler.sql.columns import key_text, table, typed
from ..decide.facts import Row
from .contract import Warehouse
from .rows import WarehouseRows

Lacking = Callable[[str], Iterable[tuple[str, Row]]]
"""Gives the rows of a kind of event that the warehouse may lack, each with its customer."""

_AT_ONCE = 10_000
"""The most events in memory, whose keys are in one query."""

_IN_MEMORY = 4_000_000
"""The most bytes of their texts in memory."""

_KEY, _CUSTOMER, _AT = "own_key", "own_customer", "own_at"


def nothing_lacking(_: str) -> Iterable[tuple[str, Row]]:
    """The warehouse has everything."""
    return ()


def laid_over(plan: Plan, warehouse: Warehouse, lacking: Lacking) -> Plan:
    """Return a plan that reads these events too. Rows that the warehouse has come from there."""
    events = []
    for number, event in enumerate(plan.events):
        with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n") as texts:
            for some in _missing(plan, warehouse, event, iter(lacking(event.name))):
                texts.writelines(f"{_text(event, *one)}\n" for one in some)
            is_empty = texts.tell() == 0
            texts.seek(0)
            found = (line.removesuffix("\n") for line in texts)
            name = f"campaigner_stream_{number}"
            events.append(event if is_empty else _with(warehouse, event, found, name))
    return replace(plan, events=tuple(events))


def _missing(
    plan: Plan, warehouse: Warehouse, event: EventTable, rows: Iterator[tuple[str, Row]]
) -> Iterator[Sequence[tuple[str, Row]]]:
    """Yield those of an event's rows that the warehouse does not have, some at a time."""
    while some := list(islice(rows, _AT_ONCE)):
        keys = {str(row["key"]) for _, row in some}
        there = {key for key, _ in WarehouseRows(warehouse, plan).owners(event.name, keys)}
        yield [(customer, row) for customer, row in some if row["key"] not in there]


def _with(warehouse: Warehouse, event: EventTable, texts: Iterable[str], name: str) -> EventTable:
    """Create the view of an event's rows, as texts; return the event that is read from it."""
    fields = tuple(
        replace(field, column=f"field_{number}") for number, field in enumerate(event.fields)
    )
    laid = replace(
        event,
        table=name,
        key=_KEY,
        customer=_CUSTOMER,
        at=_in_utc(replace(event.at, column=_AT)),
        fields=tuple(map(_in_utc, fields)),
    )
    warehouse.keep(f"{name}_rows", texts)
    query = exp.union(_own(warehouse, event, laid), _kept(warehouse, laid, name), distinct=False)
    warehouse.view(name, query.sql(warehouse.dialect.sqlglot))
    return laid


def _in_utc(field: Column) -> Column:
    return field if field.zone is None else replace(field, zone="UTC")


def _own(warehouse: Warehouse, event: EventTable, laid: EventTable) -> exp.Select:
    """The warehouse's own rows, with their types."""
    dialect = warehouse.dialect
    values = [key_text(dialect, event.key), key_text(dialect, event.customer)]
    values += [typed(dialect, field) for field in (event.at, *event.fields)]
    return _named(values, laid).from_(table(event.table))


def _kept(warehouse: Warehouse, laid: EventTable, name: str) -> exp.Select:
    """The rows that were kept, with their types."""
    dialect = warehouse.dialect
    types = [TEXT, TEXT, *(field.type for field in (laid.at, *laid.fields))]
    values = [dialect.read(_part(dialect.name, place), type_) for place, type_ in enumerate(types)]
    return _named(values, laid).from_(exp.table_(f"{name}_rows", quoted=True))


def _named(values: Iterable[exp.Expr], laid: EventTable) -> exp.Select:
    names = [_KEY, _CUSTOMER, *(field.column for field in (laid.at, *laid.fields))]
    pairs = zip(values, names, strict=True)
    return exp.select(*(exp.alias_(value, name, quoted=True) for value, name in pairs))


def _part(dialect: str, place: int) -> exp.Expr:
    """A part of a kept row, as text."""
    row = exp.column("occurrence")
    match dialect:
        case "postgresql":
            number = exp.Literal.number(place)
            return exp.func("JSONB_ARRAY_ELEMENT_TEXT", exp.cast(row, "jsonb"), number)
        case "spark":
            return exp.func("GET_JSON_OBJECT", row, exp.Literal.string(f"$[{place}]"))
        case _:
            path = exp.Literal.string(f"$[{place}]")
            return exp.Anonymous(this="json_extract_string", expressions=[row, path])


def _text(event: EventTable, customer: str, row: Row) -> str:
    values = (row["key"], customer, row["at"], *(row[field.name] for field in event.fields))
    return json.dumps([*map(_written, values)], ensure_ascii=False)


def _written(value: Value | None) -> str | None:
    """A value as text that every engine casts to its type."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
