"""A proposed fix repairs the text and keeps the intended meaning."""

import re
from decimal import Decimal

import pytest
from campaigner.compiler.plan import Plan
from hypothesis import assume, given
from hypothesis import strategies as st

from ..laws import at_most
from ..laws.cases import compile_files

SETTINGS = """\
[project]
name = "fixes"
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
    vip: {type: boolean}
events: {}
"""


def compiled(budget, cost="0.01 CNY", audience="vip"):
    campaign = (
        'policy p { forbid phrase "x" }\n'
        f"benefit b {{ kind coupon value {cost} }}\n"
        "audience v vip\n"
        "audience w not vip\n"
        f"campaign c {{ audience {audience} trigger every day at 10:00 reward b\n"
        f"budget {{ {budget} }}\ncompliance {{ follows p }} }}"
    )
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": campaign}
    return compile_files(files)


def total_of(plan: Plan) -> Decimal:
    return next(one.cap for one in plan.accounts if one.name == "total")


def grouped(value: int, sign: str) -> str:
    return f"{value:_}".replace("_", sign)


SCALES = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "k": 3, "K": 3, "m": 6, "million": 6}
STYLES = st.one_of(
    st.tuples(
        st.integers(1, 99_999), st.sampled_from(sorted(SCALES)), st.sampled_from(("", " "))
    ).map(lambda one: (f"{one[0]}{one[2]}{one[1]}", Decimal(one[0]).scaleb(SCALES[one[1]]))),
    st.tuples(st.integers(1, 999), st.sampled_from(sorted(SCALES))).map(
        lambda one: (f"{one[0]}.5{one[1]}", (one[0] + Decimal("0.5")).scaleb(SCALES[one[1]]))
    ),
    st.tuples(st.integers(1000, 10**12), st.sampled_from(",'’ ，")).map(
        lambda one: (grouped(*one), Decimal(one[0]))
    ),
    st.integers(1000, 10**12).map(lambda one: (f"{grouped(one, ',')}.25", one + Decimal("0.25"))),
    st.integers(1000, 10**12).map(lambda one: (f"{grouped(one, '.')},25", one + Decimal("0.25"))),
    st.integers(10**6, 10**12).map(lambda one: (grouped(one, "."), Decimal(one))),
    st.integers(1, 999).map(lambda one: (f"{one},5", one + Decimal("0.5"))),
    st.integers(1, 10**9).map(lambda one: (to_full_width(str(one)), Decimal(one))),
)


def to_full_width(digits: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in digits)


@at_most(30)
@given(style=STYLES, currency=st.sampled_from((" CNY", "CNY", "元", " rmb")))
def test_an_amount_of_another_style_becomes_the_amount_that_was_meant(style, currency):
    written, value = style
    text = f"total {written}{currency}"
    for _ in range(3):
        found = compiled(text)
        if found.plan is not None:
            break
        fixes = [one.fix for one in found.diagnostics if one.fix is not None]
        assert fixes, [one.message() for one in found.diagnostics]
        fix = fixes[0]
        start, end = (
            fix.place.column - len("budget { ") - 1,
            fix.place.end_column - len("budget { ") - 1,
        )
        text = text[:start] + fix.replacement + text[end:]
    assert found.plan is not None, text
    assert total_of(found.plan) == value


@pytest.mark.parametrize("written", ["1e6 CNY", "10 x CNY", "10_000.5.0 CNY", "10 foo"])
def test_no_help_proposes_a_part_of_a_number(written):
    for one in compiled(f"total {written}").diagnostics:
        shown = re.findall(r"`([0-9_.]+ CNY)`", one.help() or "")
        assert shown in ([], ["60_000 CNY"])


@at_most(20)
@given(
    total=st.integers(1, 2_000),
    reserve=st.integers(0, 99),
    shares=st.lists(st.integers(1, 60), max_size=2),
    cost=st.integers(1, 5_000),
)
def test_a_cap_raised_as_proposed_pays_a_reward_and_a_cent_less_does_not(
    total, reserve, shares, cost
):
    assume(sum(shares) <= 100)
    parts = [f"share {share}% for {name}" for share, name in zip(shares, "vw", strict=False)]
    parts += [f"reserve {reserve}%"] if reserve else []

    def told(amount):
        text = " ".join([f"total {amount} CNY", *parts])
        found = compiled(text, f"{Decimal(cost) / 100} CNY").diagnostics
        return [dict(one.values) for one in found if one.code.id == "E503"]

    first = told(Decimal(total) / 100)
    wanted = [
        Decimal(str(one.get("raised", one.get("total"))).removesuffix(" CNY")) for one in first
    ]
    if wanted:
        assert told(max(wanted)) == []
    # What shares leave for the others gains the cents that they are rounded down by.
    if wanted and sum(shares) in (0, 100):
        assert told(max(wanted) - Decimal("0.01")) != []


def test_shares_of_the_whole_leave_nothing_to_pay_from():
    assert compiled("total 100 CNY share 60% for v share 40% for w", "5 CNY").plan is not None


def test_a_ladder_is_refused_before_its_conditions_multiply():
    stages = "".join(f"stage s{age} from points >= {age}\n" for age in range(1, 2_000))
    found = compiled(
        "total 1 CNY } }\nlifecycle l ladder {\nstage first\n" + stages + "} #", "1 CNY"
    )
    assert "E327" in [one.code.id for one in found.diagnostics]
