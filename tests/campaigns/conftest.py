"""The generated bank, a quarter carried out once for all tests that ask about it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from ..projects import ROOT
from .happened import END, START, ZONE, Events, Happened, Step
from .lives import FIRST, Lives, lives

CUSTOMERS = 6_000
SEED = "the bank's draws in tests"
SOURCE = ROOT / "campaigns" / "bank"
LIFECYCLE = Path(__file__).parent / "lifecycle"


Kept = dict[tuple[str, str, str, str], datetime]
"""Step, recipient, occurrence and outcome of a campaign's decisions, each with its instant."""


def campaigner(*arguments: str) -> str:
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    environment = {**os.environ, "DRAW_SEED": SEED}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def generator() -> Any:
    spec = spec_from_file_location("generate_bank", SOURCE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank") / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = generator()
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


class House(NamedTuple):
    """A project that was run, and what was in its warehouse."""

    folder: Path
    lives: Lives

    def kept(self, campaign: str) -> Kept:
        with sqlite3.connect(self.folder / "var" / "ledger.db") as ledger:
            query = (
                "SELECT step, recipient, occurrence, outcome, at FROM decisions WHERE campaign=?"
            )
            rows = ledger.execute(query, (campaign,)).fetchall()
        return {(*one,): clock(at) for *one, at in rows}  # type: ignore[misc]

    def grants(self, campaign: str) -> dict[tuple[str, str, str], list[tuple[str, Decimal]]]:
        """Rewards and amounts of each decision of a campaign."""
        text = campaigner("ledger", str(self.folder), "grants", "--format", "json")
        found: dict[tuple[str, str, str], list[tuple[str, Decimal]]] = defaultdict(list)
        for row in json.loads(text)["grants"]:
            if row["campaign"] == campaign:
                name = row["step"], row["recipient"], row["occurrence"]
                found[name].append((row["reward"], Decimal(row["amount"])))
        return found

    def messages(self, channel: str, campaign: str) -> list[tuple[str, str, datetime]]:
        """Step, recipient and instant of the messages of a campaign."""
        lines = (self.folder / "var" / "outbox" / f"{channel}.jsonl").read_text("utf-8")
        rows = [json.loads(line) for line in lines.splitlines()]
        return sorted(
            (row["step"], row["recipient"], clock(row["at"]))
            for row in rows
            if row["campaign"] == campaign
        )


def clock(text: str) -> datetime:
    """The clock in Shanghai at an instant."""
    return datetime.fromisoformat(text).astimezone(ZONE).replace(tzinfo=None)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("lifecycle") / "lifecycle"
    shutil.copytree(LIFECYCLE, folder)
    made = lives()
    made.write(folder / "data" / "lifecycle.duckdb")
    campaigner("run", str(folder), "--from", f"{FIRST:%Y-%m-%d}", "--to", "2026-06-30")
    return House(folder, made)
