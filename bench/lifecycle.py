"""A lifecycle, week by week over a year: against one instant, and by hand in polars and pandas.

The aim is a year of weeks in less than 10 times one instant. By hand, the counts of all customers
by stage and their moves from week to week must be the same.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Plan
from campaigner.compiler.project.project import load_project
from campaigner.runtime.lifecycle.instants import instants
from campaigner.runtime.lifecycle.lifecycle import lifecycles
from campaigner.runtime.lifecycle.model import History
from campaigner.runtime.lifecycle.touches import NO_TOUCHES
from campaigner.runtime.warehouse.engines import open_warehouse

CUSTOMERS, EVENTS, RUNS = 1_000_000, 20_000_000, 3
AIM = 10
ZONE = ZoneInfo("UTC")
START, END = datetime(2025, 1, 1, tzinfo=ZONE), datetime(2025, 12, 31, tzinfo=ZONE)
URL = "duckdb:///data.duckdb"

SETTINGS = """
[project]
name = "shop"
language = 1
time_zone = "UTC"
currency = "CNY"
catalog = "catalog.yaml"
[warehouse]
url = "duckdb:///data.duckdb"
"""
CATALOG = """
customer: {table: customers, key: customer_id, fields: {}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: {column: ordered_at, zone: UTC}
    fields: {amount: {type: money, currency: CNY}}
"""
LIFECYCLE = """
lifecycle shop {
  stage newcomer when no order
  stage rich     when count(order in last 30 days) >= 2
  stage regular  when has order in last 60 days
  stage dormant  when has order and no order in last 60 days
}
"""
STAGES = ("newcomer", "rich", "regular", "dormant")


@dataclass(frozen=True)
class Counts:
    """Customers by stage at each instant, and moves by pair of stages from each to the next."""

    sizes: list[list[int]]
    moves: list[list[list[int]]]


def made(folder: Path, customers: int, events: int) -> Plan:
    """A project, and its warehouse: a fifth of the customers has most of the orders."""
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": CATALOG,
        "shop.campaign": LIFECYCLE,
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    with duckdb.connect(str(folder / "data.duckdb")) as warehouse:
        warehouse.execute(
            f"CREATE TABLE customers AS SELECT i AS customer_id FROM range({customers}) t(i)"
        )
        warehouse.execute(
            f"CREATE TABLE orders AS SELECT i AS order_id,"
            f" CAST(pow(hash(i) % 1000003 / 1000003, 2) * {customers} AS BIGINT) AS customer_id,"
            " TIMESTAMP '2024-07-01' + to_seconds(CAST(hash(i + 7) % 47433600 AS INTEGER))"
            " AS ordered_at, CAST(hash(i + 3) % 50000 AS DECIMAL(18, 2)) / 100 AS amount"
            f" FROM range({events}) t(i)"
        )
        for table in ("customers", "orders"):
            warehouse.execute(f"COPY {table} TO '{folder / table}.parquet'")
    plan = compile_project(load_project(folder)).plan
    if plan is None:
        raise RuntimeError("the project of the benchmark does not compile")
    return plan


def asked(plan: Plan, folder: Path, at: Sequence[datetime]) -> History:
    """The history that the command computes."""
    with open_warehouse(URL, folder) as warehouse:
        found = lifecycles(plan, warehouse, None, plan.lifecycles, at, NO_TOUCHES)
    return found.histories[0]


def counts_of(history: History) -> Counts:
    """The same shape as by hand; nobody is in no stage."""
    stages = history.stages
    moves = [
        [
            [flow.stayed if other == flow.state else flow.left.get(other, 0) for other in stages]
            for flow in each.flows
            if flow.state.kind == "stage"
        ]
        for each in history.moves
    ]
    return Counts([list(sizes[-len(stages) :]) for sizes in history.sizes], moves)


def _counted(stages: np.ndarray[Any, Any]) -> Counts:
    """Counts of a matrix with a row a customer and a column an instant."""
    width = len(STAGES)
    sizes = [np.bincount(column, minlength=width).tolist() for column in stages.T]
    moves = [
        np.bincount(one * width + other, minlength=width * width).reshape(width, width).tolist()
        for one, other in zip(stages.T[:-1], stages.T[1:], strict=True)
    ]
    return Counts(sizes, moves)


def in_polars(folder: Path, at: Sequence[datetime]) -> Counts:
    """By hand: one group-by with the facts of every instant, joined to the customers."""
    import polars as pl

    moments = [one.astimezone(ZONE).replace(tzinfo=None) for one in at]
    orders = pl.scan_parquet(folder / "orders.parquet")
    customers = pl.scan_parquet(folder / "customers.parquet")
    when = pl.col("ordered_at")
    facts: list[pl.Expr] = []
    for place, now in enumerate(moments):
        seen = when <= now
        facts.append(seen.sum().alias(f"all_{place}"))
        for days in (30, 60):
            since = pl.lit(now) - pl.duration(days=days)
            facts.append((seen & (when > since)).sum().alias(f"in_{days}_{place}"))
    known = orders.group_by("customer_id").agg(facts)
    every = customers.join(known, on="customer_id", how="left")
    stages = [
        pl.when(pl.col(f"all_{n}").fill_null(0) == 0)
        .then(0)
        .when(pl.col(f"in_30_{n}") >= 2)
        .then(1)
        .when(pl.col(f"in_60_{n}") > 0)
        .then(2)
        .otherwise(3)
        .alias(f"stage_{n}")
        for n in range(len(moments))
    ]
    return _counted(every.select(stages).collect().to_numpy())


def in_pandas(folder: Path, at: Sequence[datetime]) -> Counts:
    """By hand: of each instant the orders up to it, counted by customer."""
    moments = [one.astimezone(ZONE).replace(tzinfo=None) for one in at]
    import pandas as pd

    orders = pd.read_parquet(folder / "orders.parquet")
    index = pd.read_parquet(folder / "customers.parquet")["customer_id"]
    columns = []
    for now in moments:
        past = orders[orders["ordered_at"] <= now]
        known = past.groupby("customer_id")["ordered_at"].size().reindex(index, fill_value=0)
        within = {}
        for days in (30, 60):
            late = past[past["ordered_at"] > now - pd.Timedelta(days=days)]
            sizes = late.groupby("customer_id")["ordered_at"].size()
            within[days] = sizes.reindex(index, fill_value=0)
        chosen = np.select(
            [known.to_numpy() == 0, within[30].to_numpy() >= 2, within[60].to_numpy() > 0],
            [0, 1, 2],
            3,
        )
        columns.append(chosen)
    return _counted(np.stack(columns, axis=1))


def _timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    times, found = [], None
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - start)
    return median(times), found


def main(customers: int = CUSTOMERS, events: int = EVENTS, runs: int = RUNS) -> bool:
    """Print the times; whether the aim is met and all results are equal."""
    weeks = instants(START, END, "week", ZONE)
    with tempfile.TemporaryDirectory(prefix="lifecycle-") as name:
        folder = Path(name)
        plan = made(folder, customers, events)
        one, _ = _timed(lambda: asked(plan, folder, weeks[-1:]), runs)
        year, history = _timed(lambda: asked(plan, folder, weeks), runs)
        found = counts_of(history)
        print(f"{customers:,} customers, {events:,} orders, {len(weeks)} instants")
        print(f"one instant     {one:8.2f} s")
        print(f"a year of weeks {year:8.2f} s   {year / one:.1f} times (aim: under {AIM})")
        equal = True
        for title, work in (("polars", in_polars), ("pandas", in_pandas)):
            try:
                took, other = _timed(lambda work=work: work(folder, weeks), 1)
            except ModuleNotFoundError as missing:
                print(f"{title} by hand  {missing}")
                continue
            equal = equal and found == other
            print(f"{title} by hand  {took:8.2f} s   equal: {found == other}")
    return equal and year < AIM * one


if __name__ == "__main__":
    given = [int(one.replace("_", "")) for one in sys.argv[1:]]
    sys.exit(0 if main(*given) else 1)
