"""The meaning of each operator: examples of the language page, and laws over any values."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators import python_meaning, rounding
from campaigner.compiler.plan import arithmetic, calendar
from campaigner.compiler.plan.arithmetic import NUMBER_LIMIT
from campaigner.compiler.plan.calendar import WallClock
from campaigner.compiler.plan.types import DECIMAL_SCALE
from campaigner.compiler.plan.values import Length
from hypothesis import given
from hypothesis import strategies as st

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
ZONES = (SHANGHAI, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"))


def instant(zone: ZoneInfo, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def clock(text: str, zone: ZoneInfo = SHANGHAI) -> WallClock:
    return WallClock(instant(zone, text), zone)


def days(count: int) -> Length:
    return Length(count, "day")


zones = st.sampled_from(ZONES)
instants = st.datetimes(timezones=st.just(UTC))
modern = st.datetimes(datetime(1990, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))
lengths = st.builds(
    Length,
    st.integers(0, 10**6),
    st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
)
amounts = st.decimals(-NUMBER_LIMIT + 1, NUMBER_LIMIT - 1, places=DECIMAL_SCALE)


# --- earlier and later --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "sign", "expected"),
    [
        ("2026-03-31 10:00", Length(30, "day"), -1, "2026-03-01 10:00"),
        ("2026-03-31 10:00", Length(1, "month"), -1, "2026-02-28 10:00"),
        ("2024-03-31 10:00", Length(1, "month"), -1, "2024-02-29 10:00"),
        ("2026-01-31 10:00", Length(1, "month"), +1, "2026-02-28 10:00"),
        ("2026-01-31 10:00", Length(13, "month"), +1, "2027-02-28 10:00"),
        ("2024-02-29 10:00", Length(1, "year"), +1, "2025-02-28 10:00"),
        ("2024-02-29 10:00", Length(4, "year"), -1, "2020-02-29 10:00"),
        ("2026-01-10 10:00", Length(2, "week"), -1, "2025-12-27 10:00"),
        ("2026-01-10 10:00", Length(90, "minute"), +1, "2026-01-10 11:30"),
    ],
)
def test_a_calendar_unit_earlier_or_later(
    start: str, length: Length, sign: int, expected: str
) -> None:
    assert calendar.shift(SHANGHAI, instant(SHANGHAI, start), length, sign) == instant(
        SHANGHAI, expected
    )


def test_a_day_keeps_the_clock_and_24_hours_do_not() -> None:
    morning = instant(NEW_YORK, "2026-03-08 10:00")  # clocks went forward at two o'clock
    assert calendar.shift(NEW_YORK, morning, days(1), -1) == instant(NEW_YORK, "2026-03-07 10:00")
    assert calendar.shift(NEW_YORK, morning, Length(24, "hour"), -1) == instant(
        NEW_YORK, "2026-03-07 09:00"
    )


def test_a_clock_time_that_is_skipped_is_as_much_later() -> None:
    assert calendar.at_clock(NEW_YORK, datetime(2026, 3, 8, 2, 30)) == instant(
        NEW_YORK, "2026-03-08 03:30"
    )


def test_of_a_clock_time_that_is_shown_twice_the_first_counts() -> None:
    first = calendar.at_clock(NEW_YORK, datetime(2026, 11, 1, 1, 30))
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = instant(NEW_YORK, "2026-11-01 01:30", fold=1)
    assert second - first == timedelta(hours=1)
    assert calendar.shift(NEW_YORK, second, days(0), +1) == first


@given(zones, instants, lengths, st.sampled_from([-1, +1]))
def test_no_shift_leaves_the_calendar(
    zone: ZoneInfo, start: datetime, length: Length, sign: int
) -> None:
    shifted = calendar.shift(zone, start, length, sign)
    assert shifted.utcoffset() == timedelta(0)
    python_meaning.date_of(WallClock(shifted, zone), shifted)


@given(zones, modern, st.integers(0, 3000))
def test_days_keep_the_clock_but_in_a_gap(zone: ZoneInfo, start: datetime, count: int) -> None:
    shifted = calendar.shift(zone, start, days(count), -1)
    before, after = start.astimezone(zone), shifted.astimezone(zone)
    assert (before.date() - after.date()).days == count
    gap = timedelta(hours=1)
    told = datetime.combine(after.date(), before.time()), after.replace(tzinfo=None)
    assert told[0] <= told[1] <= told[0] + gap


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 2000))
def test_months_end_on_the_same_day_or_the_last(day: date, count: int) -> None:
    for sign in (-1, +1):
        moved = calendar.shift_date(day, Length(count, "month"), sign)
        assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == sign * count
        assert moved.day == min(day.day, calendar.days_in_month(moved.year, moved.month))


@given(st.dates(), lengths, lengths)
def test_what_is_longer_is_never_nearer(day: date, one: Length, other: Length) -> None:
    if one.unit == other.unit and one.count <= other.count:
        assert calendar.shift_date(day, one, +1) <= calendar.shift_date(day, other, +1)
        assert calendar.shift_date(day, one, -1) >= calendar.shift_date(day, other, -1)


def test_the_end_of_the_calendar_is_the_end() -> None:
    assert calendar.shift_date(date(9999, 12, 31), days(30), +1) == date.max
    assert calendar.shift_date(date(1, 1, 1), Length(1, "month"), -1) == date.min
    forever = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert python_meaning.date_of(clock("2026-01-01"), forever) == date(9999, 12, 31)
    assert calendar.days_in_month(9999, 12) == 31


# --- conditions on time -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("2026-03-01 10:00:00", False),
        ("2026-03-01 10:00:00.000001", True),
        ("2026-03-31 10:00:00", True),
        ("2026-03-31 10:00:00.000001", False),
    ],
)
def test_within_last_leaves_out_its_beginning(value: str, held: bool) -> None:
    at = clock("2026-03-31 10:00")
    assert python_meaning.within_last(at, instant(SHANGHAI, value), days(30)) is held


@pytest.mark.parametrize(
    ("day", "held"), [("01-31", False), ("02-01", True), ("02-07", True), ("02-08", False)]
)
def test_within_next_of_dates_counts_from_tomorrow(day: str, held: bool) -> None:
    at = clock("2026-01-31 23:59")
    assert python_meaning.within_next(at, date.fromisoformat(f"2026-{day}"), days(7)) is held


@given(modern, modern, st.integers(1, 500))
def test_nothing_is_both_past_and_to_come(now: datetime, value: datetime, count: int) -> None:
    at = WallClock(now, NEW_YORK)
    past = python_meaning.within_last(at, value, days(count))
    future = python_meaning.within_next(at, value, days(count))
    assert not (past and future)
    assert not past or value <= now
    assert not future or value > now


def test_today_is_the_zones() -> None:
    at = WallClock(datetime(2026, 1, 31, 20, tzinfo=UTC), SHANGHAI)
    assert at.today == date(2026, 2, 1)
    assert python_meaning.days_since(at, date(2026, 1, 31)) == 1
    assert python_meaning.days_since(at, datetime(2026, 1, 31, 15, 59, tzinfo=UTC)) == 1
    assert python_meaning.days_since(at, datetime(2026, 1, 31, 16, tzinfo=UTC)) == 0
    assert python_meaning.days_since(at, date(2026, 2, 3)) == -2


@pytest.mark.parametrize(
    ("born", "today", "held"),
    [
        ("1990-05-04", "2026-05-04", True),
        ("1990-05-04", "2026-05-05", False),
        ("1992-02-29", "2026-02-28", True),
        ("1992-02-29", "2026-03-01", False),
        ("1992-02-29", "2028-02-28", False),
        ("1992-02-29", "2028-02-29", True),
    ],
)
def test_anniversaries(born: str, today: str, held: bool) -> None:
    assert python_meaning.anniversary_today(clock(today), date.fromisoformat(born)) is held


@given(st.dates(date(1900, 1, 1), date(2000, 1, 1)), st.integers(2001, 2100))
def test_everybody_has_one_birthday_a_year(born: date, year: int) -> None:
    first = datetime(year, 1, 1, 12, tzinfo=UTC)
    year_long = (WallClock(first + timedelta(days=n), ZoneInfo("UTC")) for n in range(366))
    held = [
        at
        for at in year_long
        if at.today.year == year and python_meaning.anniversary_today(at, born)
    ]
    assert len(held) == 1


@given(st.dates(date(1900, 1, 1), date(2000, 1, 1)), modern, lengths)
def test_an_anniversary_is_near_where_a_day_to_come_is_one(
    born: date, now: datetime, length: Length
) -> None:
    at = WallClock(now, ZoneInfo("UTC"))
    last = calendar.shift_date(at.today, length, +1)
    ahead = min((last - at.today).days, 1500)
    coming = (WallClock(now + timedelta(days=n), ZoneInfo("UTC")) for n in range(1, ahead + 1))
    expected = any(python_meaning.anniversary_today(each, born) for each in coming)
    assert python_meaning.anniversary_within(at, born, length) is expected


# --- numbers ------------------------------------------------------------------------------------

NOW = clock("2026-01-01")


def exact(value: Fraction) -> Decimal | None:
    """Half-even to ten digits, computed another way; unknown where it is too large."""
    units = round(value * 10**DECIMAL_SCALE)
    number = Decimal(units).scaleb(-DECIMAL_SCALE)
    return number if abs(Fraction(number)) < Fraction(NUMBER_LIMIT) else None


@given(amounts, amounts)
def test_arithmetic_is_exact_and_rounds_once(left: Decimal, right: Decimal) -> None:
    one, other = Fraction(left), Fraction(right)
    assert python_meaning.add(NOW, left, right) == exact(one + other)
    assert python_meaning.subtract(NOW, left, right) == exact(one - other)
    assert python_meaning.multiply(NOW, left, right) == exact(one * other)
    expected = exact(one / other) if other else None
    assert python_meaning.divide(NOW, left, right) == expected


@given(amounts)
def test_a_number_negated_twice_is_itself(value: Decimal) -> None:
    once = python_meaning.negate(NOW, value)
    assert once is not None
    assert python_meaning.negate(NOW, once) == value


@given(st.integers(), st.integers())
def test_whole_numbers_fit_64_bits_or_are_unknown(left: int, right: int) -> None:
    total = python_meaning.add(NOW, left, right)
    assert total == (left + right if -(2**63) <= left + right < 2**63 else None)


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        ("0.125", 2, "0.12"),
        ("0.135", 2, "0.14"),
        ("-0.125", 2, "-0.12"),
        ("2.5", 0, "2"),
        ("3.5", 0, "4"),
        ("1E+3", 2, "1000"),
    ],
)
def test_halves_go_to_the_even_digit(value: str, scale: int, expected: str) -> None:
    assert arithmetic.rounded(Decimal(value), scale) == Decimal(expected)


@pytest.mark.parametrize("text", ["1E+18", "-1E+18", "1E+400", "999999999999999999.99999999999"])
def test_what_is_too_large_is_unknown(text: str) -> None:
    assert arithmetic.rounded(Decimal(text), DECIMAL_SCALE) is None


def test_division_by_zero_is_unknown() -> None:
    assert python_meaning.divide(NOW, 1, 0) is None
    assert python_meaning.divide(NOW, 1, 3) == Decimal("0.3333333333")
    assert python_meaning.divide(NOW, 2, 3) == Decimal("0.6666666667")


@given(amounts)
def test_whole_numbers_are_the_nearest(value: Decimal) -> None:
    low, high = rounding.floor(NOW, value), rounding.ceil(NOW, value)
    assert low <= value <= high < low + 1 + (low != high)
    nearest = rounding.half_up(NOW, value)
    assert nearest == rounding.half_up(NOW, abs(value)) * (-1 if value < 0 else 1)
    assert rounding.half_up(NOW, abs(value)) == int(Fraction(abs(value)) + Fraction(1, 2))


def test_choosing() -> None:
    assert python_meaning.first_known(NOW, None, 2, 3) == 2
    assert python_meaning.first_known(NOW, None, None) is None
    assert python_meaning.least(NOW, Decimal("1.5"), 1) == 1
    assert python_meaning.greatest(NOW, time(9), time(10)) == time(10)
    assert python_meaning.one_of(NOW, "a", "b", "a")
    assert not python_meaning.contains(NOW, "Visa", "visa")
    assert python_meaning.starts_with(NOW, "visa", "")
