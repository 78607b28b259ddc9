"""All campaigns of a day in one pass, against one query after the other, and against polars.

Each way runs in its own process, which writes its SQL (or its expressions) and computes the
decisions. The time is that of both; the memory is the peak of the process. Results are compared
before any time is shown: for each campaign the number of decisions, and a sum over who gets how
much. The data is made once, in `bench/.data`.

    python -m bench.audience --customers 50000 --campaigns 20 200
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from . import audience_project as project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow import Table

DATA = Path(__file__).resolve().parent / ".data"
CUSTOMERS = 1_000_000
CAMPAIGNS = (20, 200, 1_000)
ONE_BY_ONE = 200
"""More queries than that, one after the other, take too long."""

Found = dict[str, tuple[int, int]]
"""By campaign: the number of decisions, and the sum of customer number times points."""


def warehouse(customers: int) -> Path:
    """The DuckDB file with so many customers."""
    path = DATA / f"{customers}.duckdb"
    if not path.exists():
        project.fill(path, customers)
    return path


def exported(customers: int) -> Path:
    """The same tables as parquet files; money in cents, as polars adds whole numbers faster."""
    import duckdb

    folder = DATA / f"{customers}.parquet"
    if not folder.exists():
        making = folder.with_name(f"{folder.name}.part")
        making.mkdir(exist_ok=True, parents=True)
        cents = {"customers": "balance", "orders": "amount", "carts": "amount"}
        with duckdb.connect(str(warehouse(customers)), read_only=True) as database:
            for table in ("customers", *(f"{event}s" for event in project.TABLES)):
                money = cents.get(table)
                shown = f"* REPLACE (CAST({money} * 100 AS BIGINT) AS {money})" if money else "*"
                path = making / f"{table}.parquet"
                database.execute(f"COPY (SELECT {shown} FROM {table}) TO '{path}'")
        making.rename(folder)
    return folder


# --- each way, in a process of its own ----------------------------------------------------------


def one_pass(customers: int, chosen: list[project.Campaign]) -> tuple[float, Found]:
    from campaigner.compiler.sql.all.campaigns import decisions_of_all

    plan, dues = asked(chosen)
    with opened(customers) as database:
        start = time.perf_counter()
        found = database.sql(decisions_of_all(plan, dues)).to_arrow_table()
        seconds = time.perf_counter() - start
        return seconds, _sums(found)


def one_by_one(customers: int, chosen: list[project.Campaign]) -> tuple[float, Found]:
    from campaigner.compiler.sql.campaign import decisions

    plan, dues = asked(chosen)
    seconds, sums = 0.0, {}
    with opened(customers) as database:
        for (name, _), due in dues.items():
            start = time.perf_counter()
            found = database.sql(decisions(plan, name, due)).to_arrow_table()
            seconds += time.perf_counter() - start
            sums |= _sums(found)
    return seconds, sums


def polars(customers: int, chosen: list[project.Campaign]) -> tuple[float, Found]:
    from .audience_polars import decided

    folder = exported(customers)
    start = time.perf_counter()
    found = decided(folder, chosen)
    seconds = time.perf_counter() - start
    return seconds, _sums(found.to_arrow())


WAYS = {"one pass": one_pass, "one by one": one_by_one, "polars": polars}


def asked(chosen: list[project.Campaign]) -> tuple[Any, dict[str, Any]]:
    from campaigner.compiler.compile import compile_project
    from campaigner.compiler.plan.steps import steps_of
    from campaigner.compiler.project.project import load_project
    from campaigner.runtime.due.schedule import due, parse_instant

    with TemporaryDirectory() as folder:
        plan = compile_project(load_project(project.write(Path(folder), chosen))).plan
    if plan is None:
        raise RuntimeError("the project does not compile")
    zone = project.ZONE
    start, end = parse_instant(project.DAY, zone), parse_instant(project.DAY, zone, end_of_day=True)
    return plan, {key: due(plan, key.campaign, start, end) for key, _, _ in steps_of(plan)}


def opened(customers: int) -> DuckDBPyConnection:
    import duckdb

    database = duckdb.connect(str(warehouse(customers)), read_only=True)
    database.execute("SET TimeZone = 'UTC'")
    return database


def _sums(found: Table) -> Found:
    import duckdb

    with duckdb.connect() as database:
        database.register("found", found)
        rows = database.execute(
            "SELECT campaign, count(*), CAST(sum(CAST(substr(recipient, 2) AS BIGINT) "
            "* CAST(amount AS BIGINT)) AS BIGINT) FROM found GROUP BY campaign"
        ).fetchall()
    return {name: (count, total) for name, count, total in rows}


def measure(way: str, customers: int, count: int) -> None:
    """In the child: one way, printed as JSON."""
    seconds, found = WAYS[way](customers, project.campaigns(count))
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "found": found,
    }
    print(json.dumps(told))


# --- the comparison -----------------------------------------------------------------------------


def _child(way: str, customers: int, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.audience", "--way", way]
    command += ["--customers", str(customers), "--campaigns", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{way}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def compare(customers: int, counts: list[int]) -> None:
    events = customers * sum(project.TABLES.values())
    warehouse(customers)
    exported(customers)
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{customers:,} customers, {events:,} events; {machine}")
    for count in counts:
        ways = [way for way in WAYS if way != "one by one" or count <= ONE_BY_ONE]
        told = {way: _child(way, customers, count) for way in ways}
        ours = told["one pass"]
        for way, other in told.items():
            if other["found"] != ours["found"]:
                names = {*other["found"], *ours["found"]}
                differing = sorted(
                    n for n in names if other["found"].get(n) != ours["found"].get(n)
                )
                raise RuntimeError(f"{way} finds otherwise for {differing[:5]}")
        decisions = sum(number for number, _ in ours["found"].values())
        print(f"{count:,} campaigns, {decisions:,} decisions, the same in every way")
        for way, one in told.items():
            print(
                f"  {way:10} {one['seconds']:8.1f} s ({one['seconds'] / ours['seconds']:5.1f} times"
                f" one pass), {one['processor']:7.1f} s of processor, {one['megabytes']:7,.0f} MB"
            )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.audience")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--campaigns", type=int, nargs="+", default=list(CAMPAIGNS))
    parser.add_argument("--way", choices=list(WAYS))
    asked = parser.parse_args(arguments or [])
    if asked.way:
        measure(asked.way, asked.customers, asked.campaigns[0])
    else:
        compare(asked.customers, asked.campaigns)


if __name__ == "__main__":
    main(sys.argv[1:])
