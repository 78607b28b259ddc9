"""The types of values in a plan: what a field, a literal and an expression can be.

Frozen, comparable, and written into the plan as `{"kind": …}`. Whether a value may be unknown is
not part of its type: expressions say that of themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .currencies import CURRENCIES


@dataclass(frozen=True, slots=True)
class IntegerType:
    """64-bit signed."""

    kind: Literal["integer"] = "integer"


@dataclass(frozen=True, slots=True)
class DecimalType:
    """Exact, at most `DECIMAL_SCALE` digits after the point."""

    kind: Literal["decimal"] = "decimal"


@dataclass(frozen=True, slots=True)
class MoneyType:
    """An exact amount in one currency (ISO 4217, three capitals)."""

    currency: str
    kind: Literal["money"] = "money"


@dataclass(frozen=True, slots=True)
class DurationType:
    kind: Literal["duration"] = "duration"


@dataclass(frozen=True, slots=True)
class DateType:
    kind: Literal["date"] = "date"


@dataclass(frozen=True, slots=True)
class TimestampType:
    """An instant, in UTC inside, with microseconds."""

    kind: Literal["timestamp"] = "timestamp"


@dataclass(frozen=True, slots=True)
class TimeType:
    """A time of day on the clock of the project's zone."""

    kind: Literal["time"] = "time"


@dataclass(frozen=True, slots=True)
class BooleanType:
    kind: Literal["boolean"] = "boolean"


@dataclass(frozen=True, slots=True)
class TextType:
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class EnumType:
    """One of a list of words; a stage is one too, of its lifecycle's stages."""

    values: tuple[str, ...]
    kind: Literal["enum"] = "enum"


ValueType = (
    IntegerType
    | DecimalType
    | MoneyType
    | DurationType
    | DateType
    | TimestampType
    | TimeType
    | BooleanType
    | TextType
    | EnumType
)

Kind = Literal[
    "integer",
    "decimal",
    "money",
    "duration",
    "date",
    "timestamp",
    "time",
    "boolean",
    "text",
    "enum",
]

INTEGER = IntegerType()
DECIMAL = DecimalType()
DURATION = DurationType()
DATE = DateType()
TIMESTAMP = TimestampType()
TIME = TimeType()
BOOLEAN = BooleanType()
TEXT = TextType()

DECIMAL_SCALE = 10
"""Digits after the point that a decimal keeps; `*` and `/` round to it, half-even."""

DECIMAL_DIGITS = 28
"""Digits of a decimal or an amount of money in all, `DECIMAL_SCALE` of them after the point.

From 10^18 on a result is unknown. So the exact product of two decimals has at most 38 digits,
which is what every engine can hold.
"""


def minor_unit(currency: str) -> int:
    """Digits after the point in an amount of `currency` (ISO 4217): 2 for CNY, 0 for JPY."""
    return CURRENCIES.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount as a whole number of the currency's smallest unit; it must be a whole one."""
    scaled = amount.scaleb(minor_unit(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {currency} is finer than the currency's smallest unit")
    return int(scaled)


def from_minor(units: int, currency: str) -> Decimal:
    """The other way: 1990 of CNY is 19.90."""
    return Decimal(units).scaleb(-minor_unit(currency))
