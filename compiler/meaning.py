"""What each operator means, in the plainest Python: the column `python` of `operators.py`.

A function gets the world of the decision and known values; the table says what unknown does
before it is called, except where it says `own`: those functions see `None` themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from .types import DECIMAL_DIGITS, DECIMAL_SCALE
from .values import Length, Value

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
_GRAIN = Decimal(1).scaleb(-DECIMAL_SCALE)


@dataclass(frozen=True, slots=True)
class World:
    """The decision's instant (aware, UTC) and the project's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


# --- time ---------------------------------------------------------------------------------------


def at_clock(zone: ZoneInfo, local: datetime) -> datetime:
    """The instant at which a wall clock of `zone` shows `local` (no zone in it).

    Shown twice (clocks go back): the first. Never shown (clocks go forward): as much later as the
    gap is long, so 02:30 in a gap of one hour is 03:30.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def shift(zone: ZoneInfo, instant: datetime, length: Length, sign: int) -> datetime:
    """The instant so much earlier (-1) or later (+1): calendar units on the zone's clock."""
    match length.unit:
        case "minute":
            return instant + sign * timedelta(minutes=length.count)
        case "hour":
            return instant + sign * timedelta(hours=length.count)
        case _:
            local = instant.astimezone(zone).replace(tzinfo=None)
            day = shift_date(local.date(), length, sign)
            return at_clock(zone, datetime.combine(day, local.time()))


def shift_date(day: date, length: Length, sign: int) -> date:
    """The date so much earlier or later; a day that the month does not have is its last.

    Hours and minutes count as whole days only (24 hours are one day).
    """
    match length.unit:
        case "minute":
            return day + sign * timedelta(days=length.count // 1440)
        case "hour":
            return day + sign * timedelta(days=length.count // 24)
        case "day":
            return day + sign * timedelta(days=length.count)
        case "week":
            return day + sign * timedelta(weeks=length.count)
        case "month" | "year":
            months = length.count * (12 if length.unit == "year" else 1)
            index = day.year * 12 + day.month - 1 + sign * months
            year, month = divmod(index, 12)
            return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


# --- logic and comparison -----------------------------------------------------------------------


def all_of(_: World, *values: bool) -> bool:
    return all(values)


def any_of(_: World, *values: bool) -> bool:
    return any(values)


def negation(_: World, value: bool) -> bool:
    return not value


def holds(_: World, value: bool) -> bool:
    return value


def equal(_: World, left: Any, right: Any) -> bool:
    return bool(left == right)


def not_equal(_: World, left: Any, right: Any) -> bool:
    return bool(left != right)


def less(_: World, left: Any, right: Any) -> bool:
    return bool(left < right)


def at_most(_: World, left: Any, right: Any) -> bool:
    return bool(left <= right)


def greater(_: World, left: Any, right: Any) -> bool:
    return bool(left > right)


def at_least(_: World, left: Any, right: Any) -> bool:
    return bool(left >= right)


def one_of(_: World, operand: Value, *choices: Value) -> bool:
    return operand in choices


def contains(_: World, text: str, part: str) -> bool:
    return part in text


def starts_with(_: World, text: str, part: str) -> bool:
    return text.startswith(part)


def is_known(_: World, value: Value | None) -> bool:
    return value is not None


# --- numbers ------------------------------------------------------------------------------------


def in_range(value: int | Decimal) -> int | Decimal | None:
    """The number, or unknown where it does not fit: 64 bits, or `DECIMAL_DIGITS` digits."""
    if isinstance(value, Decimal):
        return rounded(value, DECIMAL_SCALE)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Half-even to `scale` digits after the point; unknown where that takes too many digits."""
    with localcontext(Context(prec=DECIMAL_DIGITS, rounding=ROUND_HALF_EVEN)):
        try:
            grain = Decimal(1).scaleb(-scale)
            fine = -int(value.as_tuple().exponent) > scale
            return value.quantize(grain) if fine else value + 0
        except InvalidOperation:
            return None


def add(_: World, left: Any, right: Any) -> int | Decimal | None:
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(left + right)


def subtract(_: World, left: Any, right: Any) -> int | Decimal | None:
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(left - right)


def multiply(_: World, left: Any, right: Any) -> int | Decimal | None:
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(left * right)


def divide(_: World, left: int | Decimal, right: int | Decimal) -> Decimal | None:
    """Rounded half-even to `DECIMAL_SCALE` digits; by zero it is unknown."""
    if right == 0:
        return None
    # Twice the digits, so that the one rounding that counts is the one to the scale.
    with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
        return rounded(Decimal(left) / Decimal(right), DECIMAL_SCALE)


def negate(_: World, value: Any) -> int | Decimal | None:
    return in_range(-value)


def first_known(_: World, *values: Value | None) -> Value | None:
    return next((value for value in values if value is not None), None)


def least(_: World, *values: Any) -> Any:
    return min(values)


def greatest(_: World, *values: Any) -> Any:
    return max(values)


# --- dates and instants -------------------------------------------------------------------------


def date_of(world: World, instant: datetime) -> date:
    return instant.astimezone(world.zone).date()


def later(world: World, start: Any, length: Length) -> Any:
    if isinstance(start, datetime):
        return shift(world.zone, start, length, +1)
    return shift_date(start, length, +1)


def earlier(world: World, start: Any, length: Length) -> Any:
    if isinstance(start, datetime):
        return shift(world.zone, start, length, -1)
    return shift_date(start, length, -1)


def within_last(world: World, value: Any, length: Length) -> bool:
    """Instants: (now − length, now]. Dates: (today − length, today]."""
    now: Any = world.now if isinstance(value, datetime) else world.today
    return bool(earlier(world, now, length) < value <= now)


def within_next(world: World, value: Any, length: Length) -> bool:
    """Instants: (now, now + length]. Dates: (today, today + length]."""
    now: Any = world.now if isinstance(value, datetime) else world.today
    return bool(now < value <= later(world, now, length))


def days_since(world: World, value: Any) -> int:
    """Calendar days from the value's date to today, in the project's zone; negative if to come."""
    day = date_of(world, value) if isinstance(value, datetime) else value
    return int((world.today - day).days)


def anniversary_today(world: World, value: Any) -> bool:
    """Same month and day as today; who was born on 29 February celebrates on the 28th in between."""
    day = date_of(world, value) if isinstance(value, datetime) else value
    today = world.today
    clipped = min(day.day, days_in_month(today.year, day.month))
    return (today.month, today.day) == (day.month, clipped)
