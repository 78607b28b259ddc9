"""Peculiarities of Spark: dropped digits, limits of nesting, and escapes in texts."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from campaigner.compiler.codes import sql
from campaigner.compiler.operators.table import OPERATORS, Operator, find
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.expressions import Expression
from campaigner.compiler.plan.types import DATE, DECIMAL
from campaigner.compiler.sql.campaign import decisions
from campaigner.dsl.diagnostics.diagnostic import CannotRun

from ...warehouses import warehouse
from .asking import asked, january, keys
from .plans import campaign, coffee, customer, event, give, is_, on_order, op, plan
from .shop import ANN, Shop, order
from .test_meaning import NOWS, ask, check, clock_at, column, grid, name_of, of_row

pytestmark = pytest.mark.spark

UTC = clock_at(NOWS[0], "UTC")
EDGES = [
    Decimal(text)
    for text in (
        *("1.0000000000", "3.0000000000", "0.3333333333", "333333333333333333.3333333333"),
        *("999999999999999999.9999999999", "0.9999999999", "1.0000000001", "0.0000000001"),
        *("999999999.9999999999", "1000000000.0000000001", "-1000000000.0000000000"),
        *("0.5000000000", "0.0000000005", "-0.0000000015", "99999999999999999.9999999995"),
    )
]


@pytest.mark.parametrize("key", ["multiply", "divide", "add", "subtract"])
def test_decimals_at_their_edges(key: str) -> None:
    row = find(key, (DECIMAL, DECIMAL))
    assert row is not None
    rows = [(left, right) for left in EDGES for right in EDGES]
    check(row, (DECIMAL, DECIMAL), rows, UTC, "spark")


def test_a_long_sum_keeps_every_digit() -> None:
    nested: Expression = column(0, DECIMAL)
    for _ in range(14):
        nested = op("add", nested, op("days_since", column(1, DATE)))
    rows = [[Decimal("0.1234567891"), date(2026, 3, 8)]]
    assert ask([nested], [DECIMAL, DATE], rows, UTC, "spark") == [(Decimal("14.1234567891"),)]


@pytest.fixture
def lenient() -> Iterator[None]:
    """Spark as it was before ANSI mode: what overflows is NULL, or begins again from below."""
    house = warehouse("spark")
    house.set("spark.sql.ansi.enabled", "false")
    yield
    house.set("spark.sql.ansi.enabled", "true")


ARITHMETIC = ("add", "subtract", "multiply", "divide", "negate")


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize("row", [one for one in OPERATORS if one.key in ARITHMETIC], ids=name_of)
def test_numbers_mean_the_same_without_ansi_mode(row: Operator) -> None:
    for types in of_row(row):
        if "duration" not in row.parameters:
            check(row, types, grid(types), UTC, "spark")


@pytest.mark.parametrize("written", ["${spark.sql.session.timeZone}", "$${a} ${", "a$", "${{x}}"])
def test_a_setting_in_a_text_stays_the_authors(written: str) -> None:
    gift = plan(campaign(on_order(op("equal", event("product"), is_(written))), give(coffee())))
    orders = [
        order("o1", "ann", "2026-01-01T10:00+08:00", product=written),
        order("o2", "ann", "2026-01-01T10:00+08:00", product="UTC"),
    ]
    assert keys(asked(gift, Shop([ANN], orders), january(gift), engine="spark")) == ["o1"]


def _nested(key: str, depth: int, *, first: bool) -> Plan:
    nested, quantity = event("quantity"), event("quantity")
    for level in range(depth):
        other = op("add", customer("age"), is_(level)) if key == "least" else quantity
        nested = op(key, *((nested, other) if first else (other, nested)))
    return plan(campaign(on_order(op("greater", nested, is_(0))), give(coffee())))


@pytest.mark.parametrize(
    ("key", "first", "depth"),
    [("least", False, 16), ("divide", True, 15), ("divide", False, 15), ("multiply", True, 59)],
)
def test_what_is_not_refused_as_too_deep_is_read(key: str, first: bool, depth: int) -> None:
    shop = Shop([ANN], [order("o1", "ann", "2026-01-01T10:00+08:00", quantity=1)])
    read = _nested(key, depth, first=first)
    assert keys(asked(read, shop, january(read), engine="spark")) == ["o1"]
    refused = _nested(key, 4 * depth, first=first)
    with pytest.raises(CannotRun) as told:
        decisions(refused, "gift", january(refused), "spark")
    assert told.value.diagnostic.code == sql.TOO_DEEP_FOR_DIALECT
    assert told.value.diagnostic.place is not None
