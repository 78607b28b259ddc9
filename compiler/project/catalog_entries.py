"""The entries that a catalog may have, as pydantic models, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ...dsl.diagnostics.diagnostic import Phrase, in_language
from ...dsl.words.catalogue import ENGLISH
from ..codes import files
from ..files.positions import KeyPath
from .entries import described, one_line, refuse
from .field_types import Currency, FieldName, Label, Name, Text, Zone

_RESERVED = {
    "at": Phrase("catalog_entries.reserved.at"),
    "key": Phrase("catalog_entries.reserved.key"),
    "customer": Phrase("catalog_entries.reserved.customer"),
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
        raise refuse(files.BAD_TABLE, value=one_line(text))
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
    "integer": (_whole, Phrase("catalog_entries.whole_number"), "range: [0, 100]"),
    "decimal": (_decimal, Phrase("catalog_entries.number"), "range: [0, 1.5]"),
    "date": (_day, Phrase("catalog_entries.date"), "range: [2000-01-01, 2030-12-31]"),
}


def _range(kind: str) -> BeforeValidator:
    read, words, example = _ENDS[kind]

    def check(value: object) -> tuple[str | None, str | None]:
        ends = value if isinstance(value, list) else []
        known = [read(end) if isinstance(end, str) else None for end in ends]
        found = f"`[{', '.join(map(_plain, ends))}]`" if ends else described(value)
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
    return value if isinstance(value, str) else in_language(described(value), ENGLISH)


def _written(end: int | Decimal | date | None) -> str | None:
    """The one text of a value, whatever the catalog wrote: `1.50` is 1.5."""
    if isinstance(end, Decimal):
        text = format(end, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return None if end is None else str(end)


_Range = tuple[str | None, str | None]
OPEN: _Range = (None, None)


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AtEntry(_Entries):
    """`at: invested_at`, or `at: {column: invested_at, zone: Asia/Shanghai}`."""

    column: Text
    zone: Zone | None = None


_At = Annotated[AtEntry, BeforeValidator(_column)]


class HistoryEntry(_Entries):
    """`{table: levels, customer: customer_id, from: valid_from, to: valid_to}`, or with `at`."""

    table: Annotated[Text, AfterValidator(_table)]
    customer: Text
    starts: Annotated[_At | None, Field(alias="from")] = None
    ends: Annotated[_At | None, Field(alias="to")] = None
    at: _At | None = None
    zone: Zone | None = None

    @property
    def start(self) -> AtEntry | None:
        """When a row begins to be true; `None` if the entry names no columns that go together."""
        if self.at is not None:
            return self.at if self.starts is None and self.ends is None else None
        return self.starts if self.ends is not None else None


_HISTORY = ("table", "customer", "from", "to", "at", "zone")


class FieldEntry(_Entries):
    """A field; either end of a `range` may be left open with `~`."""

    optional: bool = False
    label: Label = None
    sensitivity: Literal["C1", "C2", "C3"] = "C1"
    shared: bool = False
    column: Text | None = None
    history: HistoryEntry | None = None


class IntegerEntry(FieldEntry):
    """`{type: integer, range: [0, 130]}`."""

    type: Literal["integer"]
    range: Annotated[_Range, _range("integer")] = OPEN


class DecimalEntry(FieldEntry):
    """`{type: decimal}`: exact."""

    type: Literal["decimal"]
    range: Annotated[_Range, _range("decimal")] = OPEN


class MoneyEntry(FieldEntry):
    """`{type: money, currency: CNY}`."""

    type: Literal["money"]
    currency: Currency
    range: Annotated[_Range, _range("decimal")] = OPEN


class TextEntry(FieldEntry):
    """`{type: text}`."""

    type: Literal["text"]


class EnumEntry(FieldEntry):
    """`{type: enum, values: [mass, private]}`: the words as the warehouse has them.

    `labels` has what people call some of them: `{private: "Private banking"}`.
    """

    type: Literal["enum"]
    values: Annotated[list[Text], Field(min_length=1)]
    labels: dict[str, Text] = {}


class BooleanEntry(FieldEntry):
    """`{type: boolean}`."""

    type: Literal["boolean"]


class DateEntry(FieldEntry):
    """`{type: date}`."""

    type: Literal["date"]
    range: Annotated[_Range, _range("date")] = OPEN


class TimestampEntry(FieldEntry):
    """`{type: timestamp, zone: Asia/Shanghai}`: UTC where neither it nor its table has a zone."""

    type: Literal["timestamp"]
    zone: Zone | None = None


class TimeEntry(FieldEntry):
    """`{type: time}`: a time of day."""

    type: Literal["time"]


_AnyField = Annotated[
    IntegerEntry
    | DecimalEntry
    | MoneyEntry
    | TextEntry
    | EnumEntry
    | BooleanEntry
    | DateEntry
    | TimestampEntry
    | TimeEntry,
    Field(discriminator="type"),
]
_FIELDS: dict[str, type[FieldEntry]] = {
    "integer": IntegerEntry,
    "decimal": DecimalEntry,
    "money": MoneyEntry,
    "text": TextEntry,
    "enum": EnumEntry,
    "boolean": BooleanEntry,
    "date": DateEntry,
    "timestamp": TimestampEntry,
    "time": TimeEntry,
}


class CustomerEntry(_Entries):
    """The table of customers. `since`: the column that says since when there is the customer."""

    table: Annotated[Text, AfterValidator(_table)]
    key: Text
    zone: Zone | None = None
    since: _At | None = None
    fields: dict[FieldName, _AnyField] = {}


class CancelledByEntry(_Entries):
    """`{event: refund, field: order_id}`: a refund cancels the order with that key."""

    event: Text
    field: Text


class EventEntry(_Entries):
    """The table of one kind of event."""

    table: Annotated[Text, AfterValidator(_table)]
    key: Text
    customer: Text
    at: _At
    label: Label = None
    zone: Zone | None = None
    cancelled_by: CancelledByEntry | None = None
    fields: dict[Annotated[FieldName, AfterValidator(_not_reserved)], _AnyField] = {}


class CodesEntry(_Entries):
    """A table of codes, each of which is given once."""

    table: Annotated[Text, AfterValidator(_table)]
    column: Text


class ChannelEntry(_Entries):
    """`channel: source`, or `channel: {field: source, column: utm_source}`.

    `field` is the customer's, `column` that of the table of costs.
    """

    field: Text
    column: Text | None = None


def _field(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


class CostEntry(_Entries):
    """`amount: spent`, or `amount: {column: spent, currency: CNY}`."""

    column: Text
    currency: Currency | None = None


class CostsEntry(_Entries):
    """The table of the costs of acquisition."""

    table: Annotated[Text, AfterValidator(_table)]
    channel: Annotated[ChannelEntry, BeforeValidator(_field)]
    day: Text
    amount: Annotated[CostEntry, BeforeValidator(_column)]


class CatalogEntries(_Entries):
    """All of a catalog."""

    customer: CustomerEntry
    events: dict[Name, EventEntry] = {}
    codes: dict[Name, CodesEntry] = {}
    costs: CostsEntry | None = None


@dataclass(frozen=True, slots=True)
class CatalogWords:
    """The names of the parts of a catalog."""

    def owner(self, path: KeyPath) -> str | Phrase:
        """`event `invest`` for the entries below it."""
        match path:
            case ():
                return files.THE_CATALOG
            case ("customer", "fields", str(name), "history", *_):
                return Phrase("catalog_entries.history", name=name)
            case ("customer", "fields", str(name), *_):
                return Phrase("catalog_entries.field", name=name)
            case ("events", str(event), "fields", str(name), *_):
                return Phrase("catalog_entries.field_of_event", name=name, event=event)
            case ("events", str(event), "cancelled_by", *_):
                return Phrase("catalog_entries.cancelled_by", event=event)
            case ("events", str(event), *_):
                return Phrase("catalog_entries.event", event=event)
            case ("codes", str(name), *_):
                return Phrase("catalog_entries.codes", name=name)
            case ("costs", *_):
                return Phrase("catalog_entries.costs")
            case _:
                return Phrase("catalog_entries.entry", name=str(path[-1]))

    def keys(self, path: KeyPath, data: Mapping[str, object]) -> tuple[str, ...]:
        """The entries that may stand there; of a field they depend on its type."""
        match path:
            case ():
                return tuple(CatalogEntries.model_fields)
            case ("customer",):
                return tuple(CustomerEntry.model_fields)
            case ("events", _):
                return tuple(EventEntry.model_fields)
            case ("codes", _):
                return tuple(CodesEntry.model_fields)
            case ("costs",):
                return tuple(CostsEntry.model_fields)
            case ("costs", "channel"):
                return tuple(ChannelEntry.model_fields)
            case ("costs", "amount"):
                return tuple(CostEntry.model_fields)
            case ("events", _, "at") | ("customer", "since"):
                return tuple(AtEntry.model_fields)
            case ("events", _, "cancelled_by"):
                return tuple(CancelledByEntry.model_fields)
            case ("customer", "fields", _, "history"):
                return _HISTORY
            case ("customer", "fields", _, "history", _):
                return tuple(AtEntry.model_fields)
            case _:
                kind = str(data.get("type"))
                names = _FIELDS[kind].model_fields if kind in _FIELDS else ()
                return tuple(one for one in names if one != "history" or path[0] == "customer")

    def example(self, path: KeyPath) -> str | None:
        """A line for what is missing."""
        examples = {
            "table": "table: NAME",
            "key": "key: COLUMN",
            "customer": "customer: COLUMN",
            "at": "at: COLUMN",
            "column": "column: NAME",
            "type": "type: text",
            "currency": "currency: CNY",
            "values": "values: [one, another]",
            "event": "event: refund",
            "field": "field: order_id",
        }
        return None if path == ("customer",) else examples.get(str(path[-1]))
