"""A condition and its denial share all customers out, whatever overflows, on every engine."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

from . import at_most
from .cases import Case, Table, compile_case
from .engines import DECIDERS, ENGINES, public_rows, reference

SETTINGS = """\
[project]
name = "laws"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """\
customer:
  table: customers
  key: customer_id
  fields:
    points: {type: integer}
    more: {type: integer}
    aum: {type: money, currency: CNY}
    rate: {type: decimal}
events:
  bet:
    table: bets
    key: bet_id
    customer: customer_id
    at: at
    fields:
      stake: {type: integer}
      amount: {type: money, currency: CNY}
"""
NUMBERS = (0, 1, -1, 7, 5_000_001, 10**13, 2**62, 2**63 - 1, -(2**63), -(2**62))
MONEYS = tuple(map(Decimal, ("0.00", "0.01", "-3.00", "99999999999999999.99", "-5e16", "5e16")))
RATES = tuple(map(Decimal, ("0", "0.0000000001", "-2.5", "1", "999999999999999999", "1e9")))
WHOLE = ("points", "more", "sum(bet.stake)", "count(bet)", "3", "1_000_000")
MONEY = ("aum", "sum(bet.amount)", "0.01 CNY", "900_000_000_000_000_000 CNY")
SIGNS = (">", ">=", "<", "<=", "=")


def _whole(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.sampled_from(WHOLE)
    inner = _whole(depth - 1)
    return st.one_of(
        inner,
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda part: f"({' '.join(part)})"),
        inner.map(lambda part: f"(-{part})"),
        st.tuples(inner, inner).map(lambda part: f"min({part[0]}, {part[1]})"),
    )


def _money(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.sampled_from(MONEY)
    inner, numbers = _money(depth - 1), st.one_of(_whole(0), st.just("rate"))
    return st.one_of(
        inner,
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda part: f"({' '.join(part)})"),
        st.tuples(inner, numbers).map(lambda part: f"({part[0]} * {part[1]})"),
        inner.map(lambda part: f"({part} / 0.0000000001)"),
    )


CONDITIONS = st.one_of(
    st.tuples(_whole(2), st.sampled_from(SIGNS), _whole(1)),
    st.tuples(_money(2), st.sampled_from(SIGNS), _money(1)),
).map(" ".join)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Table]:
    customers = tuple(
        (name, *(draw(st.sampled_from(values)) for values in (NUMBERS, NUMBERS, MONEYS, RATES)))
        for name in ("ann", "bob", "cem")
    )
    whose, at = st.sampled_from(("ann", "ann", "bob")), datetime(2024, 5, 1)
    bets = tuple(
        (f"b{turn}", draw(whose), at, draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(MONEYS)))
        for turn in range(draw(st.integers(0, 4)))
    )
    kinds = {"points": "integer", "more": "integer", "aum": "money", "rate": "decimal"}
    keys = {"bet_id": "text", "customer_id": "text", "at": "timestamp"}
    return {
        "customers": Table({"customer_id": "text", **kinds}, customers),
        "bets": Table({**keys, "stake": "integer", "amount": "money"}, bets),
    }


def who(condition: str, rows: dict[str, Table]) -> set[str]:
    """The customers who meet a condition, equal on all engines."""
    text = (
        'policy p { forbid phrase "x" }\n'
        f"campaign c {{ audience {condition} trigger every day at 10:00 reward 1 points"
        " budget { total 1 CNY } compliance { follows p } }"
    )
    at = datetime(2024, 5, 2, 2, tzinfo=UTC)
    case = Case(SETTINGS, CATALOG, text, rows, at, at)
    plan = compile_case(case)
    due = case.due(plan, "c")
    expected = reference(plan, "c", case, due)
    for name, decide in DECIDERS.items():
        assert decide(plan, "c", case, due) == expected, name
    for name, shown in ENGINES.items():
        assert shown(plan, "c", case, due) == public_rows(expected), name
    return {decision.customer for decision in expected}


def _with(points: int, *stakes: int) -> dict[str, Table]:
    at = datetime(2024, 5, 1)
    money, names = Decimal("0.00"), ("points", "more", "aum", "rate")
    kinds = dict(zip(names, ("integer", "integer", "money", "decimal"), strict=True))
    keys = {"bet_id": "text", "customer_id": "text", "at": "timestamp"}
    bets = tuple((f"b{turn}", "ann", at, stake, money) for turn, stake in enumerate(stakes))
    customers = tuple((name, points, points, money, money) for name in ("ann", "bob", "cem"))
    return {
        "customers": Table({"customer_id": "text", **kinds}, customers),
        "bets": Table({**keys, "stake": "integer", "amount": "money"}, bets),
    }


@at_most(10)
@given(condition=CONDITIONS, rows=tables())
@example("sum(bet.stake) > 100", _with(0, 2**63 - 1, 2**63 - 1))
@example("points * 1_000_000 > 5_000_000", _with(10**13))
def test_a_condition_and_its_denial_share_all_customers(condition, rows):
    note(condition)
    inside, outside = who(condition, rows), who(f"not ({condition})", rows)
    assert inside | outside == {"ann", "bob", "cem"}
    assert not inside & outside


@pytest.mark.parametrize(
    ("condition", "rows", "expected"),
    [
        ("sum(bet.stake) > 100", _with(0, 2**63 - 1, 2**63 - 1), {"ann"}),
        ("sum(bet.stake) < -100", _with(0, -(2**63), -1), {"ann"}),
        ("points * 1_000_000 > 5_000_000", _with(10**13), {"ann", "bob", "cem"}),
        ("points * 1_000_000 > 5_000_000", _with(-(10**13)), set()),
        ("points - more * 3 < 0", _with(2**62), {"ann", "bob", "cem"}),
        ("-points > 0", _with(-(2**63)), {"ann", "bob", "cem"}),
    ],
)
def test_what_overflows_is_decided_as_it_would_be_without_limits(condition, rows, expected):
    assert who(condition, rows) == expected
