"""The columns `inline` and `python` of the table have the same meaning."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators.codegen import FORMS, Ladder
from campaigner.compiler.operators.table import OPERATORS, Family, Operator
from campaigner.compiler.plan.calendar import WallClock

CLOCK = WallClock(datetime(2026, 1, 10, 2, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))

VALUES: dict[Family, tuple[Any, ...]] = {
    "boolean": (True, False),
    "number": (-(2**63), -1, 0, 1, 2**63 - 1, Decimal("0.0"), Decimal(1), Decimal("1.0000000001")),
    "money": (Decimal("-0.01"), Decimal("0.00"), Decimal(0), Decimal("19.90"), Decimal("19.9")),
    "date": (date(1, 1, 1), date(2024, 2, 29), date(2026, 1, 10)),
    "timestamp": (
        datetime(2026, 1, 10, tzinfo=UTC),
        datetime(2026, 1, 10, 8, tzinfo=ZoneInfo("Asia/Shanghai")),
        datetime(2026, 1, 10, 0, 0, 0, 1, tzinfo=UTC),
    ),
    "time": (time(0), time(10), time(10, 0, 1)),
    "text": ("", "a", "A", "ab", "上海", "é", "é"),
    "enum": ("mass", "private"),
    "any": (0, "", False, Decimal(0), date(2026, 1, 10)),
}

INLINED = [row for row in OPERATORS if row.inline is not None]


def run(row: Operator, operands: Sequence[Any]) -> Any:
    """The row's code over operands that stand in names."""
    assert row.inline is not None
    names = [f"v{number}" for number in range(len(operands))]
    code = row.inline.code([ast.Name(name, ast.Load()) for name in names])
    whole = ast.fix_missing_locations(ast.Expression(code))
    return eval(compile(whole, "inline", "eval"), dict(zip(names, operands, strict=True)))


def operands_of(row: Operator) -> list[tuple[Any, ...]]:
    """All combinations; with the unknown where the operator sees to it itself."""
    counts = [len(row.parameters)]
    if row.variadic:
        counts += [counts[0] + 1]
    found: list[tuple[Any, ...]] = []
    for count in counts:
        families = row.parameters + row.parameters[-1:] * (count - len(row.parameters))
        values = [VALUES[each] + ((None,) if row.unknown == "own" else ()) for each in families]
        found += product(*values)
    return found


@pytest.mark.parametrize("row", INLINED, ids=lambda row: f"{row.key}({', '.join(row.parameters)})")
def test_code_means_what_python_means(row: Operator) -> None:
    for operands in operands_of(row):
        if row.variadic and row.unknown == "own":
            # As conditions: `all` and `any` take the unknown as not holding.
            assert run(row, operands) is bool(row.python(CLOCK, *operands)), operands
        else:
            assert run(row, operands) is row.python(CLOCK, *operands), operands


@pytest.mark.parametrize("row", INLINED, ids=lambda row: f"{row.key}({', '.join(row.parameters)})")
def test_an_index_finds_what_python_says_holds(row: Operator) -> None:
    assert row.inline is not None
    index = row.inline.index
    if index is None:
        return
    constants = VALUES[row.parameters[1]]
    for value in VALUES[row.parameters[0]]:
        expected = [each for each in constants if row.python(CLOCK, value, each)]
        if index == "same":
            assert [each for each in constants if value in {each: True}] == expected
        else:
            assert found_by(index, value, constants) == sorted(expected)


def found_by(ladder: Ladder, value: Any, constants: Sequence[Any]) -> list[Any]:
    """The bounds that hold."""
    bounds = sorted(constants)
    bisect = bisect_left if ladder.side == "left" else bisect_right
    place = bisect(bounds, value)
    return bounds[:place] if ladder.hold == "before" else bounds[place:]


def test_every_form_belongs_to_a_row() -> None:
    assert set(FORMS) <= {row.python for row in OPERATORS}
    assert {row.python for row in INLINED} == set(FORMS)
