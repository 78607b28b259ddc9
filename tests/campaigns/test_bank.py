"""The generated bank, a quarter carried out: what its campaigns promise, asked of the data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ..on_postgresql import copied, new_schema
from ..projects import ROOT

SOURCE = ROOT / "campaigns" / "bank"


def campaigner(*arguments: str) -> str:
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def generator() -> Any:
    spec = spec_from_file_location("generate_bank", SOURCE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank") / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = generator()
    module.write(module.Bank(module.SEED, 6_000), folder / "data" / "bank.duckdb")
    campaigner("run", str(folder), "--from", "2026-01-01", "--to", "2026-03-31")
    return folder


@pytest.fixture(scope="module")
def grants(bank: Path) -> list[dict[str, Any]]:
    text = campaigner("ledger", str(bank), "grants", "--format", "json")
    return list(json.loads(text)["grants"])


@pytest.fixture(scope="module")
def customers(bank: Path) -> dict[str, dict[str, Any]]:
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("SELECT * FROM customers")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["customer_id"]: row for row in rows}


def test_a_bank_on_a_server_gives_the_same(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grants: list[dict[str, Any]]
) -> None:
    folder = tmp_path / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    monkeypatch.setenv("BANK", copied(bank / "data" / "bank.duckdb", new_schema()))
    settings = (folder / "campaigner.toml").read_text("utf-8")
    there = settings.replace("duckdb:///data/bank.duckdb", "${BANK}")
    (folder / "campaigner.toml").write_text(there, "utf-8")
    campaigner("run", str(folder), "--from", "2026-01-01", "--to", "2026-03-31")
    text = campaigner("ledger", str(folder), "grants", "--format", "json")
    assert json.loads(text)["grants"] == grants
    outboxes = [path.relative_to(bank) for path in sorted(bank.glob("var/outbox/*"))]
    assert outboxes
    for outbox in outboxes:
        assert (folder / outbox).read_bytes() == (bank / outbox).read_bytes()
    why = ("--campaign", "red_friday", "--at", "2026-01-31", "--customer", grants[0]["recipient"])
    why += ("--format", "json")
    assert campaigner("explain", str(folder), *why) == campaigner("explain", str(bank), *why)


def test_the_generator_makes_the_same_bank_each_time() -> None:
    module = generator()
    assert module.Bank(7, 200).rows == module.Bank(7, 200).rows
    assert module.Bank(7, 200).rows != module.Bank(8, 200).rows


def test_the_bank_has_its_edge_cases(customers: dict[str, dict[str, Any]]) -> None:
    rows = list(customers.values())
    for field in ("age", "risk_level", "birth_date"):
        assert any(row[field] is None for row in rows)
    assert any(row["birth_date"] and row["birth_date"].strftime("%m-%d") == "02-29" for row in rows)
    assert any(row["employee"] for row in rows)
    assert any(row["aum"] == 0 for row in rows)


def test_nobody_without_consent_and_no_employee_gets_anything(
    grants: list[dict[str, Any]], customers: dict[str, dict[str, Any]]
) -> None:
    assert grants
    for grant in grants:
        customer = customers[grant["recipient"]]
        assert customer["consent_marketing"]
        assert not customer["employee"]


def test_the_stock_of_a_month_is_kept_by_all_campaigns_together(
    grants: list[dict[str, Any]],
) -> None:
    given = Counter(grant["at"][:7] for grant in grants if grant["reward"] == "video_month")
    assert given
    assert max(given.values()) <= 1_500
    levels = Counter(
        (grant["recipient"], grant["at"][:7])
        for grant in grants
        if grant["campaign"] == "level_video"
    )
    assert max(levels.values()) == 1


def test_products_that_do_not_suit_are_not_rewarded(
    bank: Path, grants: list[dict[str, Any]], customers: dict[str, dict[str, Any]]
) -> None:
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        risks = dict(
            warehouse.execute("SELECT investment_id, product_risk FROM investments").fetchall()
        )
    rewarded = [grant for grant in grants if grant["campaign"] == "invest_back"]
    assert rewarded
    for grant in rewarded:
        assert customers[grant["recipient"]]["risk_level"] >= risks[grant["occurrence"]]


def test_a_bundle_is_two_rows_of_one_decision(grants: list[dict[str, Any]]) -> None:
    rewards: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        if grant["campaign"] == "welcome_gift":
            key = (grant["recipient"], grant["occurrence"])
            rewards.setdefault(key, set()).add(grant["reward"])
    kinds = {frozenset(one) for one in rewards.values()}
    assert frozenset({"video_month", "coffee"}) in kinds
    assert all("video_month" not in one or "coffee" in one for one in kinds)


def test_no_phone_number_leaves_the_house(bank: Path, customers: dict[str, dict[str, Any]]) -> None:
    phones = {row["phone"] for row in customers.values()}
    outbox = "".join(path.read_text("utf-8") for path in (bank / "var" / "outbox").iterdir())
    assert outbox
    assert not any(phone in outbox for phone in phones)


def test_no_message_is_sent_in_quiet_hours(bank: Path) -> None:
    lines = (bank / "var" / "outbox" / "push.jsonl").read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        hour = (int(json.loads(line)["deliver_at"][11:13]) + 8) % 24
        assert 8 <= hour < 21
