"""catalog.yaml: what the data team provides, from its text to the tables of a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ..dsl.codes import files
from ..dsl.diagnostics import Diagnostic, Phrase, diagnose
from ..dsl.source import SourceFile
from .entries import refuse, said, shown, validate, wrong_value
from .expressions import Origin
from .plan import Column, CustomerTable, EventTable
from .positions import KeyPath, Positions, nfkc
from .settings import Currency, Label, Name, Text, Zone
from .types import (
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
from .yaml_text import read_yaml

# --- the models ---------------------------------------------------------------------------------

_RESERVED = {
    "at": Phrase("the time", "发生时间"),
    "key": Phrase("the key", "主键"),
    "customer": Phrase("the customer", "客户"),
}
_NUMBER = re.compile(r"[+-]?\d{1,28}(\.\d{1,10})?")
_INTEGER = re.compile(r"[+-]?\d{1,19}")


def _not_reserved(name: str) -> str:
    if name in _RESERVED:
        raise refuse(files.RESERVED_NAME, meaning=_RESERVED[name], column=name)
    return name


def _table(text: str) -> str:
    parts = text.split(".")
    if not (1 <= len(parts) <= 3) or any(part != part.strip() or not part for part in parts):
        raise refuse(files.BAD_TABLE, value=shown(text))
    return text


def _column(value: object) -> object:
    """`at: invested_at` is short for `at: {column: invested_at}`."""
    return {"column": value} if isinstance(value, str) else value


def _whole(text: str) -> int | None:
    number = int(text) if _INTEGER.fullmatch(text) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_ENDS = {
    "integer": (_whole, Phrase("whole number", "整数"), "range: [0, 100]"),
    "decimal": (_decimal, Phrase("number", "数字"), "range: [0, 1.5]"),
    "date": (_day, Phrase("date", "日期"), "range: [2000-01-01, 2030-12-31]"),
}


def _range(kind: str) -> BeforeValidator:
    read, words, example = _ENDS[kind]

    def check(value: object) -> tuple[str | None, str | None]:
        ends = value if isinstance(value, list) else []
        known = [read(end) if isinstance(end, str) else None for end in ends]
        found = f"`[{', '.join(map(_plain, ends))}]`" if ends else said(value)
        if len(ends) != 2 or any(
            end is not None and number is None for end, number in zip(ends, known, strict=True)
        ):
            raise refuse(files.BAD_RANGE, kind=words, found=found, example=example)
        low, high = known
        if low is not None and high is not None and low > high:  # type: ignore[operator]  # of one kind
            raise refuse(files.BAD_RANGE, kind=words, found=found)
        return _written(low), _written(high)

    return BeforeValidator(check)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else said(value).en


def _written(end: int | Decimal | date | None) -> str | None:
    """The one text of a value, whatever the catalog wrote: `1.50` is 1.5."""
    if isinstance(end, Decimal):
        text = format(end, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return None if end is None else str(end)


_Range = tuple[str | None, str | None]
_Open: _Range = (None, None)


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Field(_Entries):
    """A field; either end of a `range` may be left open with `~`."""

    optional: bool = False
    label: Label = None
    sensitivity: Literal["C1", "C2", "C3"] = "C1"
    column: Text | None = None


class _Integer(_Field):
    type: Literal["integer"]
    range: Annotated[_Range, _range("integer")] = _Open


class _Decimal(_Field):
    type: Literal["decimal"]
    range: Annotated[_Range, _range("decimal")] = _Open


class _Money(_Field):
    type: Literal["money"]
    currency: Currency
    range: Annotated[_Range, _range("decimal")] = _Open


class _Text(_Field):
    type: Literal["text"]


class _Enum(_Field):
    type: Literal["enum"]
    values: Annotated[list[Text], Field(min_length=1)]


class _Boolean(_Field):
    type: Literal["boolean"]


class _Date(_Field):
    type: Literal["date"]
    range: Annotated[_Range, _range("date")] = _Open


class _Timestamp(_Field):
    type: Literal["timestamp"]
    zone: Zone | None = None


class _Time(_Field):
    type: Literal["time"]


_AnyField = Annotated[
    _Integer | _Decimal | _Money | _Text | _Enum | _Boolean | _Date | _Timestamp | _Time,
    Field(discriminator="type"),
]
_FIELDS: dict[str, type[_Field]] = {
    "integer": _Integer,
    "decimal": _Decimal,
    "money": _Money,
    "text": _Text,
    "enum": _Enum,
    "boolean": _Boolean,
    "date": _Date,
    "timestamp": _Timestamp,
    "time": _Time,
}


class _At(_Entries):
    column: Text
    zone: Zone | None = None


class _Customer(_Entries):
    table: Annotated[Text, AfterValidator(_table)]
    key: Text
    zone: Zone | None = None
    fields: dict[Name, _AnyField] = {}


class _Event(_Entries):
    table: Annotated[Text, AfterValidator(_table)]
    key: Text
    customer: Text
    at: Annotated[_At, BeforeValidator(_column)]
    zone: Zone | None = None
    fields: dict[Annotated[Name, AfterValidator(_not_reserved)], _AnyField] = {}


class _Catalog(_Entries):
    customer: _Customer
    events: dict[Name, _Event] = {}


@dataclass(frozen=True, slots=True)
class _Words:
    """How the parts of a catalog are called."""

    def owner(self, path: KeyPath) -> Phrase:
        match path:
            case ():
                return files.THE_CATALOG
            case ("customer", "fields", str(name), *_):
                return Phrase(f"field `{name}`", f"字段 `{name}`")
            case ("events", str(event), "fields", str(name), *_):
                return Phrase(
                    f"field `{name}` of event `{event}`", f"事件 `{event}` 的字段 `{name}`"
                )
            case ("events", str(event), *_):
                return Phrase(f"event `{event}`", f"事件 `{event}`")
            case _:
                return Phrase(f"`{path[-1]}`", f" `{path[-1]}` ")

    def keys(self, path: KeyPath, data: Mapping[str, object]) -> tuple[str, ...]:
        match path:
            case ():
                return tuple(_Catalog.model_fields)
            case ("customer",):
                return tuple(_Customer.model_fields)
            case ("events", _):
                return tuple(_Event.model_fields)
            case ("events", _, "at"):
                return tuple(_At.model_fields)
            case _:
                kind = str(data.get("type"))
                return tuple(_FIELDS[kind].model_fields) if kind in _FIELDS else ()

    def example(self, path: KeyPath) -> str | None:
        examples = {
            "table": "table: NAME",
            "key": "key: COLUMN",
            "customer": "customer: COLUMN",
            "at": "at: COLUMN",
            "column": "column: NAME",
            "type": "type: text",
            "currency": "currency: CNY",
            "values": "values: [one, another]",
        }
        return None if path == ("customer",) else examples.get(str(path[-1]))


# --- from models to the plan's tables -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of the warehouse. `customers` is nothing where what was written cannot be used.

    `doubtful` holds the names of fields and events that were written with a mistake and left out:
    a campaign that uses one is not to blame.
    """

    customers: CustomerTable | None
    events: tuple[EventTable, ...]
    doubtful: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]


NO_CATALOG = Catalog(None, (), frozenset(), ())


def read_catalog(source: SourceFile) -> Catalog:
    """The catalog of that text and every mistake in it."""
    text = read_yaml(source)
    positions = text.positions
    if not isinstance(text.data, dict):
        wrong = () if text.diagnostics else (_no_entries(text.data, positions),)
        return Catalog(None, (), frozenset(), (*text.diagnostics, *wrong))
    filler: dict[KeyPath, Any] = {("customer",): {"table": "customer", "key": "customer"}}
    data: dict[str, Any] = dict(text.data)
    result = validate(_Catalog, data, positions, _Words(), filler)
    catalog, removed = result.model, result.removed
    return Catalog(
        None if ("customer",) in removed else _customers(catalog.customer, positions),
        tuple(_event(name, event, positions) for name, event in sorted(catalog.events.items())),
        _doubtful(catalog, positions),
        (*text.diagnostics, *result.diagnostics, *_repeated_values(catalog, positions)),
    )


def _doubtful(catalog: _Catalog, positions: Positions) -> frozenset[str]:
    """The names of fields and events that the text has and the catalog does not."""
    used: set[KeyPath] = {("customer", "fields", name) for name in catalog.customer.fields}
    used |= {("events", name) for name in catalog.events}
    for name, event in catalog.events.items():
        used |= {("events", name, "fields", field) for field in event.fields}
    return frozenset(
        nfkc(entry.name)
        for path, entry in positions.entries.items()
        if _is_name(path) and path not in used
    )


def _is_name(path: KeyPath) -> bool:
    match path:
        case ("customer", "fields", _) | ("events", _) | ("events", _, "fields", _):
            return True
        case _:
            return False


def _no_entries(data: object, positions: Positions) -> Diagnostic:
    if data is None:
        owner, example = files.THE_CATALOG, "customer: …"
        place = positions.start.place
        return diagnose(files.MISSING_ENTRY, place, owner=owner, name="customer", example=example)
    expected = Phrase("entries such as `customer: …`", "`customer: …` 这样的条目")
    return wrong_value(positions.value(()).place, "catalog", expected, data)


def _repeated_values(catalog: _Catalog, positions: Positions) -> tuple[Diagnostic, ...]:
    """The words that stand twice among the values of an enum."""
    groups: list[tuple[KeyPath, Mapping[str, _Field]]] = [
        (("customer", "fields"), catalog.customer.fields),
        *((("events", name, "fields"), event.fields) for name, event in catalog.events.items()),
    ]
    found = []
    for path, fields in groups:
        for name, field in fields.items():
            values = field.values if isinstance(field, _Enum) else []
            for index, value in enumerate(values):
                if value in values[:index]:
                    at = positions.value((*path, name, "values", index)).place
                    owner = _Words().owner((*path, name))
                    found.append(diagnose(files.REPEATED, at, name=value, owner=owner))
    return tuple(found)


def _customers(model: _Customer, positions: Positions) -> CustomerTable:
    path: KeyPath = ("customer",)
    columns = _columns(model.fields, model.zone, (*path, "fields"), positions)
    return CustomerTable(model.table, model.key, columns, _origin(path, positions))


def _event(name: str, model: _Event, positions: Positions) -> EventTable:
    path: KeyPath = ("events", name)
    at = Column(
        name="at",
        column=model.at.column,
        type=TIMESTAMP,
        optional=False,
        zone=model.at.zone or model.zone,
        label=None,
        sensitivity="C1",
        origin=_origin((*path, "at"), positions),
    )
    columns = _columns(model.fields, model.zone, (*path, "fields"), positions)
    origin = _origin(path, positions)
    return EventTable(name, model.table, model.key, model.customer, at, columns, origin)


def _columns(
    fields: Mapping[str, _Field], zone: str | None, path: KeyPath, positions: Positions
) -> tuple[Column, ...]:
    """The fields by name; a field's column is called as the field was written, unless said."""
    return tuple(
        _one_column(name, field, zone, (*path, name), positions)
        for name, field in sorted(fields.items())
    )


def _one_column(
    name: str, field: _Field, zone: str | None, path: KeyPath, positions: Positions
) -> Column:
    low, high = getattr(field, "range", _Open)
    return Column(
        name=name,
        column=field.column or positions.entries[path].name,
        type=_type(field),
        optional=field.optional,
        zone=(field.zone or zone) if isinstance(field, _Timestamp) else None,
        label=field.label,
        sensitivity=field.sensitivity,
        origin=_origin(path, positions),
        minimum=low,
        maximum=high,
    )


def _type(field: _Field) -> ValueType:
    match field:
        case _Money(currency=currency):
            return MoneyType(currency)
        case _Enum(values=values):
            return EnumType(tuple(dict.fromkeys(values)))
        case _:
            return _PLAIN_TYPES[type(field)]


_PLAIN_TYPES: dict[type[_Field], ValueType] = {
    _Integer: INTEGER,
    _Decimal: DECIMAL,
    _Text: TEXT,
    _Boolean: BOOLEAN,
    _Date: DATE,
    _Timestamp: TIMESTAMP,
    _Time: TIME,
}


def _origin(path: KeyPath, positions: Positions) -> Origin:
    span = positions.key(path)
    place = span.place
    return Origin(place.file, place.line, place.column, " ".join(span.text.split()))
