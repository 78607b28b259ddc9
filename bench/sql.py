"""The SQL we render against SQL written by hand: five campaigns of `campaigns/`, on DuckDB.

`by_hand/` has a query for each, as somebody writes it who knows DuckDB and this one campaign.
Events are grouped before they are joined, bounds are computed beforehand, and every column is
needed for the answer. Both give the same rows in the same order, which is checked before anything
is timed. What counts is the processor's time, of all threads, as others may be at work too.
"""

from __future__ import annotations

import math
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.due.schedule import due

HERE = Path(__file__).resolve().parent
RUNS = 15
AIM = 1.3

# Rows are the same each time: what varies is a hash of the row's number. `draw(row, salt, n)` is
# one of 0 … n - 1.
TABLES = """
CREATE MACRO draw(row, salt, n) AS CAST(hash(row, salt) % n AS BIGINT);
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, CAST(20 + draw(i, 'age', 60) AS INTEGER) AS age,
       CAST(exp(6 + draw(i, 'aum', 1000) / 110) AS DECIMAL(18, 2)) AS aum,
       CAST(1 + draw(i, 'level', 16) AS INTEGER) AS level,
       CAST(1 + draw(i, 'risk', 5) AS INTEGER) AS risk_level, 'x' AS city,
       ['mass', 'mass', 'affluent', 'private'][1 + draw(i, 'segment', 4)] AS segment,
       draw(i, 'consent', 100) < 82 AS consent_marketing, draw(i, 'employee', 100) = 0 AS employee,
       TIMESTAMP '2024-01-01' AS registered_at, DATE '1980-01-01' AS birth_date, '1' AS phone
FROM range(200000) AS t(i);
CREATE TABLE investments AS
SELECT printf('i%08d', i) AS investment_id, printf('c%06d', draw(i, 'who', 250000)) AS customer_id,
       'bond' AS product, 2 AS product_risk,
       CAST(exp(5 + draw(i, 'amount', 1000) / 140) AS DECIMAL(18, 2)) AS amount,
       DATE '2027-01-01' AS matures_on,
       TIMESTAMP '2024-12-01' + to_seconds(draw(i, 'at', 42000000)) AS invested_at
FROM range(1000000) AS t(i);
CREATE TABLE logins AS
SELECT printf('l%08d', i) AS login_id, printf('c%06d', draw(i, 'who', 250000)) AS customer_id,
       'app' AS channel,
       TIMESTAMP '2024-12-01' + to_seconds(draw(i, 'login', 42000000)) AS logged_in_at
FROM range(2000000) AS t(i);
CREATE TABLE asset_days AS
SELECT printf('s%08d', i) AS snapshot_id, printf('c%06d', draw(i, 'who', 250000)) AS customer_id,
       CAST(exp(6 + draw(i, 'assets', 1000) / 130) AS DECIMAL(18, 2)) AS assets,
       TIMESTAMP '2024-12-01' + to_hours(draw(i, 'measured', 11600)) AS measured_at
FROM range(2000000) AS t(i);
CREATE TABLE households AS
SELECT CAST(i AS INTEGER) AS household_id, NULL::VARCHAR AS age_band, NULL::VARCHAR AS income_band,
       NULL::VARCHAR AS home_ownership, NULL::INTEGER AS kids
FROM range(40000) AS t(i);
CREATE TABLE baskets AS
SELECT i AS basket_id, CAST(draw(i, 'who', 42000) AS INTEGER) AS household_id, 1 AS store_id,
       TIMESTAMP '2017-01-01' + to_minutes(draw(i, 'bought', 525600)) AS bought_at,
       CAST(exp(draw(i, 'basket', 1000) / 190) AS DECIMAL(18, 2)) AS amount, 5 AS items,
       CAST(0 AS DECIMAL(18, 2)) AS coupon_discount
FROM range(2000000) AS t(i);
"""


class Case(NamedTuple):
    """A campaign, the period it is asked for, and what it shows."""

    project: str
    campaign: str
    start: str
    end: str
    shows: str


CASES = (
    Case(
        *("bank", "quarter_start", "2026-04-01T00:00+08:00", "2026-04-01T23:00+08:00"),
        "a sum in the audience",
    ),
    Case(
        *("bank", "red_friday", "2026-03-06T00:00+08:00", "2026-03-06T23:00+08:00"),
        "a stage, another event, shares",
    ),
    Case(
        *("bank", "wake_up", "2026-03-06T00:00+08:00", "2026-03-06T23:00+08:00"),
        "a timer, and another event table",
    ),
    Case(
        *("bank", "vip_congratulation", "2026-03-02T00:00+08:00", "2026-03-02T23:00+08:00"),
        "who enters an audience",
    ),
    Case(
        *("complete_journey", "spend_back", "2017-11-01T00:00-04:00", "2017-11-30T23:59-05:00"),
        "an event, with counts before it",
    ),
)


def rendered(case: Case) -> str:
    plan = compile_project(load_project(HERE.parent / "campaigns" / case.project)).plan
    if plan is None:
        raise RuntimeError(f"{case.project} does not compile")
    start, end = datetime.fromisoformat(case.start), datetime.fromisoformat(case.end)
    return decisions(plan, case.campaign, due(plan, case.campaign, start, end))


def rows(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    *heads, amount, currency = zip(*warehouse.execute(sql).fetchall(), strict=True)
    return list(zip(*heads, [Decimal(one) for one in amount], currency, strict=True))


def seconds(warehouse: duckdb.DuckDBPyConnection, sql: str) -> float:
    start = time.process_time()
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")
    return time.process_time() - start


def main() -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        warehouse.execute("SET threads = 2")
        warehouse.execute(TABLES)
        ratios = []
        for case in CASES:
            ours, theirs = rendered(case), (HERE / "by_hand" / f"{case.campaign}.sql").read_text()
            found, expected = rows(warehouse, ours), rows(warehouse, theirs)
            if found != expected:
                raise RuntimeError(f"{case.campaign}: the rows differ")
            # In turns, so that what else the machine does falls on both.
            times = [(seconds(warehouse, ours), seconds(warehouse, theirs)) for _ in range(RUNS)]
            mine, yours = (min(side) for side in zip(*times, strict=True))
            ratios.append(mine / yours)
            print(
                f"{case.campaign} ({case.shows}), {len(found):,} rows: rendered "
                f"{mine * 1000:,.0f} ms, by hand {yours * 1000:,.0f} ms, ratio {mine / yours:.2f}"
            )
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"geometric mean {mean:.2f}, worst {max(ratios):.2f} (aim: at most {AIM} each)")


if __name__ == "__main__":
    main()
