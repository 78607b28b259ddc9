"""What each operator means, in the plainest Python: the column `python` of `operators.py`.

A function gets the world of the decision and known values; the table says what unknown does
before it is called, except where it says `own`: those functions see `None` themselves.

The calendar runs from year 1 to year 9999: what would lie beyond is its first or last moment.
"""

# Functions take whatever the table lets through to them: the table checks, not their signatures.

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from typing import Any, Literal, assert_never
from zoneinfo import ZoneInfo

from .types import DECIMAL_DIGITS, DECIMAL_SCALE
from .values import Length, Value

CalendarUnit = Literal["day", "week", "month", "quarter", "year"]

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
NUMBER_LIMIT = Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_SCALE)
"""A decimal or an amount of money is smaller than this in size, or it is unknown."""

LARGEST = NUMBER_LIMIT - 1
"""In a condition, a decimal or an amount that would be too large counts as this much."""

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """The decision's instant (aware, UTC) and the project's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The decision's date in the project's zone."""
        return local_clock(self.zone, self.now).date()


# --- time ---------------------------------------------------------------------------------------


def at_clock(zone: ZoneInfo, local: datetime) -> datetime:
    """The instant at which a wall clock of `zone` shows `local` (no zone in it).

    Shown twice (clocks go back): the first. Never shown (clocks go forward): as much later as the
    gap is long, so 02:30 in a gap of one hour is 03:30.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC, fold=0)


def local_clock(zone: ZoneInfo, instant: datetime) -> datetime:
    """What the wall clocks of `zone` show at an instant (no zone in it)."""
    try:
        return instant.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return instant.replace(tzinfo=None)


def shift(zone: ZoneInfo, instant: datetime, length: Length, sign: int) -> datetime:
    """The instant so much earlier (-1) or later (+1): calendar units on the zone's clock."""
    match length.unit:
        case "minute" | "hour":
            minutes = length.count * (60 if length.unit == "hour" else 1)
            try:
                return instant + sign * timedelta(minutes=minutes)
            except OverflowError:
                return _LAST if sign > 0 else _FIRST
        case "day" | "week":
            weeks = length.count if length.unit == "week" else 0
            try:
                # Days added to a time that has a zone move its wall clock.
                days = sign * timedelta(days=length.count - weeks, weeks=weeks)
                return (instant.astimezone(zone) + days).astimezone(UTC)
            except OverflowError:
                return _shift_date(zone, instant, length, sign)
        case _:
            return _shift_date(zone, instant, length, sign)


def _shift_date(zone: ZoneInfo, instant: datetime, length: Length, sign: int) -> datetime:
    local = local_clock(zone, instant)
    day = shift_date(local.date(), length, sign)
    return at_clock(zone, datetime.combine(day, local.time()))


def shift_date(day: date, length: Length, sign: int) -> date:
    """The date so much earlier or later; a day that the month does not have is its last.

    Hours and minutes count as whole days only (24 hours are one day).
    """
    try:
        return _moved(day, length, sign)
    except (OverflowError, ValueError):
        return date.max if sign > 0 else date.min


def _moved(day: date, length: Length, sign: int) -> date:
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


def first_moment(zone: ZoneInfo, day: date) -> datetime:
    """The instant at which a day begins in a zone."""
    return at_clock(zone, datetime.combine(day, time()))


def first_day(unit: CalendarUnit, day: date) -> date:
    """The first day of the week (a Monday), month, quarter or year that `day` is in."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            assert_never(unit)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return monthrange(year, month)[1]


# --- logic and comparison -----------------------------------------------------------------------


def all_of(_: World, *values: bool) -> bool:
    """All hold; an unknown one does not."""
    return all(values)


def any_of(_: World, *values: bool) -> bool:
    """One at least holds."""
    return any(values)


def negation(_: World, value: bool) -> bool:
    """It does not hold; an unknown one does not, so this is true of it."""
    return not value


def holds(_: World, value: bool) -> bool:
    """It holds: a boolean that may be unknown, as a condition."""
    return value


def equal(_: World, left: Any, right: Any) -> bool:
    """`=`, exact: 1.0 is 1, `a` is not `A`."""
    return bool(left == right)


def not_equal(_: World, left: Any, right: Any) -> bool:
    """`!=`."""
    return bool(left != right)


def less(_: World, left: Any, right: Any) -> bool:
    """`<`."""
    return bool(left < right)


def at_most(_: World, left: Any, right: Any) -> bool:
    """`<=`."""
    return bool(left <= right)


def greater(_: World, left: Any, right: Any) -> bool:
    """`>`."""
    return bool(left > right)


def at_least(_: World, left: Any, right: Any) -> bool:
    """`>=`."""
    return bool(left >= right)


def one_of(_: World, operand: Value, *choices: Value) -> bool:
    """`in (…)`."""
    return operand in choices


def contains(_: World, text: str, part: str) -> bool:
    """Whether the part is in the text, letter by letter."""
    return part in text


def starts_with(_: World, text: str, part: str) -> bool:
    """Whether the text begins with the part."""
    return text.startswith(part)


def is_known(_: World, value: Value | None) -> bool:
    """Whether there is a value."""
    return value is not None


# --- numbers ------------------------------------------------------------------------------------


def in_range(value: int | Decimal) -> int | Decimal | None:
    """The number, or unknown where it does not fit: 64 bits, or `NUMBER_LIMIT`."""
    if isinstance(value, Decimal):
        return rounded(value, DECIMAL_SCALE)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Half-even to `scale` digits after the point; unknown where it is too large a number."""
    with localcontext(Context(prec=8 * DECIMAL_DIGITS, rounding=ROUND_HALF_EVEN)):
        try:
            fine = -int(value.as_tuple().exponent) > scale
            result = value.quantize(Decimal(1).scaleb(-scale)) if fine else value
        except InvalidOperation:
            return None
        return result if abs(result) < NUMBER_LIMIT else None


def add(_: World, left: Any, right: Any) -> int | Decimal | None:
    """`+`."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(left + right)


def subtract(_: World, left: Any, right: Any) -> int | Decimal | None:
    """`-`."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(left - right)


def multiply(_: World, left: Any, right: Any) -> int | Decimal | None:
    """`*`, rounded half-even to `DECIMAL_SCALE` digits."""
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
    """`-` before a number."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return in_range(-value)


def bounded(value: int | Decimal) -> int | Decimal:
    """The number; past the limits of its type, the limit."""
    if isinstance(value, Decimal):
        found = rounded(value, DECIMAL_SCALE)
        return LARGEST.copy_sign(value) if found is None else found
    return min(max(value, INTEGER_MIN), INTEGER_MAX)


def bounded_add(_: World, left: Any, right: Any) -> int | Decimal:
    """`+` in a condition."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return bounded(left + right)


def bounded_subtract(_: World, left: Any, right: Any) -> int | Decimal:
    """`-` in a condition."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return bounded(left - right)


def bounded_multiply(_: World, left: Any, right: Any) -> int | Decimal:
    """`*` in a condition."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return bounded(left * right)


def bounded_divide(_: World, left: int | Decimal, right: int | Decimal) -> int | Decimal | None:
    """`/` in a condition; by zero it is unknown there too."""
    if right == 0:
        return None
    with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
        return bounded(Decimal(left) / Decimal(right))


def bounded_negate(_: World, value: Any) -> int | Decimal:
    """`-` before a number in a condition."""
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        return bounded(-value)


def within(_: World, value: int | Decimal) -> int | Decimal | None:
    """The number, unknown where it is a limit: what was too large must not be paid."""
    if isinstance(value, Decimal):
        return value if abs(value) < LARGEST else None
    return value if INTEGER_MIN < value < INTEGER_MAX else None


def first_known(_: World, *values: Value | None) -> Value | None:
    """`else`: the first value that is known."""
    return next((value for value in values if value is not None), None)


def least(_: World, *values: Any) -> Any:
    """`min(a, b)`."""
    return min(values)


def greatest(_: World, *values: Any) -> Any:
    """`max(a, b)`."""
    return max(values)


# --- dates and instants -------------------------------------------------------------------------


def date_of(world: World, instant: datetime) -> date:
    """An instant's date in the project's zone."""
    return local_clock(world.zone, instant).date()


def later(world: World, start: Any, length: Length) -> Any:
    """A date or an instant, so much later."""
    if isinstance(start, datetime):
        return shift(world.zone, start, length, +1)
    return shift_date(start, length, +1)


def earlier(world: World, start: Any, length: Length) -> Any:
    """A date or an instant, so much earlier."""
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
    """Same month and day as today; of 29 February, in a year without one, the 28th."""
    day = date_of(world, value) if isinstance(value, datetime) else value
    today = world.today
    clipped = min(day.day, days_in_month(today.year, day.month))
    return (today.month, today.day) == (day.month, clipped)
