"""The generated bank, a quarter carried out once for all tests that ask about it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ..projects import ROOT
from .happened import END, START, ZONE, Events, Happened, Step
from .lives import FIRST, Lives, lives
from .ran import Ran, campaigner, script

CUSTOMERS = 6_000
SOURCE = ROOT / "campaigns" / "bank"
LIFECYCLE = Path(__file__).parent / "lifecycle"


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank") / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = script(SOURCE / "generate.py")
    module.write(module.Bank(module.SEED, CUSTOMERS), folder / "data" / "bank.duckdb")
    campaigner("run", str(folder), "--from", "2026-01-01", "--to", "2026-03-31")
    return folder


@pytest.fixture(scope="session")
def grants(bank: Path) -> list[dict[str, Any]]:
    text = campaigner("ledger", str(bank), "grants", "--format", "json")
    return list(json.loads(text)["grants"])


@pytest.fixture(scope="session")
def claims(bank: Path) -> list[dict[str, Any]]:
    text = campaigner("ledger", str(bank), "claims", "--format", "json")
    return list(json.loads(text)["claims"])


@pytest.fixture(scope="session")
def customers(bank: Path) -> dict[str, dict[str, Any]]:
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("SELECT * FROM customers")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["customer_id"]: row for row in rows}


@pytest.fixture(scope="session")
def events(history: Events) -> Events:
    """The events of a table in the first quarter, in the order of (time, key)."""
    return lambda table: [one for one in history(table) if START <= one.at < END]


@pytest.fixture(scope="session")
def history(bank: Path) -> Events:
    """The events of a table, in the order of (time, key)."""

    @cache
    def read(table: str) -> list[Happened]:
        with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
            found = warehouse.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        at = next(name for name in names if name.endswith("_at") or name == "claimed_at")
        made = (
            Happened(row[at].replace(tzinfo=UTC), row[names[0]], row["customer_id"], row)
            for row in rows
        )
        return sorted(made, key=lambda one: (one.at, one.key))

    return read


@pytest.fixture(scope="session")
def kept(bank: Path) -> dict[str, dict[str, set[Step]]]:
    """The decisions of each campaign by their outcome."""
    found: dict[str, dict[str, set[Step]]] = defaultdict(lambda: defaultdict(set))
    with sqlite3.connect(bank / "var" / "ledger.db") as ledger:
        query = "SELECT campaign, outcome, step, recipient, occurrence, at FROM decisions"
        for campaign, outcome, *one, at in ledger.execute(query):
            found[campaign][outcome].add((*one, datetime.fromisoformat(at)))  # type: ignore[arg-type]
    return found


@pytest.fixture(scope="session")
def sent(bank: Path) -> dict[str, list[datetime]]:
    """The instants of the messages to each customer, of all channels."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for path in (bank / "var" / "outbox").glob("*.jsonl"):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            found[row["recipient"]].append(datetime.fromisoformat(row["at"]))
    return found


@pytest.fixture(scope="session")
def reachable(customers: dict[str, dict[str, Any]]) -> frozenset[str]:
    return frozenset(
        name for name, row in customers.items() if row["consent_marketing"] and not row["employee"]
    )


@dataclass(frozen=True)
class House(Ran):
    """The project of the examples, and what was in its warehouse."""

    lives: Lives


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("lifecycle") / "lifecycle"
    shutil.copytree(LIFECYCLE, folder)
    made = lives()
    made.write(folder / "data" / "lifecycle.duckdb")
    campaigner("run", str(folder), "--from", f"{FIRST:%Y-%m-%d}", "--to", "2026-06-30")
    return House(folder, ZONE, made)
