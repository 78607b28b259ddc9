"""catalog.yaml: what the data team provides, from its text to the tables of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...dsl.codes import text
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ...dsl.diagnostics.source import SourceFile
from ...dsl.parsing.keywords import VALUES
from ..codes import files
from ..files.positions import KeyPath, Positions, nfkc
from ..files.yaml_text import read_yaml
from ..plan import CancelledBy, CodeTable, Column, CostTable, CustomerTable, EventTable
from ..plan.currencies import NO_CURRENCY
from ..plan.data import SINCE, TO
from ..plan.expressions import Origin
from ..plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
    MoneyType,
    ValueType,
)
from .catalog_entries import (
    OPEN,
    AtEntry,
    BooleanEntry,
    CatalogEntries,
    CatalogWords,
    CostsEntry,
    CustomerEntry,
    DateEntry,
    DecimalEntry,
    EnumEntry,
    EventEntry,
    FieldEntry,
    HistoryEntry,
    IntegerEntry,
    MoneyEntry,
    TextEntry,
    TimeEntry,
    TimestampEntry,
)
from .catalog_mistakes import wrong_cancellations, wrong_costs, wrong_histories, wrong_labels
from .entries import validate, wrong_value


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of the warehouse. `customers` is `None` if its entry is unusable.

    `doubtful` has the names of fields and events that were left out because of a mistake. A
    campaign that uses one gets no error for it.
    """

    customers: CustomerTable | None
    events: tuple[EventTable, ...]
    doubtful: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]
    codes: tuple[CodeTable, ...] = ()
    costs: CostTable | None = None


NO_CATALOG = Catalog(None, (), frozenset(), ())


def read_catalog(source: SourceFile) -> Catalog:
    """The catalog of that text and every mistake in it."""
    read = read_yaml(source)
    positions = read.positions
    if not isinstance(read.data, dict):
        wrong = () if read.diagnostics else (_no_entries(read.data, positions),)
        return Catalog(None, (), frozenset(), (*read.diagnostics, *wrong))
    filler: dict[KeyPath, Any] = {("customer",): {"table": "customer", "key": "customer"}}
    data: dict[str, Any] = dict(read.data)
    result = validate(CatalogEntries, data, positions, CatalogWords(), filler)
    catalog, removed = result.model, result.removed
    tables = tuple(sorted(_tables(catalog, positions), key=lambda table: table.name))
    return Catalog(
        None if ("customer",) in removed else _customers(catalog.customer, positions),
        tables,
        _doubtful(catalog, positions),
        (
            *read.diagnostics,
            *result.diagnostics,
            *_repeated_values(catalog, positions),
            *_read_as_values(catalog, positions),
            *wrong_labels(_fields(catalog), positions),
            *wrong_histories(catalog, positions),
            *wrong_costs(catalog, positions),
            *wrong_cancellations(catalog, {one.name: one for one in tables}, positions),
        ),
        tuple(
            CodeTable(name, one.table, one.column, _origin(("codes", name), positions))
            for name, one in sorted(catalog.codes.items())
        ),
        None if catalog.costs is None else _costs(catalog.costs, positions),
    )


def _costs(model: CostsEntry, positions: Positions) -> CostTable:
    path: KeyPath = ("costs",)
    field = nfkc(model.channel.field)
    day, amount = (
        Column(name, column, type_, False, None, None, "C1", _origin((*path, name), positions))
        for name, column, type_ in (
            ("day", model.day, DATE),
            ("amount", model.amount.column, MoneyType(model.amount.currency or NO_CURRENCY)),
        )
    )
    column = model.channel.column or model.channel.field
    return CostTable(model.table, column, field, day, amount, _origin(path, positions))


def _doubtful(catalog: CatalogEntries, positions: Positions) -> frozenset[str]:
    """The names of fields and events that the text has and the catalog does not."""
    used: set[KeyPath] = {("customer", "fields", name) for name in catalog.customer.fields}
    used |= {("events", name) for name in catalog.events}
    used |= {("codes", name) for name in catalog.codes}
    for name, event in catalog.events.items():
        used |= {("events", name, "fields", field) for field in event.fields}
    return frozenset(
        nfkc(entry.name)
        for path, entry in positions.entries.items()
        if _is_name(path) and path not in used
    )


def _is_name(path: KeyPath) -> bool:
    match path:
        case ("customer", "fields", _) | ("events", _) | ("events", _, "fields", _) | ("codes", _):
            return True
        case _:
            return False


def _no_entries(data: object, positions: Positions) -> Diagnostic:
    if data is None:
        owner, example = files.THE_CATALOG, "customer: …"
        place = positions.start.place
        return diagnose(files.MISSING_ENTRY, place, owner=owner, name="customer", example=example)
    expected = Phrase("catalog.entries_such_as_customer")
    return wrong_value(positions.value(()).place, "catalog", expected, data)


def _repeated_values(catalog: CatalogEntries, positions: Positions) -> Iterator[Diagnostic]:
    """The words that stand twice among the values of an enum."""
    for path, field in _fields(catalog):
        values = field.values if isinstance(field, EnumEntry) else []
        for index, value in enumerate(values):
            if value in values[:index]:
                at = positions.value((*path, "values", index)).place
                owner = CatalogWords().owner(path)
                yield diagnose(files.REPEATED, at, name=value, owner=owner)


def _read_as_values(catalog: CatalogEntries, positions: Positions) -> Iterator[Diagnostic]:
    """The fields called `no` or `today`, and the words of enums, which bare are something else."""
    for path, field in _fields(catalog):
        named = [(str(path[-1]), text.A_FIELD, positions.key(path).place)]
        values = field.values if isinstance(field, EnumEntry) else []
        for index, value in enumerate(values):
            named.append((value, text.A_WORD, positions.value((*path, "values", index)).place))
        for name, what, place in named:
            if name in VALUES:
                right = f"`{name}`"
                yield diagnose(text.READS_AS_VALUE, place, name=name, what=what, right=right)


def _fields(catalog: CatalogEntries) -> Iterator[tuple[KeyPath, FieldEntry]]:
    """Every field of customers and events, with its path."""
    for name, field in catalog.customer.fields.items():
        yield ("customer", "fields", name), field
    for event, entry in catalog.events.items():
        for name, field in entry.fields.items():
            yield ("events", event, "fields", name), field


def _customers(model: CustomerEntry, positions: Positions) -> CustomerTable:
    path: KeyPath = ("customer",)
    fields = {name: field for name, field in model.fields.items() if field.history is None}
    columns = _columns(fields, model.zone, (*path, "fields"), positions)
    origin = _origin(path, positions)
    if model.since is None:
        return CustomerTable(model.table, model.key, columns, origin)
    at = _origin((*path, "since"), positions)
    since = _instant(SINCE, model.since, model.zone, replace(at, text="customer.since <= now"))
    columns = tuple(sorted((*columns, since), key=lambda column: column.name))
    return CustomerTable(model.table, model.key, columns, origin, since=True)


def _tables(catalog: CatalogEntries, positions: Positions) -> Iterator[EventTable]:
    """The events, and the pasts of the customer's fields."""
    for name, event in catalog.events.items():
        yield _event(name, event, positions)
    zone = catalog.customer.zone
    for name, field in catalog.customer.fields.items():
        start = None if field.history is None else field.history.start
        if field.history is not None and start is not None:
            yield _past(name, field, field.history, start, zone, positions)


def _past(
    name: str,
    field: FieldEntry,
    model: HistoryEntry,
    start: AtEntry,
    zone: str | None,
    positions: Positions,
) -> EventTable:
    """The past of a field: a row says what is true from its time on."""
    path: KeyPath = ("customer", "fields", name)
    origin = _origin((*path, "history"), positions)
    clock = model.zone or zone
    value = replace(_one_column(name, field, zone, path, positions), optional=True)
    columns: tuple[Column, ...] = (value,)
    if model.ends is not None:
        columns += (_instant(TO, model.ends, clock, origin, optional=True),)
    at = _instant("at", start, clock, origin)
    return EventTable(
        f"customer.{name}", model.table, model.customer, model.customer, at, columns, origin, name
    )


def _instant(
    name: str, entry: AtEntry, zone: str | None, origin: Origin, *, optional: bool = False
) -> Column:
    return Column(
        name=name,
        column=entry.column,
        type=TIMESTAMP,
        optional=optional,
        zone=entry.zone or zone,
        label=None,
        sensitivity="C1",
        origin=origin,
    )


def _event(name: str, model: EventEntry, positions: Positions) -> EventTable:
    path: KeyPath = ("events", name)
    at = _instant("at", model.at, model.zone, _origin((*path, "at"), positions))
    columns = _columns(model.fields, model.zone, (*path, "fields"), positions)
    origin = _origin(path, positions)
    table = EventTable(
        name, model.table, model.key, model.customer, at, columns, origin, label=model.label
    )
    if model.cancelled_by is None:
        return table
    by, field = (nfkc(one) for one in (model.cancelled_by.event, model.cancelled_by.field))
    origin = replace(
        _origin((*path, "cancelled_by"), positions), text=f"not cancelled by {by}.{field}"
    )
    return replace(table, cancelled_by=CancelledBy(by, field, origin))


def _columns(
    fields: Mapping[str, FieldEntry], zone: str | None, path: KeyPath, positions: Positions
) -> tuple[Column, ...]:
    """The fields by name; without `column`, a field's column has the field's name as written."""
    return tuple(
        _one_column(name, field, zone, (*path, name), positions)
        for name, field in sorted(fields.items())
    )


def _one_column(
    name: str, field: FieldEntry, zone: str | None, path: KeyPath, positions: Positions
) -> Column:
    low, high = getattr(field, "range", OPEN)
    return Column(
        name=name,
        column=field.column or positions.entries[path].name,
        type=_type(field),
        optional=field.optional,
        zone=(field.zone or zone) if isinstance(field, TimestampEntry) else None,
        label=field.label,
        sensitivity=field.sensitivity,
        shared=field.shared,
        origin=_origin(path, positions),
        minimum=low,
        maximum=high,
        labels=_labels(field),
    )


def _labels(field: FieldEntry) -> tuple[tuple[str, str], ...]:
    """The values of an enum that have a label, with it."""
    if not isinstance(field, EnumEntry):
        return ()
    said = {nfkc(value): label for value, label in field.labels.items()}
    values = dict.fromkeys(field.values)
    return tuple((one, said[nfkc(one)]) for one in values if nfkc(one) in said)


def _type(field: FieldEntry) -> ValueType:
    match field:
        case MoneyEntry(currency=currency):
            return MoneyType(currency)
        case EnumEntry(values=values):
            return EnumType(tuple(dict.fromkeys(values)))
        case _:
            return _PLAIN_TYPES[type(field)]


_PLAIN_TYPES: dict[type[FieldEntry], ValueType] = {
    IntegerEntry: INTEGER,
    DecimalEntry: DECIMAL,
    TextEntry: TEXT,
    BooleanEntry: BOOLEAN,
    DateEntry: DATE,
    TimestampEntry: TIMESTAMP,
    TimeEntry: TIME,
}


def _origin(path: KeyPath, positions: Positions) -> Origin:
    span = positions.key(path)
    place = span.place
    return Origin(place.file, place.line, place.column, " ".join(span.text.split()))
