"""A worker whose customers come back: after loading, with and without keeping them.

The four campaigns of `bench/stream.py` over 10,000 customers, with 50 past orders each of the last
100 days in DuckDB. The first 20,000 lines load the customers, and the 20,000 after them are timed.
The customers are kept, or read ahead for ten batches (`reread_seconds = 0` of a server), or plain.
The same with ten times the history, over ten times the days. Grants are equal, which is checked
before times are shown.

The consumer by hand of `bench/stream_peer.py` decides the same lines, and the same half is timed,
without what it loads. Its grants and messages are those of the ledger.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from campaigner.compiler.collector import collector_between_turns
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan.plan_json import digest
from campaigner.compiler.project.project import load_project
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.session import EventSession
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.freshness import FileStamp, Freshness, Seconds

from . import timing
from .stream import PROJECT, compare
from .stream_peer import Consumer

HAND = "by hand"
CUSTOMERS, LINES, ORDERS, DAYS = 10_000, 20_000, 500_000, 100
AHEAD = 10_000
START = datetime(2026, 4, 1)
TABLES = """
CREATE TABLE customers AS
SELECT printf('c%06d', i) AS customer_id, hash(i) % 10 = 0 AS vip, hash(i, 'ok') % 5 > 0 AS consent
FROM range({customers}) AS t(i);
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id,
       printf('c%06d', CAST(hash(i, 'who') % {customers} AS INTEGER)) AS customer_id,
       TIMESTAMP '2026-04-01' - to_seconds(CAST(hash(i, 'at') % {seconds} AS BIGINT)) AS ordered_at,
       CAST(CAST(hash(i, 'paid') % 3000 AS INTEGER) / 100 AS DECIMAL(18, 2)) AS amount,
       'bread' AS product
FROM range({orders}) AS t(i);
"""


def main(arguments: Sequence[str] = ()) -> None:
    """Print what a line takes each way, after loading."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=LINES)
    asked.add_argument("--customers", type=int, default=CUSTOMERS)
    asked.add_argument("--orders", type=int, default=ORDERS)
    wanted = asked.parse_args(arguments)
    took: dict[tuple[str, int], float] = {}
    with TemporaryDirectory() as name:
        for times in (1, 10):
            folder = Path(name) / f"{times}"
            _make(folder, wanted, times)
            found = []
            for way, freshness in _ways(folder).items():
                with _session(folder, way, freshness) as (session, ledger):
                    took[way, times] = _timed(session, wanted, plain=way == "plain")
                    found.append(_grants(ledger))
                    if way == "kept":
                        took[HAND, times] = _by_hand(folder, wanted)
                        compare(ledger, folder / "out.db")
            if found.count(found[0]) < len(found):
                raise RuntimeError("grants differ")
            print(f"  history {times} times: {len(found[0]):,} grants, the same in all")
    for (way, times), seconds in took.items():
        print(f"{way}, history {times} times: {seconds / wanted.lines * 1e6:,.0f} µs a line")
    kept = took["kept", 1]
    timing.ratio("plain", took["plain", 1], "kept", kept, "at least 3")
    timing.ratio("kept, ten times the history", took["kept", 10], "once", kept, "1.3")
    timing.ratio("kept", kept, HAND, took[HAND, 1], "2.5")


def _grants(ledger: Ledger) -> list[tuple[str, str, str, Decimal]]:
    found = ledger.grants()
    return sorted((one.campaign, one.recipient, one.occurrence, one.amount) for one in found)


def _make(folder: Path, wanted: argparse.Namespace, times: int) -> None:
    folder.mkdir()
    for name, text in PROJECT.items():
        (folder / name).write_text(text, "utf-8")
    with duckdb.connect(str(folder / "shop.duckdb")) as warehouse:
        warehouse.execute(
            TABLES.format(
                customers=wanted.customers,
                orders=wanted.orders * times,
                seconds=DAYS * times * 86_400,
            )
        )


def _ways(folder: Path) -> dict[str, Freshness | None]:
    # The file does not change here, so its stamp counts at once.
    stamp = FileStamp(folder / "shop.duckdb", Seconds(0), lambda: time.time() + 60)
    return {"kept": stamp, "read ahead": Seconds(0), "plain": None}


@contextmanager
def _session(
    folder: Path, way: str, freshness: Freshness | None
) -> Iterator[tuple[EventSession, Ledger]]:
    plan = compile_project(load_project(folder)).plan
    if plan is None:
        raise RuntimeError("the project does not compile")
    is_plain = freshness is None
    url = f"sqlite:///{way.replace(' ', '_')}.db"
    with open_ledger(url, "shop", "CNY", root=folder, plain=is_plain) as ledger:
        worker = EventWorker(
            plan,
            digest(plan),
            lambda: open_warehouse("duckdb:///shop.duckdb", folder),
            ledger,
            freshness=freshness,
        )
        lines = Lines(plan, "returning", plain=is_plain)
        session = EventSession(worker, lines, plain=is_plain)
        session.fit()
        yield session, ledger


def _timed(session: EventSession, wanted: argparse.Namespace, *, plain: bool) -> float:
    """Decide all lines; return the processor's seconds of the second half."""
    lines = [Line(number, line) for number, line in enumerate(_lines(wanted), 1)]
    size = 1_000 if plain else AHEAD
    began = 0.0
    with collector_between_turns() as turn:
        for start in range(0, len(lines), size):
            if start == wanted.lines // size * size:
                began = time.process_time()
            for batch in session.parted(lines[start : start + size]):
                session.decide_read(batch)
                turn()
        return time.process_time() - began


def _by_hand(folder: Path, wanted: argparse.Namespace) -> float:
    """Decide all lines by hand; return the processor's seconds of the second half."""
    consumer, lines = Consumer(folder, folder / "out.db"), _lines(wanted)
    first = wanted.lines // AHEAD * AHEAD
    consumer.decide(lines[:first])
    began = time.process_time()
    consumer.decide(lines[first:])
    took = time.process_time() - began
    consumer.close()
    return took


def _lines(wanted: argparse.Namespace) -> list[bytes]:
    return [line_of(number, wanted.customers) for number in range(2 * wanted.lines)]


def line_of(number: int, customers: int) -> bytes:
    """An order of the next of the customers, who take turns, two seconds after the one before."""
    at = START + timedelta(seconds=2 * number)
    amount = f"{number * 7_919 % 30_000 / 100:.2f}"
    return (
        f'{{"event": "order", "key": "n{number:08}", "customer": "c{number % customers:06}",'
        f' "at": "{at:%Y-%m-%dT%H:%M:%S}", "fields": {{"amount": "{amount}", "product": "bread"}}}}'
    ).encode()


if __name__ == "__main__":
    main(sys.argv[1:])
