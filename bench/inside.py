"""An event with 1,000, 100,000 and 1,000,000 customers inside of a journey: time and memory.

The journey is that of `journey`. Everybody has claimed a voucher and waits for an upgrade and a
reminder. A worker starts, learns who waits, and decides the upgrades of a few of them. Those who
are upgraded are the same at every size, and so are the decisions, which is checked.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

import duckdb
from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.decisions import Decision, Identity, Line
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse

from . import journey

SIZES = (1_000, 100_000, 1_000_000)
UPGRADED = 1_000
BATCH = 100
BATCHES = 20
AIM_TIME, AIM_MEMORY = 1.3, 1024
CLAIMED = datetime(2026, 1, 10, tzinfo=UTC)
DIGEST = "0" * 64
COFFEE = Line("coffee", Decimal(30), "CNY", Decimal(12), "coffee", None)
TABLES = """
CREATE TABLE customers AS
SELECT printf('c%07d', i) AS customer_id, CAST(1 + i % 16 AS INTEGER) AS level
FROM range({size}) AS t(i);
CREATE TABLE claims AS
SELECT printf('v%07d', i) AS claim_id, customer_id, 1 AS level, TIMESTAMP '2026-01-10' AS claimed_at
FROM (SELECT customer_id, CAST(substr(customer_id, 2) AS INTEGER) AS i FROM customers);
CREATE TABLE tiers (change_id TEXT, customer_id TEXT, new_tier INTEGER, changed_at TIMESTAMP);
"""


class Measured(NamedTuple):
    """Seconds an event, bytes a customer who waits, and what was decided."""

    seconds: float
    memory: float
    outcomes: list[tuple[str, str]]


def main() -> None:
    """Print time and memory at each size."""
    found: dict[int, Measured] = {}
    for size in SIZES:
        found[size] = measured(size)
        if found[size].outcomes != found[SIZES[0]].outcomes:
            raise RuntimeError(f"{size:,}: the decisions differ")
        seconds, memory, _ = found[size]
        print(
            f"{size:>9,} inside: {seconds * 1e6:,.0f} µs an event,"
            f" {memory:,.0f} bytes a customer who waits"
        )
    slowest = max(one.seconds for one in found.values()) / found[SIZES[0]].seconds
    print(
        f"at most {slowest:.2f} times the time at {SIZES[0]:,} (aim: at most {AIM_TIME});"
        f" {found[SIZES[-1]].memory:,.0f} bytes each (aim: at most {AIM_MEMORY:,})"
    )


def measured(size: int) -> Measured:
    """The time of an event once the worker knows who waits, and what that knowledge takes."""
    plan = journey.plan()
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with duckdb.connect(str(root / "shop.duckdb")) as connection:
            connection.execute(TABLES.format(size=size))
        with open_ledger("sqlite:///ledger.db", "lift", "CNY", root=root) as ledger:
            _enter(plan, ledger, size)
            worker = EventWorker(plan, DIGEST, lambda: _warehouse(root), ledger)
            batches = list(_batches())
            before = _resident()
            worker.decide(batches[0])
            memory = (_resident() - before) / size
            start = process_time()
            decided = [one for batch in batches[1:] for one in worker.decide(batch)]
            seconds = (process_time() - start) / len(decided)
        outcomes = [(a.identity.recipient, b.outcome) for one in decided for a, b in one.results]
        return Measured(seconds, memory, outcomes)


@contextmanager
def _warehouse(root: Path) -> Iterator[Warehouse]:
    with open_warehouse("duckdb:///shop.duckdb", root) as warehouse:
        yield warehouse


def _enter(plan: Plan, ledger: Ledger, size: int) -> None:
    """Everybody claims: the entries, as a run would have them decided."""
    for first in range(0, size, 5_000):
        ledger.decide(
            plan, [_entry(number) for number in range(first, min(first + 5_000, size))], DIGEST
        )


def _entry(number: int) -> Decision:
    who = f"c{number:07}"
    identity = Identity("lift", "ticket", who, f"v{number:07}")
    return Decision(
        identity,
        who,
        CLAIMED,
        False,
        (COFFEE,),
        (),
        CLAIMED,
        None,
        {"event.key": f"v{number:07}"},
        {},
    )


def _batches() -> Iterator[list[Event]]:
    """Upgrades, one a customer, in the order of time."""
    at = CLAIMED + timedelta(days=1)
    for batch in range(BATCHES):
        events = []
        for number in range(batch * BATCH, (batch + 1) * BATCH):
            at += timedelta(seconds=1)
            row = {"key": f"t{number}", "at": at, "new_tier": 9}
            events.append(Event("tier", f"c{number % UPGRADED:07}", row))
        yield events


def _resident() -> int:
    """The memory of this process now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
