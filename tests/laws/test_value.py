"""Every number of `value` is that of a plain account of the same rows, on every engine."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from campaigner.compiler.behaviour.value import Bought
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.data import CANCELLED
from campaigner.runtime.value.value import Question, value
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from . import at_most
from .behaviour import Behaved, behaved
from .cases import Case, compile_case, to_json
from .runs import house

Sums = dict[str, Any]


def month_of(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date().replace(day=1)


def months_between(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def account(case: Case, plan: Plan, months: int) -> dict[tuple[date, str | None], Sums]:
    """Customers, months with a purchase, purchases and revenue by month, of each cohort."""
    zone, rows = ZoneInfo(plan.time_zone), case.rows(plan)
    found: dict[tuple[date, str | None], Sums] = defaultdict(
        lambda: {"customers": 0, "active": 0, "purchases": 0, "by_month": [Decimal(0)] * months}
    )
    for key, fields in rows.customers.items():
        orders = [
            one
            for one in rows.histories["order"].get(key, ())
            if one["at"] <= case.end and (one.get(CANCELLED) is None or one[CANCELLED] > case.end)
        ]
        if plan.customers.since:
            begun = fields["since"]
            orders = [one for one in orders if one["at"] >= begun]
            if begun > case.end:
                continue
        elif not orders:
            continue
        else:
            begun = min(one["at"] for one in orders)
        cohort = month_of(begun, zone)
        sums = found[cohort, fields["channel"]]
        sums["customers"] += 1
        active = set()
        for one in orders:
            number = months_between(cohort, month_of(one["at"], zone))
            if number < months:
                active.add(number)
                sums["purchases"] += 1
                sums["by_month"][number] += one["amount"] or 0
        sums["active"] += len(active)
    return found


def together(cells: list[Sums], months: int) -> Sums:
    return {
        **{name: sum(one[name] for one in cells) for name in ("customers", "active", "purchases")},
        "by_month": [sum((one["by_month"][n] for one in cells), Decimal(0)) for n in range(months)],
    }


def spent_by(case: Case, plan: Plan) -> dict[tuple[date, str], Decimal]:
    today = case.end.astimezone(ZoneInfo(plan.time_zone)).date()
    found: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for channel, day, amount in case.tables["costs"].rows:
        if day <= today:
            found[day.replace(day=1), channel] += amount
    return found


ASKED = (
    behaved(costs=True),
    st.integers(1, 4),
    st.sampled_from(("cohort", "channel")),
)


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@at_most(8)
@given(*ASKED)
def test_every_number_is_that_of_a_plain_account(engine, made: Behaved, months, by):
    hold(engine, made, months, by)


@pytest.mark.spark
@at_most(3)
@given(*ASKED)
def test_on_spark_every_number_is_that_of_a_plain_account(made: Behaved, months, by):
    hold("spark", made, months, by)


def hold(engine: str, made: Behaved, months, by):
    case = made.case
    note(to_json(case))
    plan = compile_case(case)
    schema = new_schema() if engine == "postgresql" else None
    asked = Question(Bought("order", "amount", case.end, "channel"), months, by)
    any_size = patch("campaigner.runtime.value.value.FEWEST", 1)
    with any_size, house(case, plan, schema, engine) as lived, lived.opened() as (warehouse, _):
        found = value(warehouse, plan, asked, None)
    cells, spent = account(case, plan, months), spent_by(case, plan)
    today = case.end.astimezone(ZoneInfo(plan.time_zone)).date()
    closed = {key for key in cells if months_between(key[0], today) >= months}
    if by == "cohort":
        groups = defaultdict(list)
        for key, one in cells.items():
            groups[key[0]].append(one)
        costs = {name: [a for (m, _), a in spent.items() if m == name] for name in groups}
        lines = {one.cohort: one for one in found.lines}
    else:
        groups = defaultdict(list)
        for key in closed:
            groups[key[1]].append(cells[key])
        counted = {month for month, _ in closed}
        costs = {
            name: [a for (m, c), a in spent.items() if c == name and m in counted]
            for name in {*groups, *(c for m, c in spent if m in counted)}
        }
        lines = {one.channel: one for one in found.lines}
    assert set(lines) == set(costs)
    assert found.open == sum(one["customers"] for key, one in cells.items() if key not in closed)
    for name, line in lines.items():
        sums = together(groups.get(name, []), months)
        assert line.customers == sums["customers"]
        assert line.active == sums["active"]
        assert line.purchases == sums["purchases"]
        assert line.revenue == sum(sums["by_month"], Decimal(0))
        total = sum(costs[name], Decimal(0)) if costs[name] else None
        assert line.costs == total
        if line.customers:
            assert line.ltv == line.revenue / line.customers
            if line.active and line.arpu is not None:
                assert abs(line.lifetime * line.arpu - line.ltv) < Decimal("1e-20")
        if line.why_no_cac is None:
            assert total is not None
            assert total > 0
            if line.why is None:
                so_far = np.cumsum([float(one) for one in sums["by_month"]])
                back = [n for n, one in enumerate(so_far, 1) if one >= float(total) - 1e-9]
                assert line.payback == (back[0] if back else None)
        if made.currency != "CNY":
            assert line.why_no_cac == "other_currency"
