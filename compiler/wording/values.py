"""Numbers, money, dates and lengths of time as a reader of each language writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import reduce
from types import MappingProxyType
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan.calendar import INSTANT, local_clock
from ..plan.types import (
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
    minor_unit,
)
from ..plan.value import Period, Span
from ..plan.values import Length, decode

Words = str | Phrase
"""A part of a sentence: alike in all languages, or a text of the catalogue."""

_CURRENCIES: Mapping[str, Phrase] = MappingProxyType(
    {
        "CNY": Phrase("wording.CNY"),
        "EUR": Phrase("wording.EUR"),
        "JPY": Phrase("wording.JPY"),
        "USD": Phrase("wording.USD"),
    }
)

_MONTHS = (
    Phrase("wording.january"),
    Phrase("wording.february"),
    Phrase("wording.march"),
    Phrase("wording.april"),
    Phrase("wording.may"),
    Phrase("wording.june"),
    Phrase("wording.july"),
    Phrase("wording.august"),
    Phrase("wording.september"),
    Phrase("wording.october"),
    Phrase("wording.november"),
    Phrase("wording.december"),
)

WEEKDAYS = (
    Phrase("wording.monday"),
    Phrase("wording.tuesday"),
    Phrase("wording.wednesday"),
    Phrase("wording.thursday"),
    Phrase("wording.friday"),
    Phrase("wording.saturday"),
    Phrase("wording.sunday"),
)

_SPANS: Mapping[str, tuple[Phrase, Phrase]] = MappingProxyType(
    {
        "minute": (Phrase("wording.one_minute"), Phrase("wording.minutes")),
        "hour": (Phrase("wording.one_hour"), Phrase("wording.hours")),
        "day": (Phrase("wording.one_day"), Phrase("wording.days")),
        "week": (Phrase("wording.one_week"), Phrase("wording.weeks")),
        "month": (Phrase("wording.one_month"), Phrase("wording.months")),
        "year": (Phrase("wording.one_year"), Phrase("wording.years")),
    }
)


def number(value: int | Decimal) -> str:
    """A number with its thousands apart, and no zeros behind it."""
    if isinstance(value, Decimal):
        value = value.normalize()
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"


def percent(part: Decimal) -> str:
    """A part of one, as a percentage."""
    return f"{number(part * 100)}%"


def money(amount: Decimal, currency: str) -> Phrase:
    """An amount with the name of its currency; whole amounts have no digits after the point."""
    digits = 0 if amount == amount.to_integral_value() else minor_unit(currency)
    exact = amount if digits == 0 else max(amount, amount.quantize(Decimal(1).scaleb(-digits)))
    told = f"{exact:,.{digits}f}" if exact.normalize() == amount.normalize() else number(amount)
    return Phrase("wording.money", amount=told, currency=_CURRENCIES.get(currency, currency))


def day(value: date) -> Phrase:
    """A date with the name of its month."""
    month = _MONTHS[value.month - 1]
    return Phrase("wording.date", day=str(value.day), month=month, year=str(value.year))


def clock(value: time) -> str:
    """A time of day, with seconds only where it has some."""
    return value.isoformat() if value.second or value.microsecond else value.strftime("%H:%M")


def instant(value: datetime, zone: ZoneInfo) -> Phrase:
    """An instant as a clock of the zone shows it."""
    local = local_clock(zone, value.astimezone(UTC))
    return Phrase("wording.instant", date=day(local.date()), time=clock(local.time()))


def first_instant(value: datetime, zone: ZoneInfo) -> Phrase:
    """The first instant of a period: a day alone where it is the first of that day."""
    local = local_clock(zone, value)
    return day(local.date()) if local.time() == time() else instant(value, zone)


def last_instant(value: datetime, zone: ZoneInfo) -> Phrase:
    """The last instant of a period: a day alone where it is the last of that day."""
    after = local_clock(zone, value + INSTANT) if value < datetime.max.replace(tzinfo=UTC) else None
    if after is None or after.time() == time():
        return day(local_clock(zone, value).date())
    return instant(value, zone)


def span(value: Span | Length) -> Phrase:
    """A length of time."""
    one, many = _SPANS[value.unit]
    return one if value.count == 1 else many.filled(count=number(value.count))


def period(unit: Period) -> Phrase:
    """One period of the calendar: `calendar month`."""
    match unit:
        case "hour":
            return Phrase("wording.hour")
        case "day":
            return Phrase("wording.day")
        case "week":
            return Phrase("wording.week")
        case "month":
            return Phrase("wording.month")
        case "quarter":
            return Phrase("wording.quarter")
        case "year":
            return Phrase("wording.year")
        case _:
            assert_never(unit)


def constant(type_: ValueType, text: str, zone: ZoneInfo) -> Words:
    """A literal of a plan."""
    value = decode(type_, text)
    match type_:
        case IntegerType() | DecimalType():
            return number(Decimal(str(value)))
        case MoneyType(currency):
            return money(Decimal(str(value)), currency)
        case BooleanType():
            return Phrase("wording.yes") if value else Phrase("wording.no")
        case TextType():
            return quoted(text)
        case EnumType():
            return text
        case DateType() | TimestampType() | TimeType() | DurationType():
            return _of_time(value, zone)
        case _:
            assert_never(type_)


def _of_time(value: object, zone: ZoneInfo) -> Words:
    match value:
        case datetime():
            return instant(value, zone)
        case date():
            return day(value)
        case time():
            return clock(value)
        case Length():
            return span(value)
        case _:
            raise TypeError(f"{value!r} is no value of time")


def quoted(text: str) -> str:
    """Words that somebody wrote, between the quotation marks of both languages."""
    return f"“{text}”"


def listed(parts: Sequence[Words], joint: Literal["and", "or", "comma"]) -> Words:
    """The parts with the same word between each two; the only one as it is."""
    match joint:
        case "and":
            between = Phrase("wording.and")
        case "or":
            between = Phrase("wording.or")
        case "comma":
            between = Phrase("wording.comma")
        case _:
            assert_never(joint)
    return reduce(lambda left, right: between.filled(left=left, right=right), parts)
