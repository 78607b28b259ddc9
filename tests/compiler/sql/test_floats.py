"""Binary floats: every engine reads the shortest decimal that names one, rounded half up."""

import struct
from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.plan.types import DECIMAL, DECIMAL_SCALE, MoneyType, minor_unit
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from ...laws import at_most
from ...warehouses import EXECUTED, ON_REQUEST, warehouse

TYPES = (MoneyType("CNY"), MoneyType("JPY"), DECIMAL)
# Past these a float does not hold every whole number, and engines break ties in their own ways.
DOUBLES = st.floats(-(2.0**53), 2.0**53, allow_subnormal=False) | st.decimals(
    -1000, 1000, places=3
).map(float)
REALS = st.integers(-999_999, 999_999).flatmap(
    lambda digits: st.integers(-9, 1).map(lambda power: _in_32_bits(float(f"{digits}e{power}")))
)
"""Numbers of six digits, which a 32-bit float always holds, below and above 2^24."""


def shortest(value: float) -> Decimal:
    """The shortest decimal that names a float of 32 bits."""
    written = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next(Decimal(one) for one in written if _in_32_bits(float(one)) == value)


def _in_32_bits(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


def hold(name, kind, values, named):
    house, dialect = warehouse(name), dialect_of(name)
    house.clear()
    house.table("t", {"n": "integer", "x": kind}, list(enumerate(values)))
    for type_ in TYPES:
        scale = minor_unit(type_.currency) if isinstance(type_, MoneyType) else DECIMAL_SCALE
        column = exp.column("x", quoted=True)
        select = exp.select(dialect.read(column, type_)).from_(exp.table_("t", quoted=True))
        select = dialect.finished(select.order_by(exp.column("n", quoted=True)))
        _, rows = house.ask(select.sql(dialect.sqlglot))
        expected = [
            named(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=60))
            for value in values
        ]
        assert [house.value(cell, type_) for (cell,) in rows] == expected


@pytest.mark.parametrize("name", [*EXECUTED, *ON_REQUEST])
@at_most(8)
@given(values=st.lists(DOUBLES, min_size=1))
@example([1.005, 0.145, 0.285, -1.005, 123456789.123, 1e-7, 5e-11, 4e-11, 0.1 + 0.2, 2.5e-9])
def test_a_double_is_the_shortest_decimal_that_names_it(name, values):
    hold(name, "double", values, lambda value: Decimal(str(value)))


@pytest.mark.parametrize("name", [*EXECUTED, *ON_REQUEST])
@at_most(8)
@given(values=st.lists(REALS, min_size=1))
@example([_in_32_bits(one) for one in (1.005, 0.145, 0.285, -1.005, 16777216.0, 1e-7, 5e-11)])
def test_a_real_is_the_shortest_decimal_that_names_it(name, values):
    # SQLite keeps every float in 64 bits, and GoogleSQL's engine here too.
    named = shortest if name not in ("sqlite", "bigquery") else lambda value: Decimal(str(value))
    hold(name, "real", values, named)
