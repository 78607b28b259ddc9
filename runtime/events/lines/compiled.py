"""Lines read fast, by functions that are made once for each kind of event.

A line of `python -m bench lines` takes 4 µs in place of 15. It is read here only if it is proven
good; any other one is left to `plain`, which reads it or explains what is wrong.

The standard library's `json` parses. It keeps numbers exact, and shows a name that occurs twice:
objects come as tuples of their entries. orjson turns decimals into floats and refuses NaN. orjson
and msgspec keep the last of two values of a name without a word. With a check of that, msgspec
would be half a microsecond faster, too little for a dependency.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from json import JSONDecoder
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ....compiler.plan import Column, CustomerTable, EventTable
from ....compiler.plan.arithmetic import INTEGER_MAX, INTEGER_MIN
from ....compiler.plan.calendar_ends import (
    FIRST_DECIDED,
    FIRST_INSTANT,
    LAST_DECIDED,
    LAST_INSTANT,
)
from ....compiler.plan.data import KEY
from ....compiler.plan.types import (
    DECIMAL_SCALE,
    BooleanType,
    DateType,
    DecimalType,
    DurationType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    TimeType,
    minor_unit,
)
from ....compiler.plan.values import Value
from ....compiler.proofs.ranges import ends, has_range
from ...decide.facts import Row
from ...decide.keys import LONGEST_KEY
from ..engine import Event
from .values import clock, day, decimal, integer, unit

_DECODER = JSONDecoder(object_pairs_hook=tuple, parse_float=Decimal, parse_constant=Decimal)
_SPACE = " \t\n\r"
_UNKEPT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""An escape of what a store may not keep: NUL, or half of a pair of surrogates."""

_EPOCH = datetime(1970, 1, 1)

Reading = Callable[[Any], Value]
"""Returns a value of JSON in a type of the catalog. Raises `_Unproved` if it may not have it."""


class _Unproved(Exception):  # noqa: N818  (never leaves this file)
    """The line may be bad."""


_LEFT_TO_PLAIN = (_Unproved, KeyError, ValueError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The readings of the fields in the catalog's order, and whether each is optional."""

    readings: tuple[tuple[str, Reading, bool], ...]
    names: frozenset[str]

    def row(self, given: Mapping[str, Any]) -> dict[str, Value | None]:
        """Return the values of all fields."""
        if not self.names.issuperset(given):
            raise _Unproved
        row: dict[str, Value | None] = {}
        for name, reading, optional in self.readings:
            value = given.get(name)
            if value is not None:
                row[name] = reading(value)
            elif optional:
                row[name] = None
            else:
                raise _Unproved
        return row


class CompiledLines:
    """Reads lines that are proven good. `counted` are the fields whose values become keys."""

    def __init__(
        self, kinds: Iterable[EventTable], customers: CustomerTable, counted: Set[str]
    ) -> None:
        self._kinds = {
            kind.name: (
                kind.name,
                _instants(kind.at.zone, FIRST_DECIDED, LAST_DECIDED),
                _fields(kind.fields, counted),
            )
            for kind in kinds
        }
        fields = [field for field in customers.fields if field.name != KEY]
        self._customer = _fields(fields, frozenset())
        self._has_key = len(fields) < len(customers.fields)

    def event(self, content: bytes) -> Event | None:
        """Return the event in a line; `None` if the line may be bad."""
        try:
            entries = _entries(content)
            name = entries["event"]
            if type(name) is not str:
                return None
            name, instant, fields = self._kinds[name]
            given = entries.get("fields")
            if len(entries) != 4 + ("fields" in entries):
                return None
            row = fields.row({} if given is None else _unique(given))
            row["at"] = instant(entries["at"])
            row["key"] = _key(entries["key"])
            return Event(name, _key(entries["customer"]), row)
        except _LEFT_TO_PLAIN:
            return None

    def customer(self, key: str, content: bytes) -> Row | None:
        """Return the row of a customer; `None` if key or fields may be bad."""
        try:
            key.encode()
            if "\0" in _key(key):
                return None
            row = self._customer.row(_entries(content))
        except _LEFT_TO_PLAIN:
            return None
        if self._has_key:
            row[KEY] = key
        return row


def _entries(content: bytes) -> dict[str, Any]:
    """Return the entries of the object in a line. Every store can keep its texts."""
    text = content.decode()
    found, end = _DECODER.raw_decode(text)
    if end < len(text) and text[end:].strip(_SPACE):
        raise _Unproved
    # JSON has NUL as an escape only, and UTF-8 has no surrogates.
    if "\\" in text and _UNKEPT.search(text):
        raise _Unproved
    return _unique(found)


def _unique(pairs: object) -> dict[str, Any]:
    """Return the entries of an object that has each name once."""
    if type(pairs) is not tuple:
        raise _Unproved
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise _Unproved
    return entries


def _key(given: object) -> str:
    key = str(given) if type(given) is int else given
    if type(key) is not str or not 0 < len(key) <= LONGEST_KEY:
        raise _Unproved
    return key


def _fields(fields: Iterable[Column], counted: Set[str]) -> _Fields:
    readings = tuple(
        (field.name, _reading(field, is_counted=field.name in counted), field.optional)
        for field in fields
    )
    return _Fields(readings, frozenset(name for name, _, _ in readings))


def _reading(field: Column, *, is_counted: bool) -> Reading:
    reading = _typed(field)
    if has_range(field):
        reading = _ranged(reading, *ends(field))
    return _counted(reading) if is_counted else reading


def _ranged(reading: Reading, low: Value | None, high: Value | None) -> Reading:
    def ranged(given: object) -> Value:
        value = reading(given)
        # All three are of the field's type.
        if low is not None and not low <= value:  # type: ignore[operator]
            raise _Unproved
        if high is not None and not value <= high:  # type: ignore[operator]
            raise _Unproved
        return value

    return ranged


def _counted(reading: Reading) -> Reading:
    def counted(given: object) -> Value:
        value = reading(given)
        if len(str(value)) > LONGEST_KEY:
            raise _Unproved
        return value

    return counted


def _typed(field: Column) -> Reading:
    """Return the reading of a type."""
    match field.type:
        case IntegerType():
            return _integer
        case DecimalType():
            return _decimals(DECIMAL_SCALE)
        case MoneyType(currency):
            return _decimals(minor_unit(currency))
        case BooleanType():
            return _boolean
        case TextType():
            return _text
        case EnumType(values):
            return _words(frozenset(values))
        case DateType():
            return _proven(day)
        case TimestampType():
            return _instants(field.zone, FIRST_INSTANT, LAST_INSTANT)
        case TimeType():
            return _proven(clock)
        case DurationType():
            return _unreadable
        case _:
            assert_never(field.type)


def _proven(read: Callable[[object], Value | None]) -> Reading:
    def proven(given: object) -> Value:
        found = read(given)
        if found is None:
            raise _Unproved
        return found

    return proven


def _integer(given: object) -> int:
    if type(given) is int and INTEGER_MIN <= given <= INTEGER_MAX:
        return given
    found = integer(given)
    if found is None:
        raise _Unproved
    return found


def _decimals(scale: int) -> Reading:
    """Return the reading of numbers that are rounded to so many digits after the point."""
    unit_ = unit(scale)
    # Of 17 digits and rounded already: nothing is left to do.
    is_rounded = re.compile(rf"[0-9]{{1,17}}\.[0-9]{{{scale}}}" if scale else "[0-9]{1,17}")
    fullmatch = is_rounded.fullmatch

    def decimals(given: object) -> Decimal:
        if type(given) is str and fullmatch(given):
            return Decimal(given)
        found = decimal(given, unit_)
        if found is None:
            raise _Unproved
        return found

    return decimals


def _boolean(given: object) -> bool:
    if type(given) is not bool:
        raise _Unproved
    return given


def _text(given: object) -> str:
    if type(given) is not str:
        raise _Unproved
    return given


def _words(values: Set[str]) -> Reading:
    def words(given: object) -> str:
        if type(given) is not str or given not in values:
            raise _Unproved
        return given

    return words


def _instants(zone: str | None, first: datetime, last: datetime) -> Reading:
    """Return the reading of instants between two; see `values.instant`."""
    clock_ = ZoneInfo(zone or "UTC")
    # A wall clock is moved by adding to this: quicker than `replace`, and alike.
    epoch = _EPOCH.replace(tzinfo=UTC if clock_.key == "UTC" else clock_)
    fromisoformat = datetime.fromisoformat

    def instants(given: object) -> datetime:
        if type(given) is not str:
            raise _Unproved
        found = fromisoformat(given)
        if found.tzinfo is None:
            found = epoch + (found - _EPOCH)
        if found.tzinfo is not UTC:
            found = found.astimezone(UTC)
        if not first <= found <= last:
            raise _Unproved
        return found

    return instants


def _unreadable(_: object) -> Value:
    raise _Unproved
