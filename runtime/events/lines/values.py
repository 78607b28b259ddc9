"""Values of JSON in the types of the catalog."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ....compiler.plan import Column
from ....compiler.plan.arithmetic import INTEGER_MAX, INTEGER_MIN
from ....compiler.plan.calendar import at_clock
from ....compiler.plan.calendar_ends import has_date, has_instant
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

_NUMBER = re.compile(r"[-+]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})")
_WHOLE = Decimal(10) ** 18
_DIGITS = Context(prec=100)


def read(field: Column, given: object) -> Value | None:
    """Return the value in the catalog's type; `None` if it does not have that type."""
    match field.type:
        case IntegerType():
            return integer(given)
        case DecimalType():
            return decimal(given, unit(DECIMAL_SCALE))
        case MoneyType(currency):
            return decimal(given, unit(minor_unit(currency)))
        case BooleanType():
            return given if isinstance(given, bool) else None
        case TextType():
            return given if isinstance(given, str) and is_text(given) else None
        case EnumType(values):
            return given if isinstance(given, str) and given in values else None
        case DateType():
            return day(given)
        case TimestampType():
            return instant(given, field.zone)
        case TimeType():
            return clock(given)
        case DurationType():
            return None
        case _:
            assert_never(field.type)


def integer(given: object) -> int | None:
    """Read a whole number of 64 bits."""
    number = _exact(given)
    if number is None or number != number.to_integral_value(context=_DIGITS):
        return None
    return int(number) if INTEGER_MIN <= number <= INTEGER_MAX else None


def unit(scale: int) -> Decimal:
    """Return the smallest number with so many digits after the point."""
    return Decimal(1).scaleb(-scale)


def decimal(given: object, unit_: Decimal) -> Decimal | None:
    """Read a number, and round it half up to whole units."""
    number = _exact(given)
    if number is None or number.copy_abs() >= _WHOLE:
        return None
    # Normalise -0 to 0: warehouses have no negative zero.
    found = _DIGITS.plus(number.quantize(unit_, ROUND_HALF_UP, _DIGITS))
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


def day(given: object) -> date | None:
    """Read a date."""
    found = _written(date.fromisoformat, given)
    return found if isinstance(found, date) and has_date(found) else None


def clock(given: object) -> time | None:
    """Read a time of day, which has no offset."""
    found = _written(time.fromisoformat, given)
    return found if isinstance(found, time) and found.tzinfo is None else None


def instant(given: object, zone: str | None) -> datetime | None:
    """Read an instant. Without an offset it is local to the column's zone, or in UTC."""
    found = _written(datetime.fromisoformat, given)
    if not isinstance(found, datetime):
        return None
    try:
        aware = at_clock(ZoneInfo(zone or "UTC"), found) if found.tzinfo is None else found
        in_utc = aware.astimezone(UTC)
    except OverflowError:
        return None
    return in_utc if has_instant(in_utc) else None


def _written(read: Any, given: object) -> Value | None:  # noqa: ANN401  (three of them)
    if not isinstance(given, str):
        return None
    try:
        found: Value = read(given)
    except (ValueError, InvalidOperation):
        return None
    return found


def is_text(given: str) -> bool:
    """Whether every store can keep the text: it has no NUL and no surrogates."""
    return "\0" not in given and not any("\ud800" <= letter <= "\udfff" for letter in given)
