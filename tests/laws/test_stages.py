"""`stage not in (…)` is another stage of the lifecycle, and no stage is none, on every engine."""

from datetime import UTC, datetime

import pytest

from .cases import Case, Table, compile_case
from .engines import DECIDERS, ENGINES, reference
from .test_agreement import hold

SETTINGS = """[project]
name = "stages"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    risk: {type: integer, optional: true}
"""
CAMPAIGN = """lifecycle life {
  stage low  when risk < 3
  stage high when risk > 3
}

lifecycle steps ladder {
  stage begun
  stage onward from risk >= 3
}

lifecycle points by score risk * 2 {
  stage some from 0
  stage many from 8
}

benefit tea { kind coupon  value 1 CNY }
policy usual { at most 9 messages per 1 day }

campaign gift {
  audience WHO
  trigger  at 2026-01-10 10:00
  reward   tea
  budget { total 100 CNY }
  compliance { follows usual }
}
"""
RISKS = {"low": 1, "middle": 3, "high": 5, "below": -1, "nobody": None}


def case(who: str) -> Case:
    rows = tuple(RISKS.items())
    at = datetime(2026, 1, 10, 2, tzinfo=UTC)
    tables = {"customers": Table({"customer_id": "text", "risk": "integer"}, rows)}
    return Case(SETTINGS, CATALOG, CAMPAIGN.replace("WHO", who), tables, at, at)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("stage is life.low", {"low", "below"}),
        ("stage not in (life.low)", {"high"}),
        ("stage not in (life.low, life.high)", set()),
        ("stage in (life.high, points.some)", {"high", "low", "middle"}),
        ("stage not in (life.high, points.some)", set()),
        ("stage not in (life.low, points.some)", {"high"}),
        ("stage not in (points.some)", {"high"}),
        ("stage not in (steps.onward)", {"low", "below", "nobody"}),
        ("not stage is steps.onward", {"low", "below", "nobody"}),
        ("not stage not in (steps.onward)", {"high", "middle"}),
    ],
)
def test_who_is_in_another_stage(who, expected):
    asked = case(who)
    plan = compile_case(asked)
    decided = reference(plan, "gift", asked, asked.due(plan, "gift"))
    assert {one.customer for one in decided} == expected
    hold(asked)
    assert {"duckdb", "postgresql", "sqlite"} <= ENGINES.keys() & DECIDERS.keys()
