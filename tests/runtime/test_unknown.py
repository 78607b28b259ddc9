"""Unknown values: the table of meaning, row by row, through the reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.operators import table
from campaigner.compiler.operators.build import of
from campaigner.compiler.plan.calendar import WallClock
from campaigner.compiler.plan.expressions import Constant, EventValue, Expression, Operation
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
    ValueType,
)
from campaigner.compiler.plan.values import Value
from campaigner.runtime.decide.facts import evaluate, holds

from . import plans

SHANGHAI = ZoneInfo("Asia/Shanghai")


def number(value: int) -> Constant:
    return Constant(INTEGER, str(value))


@dataclass
class Told:
    """Facts with a given value for every event field."""

    fields: Mapping[str, Value | None] = field(default_factory=dict)
    clock: WallClock = field(
        default_factory=lambda: WallClock(datetime(2026, 3, 31, 2, tzinfo=UTC), SHANGHAI)
    )

    def event(self, name: str) -> Value | None:
        return self.fields[name]

    def feature(self, id_: str) -> Value | None:
        raise AssertionError(id_)

    row = stage = feature

    def audience(self, name: str) -> bool:
        raise AssertionError(name)


TYPES: dict[str, ValueType] = {
    "integer": INTEGER,
    "decimal": DECIMAL,
    "number": DECIMAL,
    "money": plans.CNY,
    "boolean": BOOLEAN,
    "text": TEXT,
    "any": TEXT,
    "enum": EnumType(("a", "b")),
    "date": DATE,
    "timestamp": TIMESTAMP,
    "time": TIME,
    "duration": DURATION,
}
SAMPLES: dict[str, Value] = {
    "integer": 1,
    "decimal": Decimal(1),
    "money": Decimal(1),
    "boolean": True,
    "text": "a",
    "enum": "a",
    "date": date(2026, 1, 1),
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
    "time": time(10),
}


@pytest.mark.parametrize("row", table.OPERATORS, ids=lambda row: f"{row.key}-{row.parameters}")
def test_an_unknown_operand_does_what_the_table_says(row: table.Operator) -> None:
    types = [TYPES[family] for family in row.parameters]
    for unknown in range(len(types)):
        arguments: list[Expression] = []
        fields: dict[str, Value | None] = {}
        for place, type_ in enumerate(types):
            if type_.kind == "duration":
                arguments.append(Constant(type_, "30 day"))
            else:
                arguments.append(EventValue(f"f{place}", type_, optional=True))
                fields[f"f{place}"] = None if place == unknown else SAMPLES[type_.kind]
        if types[unknown].kind == "duration":
            continue
        result = row.result(tuple(types))
        found = evaluate(Operation(row.key, tuple(arguments), result, True), Told(fields))
        if row.unknown == "false":
            assert found is False
        elif row.unknown == "unknown":
            assert found is None


def condition(known: int | None) -> tuple[Expression, Told]:
    """`risk_level >= 3` where the level is known, or not."""
    level = EventValue("risk_level", INTEGER, optional=True)
    return of("at_least", level, number(3)), Told({"risk_level": known})


def test_an_unknown_level_fails_and_its_denial_holds() -> None:
    at_least, told = condition(None)
    assert evaluate(at_least, told) is False
    assert evaluate(of("not", at_least), told) is True
    assert evaluate(of("is_known", EventValue("risk_level", INTEGER, True)), told) is False


def test_else_gives_a_value_to_the_unknown() -> None:
    level = EventValue("risk_level", INTEGER, optional=True)
    otherwise = of("at_least", of("else", level, number(5)), number(3))
    assert evaluate(otherwise, Told({"risk_level": None})) is True
    assert evaluate(otherwise, Told({"risk_level": 1})) is False


def test_a_boolean_that_is_unknown_is_no_condition() -> None:
    consent = EventValue("consent", BOOLEAN, optional=True)
    told = Told({"consent": None})
    assert evaluate(of("holds", consent), told) is False
    assert holds(of("or", of("holds", consent), of("is_known", consent)), told) is False
    assert not holds(consent, told)
    assert holds(None, told)


def test_division_by_zero_makes_a_comparison_false() -> None:
    rate = of("divide", number(1), EventValue("count", INTEGER, optional=False))
    assert evaluate(rate, Told({"count": 0})) is None
    assert evaluate(of("less", rate, number(5)), Told({"count": 0})) is False
