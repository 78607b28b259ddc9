"""Proofs from ranges, checked against every value in the ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.check.certain import certain_comparisons
from campaigner.compiler.compile import Compiled
from campaigner.compiler.plan.all_expressions import Written, columns_of_plan
from campaigner.compiler.plan.calendar import WallClock
from campaigner.compiler.plan.expressions import Expression
from campaigner.compiler.plan.values import Value
from campaigner.compiler.proofs.intervals import Intervals
from campaigner.compiler.proofs.outcomes import Outcomes
from campaigner.runtime.decide.facts import evaluate
from hypothesis import given
from hypothesis import strategies as st

from ..laws import at_most
from ..projects import codes, compile_folder, write

ZERO = WallClock(datetime(2026, 1, 1, tzinfo=UTC), None)  # type: ignore[arg-type]  # no clock is read
SETTINGS = """[project]
name = "proofs"
language = 1
time_zone = "UTC"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""


def compiled(fields: Mapping[str, str], conditions: list[str]) -> Compiled:
    """A project with these fields of customers, and an audience for each condition."""
    listed = "".join(f"    {name}: {{{entry}}}\n" for name, entry in fields.items())
    audiences = "".join(f"audience a{n} {one}\n" for n, one in enumerate(conditions))
    with TemporaryDirectory() as folder:
        files = {
            "campaigner.toml": SETTINGS,
            "catalog.yaml": f"customer:\n  table: c\n  key: k\n  fields:\n{listed}",
            "x.campaign": audiences,
        }
        return compile_folder(write(Path(folder), files))


class Customer:
    """A customer's row as `facts.evaluate` asks for it; nothing else is in these conditions."""

    clock = ZERO

    def __init__(self, row: Mapping[str, Value | None]) -> None:
        self._row = row

    def feature(self, id_: str) -> Value | None:
        return self._row[id_.removeprefix("customer.")]


def truth(condition: Expression, row: Mapping[str, Value | None]) -> Value | None:
    return evaluate(condition, Customer(row))  # type: ignore[arg-type]  # the rest is not asked


# --- one field ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A field's entry in the catalog, every value that it lets in, and literals around them."""

    entry: str
    values: tuple[Value, ...]
    literals: tuple[str, ...]


START = date(2026, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(-2, 8)]
CENTS = [Decimal(n) / 100 for n in range(-2, 8)]
KINDS = (
    Kind(
        "type: integer, range: [0, 5]",
        tuple(range(6)),
        (*(str(n) for n in range(-2, 8)), "2.5", "-0.5", "5.5"),
    ),
    Kind(
        "type: money, currency: CNY, range: [0, 0.05]",
        tuple(CENTS[2:8]),
        tuple(f"{one} CNY" for one in CENTS),
    ),
    Kind(
        "type: date, range: [2026-01-01, 2026-01-06]",
        tuple(DAYS[2:8]),
        tuple(one.isoformat() for one in DAYS),
    ),
    Kind(
        "type: decimal, range: [0, 0.0000000005]",
        tuple(Decimal(n).scaleb(-10) for n in range(6)),
        tuple(format(Decimal(n).scaleb(-10), "f") for n in range(-2, 8)),
    ),
)


@st.composite
def conditions(draw: st.DrawFn, kind: Kind, depth: int = 2) -> str:
    literal = st.sampled_from(kind.literals)
    if depth and draw(st.booleans()):
        inner = conditions(kind, depth - 1)
        match draw(st.sampled_from(("and", "or", "not"))):
            case "not":
                return f"not ({draw(inner)})"
            case joint:
                return f"({draw(inner)}) {joint} ({draw(inner)})"
    form = draw(st.sampled_from(("compare", "mirrored", "between", "in", "not in", "known")))
    sign = draw(st.sampled_from(("=", "!=", "<", "<=", ">", ">=")))
    match form:
        case "compare":
            return f"x {sign} {draw(literal)}"
        case "mirrored":
            return f"{draw(literal)} {sign} x"
        case "between":
            return f"x between {draw(literal)} and {draw(literal)}"
        case "known":
            return draw(st.sampled_from(("x is known", "x is unknown")))
        case _:
            return f"x {form} ({', '.join(draw(st.lists(literal, min_size=1, max_size=6)))})"


@at_most(20)
@given(data=st.data())
def test_it_is_impossible_exactly_if_no_value_of_the_range_satisfies_it(
    data: st.DataObject,
) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    optional = data.draw(st.booleans())
    texts = data.draw(st.lists(conditions(kind), min_size=8, max_size=8))
    entry = f"{kind.entry}{', optional: true' if optional else ''}"
    # A negation of an unknown value is refused, unless `is known` guards it.
    guarded = [f"x is known and ({text})" if optional else text for text in texts]
    for text, condition, outcomes in proofs({"x": entry}, guarded):
        rows = [{"x": value} for value in (*kind.values, *([None] if optional else []))]
        found = [truth(condition, row) for row in rows]
        outcome = outcomes.of(condition, Written(condition, "audience"))
        assert (outcome.true is None) is (True not in found), text
        assert (outcome.false is None) is (False not in found), text


def proofs(
    fields: Mapping[str, str], texts: list[str]
) -> Iterator[tuple[str, Expression, Outcomes]]:
    """Each condition that compiles, typed, and what is proved of it."""
    made = compiled(fields, texts)
    if made.plan is None:
        # A denial that is refused says nothing of the others: each is tried by itself.
        for text in texts if len(texts) > 1 else ():
            yield from proofs(fields, [text])
        return
    outcomes = Outcomes(Intervals(columns_of_plan(made.plan)), {})
    by_name = {one.name: one.condition for one in made.plan.audiences}
    for number, text in enumerate(texts):
        yield text, by_name[f"a{number}"], outcomes


# --- arithmetic over several --------------------------------------------------------------------

WHOLE = st.integers(-3, 4).map(str)
FIELDS = {"x": "type: integer, range: [-1, 3]", "y": "type: integer, range: [1, 4]"}
ROWS = [{"x": x, "y": y} for x, y in product(range(-1, 4), range(1, 5))]


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(("x", "y", "y", draw(WHOLE))))
    inner = values(depth - 1)
    form = draw(st.sampled_from(("+", "-", "*", "/ y", "min", "max", "-()")))
    match form:
        case "min" | "max":
            return f"{form}({draw(inner)}, {draw(inner)})"
        case "/ y":
            return f"({draw(inner)} / y)"
        case "-()":
            return f"(-({draw(inner)}))"
        case sign:
            return f"({draw(inner)} {sign} {draw(inner)})"


@at_most(20)
@given(data=st.data())
def test_what_is_impossible_never_happens(data: st.DataObject) -> None:
    signs = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
    text = st.tuples(values(), signs, st.integers(-20, 20).map(str) | values()).map(" ".join)
    texts = data.draw(st.lists(text, min_size=8, max_size=8))
    for said, condition, outcomes in proofs(FIELDS, texts):
        found = [truth(condition, row) for row in ROWS]
        outcome = outcomes.of(condition, Written(condition, "audience"))
        assert outcome.true is not None or True not in found, said
        assert outcome.false is not None or False not in found, said


# --- warnings -----------------------------------------------------------------------------------

AGE = {"age": "type: integer, range: [0, 120]", "city": "type: text"}


@pytest.mark.parametrize(
    ("condition", "code", "marked"),
    [
        ('city = "x" and age > 200', "W310", "age > 200"),
        ("age between 121 and 130", "W310", "age between 121 and 130"),
        ("age in (121, -1)", "W310", "age in (121, -1)"),
        ('not age > 120 and city = "x"', "W310", "age > 120"),
        ("age * 2 > 240", "W310", "age * 2 > 240"),
        ("age = 1.5", "W310", "age = 1.5"),
        ("age < 500", "W313", "age < 500"),
        ("age not in (121, 130)", "W313", "age not in (121, 130)"),
        ("age < 50 or age >= 50", "W313", "age < 50 or age >= 50"),
        ("age * 1_000_000 < 200_000_000", "W313", "age * 1_000_000 < 200_000_000"),
        ("age > 50 and age < 20", "W309", "age > 50 and age < 20"),
        ("age between 50 and 20", "W309", "age between 50 and 20"),
    ],
)
def test_the_warning_marks_the_comparison_and_the_range(
    condition: str, code: str, marked: str
) -> None:
    made = compiled(AGE, [condition])
    (found,) = made.diagnostics
    assert (found.code.id, dict(found.values)["text"]) == (code, marked)
    assert found.place is not None
    assert found.place.column == len("audience a0 ") + condition.index(marked) + 1
    declared = [(label.place.file, label.place.line) for label in found.labels]
    assert declared == ([] if code == "W309" else [("catalog.yaml", 5)])


@pytest.mark.parametrize(
    "condition",
    ["age >= 18", "age != 3", "age between 0 and 100", "age in (1, 130)", 'city = "x" or age > 5'],
)
def test_what_may_go_either_way_is_silent(condition: str) -> None:
    assert compiled(AGE, [condition]).diagnostics == ()


def test_one_that_holds_for_every_known_value_says_so() -> None:
    made = compiled({"age": "type: integer, range: [0, 120], optional: true"}, ["age < 500"])
    (found,) = made.diagnostics
    assert found.message() == "`age < 500` holds for every known value: `age` is 0 to 120"
    assert found.message("zh") == "`age < 500` 对所有已知的值都成立：`age` 为 0 至 120"


def test_an_audience_that_nobody_can_be_in_is_reported_once() -> None:
    made = compiled(AGE, ["age > 200", 'a0 and city = "x"', "not a0"])
    assert codes(made) == ["W310"]


def test_compliance_may_demand_what_always_holds(tmp_path: Path) -> None:
    policy = "policy adults { require age >= 0 }\n"
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": "customer:\n  table: c\n  key: k\n  fields:\n"
        "    age: {type: integer, range: [0, 120]}\n",
        "x.campaign": policy + "lifecycle l by score age { stage low from 0  stage high from 9 }\n",
    }
    assert compile_folder(write(tmp_path, files)).diagnostics == ()


# --- what a quotient needs ----------------------------------------------------------------------


@at_most(20)
@given(low=st.integers(-3, 3), high=st.integers(-3, 3))
def test_a_denied_quotient_is_known_exactly_if_the_range_leaves_out_zero(
    low: int, high: int
) -> None:
    low, high = min(low, high), max(low, high)
    fields = {"x": "type: integer", "y": f"type: integer, range: [{low}, {high}]"}
    refused = "E306" in codes(compiled(fields, ["not x / y > 10"]))
    assert refused is (low <= 0 <= high)


def test_a_list_of_thousands_is_read_in_no_time() -> None:
    numbers = ", ".join(str(n) for n in range(0, 6_000, 2))
    made = compiled({"x": "type: integer, range: [0, 50]"}, [f"x in ({numbers}) and x = 3"])
    assert made.plan is not None
    assert [one.code.id for one in certain_comparisons(made.plan)] == ["W309"]
