"""The meaning of each operator as plain Python: the column `python` of `table.py`.

A function takes the wall clock of the decision and known values. The table handles unknown
operands before the call. Functions of rows marked `own` handle `None` themselves.

The calendar runs from year 1 to year 9999. Results beyond it are its first or last moment.
"""

# Functions take whatever the table lets through to them: the table checks, not their signatures.

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..plan.arithmetic import (
    EXACT,
    INTEGER_MAX,
    INTEGER_MIN,
    LARGEST,
    QUOTIENT,
    bounded,
    in_range,
    rounded,
)
from ..plan.calendar import WallClock, days_in_month, local_clock, shift, shift_date
from ..plan.experiments import place_of
from ..plan.types import DECIMAL_SCALE
from ..plan.values import Length, Value
from .folding import fold

# --- time ---------------------------------------------------------------------------------------


# --- logic and comparison -----------------------------------------------------------------------


def all_of(_: WallClock, *values: bool) -> bool:
    """All hold; an unknown one does not."""
    return all(values)


def any_of(_: WallClock, *values: bool) -> bool:
    """One at least holds."""
    return any(values)


def negation(_: WallClock, value: bool) -> bool:
    """It does not hold; an unknown one does not, so this is true of it."""
    return not value


def holds(_: WallClock, value: bool) -> bool:
    """It holds: a boolean that may be unknown, as a condition."""
    return value


def equal(_: WallClock, left: Any, right: Any) -> bool:
    """`=`, exact: 1.0 is 1, `a` is not `A`."""
    return bool(left == right)


def not_equal(_: WallClock, left: Any, right: Any) -> bool:
    """`!=`."""
    return bool(left != right)


def less(_: WallClock, left: Any, right: Any) -> bool:
    """`<`."""
    return bool(left < right)


def at_most(_: WallClock, left: Any, right: Any) -> bool:
    """`<=`."""
    return bool(left <= right)


def greater(_: WallClock, left: Any, right: Any) -> bool:
    """`>`."""
    return bool(left > right)


def at_least(_: WallClock, left: Any, right: Any) -> bool:
    """`>=`."""
    return bool(left >= right)


def one_of(_: WallClock, operand: Value, *choices: Value) -> bool:
    """`in (…)`."""
    return operand in choices


def contains(_: WallClock, text: str, part: str) -> bool:
    """Whether the part is in the text, letter by letter."""
    return part in text


def starts_with(_: WallClock, text: str, part: str) -> bool:
    """Whether the text begins with the part."""
    return text.startswith(part)


def arm(_: WallClock, customer: str, experiment: str, ends: str, *arms: Value) -> Value:
    """The arm of a customer, by the ends of the arms' hashes: see `plan/experiments`."""
    return arms[place_of(experiment, tuple(ends.split(",")), customer)]


def folded(_: WallClock, text: str, kept: str) -> str:
    """The text for `ignoring case`; only what becomes a letter of `kept` need be another one."""
    return fold(text, kept)


def is_known(_: WallClock, value: Value | None) -> bool:
    """Whether there is a value."""
    return value is not None


# --- numbers ------------------------------------------------------------------------------------


def add(_: WallClock, left: Any, right: Any) -> int | Decimal | None:
    """`+`."""
    return in_range(_sum(left, right))


def subtract(_: WallClock, left: Any, right: Any) -> int | Decimal | None:
    """`-`."""
    return in_range(_difference(left, right))


def multiply(_: WallClock, left: Any, right: Any) -> int | Decimal | None:
    """`*`, rounded half-even to `DECIMAL_SCALE` digits."""
    return in_range(_product(left, right))


def divide(_: WallClock, left: int | Decimal, right: int | Decimal) -> Decimal | None:
    """Rounded half-even to `DECIMAL_SCALE` digits; by zero it is unknown."""
    if right == 0:
        return None
    return rounded(QUOTIENT.divide(Decimal(left), right), DECIMAL_SCALE)


def negate(_: WallClock, value: Any) -> int | Decimal | None:
    """`-` before a number."""
    return in_range(_negative(value))


def bounded_add(_: WallClock, left: Any, right: Any) -> int | Decimal:
    """`+` in a condition."""
    return bounded(_sum(left, right))


def bounded_subtract(_: WallClock, left: Any, right: Any) -> int | Decimal:
    """`-` in a condition."""
    return bounded(_difference(left, right))


def bounded_multiply(_: WallClock, left: Any, right: Any) -> int | Decimal:
    """`*` in a condition."""
    return bounded(_product(left, right))


def bounded_divide(_: WallClock, left: int | Decimal, right: int | Decimal) -> int | Decimal | None:
    """`/` in a condition; by zero it is unknown there too."""
    return None if right == 0 else bounded(QUOTIENT.divide(Decimal(left), right))


def bounded_negate(_: WallClock, value: Any) -> int | Decimal:
    """`-` before a number in a condition."""
    return bounded(_negative(value))


def _sum(left: Any, right: Any) -> int | Decimal:
    """Return the exact sum; that of whole numbers is a whole number."""
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return EXACT.add(left, right)
    return int(left + right)


def _difference(left: Any, right: Any) -> int | Decimal:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return EXACT.subtract(left, right)
    return int(left - right)


def _product(left: Any, right: Any) -> int | Decimal:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return EXACT.multiply(left, right)
    return int(left * right)


def _negative(value: Any) -> int | Decimal:
    return EXACT.minus(value) if isinstance(value, Decimal) else int(-value)


def within(_: WallClock, value: int | Decimal) -> int | Decimal | None:
    """The number, unknown where it is a limit: what was too large must not be paid."""
    if isinstance(value, Decimal):
        return value if abs(value) < LARGEST else None
    return value if INTEGER_MIN < value < INTEGER_MAX else None


def first_known(_: WallClock, *values: Value | None) -> Value | None:
    """`else`: the first value that is known."""
    return next((value for value in values if value is not None), None)


def least(_: WallClock, *values: Any) -> Any:
    """`min(a, b)`."""
    return min(values)


def greatest(_: WallClock, *values: Any) -> Any:
    """`max(a, b)`."""
    return max(values)


# --- dates and instants -------------------------------------------------------------------------


def date_of(clock: WallClock, instant: datetime) -> date:
    """An instant's date in the project's zone."""
    return local_clock(clock.zone, instant).date()


def later(clock: WallClock, start: Any, length: Length) -> Any:
    """A date or an instant, so much later."""
    if isinstance(start, datetime):
        return shift(clock.zone, start, length, +1)
    return shift_date(start, length, +1)


def earlier(clock: WallClock, start: Any, length: Length) -> Any:
    """A date or an instant, so much earlier."""
    if isinstance(start, datetime):
        return shift(clock.zone, start, length, -1)
    return shift_date(start, length, -1)


def within_last(clock: WallClock, value: Any, length: Length) -> bool:
    """Instants: (now − length, now]. Dates: (today − length, today]."""
    now: Any = clock.now if isinstance(value, datetime) else clock.today
    return bool(earlier(clock, now, length) < value <= now)


def within_next(clock: WallClock, value: Any, length: Length) -> bool:
    """Instants: (now, now + length]. Dates: (today, today + length]."""
    now: Any = clock.now if isinstance(value, datetime) else clock.today
    return bool(now < value <= later(clock, now, length))


def days_since(clock: WallClock, value: Any) -> int:
    """Calendar days from the value's date to today, in the project's zone; negative if to come."""
    day = date_of(clock, value) if isinstance(value, datetime) else value
    return int((clock.today - day).days)


def anniversary_today(clock: WallClock, value: Any) -> bool:
    """Same month and day as today; of 29 February, in a year without one, the 28th."""
    day = date_of(clock, value) if isinstance(value, datetime) else value
    today = clock.today
    clipped = min(day.day, days_in_month(today.year, day.month))
    return (today.month, today.day) == (day.month, clipped)


def days_until(clock: WallClock, value: Any) -> int:
    """Calendar days from today to the value's date, in the project's zone; negative if past."""
    return -days_since(clock, value)


def anniversary_within(clock: WallClock, value: Any, length: Length) -> bool:
    """An anniversary is in (today, today + length]; 29 February as in `anniversary_today`."""
    day = date_of(clock, value) if isinstance(value, datetime) else value
    return has_anniversary(day, clock.today, shift_date(clock.today, length, +1))


def has_anniversary(day: date, first: date, last: date) -> bool:
    """Whether an anniversary of the day is in (first, last]."""
    return any(
        first < day.replace(year=year, day=min(day.day, days_in_month(year, day.month))) <= last
        for year in range(first.year, last.year + 1)
    )
