"""From event to grant: `campaigner events`, whole, against a lean consumer by hand.

DuckDB has 200,000 customers with 1,000,000 past orders, and 100,000 new ones come. Four campaigns
have windows of 30 and 90 days. The ledger is in SQLite. Grants and messages are the same, which is
checked before times are shown. `events --plain`, which reads nothing ahead, takes its turns too.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

import duckdb
from campaigner.runtime.ledger import Ledger, open_ledger

from . import timing

LINES, CUSTOMERS, ORDERS = 100_000, 200_000, 1_000_000
AIM = 2.0
EVENTS, PLAIN, HAND = "events", "events --plain", "by hand"
SETTINGS = """
[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """
customer:
  table: customers
  key: customer_id
  fields:
    vip:     {type: boolean}
    consent: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount:  {type: money, currency: CNY}
      product: {type: text}
"""
CAMPAIGNS = """
benefit coffee { kind coupon  value 25 CNY  cost 9.90 CNY }
policy rules { require consent because "no consent, no contact" }

campaign third "The third order in 30 days" {
  active 2026-01-01 to 2026-12-31
  audience count(order in last 30 days) >= 3
  trigger on order
  reward coffee limit 1 per customer per month
  budget { total 100_000_000 CNY }
  message push "A coffee is waiting for you."
  compliance { follows rules }
}
campaign back "Cash back" {
  active 2026-01-01 to 2026-12-31
  audience sum(order.amount in last 90 days) >= 500 CNY
  trigger on order where amount >= 50 CNY
  reward 2% of event.amount as cash up to 20 CNY
  budget { total 100_000_000 CNY }
  compliance { follows rules }
}
campaign vip "Points of the best" {
  active 2026-01-01 to 2026-12-31
  audience vip
  trigger on order where amount >= 100 CNY
  reward 50 points
  budget { total 100_000_000 CNY }
  compliance { follows rules }
}
campaign busy "Points of the busy" {
  active 2026-01-01 to 2026-12-31
  audience count(order in last 90 days) >= 9
  trigger on order
  reward 100 points
  budget { total 100_000_000 CNY }
  compliance { follows rules }
}
"""
PROJECT = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": CAMPAIGNS}
TABLES = """
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, hash(i) % 10 = 0 AS vip, hash(i, 'ok') % 5 > 0 AS consent
FROM range({customers}) AS t(i);
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id,
       printf('c%06d', CAST(hash(i, 'who') % {customers} AS INTEGER)) AS customer_id,
       TIMESTAMP '2026-01-05' + to_seconds(CAST(hash(i, 'at') % 7400000 AS INTEGER)) AS ordered_at,
       CAST(CAST(hash(i, 'paid') % 30000 AS INTEGER) / 100 AS DECIMAL(18, 2)) AS amount,
       'bread' AS product
FROM range({orders}) AS t(i);
"""
STREAM = """
COPY (
  SELECT 'order' AS event, printf('n%08d', i) AS "key",
         printf('c%06d', CAST(hash(i, 'new') % {customers} AS INTEGER)) AS customer,
         strftime(TIMESTAMP '2026-04-01' + to_seconds(i * 10), '%Y-%m-%dT%H:%M:%S') AS "at",
         {{'amount': printf('%.2f', CAST(hash(i, 'pays') % 30000 AS INTEGER) / 100),
           'product': 'bread'}} AS fields
  FROM range({lines}) AS t(i)
) TO '{path}' (FORMAT json)
"""


class Took(NamedTuple):
    """Seconds of the clock and of the processor, and the most memory in bytes."""

    clock: float
    processor: float
    memory: int


def main(arguments: Sequence[str] = ()) -> None:
    """Print what both take, in turns."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=LINES)
    asked.add_argument("--customers", type=int, default=CUSTOMERS)
    asked.add_argument("--orders", type=int, default=ORDERS)
    asked.add_argument("--turns", type=int, default=3)
    wanted = asked.parse_args(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, wanted)
        out, lines = folder / "out.db", folder / "new.jsonl"
        ours = timing.campaigner("events", str(folder), str(lines), "--even-in-the-future")
        hand = (sys.executable, "-m", "bench.stream_peer", *map(str, (folder, lines, out)))
        works = {HAND: hand, EVENTS: ours, PLAIN: (*ours, "--plain")}
        took: dict[str, list[Took]] = {what: [] for what in works}
        for _ in range(wanted.turns):
            for what, work in works.items():
                for each in folder.glob("out.db*" if what == HAND else "ledger.db*"):
                    each.unlink()
                took[what].append(timed(work))
                if what != HAND:
                    same(folder, out)
    for what, some in took.items():
        best = min(some, key=lambda one: one.processor)
        print(
            f"{what}: {wanted.lines / best.clock:,.0f} lines/s,"
            f" {best.processor:.1f} s of processor, {best.memory / 1e6:,.0f} MB"
        )
    least = {what: min(one.processor for one in some) for what, some in took.items()}
    timing.ratio("events, whole", least[EVENTS], HAND, least[HAND], f"{AIM}")
    timing.ratio("events, whole", least[EVENTS], PLAIN, least[PLAIN], "less than 1")


def made(folder: Path, wanted: argparse.Namespace) -> None:
    """Write a project, its warehouse, and the lines that come."""
    for name, text in PROJECT.items():
        (folder / name).write_text(text, "utf-8")
    with duckdb.connect(str(folder / "shop.duckdb")) as warehouse:
        warehouse.execute(TABLES.format(customers=wanted.customers, orders=wanted.orders))
        path = folder / "new.jsonl"
        warehouse.execute(STREAM.format(customers=wanted.customers, lines=wanted.lines, path=path))


def timed(command: Sequence[str]) -> Took:
    """Run a command, which must not fail."""
    start = time.perf_counter()
    with TemporaryFile("w+") as said:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {said.read()}")
    return Took(time.perf_counter() - start, _seconds(used), used.ru_maxrss * 1024)


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def same(folder: Path, out: Path) -> None:
    """Raise `RuntimeError` unless both gave the same to the same, and wrote the same messages."""
    with open_ledger("sqlite:///ledger.db", "shop", "CNY", root=folder) as ledger:
        compare(ledger, out)


def compare(ledger: Ledger, out: Path) -> None:
    """Raise `RuntimeError` unless the ledger has the grants and messages of the one by hand."""
    grants = sorted(
        (one.campaign, one.recipient, one.occurrence, _units(one.reward, one.amount))
        for one in ledger.grants()
    )
    messages = sorted(
        (one.identity.campaign, one.identity.recipient, one.identity.occurrence)
        for one in ledger.letters()
        if one.kind == "message"
    )
    with sqlite3.connect(out) as theirs:
        found = theirs.execute("SELECT campaign, customer, event, amount FROM grants").fetchall()
        told = theirs.execute("SELECT campaign, customer, event FROM messages").fetchall()
    if grants != sorted((*name, Decimal(amount)) for *name, amount in found):
        raise RuntimeError(f"grants differ: {len(grants):,} and {len(found):,} by hand")
    if messages != sorted(told):
        raise RuntimeError(f"messages differ: {len(messages):,} and {len(told):,} by hand")
    print(f"  {len(grants):,} grants and {len(messages):,} messages, the same in both")


def _units(reward: str, amount: Decimal) -> Decimal:
    """The number of benefits, of which the ledger has the worth."""
    return Decimal(1) if reward == "coffee" else amount


if __name__ == "__main__":
    main(sys.argv[1:])
