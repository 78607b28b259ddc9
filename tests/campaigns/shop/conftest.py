"""The shop, carried out once on made-up purchases and, by `make test-shop`, on real ones."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from ...projects import ROOT
from ..conftest import campaigner
from .purchases import FIRST, LAST, Order, made_up, read

SOURCE = ROOT / "campaigns" / "shop"
ZONE = ZoneInfo("America/New_York")

Kept = dict[tuple[str, str, str, str], datetime]
"""Step, recipient, occurrence and outcome of a campaign's decisions, each with its instant."""
Lines = dict[tuple[str, str, str], list[tuple[str, Decimal]]]
"""Rewards and amounts of each granted decision: its step, recipient and occurrence."""


class Shop(NamedTuple):
    """A project that was run, and the orders of each customer in its warehouse."""

    folder: Path
    orders: dict[str, list[Order]]

    def kept(self, campaign: str) -> Kept:
        with sqlite3.connect(self.folder / "var" / "ledger.db") as ledger:
            query = (
                "SELECT step, recipient, occurrence, outcome, at FROM decisions WHERE campaign=?"
            )
            rows = ledger.execute(query, (campaign,)).fetchall()
        return {(*one,): clock(at) for *one, at in rows}  # type: ignore[misc]

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
            (row["step"], row["recipient"], clock(row["at"]))
            for row in rows
            if row["campaign"] == campaign
        )


def clock(text: str) -> datetime:
    """The shop's clock at an instant."""
    return datetime.fromisoformat(text).astimezone(ZONE).replace(tzinfo=None)


def occurrence_of(when: datetime) -> str:
    """An instant of a schedule, as decisions are known by it."""
    return when.replace(tzinfo=ZONE).isoformat()


def loader() -> Any:
    spec = spec_from_file_location("load_shop", SOURCE / "load.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(
    scope="package", params=["made up", pytest.param("real", marks=pytest.mark.purchases)]
)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = loader()
    if request.param == "real":
        source, every = module.purchases(), 20
    else:
        source, every = folder / "purchases.txt", 1
        made_up(source)
    module.load(source, folder / "data" / "shop.duckdb", every)
    campaigner("run", str(folder), "--from", str(FIRST), "--to", str(LAST))
    return Shop(folder, read(source, every))
