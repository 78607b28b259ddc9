"""Targets of goals, and peaks: through the compiler, or one mistake with its place."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.compile import Compiled
from campaigner.compiler.plan import Plan, plan_json
from campaigner.compiler.plan.calendar import local_clock
from hypothesis import given
from hypothesis import strategies as st

from ..projects import codes, compile_folder, write

CONFIG = """\
[project]
name      = "goals"
language  = 1
time_zone = "Asia/Shanghai"
currency  = "CNY"
catalog   = "catalog.yaml"
[warehouse]
url = "duckdb:///x.duckdb"
[ledger]
url = "sqlite:///x.db"
"""
CATALOG = """\
customer:
  table: customers
  key: customer_id
  fields:
    adult: {type: boolean}
events:
  invest:
    table: investments
    key: id
    customer: customer_id
    at: at
    fields:
      amount: {type: money, currency: CNY}
      fee:    {type: money, currency: USD}
      times:  {type: integer}
  peak:
    table: peaks
    key: id
    customer: customer_id
    at: at
    fields:
      times: {type: integer}
"""


def compiled(tmp: Path, *clauses: str) -> Compiled:
    lines = "\n".join(f"  {clause}" for clause in clauses)
    text = f"""campaign spring {{
{lines}
  audience adult
  trigger  on peak where times > 1
  reward   10 points
  budget   {{ total 5 CNY }}
  compliance {{ holdout at least 0% }}
}}
"""
    files = {"campaigner.toml": CONFIG, "catalog.yaml": CATALOG, "spring.campaign": text}
    return compile_folder(write(tmp, files))


def plan_of(tmp: Path, *clauses: str) -> Plan:
    made = compiled(tmp, *clauses)
    assert made.plan is not None, [one.message("en") for one in made.diagnostics]
    return made.plan


@pytest.mark.parametrize(
    ("clause", "of", "amount", "event", "field", "currency"),
    [
        ("goal a 3_000 customers", "customers", "3000", None, None, None),
        ("goal a 1 customer", "customers", "1", None, None, None),
        ("goal a 500 invest", "events", "500", "invest", None, None),
        ("goal a 7 peak", "events", "7", "peak", None, None),
        ("goal a 0.01 CNY of invest.amount", "money", "0.01", "invest", "amount", "CNY"),
        ("goal a 5 USD of invest.fee", "money", "5", "invest", "fee", "USD"),
    ],
)
def test_a_target_counts_one_thing(
    tmp_path: Path,
    clause: str,
    of: str,
    amount: str,
    event: str | None,
    field: str | None,
    currency: str | None,
) -> None:
    (campaign,) = plan_of(tmp_path, clause).campaigns
    found = campaign.target
    assert found is not None
    assert campaign.goal == "a"
    assert (found.of, found.amount, found.event) == (of, Decimal(amount), event)
    assert (found.field, found.currency) == (field, currency)


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        (["goal a 0 customers"], ["E843"]),
        (["goal a 0.0 customers"], ["E843"]),
        (["goal a 0 CNY of invest.amount"], ["E843"]),
        (["goal a 1.5 invest"], ["E844"]),
        (["goal a 5 USD of invest.amount"], ["E845"]),
        (["goal a 5 CNY of invest.times"], ["E845"]),
        (["goal a 5 investments"], ["E203"]),
        (["goal a 5 CNY of orders.amount"], ["E203"]),
        (["goal a 5 CNY of invest.sum"], ["E202"]),
        (["active 2026-01-01 to 2026-01-31", "peak 2025-12-31 to 2026-01-02"], ["E846"]),
        (["active 2026-01-01 to 2026-01-31", "peak 2026-01-30 to 2026-02-01"], ["E846"]),
        (["active 2026-01-01 10:00 to 2026-01-31", "peak 2026-01-01 to 2026-01-02"], ["E846"]),
        (["peak 2026-01-02 to 2026-01-01"], ["E320"]),
        (["goal a 5 customers", "goal b"], ["E216"]),
        (["peak 2026-01-01 to 2026-01-02", "peak 2026-01-01 to 2026-01-02"], ["E216"]),
        (["goal a 10万 customers"], ["E326"]),
        (["goal a -5 customers"], ["E101"]),
        (["peak to 2026-01-02"], ["E102", "E101"]),
        (["peak 2026-02-30 to 2026-03-02"], ["E120"]),
    ],
)
def test_a_mistake_is_one_message(tmp_path: Path, clauses: list[str], expected: list[str]) -> None:
    found = codes(compiled(tmp_path, *clauses))
    assert [one for one in found if not one.startswith("W")] == expected


ZONE = ZoneInfo("Asia/Shanghai")
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(days, st.lists(st.integers(0, 100), min_size=4, max_size=4))
def test_a_peak_is_whole_days_within_the_active_period(first: date, gaps: list[int]) -> None:
    """It is refused exactly where a day of it is outside, and backwards exactly if it is."""
    start = first + timedelta(days=gaps[0])
    end = start + timedelta(days=gaps[1])
    peak_start = first + timedelta(days=gaps[2])
    peak_end = peak_start + timedelta(days=gaps[3])
    with TemporaryDirectory() as folder:
        clauses = (f"active {start} to {end}", f"peak {peak_start} to {peak_end}")
        made = compiled(Path(folder), *clauses)
    inside = start <= peak_start and peak_end <= end
    assert ("E846" in codes(made)) == (not inside)
    if made.plan is not None:
        (campaign,) = made.plan.campaigns
        assert campaign.peak is not None
        assert local_clock(ZONE, campaign.peak.start).date() == peak_start
        assert local_clock(ZONE, campaign.peak.end).date() == peak_end


def test_a_plan_without_targets_has_no_word_of_them(tmp_path: Path) -> None:
    document = plan_json.dump(plan_of(tmp_path, "goal a"))
    assert b'"target"' not in document
    assert b'"peak":' not in document
