"""The generated bank, a quarter carried out once for all tests that ask about it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ..projects import ROOT
from .happened import END, START, Events, Happened

CUSTOMERS = 6_000
SEED = "the bank's draws in tests"
SOURCE = ROOT / "campaigns" / "bank"


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


@pytest.fixture(scope="module")
def events(bank: Path) -> Events:
    """The events of a table in the first quarter, in the order of (time, key)."""

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
        return sorted(
            (one for one in made if START <= one.at < END), key=lambda one: (one.at, one.key)
        )

    return read


@pytest.fixture(scope="module")
def reachable(customers: dict[str, dict[str, Any]]) -> frozenset[str]:
    return frozenset(
        name for name, row in customers.items() if row["consent_marketing"] and not row["employee"]
    )
