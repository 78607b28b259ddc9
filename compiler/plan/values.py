"""Values as text and back: one form for the constants of a plan and the facts of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal, assert_never

from .types import (
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
    ValueType,
)

Unit = Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Length:
    """The value of a duration."""

    count: int
    unit: Unit


Value = int | Decimal | bool | str | date | datetime | time | Length
"""A known value; unknown is `None`. Instants are aware, in UTC."""

_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def encode(value: Value) -> str:
    """A value as the text that `decode` reads back."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case datetime():
            # Not strftime: before the year 1000 it leaves out zeros.
            return (
                value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
            )
        case date() | time():
            return value.isoformat()
        case Length(count, unit):
            return f"{count} {unit}"
        case int() | str():
            return str(value)
        case _:
            assert_never(value)


def decode(type_: ValueType, text: str) -> Value:
    """The value that `encode` wrote; `ValueError` where it is none of this type."""
    match type_:
        case IntegerType():
            return int(text)
        case DecimalType() | MoneyType():
            return Decimal(text)
        case BooleanType():
            return text == "yes"
        case TextType() | EnumType():
            return text
        case DateType():
            return date.fromisoformat(text)
        case TimestampType():
            return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
        case TimeType():
            return time.fromisoformat(text)
        case DurationType():
            count, unit = text.split(" ")
            return Length(int(count), _unit(unit))
        case _:
            assert_never(type_)


def _unit(text: str) -> Unit:
    match text:
        case "minute" | "hour" | "day" | "week" | "month" | "year":
            return text
        case _:
            raise ValueError(f"{text} is no unit of time")
