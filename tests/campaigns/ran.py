"""A project that was carried out once, and what its ledger and its outbox have."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEED = "the bank's draws in tests"

Kept = dict[tuple[str, str, str, str], datetime]
"""Step, recipient, occurrence and outcome of a campaign's decisions, each with its instant."""
Lines = dict[tuple[str, str, str], list[tuple[str, Decimal]]]
"""Rewards and amounts of each granted decision: its step, recipient and occurrence."""


def campaigner(*arguments: str) -> str:
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    environment = {**os.environ, "DRAW_SEED": SEED}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(path: Path) -> Any:
    """The module of a script in the folder of a project."""
    spec = spec_from_file_location(f"{path.stem}_of_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Ran:
    """A project that was run; instants are read from its clocks."""

    folder: Path
    zone: ZoneInfo

    def clock(self, text: str) -> datetime:
        """The project's clock at an instant."""
        return datetime.fromisoformat(text).astimezone(self.zone).replace(tzinfo=None)

    def kept(self, campaign: str) -> Kept:
        with sqlite3.connect(self.folder / "var" / "ledger.db") as ledger:
            query = (
                "SELECT step, recipient, occurrence, outcome, at FROM decisions WHERE campaign=?"
            )
            rows = ledger.execute(query, (campaign,)).fetchall()
        return {(*one,): self.clock(at) for *one, at in rows}  # type: ignore[misc]

    def lines(self, campaign: str) -> Lines:
        text = campaigner("ledger", str(self.folder), "grants", "--format", "json")
        found: Lines = defaultdict(list)
        for row in json.loads(text)["grants"]:
            if row["campaign"] == campaign:
                name = row["step"], row["recipient"], row["occurrence"]
                found[name].append((row["reward"], Decimal(row["amount"])))
        return dict(found)

    def messages(self, channel: str, campaign: str) -> list[tuple[str, str, datetime]]:
        """Step, recipient and instant of the messages of a campaign."""
        text = (self.folder / "var" / "outbox" / f"{channel}.jsonl").read_text("utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        return sorted(
            (row["step"], row["recipient"], self.clock(row["at"]))
            for row in rows
            if row["campaign"] == campaign
        )
