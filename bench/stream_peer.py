"""A lean consumer of the stream by hand: what somebody writes who knows these four campaigns.

It holds all customers and all past orders in memory, and decides line by line. A line's decisions,
grants and messages are rows in SQLite, durable, a transaction for each thousand lines. It keeps no
audit chain, balances, journal, repeated events or keys of others, and knows no edited campaign.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

ZONE = ZoneInfo("Asia/Shanghai")
CENT = Decimal("0.01")
TRANSACTION = 1_000
TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE decisions (campaign TEXT, customer TEXT, event TEXT, at TEXT, outcome TEXT);
CREATE TABLE grants (campaign TEXT, customer TEXT, event TEXT, at TEXT, reward TEXT, amount TEXT);
CREATE TABLE messages (campaign TEXT, customer TEXT, event TEXT, text TEXT);
"""

Past = dict[str, list[tuple[datetime, Decimal]]]
Told = tuple[str, str, str]


class Consumer:
    """Holds everything in memory, and a store of what it gave."""

    def __init__(self, folder: Path, out: Path) -> None:
        with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as warehouse:
            query = "SELECT customer_id, vip, consent FROM customers"
            self._customers = {
                key: (vip, ok) for key, vip, ok in warehouse.execute(query).fetchall()
            }
            self._past: Past = defaultdict(list)
            query = "SELECT customer_id, ordered_at, amount FROM orders ORDER BY ordered_at"
            for who, at, amount in warehouse.execute(query).fetchall():
                self._past[who].append((at, amount))
        self._store = sqlite3.connect(out, isolation_level=None)
        self._store.executescript(TABLES)
        self._limited: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def decide(self, lines: Iterable[bytes]) -> None:
        """Decide lines, a thousand in a transaction."""
        waiting = iter(lines)
        while some := list(islice(waiting, TRANSACTION)):
            self._decide(some)

    def _decide(self, lines: list[bytes]) -> None:
        past, customers, limited = self._past, self._customers, self._limited
        decisions, grants, messages = list[tuple[str, ...]](), list[tuple[str, ...]](), list[Told]()
        for line in lines:
            event = json.loads(line)
            key, who = event["key"], event["customer"]
            at, amount = datetime.fromisoformat(event["at"]), Decimal(event["fields"]["amount"])
            past[who].append((at, amount))
            is_vip, may = customers.get(who, (False, False))
            if not may:
                continue
            for campaign, reward, given in _given(at, amount, past[who], is_vip=is_vip):
                name = (campaign, who, key, event["at"])
                month = (who, f"{at.replace(tzinfo=ZoneInfo('UTC')).astimezone(ZONE):%Y-%m}")
                if campaign == "third" and month in limited:
                    decisions.append((*name, "over_limit"))
                    continue
                decisions.append((*name, "granted"))
                grants.append((*name, reward, str(given)))
                if campaign == "third":
                    limited.add(month)
                    messages.append((campaign, who, key))
        store = self._store
        store.execute("BEGIN")
        store.executemany("INSERT INTO decisions VALUES (?, ?, ?, ?, ?)", decisions)
        store.executemany("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)", grants)
        store.executemany(
            "INSERT INTO messages VALUES (?, ?, ?, 'A coffee is waiting for you.')", messages
        )
        store.execute("COMMIT")


def main(folder: Path, lines: Path, out: Path) -> None:
    """Decide all lines of a file."""
    consumer = Consumer(folder, out)
    with lines.open("rb") as file:
        consumer.decide(file)
    consumer.close()


def _given(
    at: datetime, amount: Decimal, past: list[tuple[datetime, Decimal]], *, is_vip: bool
) -> Iterator[tuple[str, str, Decimal]]:
    """Yield the campaigns that act on an order, each with its reward."""
    in_30, in_90, spent = 0, 0, Decimal(0)
    month, quarter = at - timedelta(days=30), at - timedelta(days=90)
    for when, paid in past:
        if when > quarter:
            in_90 += 1
            spent += paid
            in_30 += when > month
    if amount >= 50 and spent >= 500:
        cash = (amount * Decimal("0.02")).quantize(CENT, ROUND_HALF_EVEN)
        yield "back", "cash", min(cash, Decimal("20.00"))
    if in_90 >= 9:
        yield "busy", "points", Decimal(100)
    if in_30 >= 3:
        yield "third", "coffee", Decimal(1)
    if is_vip and amount >= 100:
        yield "vip", "points", Decimal(50)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
