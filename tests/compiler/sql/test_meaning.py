"""Every row of the table of meaning: engines say what Python says, over a grid of values."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.dialects.common import numbers
from campaigner.compiler.dialects.common.context import SqlContext
from campaigner.compiler.dialects.common.terms import Term
from campaigner.compiler.dialects.duckdb import DuckDB
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.operators import python_meaning, sql_meaning
from campaigner.compiler.operators.sql_column import sql_of
from campaigner.compiler.operators.table import OPERATORS, Family, Operator, find
from campaigner.compiler.plan import calendar
from campaigner.compiler.plan.expressions import CLOCKED, Constant, Expression, RowValue
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    ValueType,
)
from campaigner.compiler.plan.values import Length, Value, decode, encode
from campaigner.compiler.sql.columns import sized
from campaigner.compiler.sql.translate import Scope, condition, value
from sqlglot import exp

from ...warehouses import warehouse
from .plans import CNY, RETAIL, op

DUCKDB = DuckDB()
NEW_YORK = "America/New_York"


def instants(*texts: str) -> list[datetime | None]:
    return [None, *(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts)]


def numbers_of(*texts: str) -> list[Decimal | None]:
    return [None, *(Decimal(text) for text in texts)]


GRID: dict[str, Sequence[Value | None]] = {
    "integer": [None, 0, 1, -1, 2, 3, -7, 10, 2**31, 10**18, -(10**18) + 1, 2**63 - 1, -(2**63)],
    "decimal": numbers_of(
        *("0", "1", "0.5", "-0.5", "2.5", "3", "-7", "0.0000000001", "0.00005", "-0.000015"),
        *("0.0000100005", "123456789.0123456789", "999999999.9999999999", "1000000000.5"),
        *("999999999999999999.9999999999", "-999999999999999999.9999999999"),
    ),
    "money": numbers_of(
        *("0.00", "0.01", "-0.05", "19.90", "100.00", "33.33", "9999999999999999.99")
    ),
    "text": [None, "", "a", "A", "ab", "b a", "it's", "新客", "é", "%", "_"],
    "enum": [None, "new", "growing", "loyal"],
    "boolean": [None, True, False],
    "time": [None, time(0), time(10), time(23, 59, 59, 999999)],
    "date": [
        None,
        *(date(2023, 2, 28), date(2024, 2, 28), date(2024, 2, 29), date(2025, 2, 28)),
        *(date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 10, 31)),
        *(date(2026, 11, 1), date(2026, 12, 31), date(2000, 2, 29), date(1986, 5, 4)),
    ],
    "timestamp": instants(
        # New York: 02:30 is skipped on 8 March 2026, and 01:30 shown twice on 1 November.
        *("2026-03-08T06:59:59.999999", "2026-03-08T07:00:00", "2026-03-07T07:30:00"),
        *("2026-11-01T05:30:00", "2026-11-01T06:30:00", "2026-10-31T05:30:00"),
        *("2026-10-31T06:30:00", "2026-11-02T06:30:00", "2026-11-01T04:00:00"),
        *("2024-02-29T12:00:00", "2024-02-29T23:30:00", "2026-02-28T17:00:00"),
        *("2026-03-31T14:00:00", "2026-03-01T02:00:00", "2000-01-01T00:00:00"),
        *("1991-09-14T16:30:00", "1988-09-10T15:45:00"),
    ),
}
LENGTHS = [
    *(Length(1, "day"), Length(30, "day"), Length(2, "week"), Length(1, "month")),
    *(Length(6, "month"), Length(1, "year"), Length(24, "hour"), Length(90, "minute")),
    *(Length(365, "day"), Length(53, "week"), Length(11, "month"), Length(2, "year")),
]
NOWS = ["2026-03-09T07:30:00", "2026-11-02T06:30:00", "2026-02-28T17:30:00", "2024-02-29T12:00:00"]
ZONES = [NEW_YORK, "Asia/Shanghai", "Australia/Lord_Howe"]
TYPES: dict[str, tuple[ValueType, ...]] = {
    "integer": (INTEGER,),
    "decimal": (DECIMAL,),
    "number": (INTEGER, DECIMAL),
    "money": (CNY,),
    "duration": (DURATION,),
    "date": (DATE,),
    "timestamp": (TIMESTAMP,),
    "time": (TIME,),
    "boolean": (BOOLEAN,),
    "text": (TEXT,),
    "enum": (RETAIL,),
    "any": (TEXT, INTEGER, DATE),
}


def name_of(row: Operator) -> str:
    return f"{row.key}({', '.join(row.parameters)})"


def clock_at(now: str, zone: str) -> calendar.WallClock:
    return calendar.WallClock(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))


# --- the two sides ------------------------------------------------------------------------------


def python(
    row: Operator, clock: calendar.WallClock, values: Sequence[Value | None]
) -> Value | None:
    """The result of the reference interpreter for a row of the table."""
    if row.unknown != "own" and any(one is None for one in values):
        return False if row.unknown == "false" else None
    result: Value | None = row.python(clock, *values)
    return result


def column(index: int, type_: ValueType) -> RowValue:
    return RowValue(f"c{index}", type_, optional=True)


def ask(
    expressions: Sequence[Expression],
    types: Sequence[ValueType],
    rows: Sequence[Sequence[Value | None]],
    clock: calendar.WallClock,
    engine: str,
) -> list[tuple[Any, ...]]:
    """The results of an engine for expressions over columns `c0`, `c1`, …, row by row."""
    dialect, house = dialect_of(engine), warehouse(engine)
    house.clear()
    kinds = {f"c{index}": type_.kind for index, type_ in enumerate(types)}
    every = [[number, *map(naive, row)] for number, row in enumerate(rows)]
    house.table("grid", {"n": "integer", **kinds}, every)
    now = dialect.timestamp(clock.now)
    today = dialect.date_of(dialect.clock(str(clock.zone), now.copy()))
    terms: dict[tuple[str, str], Term] = {
        ("row", name): sized(dialect.read(exp.column(name), type_), type_, optional=True)
        for name, type_ in zip(kinds, types, strict=True)
    }
    scope = Scope(SqlContext(dialect, str(clock.zone), now, today), terms)
    written: list[exp.Expr] = []
    made: list[ValueType] = []
    for expression in expressions:
        written.append(value(expression, scope).expression)
        made.append(expression.type)
        if expression.type == BOOLEAN:
            written.append(condition(expression, scope))
            made.append(BOOLEAN)
    select = exp.select("n", *written).from_("grid").order_by("n")
    for name, table in dialect.prelude([select]):
        select = select.with_(name, as_=table)
    return [
        tuple(house.value(cell, type_) for cell, type_ in zip(row[1:], made, strict=True))
        for row in house.ask(select.sql(dialect.sqlglot))[1]
    ]


def naive(one: Value | None) -> Any:
    return one.replace(tzinfo=None) if isinstance(one, datetime) else one


def check(
    row: Operator,
    types: Sequence[ValueType],
    rows: Sequence[Sequence[Value | None]],
    clock: calendar.WallClock,
    engine: str,
    constants: Sequence[tuple[Constant, ...]] = ((),),
) -> None:
    """The row over columns of these types, followed by each of the lots of constants."""
    columns = [column(index, type_) for index, type_ in enumerate(types)]
    expressions = [op(row.key, *columns, *lot) for lot in constants]
    width = 2 if expressions[0].type == BOOLEAN else 1
    for values, answer in zip(rows, ask(expressions, types, rows, clock, engine), strict=True):
        for index, lot in enumerate(constants):
            known = [decode(one.type, one.value) for one in lot]
            expected = python(row, clock, [*values, *known])
            found = answer[index * width : (index + 1) * width]
            assert found[0] == naive(expected), (name_of(row), values, known, clock)
            assert bool(found[-1]) == bool(expected), (name_of(row), values, known)


def of_row(row: Operator) -> Iterator[tuple[ValueType, ...]]:
    """The operand types that a row is for, where it is the first to take them."""
    parameters: tuple[Family, ...] = row.parameters + row.parameters[-1:] * row.variadic
    for types in itertools.product(*(TYPES[parameter] for parameter in parameters)):
        if find(row.key, types) is row:
            yield types


def grid(types: Sequence[ValueType]) -> list[tuple[Value | None, ...]]:
    """All combinations of values; of three operands, every seventh."""
    every = list(itertools.product(*(GRID[type_.kind] for type_ in types)))
    return every if len(every) < 400 else every[:: len(every) // 300]


LITERAL = ("folded", "arm")
"""Rows that read some operands as literals: they have tests of their own."""

# --- the tests ----------------------------------------------------------------------------------


def test_no_cell_of_the_table_is_empty() -> None:
    for row in OPERATORS:
        assert callable(row.python), name_of(row)
        assert callable(sql_of(row)), name_of(row)
        assert callable(row.result), name_of(row)
        assert row.parameters, name_of(row)
        assert row.unknown in ("false", "unknown", "own"), name_of(row)
        assert any(of_row(row)), f"{name_of(row)} can never be the one that counts"


@pytest.mark.parametrize(
    "row",
    [row for row in OPERATORS if "duration" not in row.parameters and row.key not in LITERAL],
    ids=name_of,
)
def test_engines_say_what_python_says(row: Operator, engine: str) -> None:
    for types in of_row(row):
        check(row, types, grid(types), clock_at(NOWS[0], NEW_YORK), engine)


def test_engines_say_which_arm(engine: str) -> None:
    """A key is always known, and all else are constants."""
    row = find("arm", (TEXT, TEXT, TEXT, RETAIL, RETAIL))
    assert row is not None
    ends = [("80000000,zzzzzzzz", 2), ("0a3d70a3,99999999,zzzzzzzz", 3), ("zzzzzzzz", 1)]
    arms = [Constant(RETAIL, name) for name in ("new", "growing", "loyal")]
    lots = [
        (Constant(TEXT, name), Constant(TEXT, upto), *arms[:count])
        for name in ("spring", "a/b")
        for upto, count in ends
    ]
    keys = [(str(number),) for number in range(200)] + [(one,) for one in GRID["text"] if one]
    check(row, (TEXT,), keys, clock_at(NOWS[0], NEW_YORK), engine, lots)


@pytest.mark.parametrize(
    "row", [row for row in OPERATORS if "duration" in row.parameters], ids=name_of
)
@pytest.mark.parametrize("zone", ZONES)
def test_durations_on_the_clock_of_a_zone(row: Operator, zone: str, engine: str) -> None:
    for types in of_row(row):
        moments = [(one,) for one in GRID[types[0].kind]]
        for now in NOWS if row.key in CLOCKED else NOWS[:1]:
            lots = [(Constant(DURATION, encode(length)),) for length in LENGTHS]
            check(row, types[:1], moments, clock_at(now, zone), engine, lots)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("now", NOWS)
def test_dates_depend_on_now_and_the_zone(zone: str, now: str, engine: str) -> None:
    for key in ("date_of", "days_since", "days_until", "anniversary_today"):
        for type_ in (DATE, TIMESTAMP):
            row = find(key, (type_,))
            if row is not None:
                moments = [(one,) for one in GRID[type_.kind]]
                check(row, (type_,), moments, clock_at(now, zone), engine)


CONSTANTS = ["1", "-1", "2", "3", "7", "8", "100", "-40", "0.5", "0.05", "1.5", "0.0000000003"]


@pytest.mark.parametrize("key", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize("type_", [INTEGER, DECIMAL, CNY], ids=lambda type_: type_.kind)
def test_arithmetic_with_a_constant(key: str, type_: ValueType, engine: str) -> None:
    rows = [(one,) for one in GRID[type_.kind]]
    for text in CONSTANTS:
        number = Decimal(text) if "." in text or type_ == CNY else int(text)
        kind: ValueType = DECIMAL if isinstance(number, Decimal) else INTEGER
        if type_ == CNY and key in ("add", "subtract"):
            kind = CNY
        row = find(key, (type_, kind))
        assert row is not None
        constant = Constant(kind, encode(number))
        check(row, (type_,), rows, clock_at(NOWS[0], "UTC"), engine, [(constant,)])


def test_constants_among_themselves(engine: str) -> None:
    clock = clock_at(NOWS[0], "UTC")
    values: list[Any] = [2_000_000_000, 9_000_000_000_000_000_000, -3, Decimal("0.1"), Decimal(7)]
    for left, right in itertools.product(values, repeat=2):
        types = tuple(DECIMAL if isinstance(one, Decimal) else INTEGER for one in (left, right))
        for key in ("add", "subtract", "multiply", "divide"):
            row = find(key, types)
            assert row is not None
            constants = [
                Constant(type_, encode(one))
                for type_, one in zip(types, (left, right), strict=True)
            ]
            (answer,) = ask([op(key, *constants)], [INTEGER], [[1]], clock, engine)
            assert answer[0] == python(row, clock, [left, right]), (key, left, right)


def test_nested_arithmetic_is_exact_at_every_step(engine: str) -> None:
    """`a * b / c - a`, rounded after each operation as the meaning has it."""
    clock = clock_at(NOWS[0], "UTC")
    types = (DECIMAL, CNY, INTEGER)
    rows = grid(types)
    a, b, c = (column(index, type_) for index, type_ in enumerate(types))
    nested = op("divide", op("divide", op("multiply", a, b), c), op("add", a, c))
    for values, (answer,) in zip(rows, ask([nested], types, rows, clock, engine), strict=True):
        assert answer == _nested(clock, *values), values


def _nested(clock: calendar.WallClock, a: Any, b: Any, c: Any) -> Any:
    if a is None or b is None or c is None:
        return None
    product, total = python_meaning.multiply(clock, a, b), python_meaning.add(clock, a, c)
    share = None if product is None else python_meaning.divide(clock, product, c)
    return None if share is None or total is None else python_meaning.divide(clock, share, total)


def test_what_cannot_overflow_is_written_plainly() -> None:
    context = SqlContext(DUCKDB, "UTC", exp.column("now"), exp.column("today"))
    money = sized(exp.column("amount"), CNY, optional=False)
    rate = numbers.constant(DUCKDB, Decimal("0.05"))
    assert numbers.multiply(context, money, rate).expression.sql("duckdb") == "amount * 0.05"
    assert numbers.divide(context, money, numbers.constant(DUCKDB, 100)).expression.sql(
        "duckdb"
    ) == ("amount * 0.01")
    text = sql_meaning.equal(context, money, numbers.constant(DUCKDB, Decimal("60.00")))
    assert text.expression.sql("duckdb") == "amount = 60.00"
