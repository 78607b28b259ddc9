"""`campaigner ledger balances`: what customers have in their wallets."""

import json
from pathlib import Path

import pytest

BALANCES = ("ledger", "shop", "balances")


@pytest.fixture
def ran(tmp_path: Path, campaigner) -> None:
    assert campaigner("init", "shop").returncode == 0
    file = tmp_path / "shop/win_back.campaign"
    text = file.read_text("utf-8")
    assert "reward   coffee" in text
    file.write_text(text.replace("reward   coffee", "reward   coffee and 25 points"), "utf-8")
    done = campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    assert done.returncode == 0, done.stderr


def test_the_wallets_of_everybody_and_of_one(ran, campaigner) -> None:
    rows = json.loads(campaigner(*BALANCES, "--format", "json").stdout)["balances"]
    assert {row["wallet"] for row in rows} == {"points"}
    assert list(rows[0]) == ["customer", "wallet", "balance", "pending"]
    grants = json.loads(campaigner("ledger", "shop", "grants", "--format", "json").stdout)
    points = [row for row in grants["grants"] if row["reward"] == "points"]
    assert sum(int(row["balance"]) for row in rows) == sum(int(row["amount"]) for row in points)
    one = rows[0]["customer"]
    found = json.loads(campaigner(*BALANCES, "--customer", one, "--format", "json").stdout)
    assert found["balances"] == rows[:1]


def test_as_a_table_and_as_csv(ran, campaigner) -> None:
    written = campaigner(*BALANCES, "--format", "csv").stdout.splitlines()
    assert written[0] == "customer,wallet,balance,pending"
    table = campaigner(*BALANCES).stdout
    assert all(line.split(",")[0] in table for line in written[1:])


def test_a_campaign_has_no_balance(ran, campaigner) -> None:
    told = campaigner(*BALANCES, "--campaign", "win_back")
    assert told.returncode == 2
    assert "`campaigner ledger balances` has no option `--campaign`" in told.stderr
