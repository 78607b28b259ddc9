"""Values as text and back."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
    MoneyType,
    ValueType,
    from_minor,
    minor_unit,
    to_minor,
)
from campaigner.compiler.plan.values import Length, Value, decode, encode
from hypothesis import given
from hypothesis import strategies as st

UNITS = ["minute", "hour", "day", "week", "month", "year"]

typed_values = st.one_of(
    st.tuples(st.just(INTEGER), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(DECIMAL), st.decimals(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(MoneyType("CNY")), st.decimals(0, 10**12, places=2)),
    st.tuples(st.just(BOOLEAN), st.booleans()),
    st.tuples(st.just(TEXT), st.text()),
    st.tuples(st.just(EnumType(("mass", "private"))), st.sampled_from(["mass", "private"])),
    st.tuples(st.just(DATE), st.dates()),
    st.tuples(st.just(TIME), st.times()),
    st.tuples(st.just(TIMESTAMP), st.datetimes(timezones=st.just(UTC))),
    st.tuples(st.just(DURATION), st.builds(Length, st.integers(), st.sampled_from(UNITS))),
)


@given(typed_values)
def test_what_is_written_is_read_back(typed: tuple[ValueType, Value]) -> None:
    type_, value = typed
    read = decode(type_, encode(value))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("19.90"), "19.90"),
        (True, "yes"),
        (False, "no"),
        (
            datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=8))),
            "2026-01-31T02:00:00.000000Z",
        ),
        (datetime(800, 1, 1, tzinfo=UTC), "0800-01-01T00:00:00.000000Z"),
        (Length(30, "day"), "30 day"),
    ],
)
def test_how_values_are_written(value: Value, text: str) -> None:
    assert encode(value) == text


@pytest.mark.parametrize(
    ("type_", "text"),
    [(INTEGER, "many"), (DATE, "2026-02-30"), (DURATION, "3 moons"), (TIMESTAMP, "2026-01-31")],
)
def test_what_is_no_value_of_the_type(type_: ValueType, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(type_, text)


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("USD", 2)])
def test_minor_units(currency: str, digits: int) -> None:
    assert minor_unit(currency) == digits
    assert to_minor(Decimal(12), currency) == 12 * 10**digits
    assert from_minor(1990, currency) == Decimal(1990).scaleb(-digits)


def test_no_amount_is_finer_than_the_smallest_unit() -> None:
    assert to_minor(Decimal("19.90"), "CNY") == 1990
    with pytest.raises(ValueError, match="finer"):
        to_minor(Decimal("19.905"), "CNY")
