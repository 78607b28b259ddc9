"""A pause by hand holds for workers in other processes, of each kind, within a second."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import duckdb
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger import open_ledger

from ..test_event_workers import ledger_url, lines, shop
from .houses import SOURCES, nats_server, start, wait_for

CAMPAIGN = """
campaign {name} "{name}" {{
  active 2026-01-01 to 2026-12-31
  audience yes
  trigger on order
  reward 1 points
  budget {{ total 1_000_000 CNY }}
  compliance {{ forbid phrase "sure" }}
  while paused lapse
}}
"""
ORDERS = 6_000
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31", "--even-in-the-future")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request, tmp_path):
    return ledger_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def house(tmp_path) -> Path:
    campaigns = CAMPAIGN.format(name="held") + CAMPAIGN.format(name="other")
    folder = shop(tmp_path / "shop", campaigns, [("o0", "c00", datetime(2026, 1, 1), 10)])
    with (folder / "campaigner.toml").open("a") as file:
        file.write(SOURCES)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(
            "INSERT INTO orders SELECT 'o' || i, 'c' || lpad(CAST(i % 39 AS VARCHAR), 2, '0'),"
            " TIMESTAMP '2026-01-01' + to_seconds(i * 60), 10 FROM range(1, ?) AS numbers(i)",
            [ORDERS],
        )
    return folder


def events(folder: Path) -> list[bytes]:
    """The same orders, as lines."""
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT * FROM orders ORDER BY ordered_at").fetchall()
    return [line.encode() for line in lines((*row[:3], float(row[3])) for row in rows)]


def counted(ledger: str, folder: Path) -> tuple[int, int]:
    """The grants of the campaign that is held, and of the other."""
    with open_ledger(ledger, "shop", "CNY", root=folder) as opened:
        found = opened.outcomes()
    return found["held", "granted"], found["other", "granted"]


def has_begun(ledger: str, folder: Path) -> bool:
    """Whether a worker has granted something; it makes the ledger first."""
    try:
        return counted(ledger, folder)[0] > 0
    except CannotRun:
        return False


def holds(worker: Popen[str], ledger: str, folder: Path) -> None:
    """Paused while the worker is at work, it grants nothing more, and the other everything."""
    wait_for(lambda: has_begun(ledger, folder))
    begun = time.monotonic()
    with open_ledger(ledger, "shop", "CNY", root=folder) as opened:
        (done,) = opened.brake(["held"], "paused", "complaints", "", datetime.now(UTC))
    took = time.monotonic() - begun
    assert done.outcome == "paused"
    held, _ = counted(ledger, folder)
    assert worker.poll() is None
    _, said = worker.communicate(timeout=120)
    assert worker.returncode == 0, said
    assert counted(ledger, folder) == (held, ORDERS)
    assert held < ORDERS
    assert took < 1


def test_a_run(house, ledger):
    holds(start(ledger, "run", house, *YEAR), ledger, house)


def test_a_worker_of_events(house, ledger, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"".join(events(house)))
    holds(start(ledger, "events", house, file), ledger, house)


def test_ingest(house, ledger, tmp_path):
    with nats_server(tmp_path / "js") as server:
        server.publish(line.strip() for line in events(house))
        worker = start(ledger, "ingest", house, "orders", "--until-idle", **server.variables)
        holds(worker, ledger, house)
