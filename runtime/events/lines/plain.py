"""The plain reader: what a line means, and the reason why it is not an event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from ....compiler.plan import Column, CustomerTable, EventTable
from ....compiler.plan.calendar_ends import is_decidable
from ....compiler.plan.data import KEY
from ....compiler.plan.values import Value
from ....compiler.proofs.ranges import is_within, range_words
from ...codes import events as words
from ...decide.facts import Row
from ...decide.keys import LONGEST_KEY
from ...warehouse.types import column_type_words
from ..engine import Event
from .line import LONGEST
from .refusals import refuse
from .values import instant, is_text, read

_ENTRIES = ("event", "key", "customer", "at", "fields")


def event_of(content: bytes | None, kinds: Mapping[str, EventTable], counted: Set[str]) -> Event:
    """Return the event in a line. Raise `Unusable` if it is not one.

    `counted` are the fields whose values become keys.
    """
    entries = _object(content)
    for name in entries:
        if name not in _ENTRIES:
            refuse(words.UNKNOWN_ENTRY, _ENTRIES, name=name)
    for name in _ENTRIES[:-1]:
        if entries.get(name) is None:
            refuse(words.MISSING, name=name)
    name = entries["event"]
    if not isinstance(name, str):
        refuse(words.UNREADABLE, name="event", type=words.A_NAME)
    kind = kinds.get(name)
    if kind is None:
        refuse(words.UNKNOWN_EVENT, kinds, name=name)
    fields = entries.get("fields") or {}
    if not isinstance(fields, dict):
        refuse(words.NOT_AN_OBJECT)
    at = instant(entries["at"], kind.at.zone)
    if at is None:
        refuse(words.UNREADABLE, name="at", type=words.AN_INSTANT)
    if not is_decidable(at):
        refuse(words.BEYOND_CALENDAR)
    row = {**_row(kind, fields, counted), "at": at, "key": _key("key", entries["key"])}
    return Event(kind.name, _key("customer", entries["customer"]), row)


def customer_of(table: CustomerTable, key: str, content: bytes) -> Row:
    """Return the row of a customer. Raise `Unusable` if key or fields are bad."""
    _key("key", key)
    fields = _object(content)
    known = {field.name: field for field in table.fields if field.name != KEY}
    for name in fields:
        if name not in known:
            refuse(words.UNKNOWN_ENTRY, known, name=name)
    row = {name: _value(field, fields.get(name)) for name, field in known.items()}
    return row if len(known) == len(table.fields) else {**row, KEY: key}


def _object(content: bytes | None) -> dict[str, Any]:
    if content is None:
        refuse(words.TOO_LONG, most=f"{LONGEST:,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(words.NOT_UTF8)
    try:
        found = json.loads(
            text,
            object_pairs_hook=_entries,
            parse_int=partial(_number, int),
            parse_float=partial(_number, Decimal),
            parse_constant=Decimal,
        )
    except (ValueError, RecursionError):
        refuse(words.NOT_JSON)
    if not isinstance(found, dict):
        refuse(words.NOT_AN_OBJECT)
    return found


def _entries(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's entries; refuse a name that occurs twice, since its value is ambiguous."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        refuse(words.TWICE, name=name)
    return entries


def _number(make: Callable[[str], int | Decimal], text: str) -> int | Decimal:
    """Convert a number; NaN for thousands of digits, or a huge exponent."""
    try:
        return make(text)
    except (ValueError, InvalidOperation):
        return Decimal("NaN")


def _row(kind: EventTable, fields: Mapping[str, Any], counted: Set[str]) -> Row:
    known = {field.name: field for field in kind.fields}
    for name in fields:
        if name not in known:
            refuse(words.UNKNOWN_FIELD, known, name=name, event=kind.name)
    row = {name: _value(field, fields.get(name)) for name, field in known.items()}
    for name in counted & row.keys():
        if len(str(row[name])) > LONGEST_KEY:
            refuse(words.LONG_KEY, name=name, most=str(LONGEST_KEY))
    return row


def _key(name: str, given: object) -> str:
    """Return a key as text; numbers become their digits."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or not given or not is_text(given):
        refuse(words.UNREADABLE, name=name, type=words.A_KEY)
    if len(given) > LONGEST_KEY:
        refuse(words.LONG_KEY, name=name, most=str(LONGEST_KEY))
    return given


def _value(field: Column, given: object) -> Value | None:
    if given is None:
        if not field.optional:
            refuse(words.NOTHING, name=field.name)
        return None
    found = read(field, given)
    if found is None:
        refuse(words.UNREADABLE, name=field.name, type=column_type_words(field.type))
    if not is_within(field, found):
        refuse(words.OUTSIDE, name=field.name, range=range_words(field))
    return found
