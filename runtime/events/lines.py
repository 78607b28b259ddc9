"""Events as lines of JSON: parse bytes into typed events, or explain why a line is not one.

No message quotes a value of a line: it may be a customer's secret.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from difflib import get_close_matches
from functools import partial
from typing import Any, NoReturn, assert_never
from zoneinfo import ZoneInfo

from ...compiler.plan import Column, CustomerTable, EventTable, Plan
from ...compiler.plan.arithmetic import INTEGER_MAX, INTEGER_MIN
from ...compiler.plan.calendar import at_clock
from ...compiler.plan.calendar_ends import has_date, has_instant, is_decidable
from ...compiler.plan.data import KEY
from ...compiler.plan.types import (
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
from ...compiler.plan.values import Value
from ...compiler.proofs.ranges import is_within, range_words
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..codes import events as words
from ..codes.running import ROW_LEFT_OUT
from ..decide.facts import Row
from ..decide.keys import LONGEST_KEY, counted_fields
from ..warehouse.bad_rows import shown_key
from ..warehouse.check import problem_at
from ..warehouse.types import column_type_words
from .engine import Event

LONGEST = 1_000_000
"""The most bytes of a line."""

SKEW = timedelta(minutes=5)
"""The most that a sender's clock may be ahead of ours."""

_SHOWN = 60
"""The most letters of a name that a message shows."""

_ENTRIES = ("event", "key", "customer", "at", "fields")
_NUMBER = re.compile(r"[-+]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})")
_WHOLE = Decimal(10) ** 18
_DIGITS = Context(prec=100)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it came. `content` is `None` if the line was too long."""

    number: int
    content: bytes | None


class _Unusable(Exception):  # noqa: N818  (never leaves this file)
    """The reason why a line is not an event, and the nearest valid name, if any."""

    def __init__(self, reason: Phrase, nearest: str | None = None) -> None:
        super().__init__(reason.key)
        self.reason = reason
        self.nearest = nearest


class Lines:
    """Reads the lines of one file. `file` is its name in messages.

    Events later than `now()` by more than `SKEW` are refused; without `now`, none are.
    """

    def __init__(
        self, plan: Plan, file: str | Phrase, now: Callable[[], datetime] | None = None
    ) -> None:
        self._file = file
        self._now = now
        pasts = tuple(event.fields[0] for event in plan.events if event.past_of is not None)
        self._customers = replace(plan.customers, fields=(*plan.customers.fields, *pasts))
        self._kinds = {event.name: event for event in plan.events if event.past_of is None}
        self._counted = counted_fields(plan)

    def of_another(self, line: Line) -> Diagnostic:
        """Return the diagnostic of a line whose key belongs to another customer's event."""
        number, reason = str(line.number), words.KEY_OF_ANOTHER
        return diagnose(words.EVENT_LINE, None, line=number, file=self._file, reason=reason)

    def read(self, line: Line) -> Event | Diagnostic:
        """Return the event in a line, or the diagnostic of a bad line."""
        try:
            event = _event(_object(line.content), self._kinds, self._counted)
        except _Unusable as problem:
            number, reason = str(line.number), problem.reason
            said = partial(diagnose, words.EVENT_LINE, None, line=number, reason=reason)
            if problem.nearest is None:
                return said(file=self._file)
            return said(file=self._file, nearest=problem.nearest)
        if self._now is not None and _at(event) > self._now() + SKEW:
            skew, number = str(SKEW // timedelta(minutes=1)), str(line.number)
            return diagnose(words.EVENT_AHEAD, None, line=number, file=self._file, skew=skew)
        return event

    def customer(self, key: str, content: bytes) -> Row | Diagnostic:
        """The row of a customer whose fields are an object of JSON."""
        table = self._customers
        try:
            _key("key", key)
            return _customer(table, key, _object(content))
        except _Unusable as problem:
            values = {"table": table.table, "key": shown_key(key)}
            return problem_at(ROW_LEFT_OUT, table.origin, {**values, "reason": problem.reason})


def _at(event: Event) -> datetime:
    at = event.row["at"]
    assert isinstance(at, datetime)
    return at


def _refuse(phrase: Phrase, known: Collection[str] = (), **values: str | Phrase) -> NoReturn:
    name = str(values.get("name", ""))
    # JSON may contain half of a surrogate pair, which no output can encode.
    whole = name[: _SHOWN + 1].encode("utf-8", "replace").decode()
    shown = whole if len(whole) <= _SHOWN else whole[:_SHOWN] + "…"
    said = phrase.filled(**{**values, "name": shown})
    near = get_close_matches(shown, known, n=1, cutoff=0.6)
    raise _Unusable(said, near[0] if near else None)


def _object(content: bytes | None) -> dict[str, Any]:
    if content is None:
        _refuse(words.TOO_LONG, most=f"{LONGEST:,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(words.NOT_UTF8)
    try:
        found = json.loads(
            text,
            object_pairs_hook=_entries,
            parse_int=partial(_number, int),
            parse_float=partial(_number, Decimal),
            parse_constant=Decimal,
        )
    except (ValueError, RecursionError):
        _refuse(words.NOT_JSON)
    if not isinstance(found, dict):
        _refuse(words.NOT_AN_OBJECT)
    return found


def _entries(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's entries; refuse a name that occurs twice, since its value is ambiguous."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        _refuse(words.TWICE, name=name)
    return entries


def _number(make: Callable[[str], int | Decimal], text: str) -> int | Decimal:
    """Convert a number; NaN for thousands of digits, or a huge exponent."""
    try:
        return make(text)
    except (ValueError, InvalidOperation):
        return Decimal("NaN")


def _event(entries: Mapping[str, Any], kinds: Mapping[str, EventTable], counted: Set[str]) -> Event:
    for name in entries:
        if name not in _ENTRIES:
            _refuse(words.UNKNOWN_ENTRY, _ENTRIES, name=name)
    for name in _ENTRIES[:-1]:
        if entries.get(name) is None:
            _refuse(words.MISSING, name=name)
    name = entries["event"]
    if not isinstance(name, str):
        _refuse(words.UNREADABLE, name="event", type=words.A_NAME)
    kind = kinds.get(name)
    if kind is None:
        _refuse(words.UNKNOWN_EVENT, kinds, name=name)
    fields = entries.get("fields") or {}
    if not isinstance(fields, dict):
        _refuse(words.NOT_AN_OBJECT)
    at = _instant(entries["at"], kind.at.zone)
    if at is None:
        _refuse(words.UNREADABLE, name="at", type=words.AN_INSTANT)
    if not is_decidable(at):
        _refuse(words.BEYOND_CALENDAR)
    row = {**_row(kind, fields, counted), "at": at, "key": _key("key", entries["key"])}
    return Event(kind.name, _key("customer", entries["customer"]), row)


def _row(kind: EventTable, fields: Mapping[str, Any], counted: Set[str]) -> Row:
    known = {field.name: field for field in kind.fields}
    for name in fields:
        if name not in known:
            _refuse(words.UNKNOWN_FIELD, known, name=name, event=kind.name)
    row = {name: _value(field, fields.get(name)) for name, field in known.items()}
    for name in counted & row.keys():
        if len(str(row[name])) > LONGEST_KEY:
            _refuse(words.LONG_KEY, name=name, most=str(LONGEST_KEY))
    return row


def _customer(table: CustomerTable, key: str, fields: Mapping[str, Any]) -> Row:
    known = {field.name: field for field in table.fields if field.name != KEY}
    for name in fields:
        if name not in known:
            _refuse(words.UNKNOWN_ENTRY, known, name=name)
    row = {name: _value(field, fields.get(name)) for name, field in known.items()}
    return row if len(known) == len(table.fields) else {**row, KEY: key}


def _key(name: str, given: object) -> str:
    """Return a key as text; numbers become their digits."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or not given or not _is_text(given):
        _refuse(words.UNREADABLE, name=name, type=words.A_KEY)
    if len(given) > LONGEST_KEY:
        _refuse(words.LONG_KEY, name=name, most=str(LONGEST_KEY))
    return given


def _value(field: Column, given: object) -> Value | None:
    if given is None:
        if not field.optional:
            _refuse(words.NOTHING, name=field.name)
        return None
    found = _read(field, given)
    if found is None:
        _refuse(words.UNREADABLE, name=field.name, type=column_type_words(field.type))
    if not is_within(field, found):
        _refuse(words.OUTSIDE, name=field.name, range=range_words(field))
    return found


def _read(field: Column, given: object) -> Value | None:
    """Return the value in the catalog's type; `None` if it does not have that type."""
    match field.type:
        case IntegerType():
            return _integer(given)
        case DecimalType():
            return _decimal(given, DECIMAL_SCALE)
        case MoneyType(currency):
            return _decimal(given, minor_unit(currency))
        case BooleanType():
            return given if isinstance(given, bool) else None
        case TextType():
            return given if isinstance(given, str) and _is_text(given) else None
        case EnumType(values):
            return given if isinstance(given, str) and given in values else None
        case DateType():
            day = _written(date.fromisoformat, given)
            return day if isinstance(day, date) and has_date(day) else None
        case TimestampType():
            return _instant(given, field.zone)
        case TimeType():
            clock = _written(time.fromisoformat, given)
            return clock if isinstance(clock, time) and clock.tzinfo is None else None
        case DurationType():
            return None
        case _:
            assert_never(field.type)


def _integer(given: object) -> int | None:
    number = _exact(given)
    if number is None or number != number.to_integral_value(context=_DIGITS):
        return None
    return int(number) if INTEGER_MIN <= number <= INTEGER_MAX else None


def _decimal(given: object, scale: int) -> Decimal | None:
    number = _exact(given)
    if number is None or number.copy_abs() >= _WHOLE:
        return None
    # Normalise -0 to 0: warehouses have no negative zero.
    found = _DIGITS.plus(number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _DIGITS))
    return found if abs(found) < _WHOLE else None


def _exact(given: object) -> Decimal | None:
    """Return the exact number of a JSON number or of numeric text; otherwise `None`."""
    match given:
        case bool():
            return None
        case int():
            return Decimal(given)
        case Decimal():
            return given if given.is_finite() else None
        case str() if _NUMBER.fullmatch(given):
            return Decimal(given)
        case _:
            return None


def _instant(given: object, zone: str | None) -> datetime | None:
    """Read an instant. Without an offset it is local to the column's zone, or in UTC."""
    found = _written(datetime.fromisoformat, given)
    if not isinstance(found, datetime):
        return None
    try:
        aware = at_clock(ZoneInfo(zone or "UTC"), found) if found.tzinfo is None else found
        instant = aware.astimezone(UTC)
    except OverflowError:
        return None
    return instant if has_instant(instant) else None


def _written(read: Any, given: object) -> Value | None:  # noqa: ANN401  (three of them)
    if not isinstance(given, str):
        return None
    try:
        found: Value = read(given)
    except (ValueError, InvalidOperation):
        return None
    return found


def _is_text(given: str) -> bool:
    """Whether every store can keep the text: it has no NUL and no surrogates."""
    return "\0" not in given and not any("\ud800" <= letter <= "\udfff" for letter in given)
