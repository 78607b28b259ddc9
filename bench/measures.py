"""The measures of 50 campaigns: one statement against a single scan-and-group of the same events.

Each campaign exposes a tenth of the customers and holds a tenth of these out. The same numbers come
from pandas and polars by hand, and all are compared before anything is timed. Smaller sizes are
options: `python -m bench.measures --customers 20000 --events 400000`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from campaigner.compiler.compile import compile_project
from campaigner.compiler.measures.asks import Asks, asks_of
from campaigner.compiler.measures.query import MeasureQuery, measure_query
from campaigner.compiler.plan import Plan
from campaigner.compiler.project.project import load_project
from campaigner.runtime.measure.figures import Answers

from . import coffee

if TYPE_CHECKING:
    import pandas
    import polars

CUSTOMERS, EVENTS, CAMPAIGNS = 1_000_000, 20_000_000, 50
RUNS = 3
AIM = 3
STRETCH = (datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
SCAN = "SELECT customer_id, count(*) AS n, sum(amount) AS total FROM orders GROUP BY customer_id"
SETTINGS = """
[project]
name = "measures"
language = 1
time_zone = "UTC"
currency = "CNY"
catalog = "catalog.yaml"

[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """
customer: {table: people, key: customer_id, fields: {vip: {type: boolean}}}
events:
  order:
    {table: orders, key: order_id, customer: customer_id, at: ordered_at,
     fields: {amount: {type: money, currency: CNY}}}
"""
CAMPAIGN = """
campaign c{number} {{
  audience vip
  trigger every day at 10:00
  message push "Hello."
  measure {{ conversion on order within 14 days  revenue 10% of sum(order.amount) within 30 days }}
  compliance {{ follows fair }}
}}
"""
TABLES = """
CREATE OR REPLACE MACRO draw(i, what, most) AS (hash(i || what) % most)::BIGINT;
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id, printf('c%07d', draw(i, 'who', {customers})) AS customer_id,
  TIMESTAMP '2025-12-01' + to_seconds(draw(i, 'at', 395 * 86400)) AS ordered_at,
  (draw(i, 'amount', 100000) / 100)::DECIMAL(18, 2) AS amount
FROM range({events}) AS t(i);
CREATE TABLE campaigner_exposures AS
SELECT row_number() OVER () AS unit, c AS campaign,
  (draw(n, c || 'held', 10) > 0)::BIGINT AS variant,
  printf('c%07d', n) AS customer, moment - INTERVAL 30 DAY AS begins, moment AS exposed_at,
  moment + INTERVAL 14 DAY AS until_1, moment + INTERVAL 30 DAY AS until_2
FROM (SELECT c, n, TIMESTAMP '2026-01-01' + to_days((c * 6)::INTEGER) + INTERVAL 10 HOUR AS moment
  FROM range({campaigns}) AS a(c), range({customers}) AS b(n) WHERE draw(n, c || 'in', 10) = 0);
"""

Numbers = dict[tuple[int, int], tuple[int, int, Decimal]]
"""By campaign and variant: customers, those who converted, and their revenue."""


def asks() -> tuple[Plan, Asks]:
    """The plan of the campaigns, and what their measures ask."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        campaigns = "".join(CAMPAIGN.format(number=f"{one:02}") for one in range(CAMPAIGNS))
        policy = "policy fair { require vip  holdout at least 10% }\n"
        (folder / "campaigner.toml").write_text(SETTINGS, "utf-8")
        (folder / "catalog.yaml").write_text(CATALOG, "utf-8")
        (folder / "a.campaign").write_text(policy + campaigns, "utf-8")
        plan = compile_project(load_project(folder)).plan
    if plan is None:
        raise RuntimeError("the campaigns do not compile")
    return plan, asks_of(plan)


def ours(warehouse: duckdb.DuckDBPyConnection, query: MeasureQuery, asked: Asks) -> Numbers:
    """The numbers of the statement."""
    answers = Answers.of(query, warehouse.execute(query.sql).fetchall())
    found: Numbers = {}
    for campaign, variant in answers.rows:
        conversion, revenue = (
            answers.summed(campaign, variant, one) for one in asked.asked[campaign]
        )
        total = revenue.total or Decimal(0)
        found[campaign, variant] = (conversion.moments.count, conversion.count or 0, total)
    return found


def with_pandas(orders: pandas.DataFrame, exposures: pandas.DataFrame) -> Numbers:
    """The numbers by hand: a join of exposures and orders, then two filters."""
    cents = orders.assign(cents=(orders["amount"].astype(float) * 100).round().astype("int64"))
    joined = exposures.merge(cents, left_on="customer", right_on="customer_id")
    after = joined[joined["ordered_at"] > joined["exposed_at"]]
    bought = after[after["ordered_at"] <= after["until_1"]].drop_duplicates("unit")
    paid = after[after["ordered_at"] <= after["until_2"]]
    key = ["campaign", "variant"]
    people, did = exposures.groupby(key).size(), bought.groupby(key).size()
    money = paid.groupby(key)["cents"].sum()
    return {
        (int(c), int(v)): (
            int(n),
            int(did.get((c, v), 0)),
            Decimal(int(money.get((c, v), 0))) / 1000,
        )
        for (c, v), n in people.items()
    }


def with_polars(orders: polars.DataFrame, exposures: polars.DataFrame) -> Numbers:
    """The same in polars."""
    import polars as pl

    cents = (pl.col("amount") * 100).cast(pl.Int64).alias("cents")
    joined = exposures.lazy().join(
        orders.lazy().with_columns(cents), left_on="customer", right_on="customer_id"
    )
    after = joined.filter(pl.col("ordered_at") > pl.col("exposed_at"))
    key = ["campaign", "variant"]
    did = pl.col("unit").filter(pl.col("ordered_at") <= pl.col("until_1")).n_unique()
    money = pl.col("cents").filter(pl.col("ordered_at") <= pl.col("until_2")).sum()
    found = after.group_by(key).agg(did.alias("did"), money.alias("money"))
    people = exposures.lazy().group_by(key).len().join(found, on=key, how="left").collect()
    return {
        (row["campaign"], row["variant"]): (
            row["len"],
            row["did"] or 0,
            Decimal(row["money"] or 0) / 1000,
        )
        for row in people.to_dicts()
    }


def frame(warehouse: duckdb.DuckDBPyConnection, sql: str) -> polars.DataFrame:
    """An answer as polars has it; DuckDB 2 no longer makes one itself."""
    import polars as pl

    return pl.DataFrame(warehouse.sql(sql).to_arrow_table())


def timed(work: Callable[[], Numbers]) -> tuple[float, Numbers]:
    """The processor's time of a piece of work, and its answer."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def main(
    say: Callable[[str], None] = print, customers: int = CUSTOMERS, events: int = EVENTS
) -> None:
    """Print the times of all."""
    plan, asked = asks()
    query = measure_query(plan, asked, STRETCH)
    tables = TABLES.format(customers=customers, events=events, campaigns=CAMPAIGNS)
    with duckdb.connect() as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        warehouse.execute("SET threads = 2")
        warehouse.execute("SET enable_progress_bar = false")
        warehouse.execute(tables)
        found = ours(warehouse, query, asked)
        orders = warehouse.execute("SELECT customer_id, ordered_at, amount FROM orders")
        by_pandas, in_pandas = timed(
            lambda: with_pandas(orders.df(), warehouse.table("campaigner_exposures").df())
        )
        more = frame(warehouse, "SELECT customer_id, ordered_at, amount FROM orders")
        exposures = frame(warehouse, "SELECT * FROM campaigner_exposures")
        by_polars, in_polars = timed(lambda: with_polars(more, exposures))
        if not found == in_pandas == in_polars:
            raise RuntimeError("the numbers differ")
        mine, scan = coffee.fastest(warehouse, query.sql, SCAN, RUNS)
    say(
        f"{CAMPAIGNS} campaigns, {customers:,} customers, {events:,} orders: one statement "
        f"{mine:,.2f} s, a scan-and-group {scan:,.2f} s, ratio {mine / scan:.2f} "
        f"(aim: under {AIM}); pandas {by_pandas:,.2f} s, polars {by_polars:,.2f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    given = parser.parse_args()
    main(customers=given.customers, events=given.events)
