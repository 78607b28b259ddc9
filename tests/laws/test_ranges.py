"""A value outside of its field's range is left out by every way in, and no other is."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.plan import Column, Plan
from campaigner.compiler.plan.types import DATE, DECIMAL, INTEGER, ValueType
from campaigner.compiler.plan.values import encode
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.warehouse.bad_rows import sound
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from ..runtime import plans
from ..runtime.houses import new_house
from . import at_most

Number = int | Decimal | date
START = date(2026, 1, 1)


@dataclass(frozen=True)
class Case:
    """A field with a range, the SQL type of its column, and values that lie around the ends."""

    field: Column
    low: Number | None
    high: Number | None
    stored: str
    values: tuple[Number, ...]

    def lets_in(self, value: Number) -> bool:
        above = self.low is None or self.low <= value  # type: ignore[operator]
        return above and (self.high is None or value <= self.high)  # type: ignore[operator]


def grid(type_: ValueType) -> st.SearchStrategy[Number]:
    """Few values, so that they often fall on an end."""
    if type_ == INTEGER:
        return st.integers(-3, 3)
    if type_ == DATE:
        return st.integers(-3, 3).map(lambda days: START + timedelta(days=days))
    return st.integers(-30, 30).map(lambda tenths: Decimal(tenths) / 10)


STORED = {
    "integer": ("INTEGER", "TEXT", "DOUBLE PRECISION", "DECIMAL(20, 2)"),
    "decimal": ("DECIMAL(20, 4)", "TEXT", "DOUBLE PRECISION", "REAL"),
    "money": ("DECIMAL(20, 2)", "TEXT", "DOUBLE PRECISION"),
    "date": ("DATE",),
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    type_ = draw(st.sampled_from((INTEGER, DECIMAL, plans.CNY, DATE)))
    numbers = grid(type_)
    ends = draw(st.lists(st.none() | numbers, min_size=2, max_size=2))
    known = sorted(one for one in ends if one is not None)  # type: ignore[type-var]
    low, high = known if len(known) == 2 else ends
    field = replace(
        plans.column("v", type_),
        minimum=None if low is None else encode(low),
        maximum=None if high is None else encode(high),
    )
    stored = draw(st.sampled_from(STORED[type_.kind]))
    return Case(field, low, high, stored, tuple(draw(st.lists(numbers, min_size=1, max_size=8))))


def with_field(case: Case) -> Plan:
    """Customers who have the field, and an event that has it."""
    made = plans.plan([])
    customers = replace(made.customers, fields=(case.field,))
    return replace(made, customers=customers, events=(replace(plans.INVEST, fields=(case.field,)),))


@at_most(70)
@given(case=cases())
def test_a_line_of_an_event_is_refused_exactly_if_its_value_is_outside(case: Case) -> None:
    lines = Lines(with_field(case), "events.jsonl")
    for value in case.values:
        entries = {"event": "invest", "key": "i1", "customer": "ann", "at": "2026-01-10T10:00Z"}
        content = json.dumps({**entries, "fields": {"v": encode(value)}}).encode()
        found = lines.read(Line(7, content))
        assert isinstance(found, Diagnostic) is not case.lets_in(value)
        if isinstance(found, Diagnostic):
            assert "`v` is outside of its range, " in found.message()


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@at_most(6)
@given(case=cases())
def test_a_row_is_left_out_exactly_if_its_value_is_outside(engine: str, case: Case) -> None:
    with TemporaryDirectory() as folder:
        house = new_house(Path(folder), new_schema() if engine == "postgresql" else None)
        rows = ", ".join(f"('c{n}', '{encode(one)}')" for n, one in enumerate(case.values))
        house.fill(
            f"CREATE OR REPLACE TABLE customers (customer_id TEXT, v {case.stored})",
            f"INSERT INTO customers VALUES {rows}",
        )
        with open_warehouse(house.url(), house.folder) as warehouse:
            found = sound(warehouse, with_field(case), [], Decimal(1))
    outside = [f"c{n}" for n, one in enumerate(case.values) if not case.lets_in(one)]
    assert [one.count for one in found.left_out] == ([len(outside)] if outside else [])
    named = [dict(one.values)["key"] for one in found.warnings if one.code.id == "W704"]
    assert named == outside
